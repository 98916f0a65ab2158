using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM3007UndeclaredEffectTests
{
    [Fact]
    public Task Direct_InferredEffect_IsReportedOnTheName() => Check(
        """
        public class Device
        {
            public void {|MM3007:Flush|}() => Scheduler.Schedule();

            [Might<Sleep>]
            public void Declared() => Scheduler.Schedule();

            public void Quiet() { }

            internal void Internal() => Scheduler.Schedule();

            private void Private() => Scheduler.Schedule();
        }

        class Hidden
        {
            public void Flush() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Deep_TwoCallsDown_IsReportedAtTheVisibleMember() => Check(
        """
        public class Device
        {
            public void {|MM3007:Flush|}() => Drain();

            private void Drain() => Settle();

            private void Settle() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Virtual_ContractOfTheBase_IsInherited() => Check(
        """
        public abstract class Device
        {
            [Might<Sleep>]
            public abstract void Flush();

            public abstract void Drain();
        }

        public class Disk : Device
        {
            public override void Flush() => Scheduler.Schedule();

            public override void {|MM3007:Drain|}() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Protected_OfAVisibleType_IsReported() => Check(
        """
        public class Device
        {
            protected void {|MM3007:Flush|}() => Scheduler.Schedule();

            private protected void Internal() => Scheduler.Schedule();

            private class Nested { public void Flush() => Scheduler.Schedule(); }
        }
        """);

    [Fact]
    public Task Conditional_Effect_IsReportedUnlessDeclared() => Check(
        """
        public class Cache
        {
            public static object? {|MM3007:Get|}(Gfp gfp) => Slab.Allocate(1, gfp);

            [Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            public static object? Declared(Gfp gfp) => Slab.Allocate(1, gfp);
        }
        """);

    [Fact]
    public Task ForbiddenContext_OfACallee_IsReportedUnlessDeclared() => Check(
        """
        public class Device
        {
            readonly TicketLock _lock = new();

            public void {|MM3007:Poke|}() { using (_lock.HoldIrq()) { } }

            [ForbiddenIn<IrqOff>]
            public void Declared() { using (_lock.HoldIrq()) { } }
        }
        """);

    [Fact]
    public Task Finally_Effect_IsReported() => Check(
        """
        public class Device
        {
            public int {|MM3007:Flush|}(int count)
            {
                try
                {
                    return count;
                }
                finally
                {
                    Scheduler.Schedule();
                }
            }
        }
        """);

    [Fact]
    public Task Lambda_InvokedInside_CountsForTheMember() => Check(
        """
        public class Device
        {
            [Might<Allocate>]
            public void {|MM3007:Flush|}(int count)
            {
                System.Action now = () => Scheduler.Msleep(count);
                now();
            }
        }
        """);

    [Fact]
    public Task Recursion_Effect_IsReported() => Check(
        """
        public class Device
        {
            public void {|MM3007:Walk|}(int depth)
            {
                if (depth > 0)
                {
                    Walk(depth - 1);
                }

                Scheduler.Schedule();
            }
        }
        """);

    [Fact]
    public Task Generic_Member_IsReported() => Check(
        """
        public class Device<T>
        {
            public void {|MM3007:Flush|}<U>(T first, U second) => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Accessor_AndConstructor_AreReported() => Check(
        """
        public class Device
        {
            public {|MM3007:Device|}() => Scheduler.Schedule();

            public int Size
            {
                {|MM3007:get|}
                {
                    Scheduler.Schedule();
                    return 1;
                }
            }
        }
        """);

    [Fact]
    public Task Trusted_Member_IsSilent() => Check(
        """
        public class Device
        {
            [Trusted("polls")]
            public void Flush() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Rule_NotSwitchedOn_IsSilent() => AnalyzerTest.CheckAsync(
        """
        public class Device { public void Flush() => Scheduler.Schedule(); }
        """);

    [Fact]
    public async Task Message_EffectsAndTransitions_SaysWhatToWrite() => await Verifier.Verify(await Test(
        """
        public class Device
        {
            readonly TicketLock _lock = new();

            public void {|MM3007:Flush|}() => Drain();

            private void Drain() => Scheduler.Schedule();

            public static object? {|MM3007:Get|}(Gfp gfp) => Slab.Allocate(1, gfp);

            public void {|MM3007:Enter|}()
            {
                _lock.Acquire();
            {|MM2001:}|}

            public bool {|MM3007:TryEnter|}()
            {
                if (!_lock.TryAcquire())
                {
                    return false;
                }

                {|MM2001:return true;|}
            }
        }
        """).RenderAsync());

    private static Task Check(string code) => Test(code).CheckAsync();

    // The kernel is a reference here: as a source it would be a library with undeclared members of its own.
    private static AnalyzerTest Test(string code) =>
        new(code) { Kernel = Kernel.Reference, Options = { ["dotnet_diagnostic.MM3007.severity"] = "warning" } };
}
