using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Reporting;

/// <summary>Why something is forbidden: of several contexts the one to speak of, and where it is written.</summary>
public sealed class CauseTests
{
    [Fact]
    public Task Nested_TheOneEnteredLastSpeaks() => TellsAsync(
        """
            void M()
            {
                using (Interrupts.Off())
                using (_lock.Hold())
                    {|MM1001:Scheduler.Schedule()|};
            }

            void N()
            {
                using (_lock.Hold())
                using (Interrupts.Off())
                    {|MM1001:Scheduler.Schedule()|};
            }

            void Other()
            {
                using (_lock.Hold())
                using (_other.Hold())
                    {|MM1001:Scheduler.Schedule()|};
            }
        """,
        "but runs with preemption off: spin lock '_lock' is held since line 17",
        "but runs with interrupts off since line 24",
        "but runs with preemption off: spin lock '_other' is held since line 31");

    [Fact]
    public Task HelperAroundADelegate_ItsLockIsNamed() => TellsAsync(
        """
            void Locked(Action work)
            {
                using (_lock.Hold()) work();
            }

            void M() => {|MM1001:Locked(() => Scheduler.Schedule())|};

            void Reading()
            {
                using (Rcu.Read()) {|MM1001:Locked(() => Scheduler.Schedule())|};
            }
        """,
        "'Locked' might sleep (Scheduler.Schedule) but runs with preemption off: spin lock '_lock' is held since line 16. Path: Locked → a lambda → Scheduler.Schedule",
        "  Case.cs(16): using (_lock.Hold()) work();",
        "but runs inside an RCU read section entered in line 23");

    [Fact]
    public async Task HelperInAnotherFile_ItsFileIsNamed()
    {
        var told = await new AnalyzerTest(
            ("src/Journal.cs", "using System; static class Journal { static readonly TicketLock s_lock = new(); public static void Locked(Action work) { using (s_lock.Hold()) work(); } }"),
            ("Case.cs", "class Case { void M() => {|MM1001:Journal.Locked(() => Scheduler.Schedule())|}; }")).RenderAsync();

        Assert.Contains("spin lock 's_lock' is held since line 1 of Journal.cs. Path:", told);
    }

    [Fact]
    public Task LockThatTurnsInterruptsOff_IsNamed() => TellsAsync(
        """
            void M()
            {
                using (_lock.HoldIrqSave()) {|MM1001:Scheduler.Schedule()|};
            }
        """,
        "but runs with interrupts off: spin lock '_lock' is held since line 16");

    [Fact]
    public Task DeclaredContext_SpeaksBeforeALockInIt_AndIsPointedAt() => TellsAsync(
        """
            [RunsIn<HardIrq>]
            void M()
            {
                using (_lock.Hold()) {|MM1001:Scheduler.Schedule()|};
            }
        """,
        "'Scheduler.Schedule' might sleep but runs in an interrupt handler\n",
        "  Case.cs(14): [RunsIn<HardIrq>]");

    [Fact]
    public Task ContextOfATypeOrParameter_IsPointedAt() => TellsAsync(
        """
            void Start([RunsIn<IrqOff>] Action work) { }
            void M() => Start(() => {|MM1001:Scheduler.Schedule()|});

            [RunsIn<SoftIrq>]
            class Handler { void Run() => {|MM1001:Scheduler.Schedule()|}; }
        """,
        "  Case.cs(14): void Start([RunsIn<IrqOff>] Action work) { }",
        "  Case.cs(17): [RunsIn<SoftIrq>]");

    [Fact]
    public Task Promise_IsPointedAt() => TellsAsync(
        """
            [Never<Sleep>]
            class Calm { void Run() => {|MM3003:Scheduler.Schedule()|}; }

            interface IStrict
            {
                [Never<Sleep>]
                void Run();
            }

            class Loud : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        """,
        "  Case.cs(14): [Never<Sleep>]",
        "  Case.cs(20): void Run();");

    [Theory]
    [InlineData("[Might<Sleep>(When = nameof(timeout), IsNot = 0)] void Wait(int timeout) { }", "Wait(5)", "'Case.Wait' might sleep unless 'timeout' is 0 but runs")]
    [InlineData("[Might<Sleep>(When = nameof(done), Is = null)] void Wait(Action? done) { }", "Wait(null)", "'Case.Wait' might sleep if 'done' is null but runs")]
    [InlineData("void Wait() => Outer(5); void Outer(int n) => Inner(n); [Might<Sleep>(When = nameof(t), IsNot = 0)] void Inner(int t) { }", "Wait()", "'Wait' might sleep (Case.Inner unless 't' is 0) but runs")]
    [InlineData("void Wait() { }", "new System.Threading.SemaphoreSlim(1).Wait(10)", "'SemaphoreSlim.Wait' might sleep unless 'millisecondsTimeout' is 0 but runs")]
    public Task Condition_IsSaid(string member, string call, string text) => TellsAsync(
        $$"""
            {{member}}

            void M()
            {
                using (_lock.Hold()) {|MM1001:{{call}}|};
            }
        """,
        text);

    [Theory]
    [InlineData("Has = Gfp.MayBlock", "Gfp.Kernel", "with Gfp.MayBlock set")]
    [InlineData("Has = Gfp.MayBlock | Gfp.Zeroed", "Gfp.Kernel", "with Gfp.MayBlock or Gfp.Zeroed set")]
    [InlineData("HasNot = Gfp.UseReserve", "Gfp.Kernel", "with Gfp.UseReserve not set")]
    public Task Flags_AreSaid(string condition, string flags, string text) => TellsAsync(
        $$"""
            [Might<Sleep>(When = nameof(gfp), {{condition}})] void Grow(Gfp gfp) { }
            void Grown() => Grow({{flags}});

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Grow({{flags}})|};
                    {|MM1003:Grown()|};
                }
            }
        """,
        $"'Case.Grow' might sleep {text} but runs",
        $"'Grown' might sleep (Case.Grow {text}) but runs");

    [Fact]
    public Task Transitions_SpeakOfAllThatACallLeaves() => TellsAsync(
        """
            void Two() => {|MM2002:_lock.ReleaseIrqRestore()|};
            void Dropped() => {|MM2004:_lock.HoldIrqSave()|};

            [Leaves<SpinLockHeld>]
            void Kept() {
            {|MM2001:}|}
        """,
        "SpinLockHeld and IrqOff ('_lock') are left here, but this path has not entered them",
        "is thrown away: SpinLockHeld and IrqOff stay entered",
        "This path returns with SpinLockHeld still entered, although the declaration says that it is left");

    [Fact]
    public Task LockOfAnotherObject_IsNamedWithIt() => TellsAsync(
        """
            sealed class Node
            {
                public readonly TicketLock Lock = new();
            }

            void M(Node left, Node right)
            {
                left.Lock.Acquire();
                {|MM2009:right.Lock.Release()|};
            }

            void N(Node node)
            {
                using (node.Lock.Hold()) {|MM1001:Scheduler.Schedule()|};
            }
        """,
        "Lock 'right.Lock' is released, but this path does not hold it; it holds 'left.Lock' since line 21",
        "spin lock 'node.Lock' is held since line 27");

    [Fact]
    public Task LockWithoutAName_IsAnotherLock() => TellsAsync(
        """
            void M()
            {
                var (first, second) = (new TicketLock(), new TicketLock());
                first.Acquire();
                {|MM2009:second.Release()|};
            }
        """,
        "is released, but this path does not hold it; it holds another lock since line 17");

    [Fact]
    public Task SeveralRequiredContexts_AreOneReport() => TellsAsync(
        """
            [Requires<IrqOff>, Requires<SpinLockHeld>] void Push() { }
            void M() => {|MM1008:Push()|};
        """,
        "'Case.Push' requires IrqOff and SpinLockHeld, which are not entered here");

    private static async Task TellsAsync(string members, params string[] texts)
    {
        var told = await RuleCase.RenderAsync(members) + "\n";
        Assert.All(texts, text => Assert.Contains(text, told));
    }
}
