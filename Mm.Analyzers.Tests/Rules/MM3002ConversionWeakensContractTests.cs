using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Promises of effects: what is converted. Places, values and contexts are in the other parts.</summary>
[UsesVerify]
public partial class MM3002ConversionWeakensContractTests
{
    /// <summary>Places with a promise, and what may go there or not.</summary>
    private const string Hooks =
        """
        using System;
        using System.Collections.Generic;
        using System.Runtime.InteropServices;
        using System.Threading.Tasks;

        [Never<Sleep>] delegate void Quick();
        [Might<Sleep>] delegate void Slow();

        partial class Case
        {
            [Never<Sleep>] Action? _hook;
            int _count;

            static void Take([Never<Sleep>] Action callback) { }
            static void TakeQuick(Quick callback) { }
            static void Sleeps() => Scheduler.Schedule();
            static void Spins() => Scheduler.Udelay(1);
            void Counts() => _count++;
            void SleepsToo() => Scheduler.Msleep(_count);
        }

        """;

    [Theory]
    [InlineData("Quick q =")]
    [InlineData("_hook =")]
    public Task Lambda_ThatSleeps_IsReportedOnItsHead(string assignment) => InHooks(
        $$"""
            void M()
            {
                {{assignment}} {|MM3002:() =>|} Scheduler.Schedule();
                {{assignment.Replace(" q", " r")}} () => Scheduler.Udelay(1);
            }
        """);

    [Theory]
    [InlineData("() =>", "")]
    [InlineData("static () =>", "")]
    [InlineData("async () =>", "")]
    [InlineData("delegate ()", "")]
    [InlineData("[Never<Fault>] () =>", "")]
    [InlineData("n =>", "<int>")]
    [InlineData("(int n) =>", "<int>")]
    [InlineData("(a, _) =>", "<int, int>")]
    [InlineData("static (int a, int b) =>", "<int, int>")]
    public Task Lambda_OfAnyForm_IsReportedOnItsHead(string head, string arguments) => InHooks(
        $$"""
            static void Run([Never<Sleep>] Action{{arguments}} callback) { }
            void M() => Run({|MM3002:{{head}}|} { Scheduler.Schedule(); });
        """);

    [Fact]
    public Task Lambda_OverSeveralLines_IsReportedUpToTheArrow() => InHooks(
        """
            static void Run([Never<Sleep>] Action<int, int> callback) { }
            void M() => Run({|MM3002:(
                a,
                b) =>|}
                Scheduler.Schedule());
        """);

    [Fact]
    public Task MethodGroup_ThatSleeps_IsReportedOnItself() => InHooks(
        """
            void M(Case other)
            {
                _hook = {|MM3002:Sleeps|};
                _hook = Spins;
                _hook = {|MM3002:SleepsToo|};
                _hook = Counts;
                _hook = {|MM3002:other.SleepsToo|};
                _hook = {|MM3002:Scheduler.Schedule|};
                Take({|MM3002:Case.Sleeps|});
                Take(Case.Spins);
                TakeQuick({|MM3002:Sleeps|});
                TakeQuick(Spins);
            }
        """);

    [Fact]
    public Task MethodGroup_LocalFunction_IsLookedInto() => InHooks(
        """
            void M()
            {
                Take({|MM3002:Wait|});
                Take(Count);

                void Wait() => SleepsToo();
                void Count() => Counts();
            }
        """);

    [Fact]
    public Task MethodGroup_VirtualOrInterface_CountsAllImplementations() => InHooks(
        """
            interface IDevice { void Flush(); void Poll(); }
            class Quiet : IDevice { public void Flush() { } public void Poll() { } }
            class Loud : IDevice { public void Flush() => Sleeps(); public void Poll() { } }
            abstract class Base { public abstract void Run(); [Never<Sleep>] public abstract void Walk(); }
            sealed class Derived : Base { public override void Run() => Sleeps(); public override void Walk() { } }

            void M(IDevice device, Quiet quiet, Base some, Derived derived)
            {
                Take({|MM3002:device.Flush|});
                Take(device.Poll);
                Take({|MM3002:some.Run|});
                Take(some.Walk);
                Take({|MM3002:derived.Run|});
            }
        """);

    [Fact]
    public Task MethodGroup_GenericOrExtension_IsLookedInto() => InHooks(
        """
            static void Any<T>(T value) => Sleeps();
            static void None<T>(T value) { }
            static void Run([Never<Sleep>] Action<int> callback) { }

            void M(Text text)
            {
                Run({|MM3002:Any|});
                Run({|MM3002:Any<int>|});
                Run(None);
                Take({|MM3002:text.Write|});
                Take(text.Clear);
            }
        }

        class Text;
        static class Extensions
        {
            public static void Write(this Text text) => Scheduler.Schedule();
            public static void Clear(this Text text) { }
        """);

    [Theory]
    [InlineData("Allocate", "_ = new object()", "_ = 1")]
    [InlineData("Fault", "UserMemory.Touch(1)", "Scheduler.Schedule()")]
    [InlineData("CrossCall", "Scheduler.SmpCallFunction(static () => { })", "Scheduler.Schedule()")]
    [InlineData("Repaint", "Draw()", "Scheduler.Schedule()")]
    public Task Effect_OfAnyKind_IsJudgedAlike(string effect, string wrong, string right) => InHooks(
        $$"""
            struct Repaint : IEffect;
            [Might<Repaint>, Trusted("primitive")] static void Draw() { }
            static void Run([Never<{{effect}}>] Action callback) { }

            void M()
            {
                Run({|MM3002:static () =>|} { {{wrong}}; });
                Run(static () => { {{right}}; });
            }
        """);

    [Fact]
    public Task Deep_TwoCallsOrRecursion_IsReportedAtTheConversion() => InHooks(
        """
            static void First() => Second();
            static void Second() => Scheduler.Schedule();
            static void Down() { if (Environment.TickCount > 0) Down(); else Sleeps(); }
            static void Round() { if (Environment.TickCount > 0) Round(); }
            static void Ends() { try { } finally { Sleeps(); } }

            void M()
            {
                Take({|MM3002:First|});
                Take({|MM3002:() =>|} First());
                Take({|MM3002:Down|});
                Take(Round);
                Take({|MM3002:Ends|});
            }
        """);

    [Fact]
    public Task Declared_EffectOfTheMethod_CountsWhateverItsBodyDoes() => InHooks(
        """
            [Might<Sleep>] static void Might() { }
            [Might<Sleep>, Trusted("primitive")] static void Primitive() { }
            [Never<Sleep>, Trusted("measured")] static void Trusted() => Sleeps();
            [Never<Sleep>] static void Promised() { }
            [Never<Sleep>] static void Broken() => {|MM3003:Sleeps()|};

            void M()
            {
                Take({|MM3002:Might|});
                Take({|MM3002:Primitive|});
                Take(Trusted);
                Take(Promised);
                Take(Broken);
                Take(() => Broken());
            }
        """);

    [Fact]
    public Task Declared_OnTheLambda_ABrokenPromiseIsReportedInsideAlone() => InHooks(
        """
            void M()
            {
                Take([Never<Sleep>] () => {|MM3003:Scheduler.Schedule()|});
                Take([Never<Sleep>] () => Scheduler.Udelay(1));
                Take({|MM3002:[Might<Sleep>] () =>|} { });
                Take(Broken);

                [Never<Sleep>] static void Broken() => {|MM3003:Scheduler.Schedule()|};
            }
        """);

    [Fact]
    public Task Declared_TwoPromises_AreTwo() => InHooks(
        """
            [Never<Sleep>, Never<Fault>] delegate void Strict();
            [Never<Fault>] delegate void NoFault();
            [Never<Sleep>] static void OnlyNoSleep() => UserMemory.Touch(1);

            void M(Strict strict, Quick quick)
            {
                Strict a = {|MM3002:OnlyNoSleep|};
                Quick b = OnlyNoSleep;
                Quick c = new Quick(strict);
                NoFault d = new NoFault(strict);
                Strict e = new Strict({|MM3002:quick|});
            }
        """);

    [Fact]
    public Task Declared_NonGenericSpelling_IsTheSame() => InHooks(
        """
            static void Run([Never(typeof(Sleep))] Action callback) { }
            [Might(typeof(Sleep))] static void Declares() { }
            [Never(typeof(Sleep))] static void Promises() { }

            void M()
            {
                Run({|MM3002:Sleeps|});
                Run({|MM3002:Declares|});
                Run(Promises);
            }
        """);

    [Fact]
    public Task Conditional_DelegateTypeWithTheSameCondition_IsKept() => InHooks(
        """
            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            delegate object? Source(Gfp gfp);
            [Never<Sleep>] delegate object? AtomicSource(Gfp gfp);

            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            static object? Declared(Gfp gfp) => Slab.Allocate(8, gfp);
            static object? Plain(Gfp gfp) => Slab.Allocate(8, gfp);
            static object? Always(Gfp gfp) => Waits();
            static object? Waits() => Slab.Allocate(8, Gfp.Kernel);

            void M()
            {
                Source a = Declared;
                Source b = Plain;
                Source c = gfp => Slab.Allocate(8, gfp);
                Source d = {|MM3002:Always|};
                Source e = {|MM3002:gfp =>|} Waits();
                AtomicSource f = {|MM3002:Declared|};
                AtomicSource g = {|MM3002:gfp =>|} Slab.Allocate(8, gfp);
                AtomicSource h = gfp => Slab.Allocate(8, gfp & Gfp.Atomic);
            }
        """);

    [Fact]
    public Task Async_AwaitIsNothingAndASleepBeforeItCounts() => InHooks(
        """
            static void Run([Never<Sleep>] Func<Task> start) { }

            void M()
            {
                Run(async () => await Task.Yield());
                Run({|MM3002:async () =>|}
                {
                    Scheduler.Schedule();
                    await Task.Yield();
                });
            }
        """);

    [Fact]
    public Task BodyNotVisible_ToAPromise_IsUnverified() => InHooks(
        """
            [DllImport("device")] static extern void Poke();
            [DllImport("device"), Never<Sleep>, Trusted("one register")] static extern void Read();
            [DllImport("device"), Might<Sleep>, Trusted("waits")] static extern void Wait();

            void M()
            {
                Take({|MM1009:Poke|});
                Take(Read);
                Take({|MM3002:Wait|});
                Quick q = {|MM1009:Poke|};
                Action any = Poke;
            }
        """);

    [Fact]
    public Task BodyNotVisible_WhereUnknownIsTrusted_IsSilent() => new AnalyzerTest(
        Hooks +
        """
        partial class Case
        {
            [DllImport("device")] static extern void Poke();
            void M() => Take(Poke);
        }
        """)
    { Options = { ["mm_unknown_callees"] = "trust" } }.CheckAsync();

    [Fact]
    public Task Trusted_MethodAround_CoversItsConversions() => InHooks(
        """
            [Trusted("runs before the scheduler does")]
            void Boot()
            {
                Take(() => Scheduler.Schedule());
                _hook = Sleeps;
            }
        """);

    [Fact]
    public Task WithoutAPromise_AnythingGoes() => InHooks(
        """
            Action? _any;
            [Might<Sleep>] Action? _slow;
            static void TakeAny(Action callback) { }
            static void TakeSlow(Slow callback) { }

            void M(Quick quick)
            {
                _any = Sleeps;
                _slow = Sleeps;
                _any = () => Scheduler.Schedule();
                TakeAny(Sleeps);
                TakeSlow(Sleeps);
                TakeSlow(new Slow(quick));
                TakeAny([Never<Sleep>] () => { });
            }
        """);

    [Fact]
    public async Task Message_EachKindOfBreach_SaysWhatThePlaceWants() => await Verifier.Verify(await AnalyzerTest.RenderAsync(
        """
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            [Never<Sleep>] Action? _hook;
            Action? _plain;

            void First() => Scheduler.Schedule();
            [Requires<SpinLockHeld>] void Push() { }
            [ForbiddenIn<IrqOff>] static void Wait() { }

            void M(Action given, [Might<Sleep>] Action slow)
            {
                _hook = {|MM3002:First|};
                _hook = {|MM3002:() =>|} First();
                _hook = {|MM3002:given|};
                _hook = {|MM3002:slow|};
                _plain = {|MM3002:Push|};
                _plain = {|MM3002:_lock.Acquire|};
                Scheduler.SmpCallFunction({|MM3002:First|});
                Scheduler.SmpCallFunction({|MM3002:Wait|});
            }
        }
        """));

    private static Task InHooks(string members) => AnalyzerTest.CheckAsync(Hooks + "partial class Case\n{\n" + members + "\n}\n");
}
