using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Contexts: places that run a delegate in one, and places that say nothing and so want none.</summary>
public partial class MM3002ConversionWeakensContractTests
{
    /// <summary>Members with a need, and delegate types that run in a context.</summary>
    private const string Routines =
        """
        using System;
        using System.Collections.Generic;
        using System.Threading.Tasks;

        [RunsIn<IrqOff>] delegate void Handler();
        [Requires<SpinLockHeld>] delegate void Locked();
        [ForbiddenIn<PreemptOff>] delegate void Passive();

        partial class Case
        {
            readonly TicketLock _lock = new();
            Action? _plain;
            Handler? _handler;
            int _count;

            static void Sleeps() => Scheduler.Schedule();
            static void Spins() => Scheduler.Udelay(1);
            [Requires<SpinLockHeld>] void Push() => _count++;
            [Requires<PreemptOff>] void Cpu() => _count++;
            [Requires<IrqOff>] void Irq() => _count++;
            [Requires<HardIrq>] void InHandler() => _count++;
            [ForbiddenIn<PreemptOff>] void Waits() { }
            [ForbiddenIn<Nmi>] void NotInNmi() { }
        }

        """;

    [Fact]
    public Task Lambda_ForAnInterfaceThatNobodyImplements_IsJudgedInItsContext() => AnalyzerTest.CheckAsync(
        """
        interface IDevice { void Start([Deferred, RunsIn<SoftIrq>] System.Action handler); }

        class Case
        {
            void Wrong(IDevice device) => device.Start(() => {|MM1001:Scheduler.Schedule()|});
            void Right(IDevice device) => device.Start(() => { });
        }
        """);

    [Fact]
    public Task RunsIn_Lambda_IsJudgedInside() => InRoutines(
        """
            void M()
            {
                _handler = () => {|MM1001:Scheduler.Schedule()|};
                _handler = () => Scheduler.Udelay(1);
                _handler = () => Irq();
                _handler = () => {|MM1008:InHandler()|};
                _handler = () => {|MM1007:Waits()|};
                Scheduler.SmpCallFunction(() => {|MM1001:Scheduler.Schedule()|});
                Scheduler.SmpCallFunction(() => Irq());
            }
        """);

    [Fact]
    public Task RunsIn_MethodGroup_IsJudgedAtTheConversion() => InRoutines(
        """
            void M()
            {
                _handler = {|MM3002:Sleeps|};
                _handler = Spins;
                _handler = Irq;
                _handler = Cpu;
                _handler = {|MM3002:InHandler|};
                _handler = {|MM3002:Waits|};
                _handler = NotInNmi;
                Scheduler.SmpCallFunction({|MM3002:Sleeps|});
                Scheduler.SmpCallFunction(Spins);
                Scheduler.SmpCallFunction(Irq);
                Scheduler.SmpCallFunction({|MM3002:InHandler|});
                Scheduler.SmpCallFunction({|MM3002:Waits|});
            }
        """);

    [Fact]
    public Task RunsIn_MethodThatNamesItsOwnContext_IsCheckedInItsBody() => InRoutines(
        """
            [RunsIn<IrqOff>] void Right() => Irq();
            [RunsIn<IrqOff>] void Wrong() => {|MM1001:Sleeps()|};

            void M()
            {
                _handler = Right;
                _handler = Wrong;
                _plain = Right;
            }
        """);

    [Fact]
    public Task RunsIn_ValueThatMightSleep_IsReported() => InRoutines(
        """
            void M([Might<Sleep>] Action slow, [Never<Sleep>] Action strict)
            {
                Scheduler.SmpCallFunction({|MM3002:slow|});
                Scheduler.SmpCallFunction(strict);
            }
        """);

    [Fact]
    public Task RunsIn_LocalFunction_IsAMethodGroupToo() => InRoutines(
        """
            void M()
            {
                Scheduler.SmpCallFunction({|MM3002:Wait|});
                Scheduler.SmpCallFunction(Spin);

                static void Wait() => Sleeps();
                static void Spin() => Spins();
            }
        """);

    [Fact]
    public Task Requires_OfTheDelegateType_IsWhereItStarts() => InRoutines(
        """
            void M()
            {
                Locked a = Push;
                Locked b = () => Push();
                Locked c = {|MM3002:Irq|};
                Locked d = {|MM3002:Sleeps|};
                Locked e = () => {|MM1001:Scheduler.Schedule()|};
                Locked f = Spins;
                {|MM1008:a()|};
                using (_lock.Hold()) a();
            }
        """);

    [Fact]
    public Task ForbiddenIn_OfTheDelegateType_IsForItsCallers() => InRoutines(
        """
            void M()
            {
                Passive a = Waits;
                Passive b = Sleeps;
                a();
                using (_lock.Hold()) {|MM1007:a()|};
            }
        """);

    [Theory]
    [InlineData("Push")]
    [InlineData("Irq")]
    [InlineData("_lock.Acquire")]
    [InlineData("_lock.Release")]
    [InlineData("Preemption.Disable")]
    public Task Plain_MethodThatNeedsOrChanges_IsReportedWhereverItIsStored(string method) => InRoutines(
        $$"""
            static Action? s_static;
            Action? Property { get; set; }
            event Action? Event;
            Action Result() => {|MM3002:{{method}}|};

            void M(Queue<Action> queue)
            {
                _plain = {|MM3002:{{method}}|};
                s_static = {|MM3002:{{method}}|};
                Property = {|MM3002:{{method}}|};
                Event += {|MM3002:{{method}}|};
                _ = new Case { _plain = {|MM3002:{{method}}|} };
            }
        """);

    [Fact]
    public Task Plain_Lambda_IsReportedOnItsHead() => InRoutines(
        """
            Action Result() => {|MM3002:() =>|} Push();

            void M()
            {
                _plain = {|MM3002:() =>|} Push();
                _plain = {|MM3002:() =>|} _lock.Acquire();
                _plain = {|MM3002:() =>|} _lock.Release();
                _plain = () => Spins();
                _plain = () => Sleeps();
            }
        """);

    [Fact]
    public Task Plain_BalancedOrFreeOfNeeds_IsSilent() => InRoutines(
        """
            void Both() { _lock.Acquire(); Push(); _lock.Release(); }
            Action Result() => Both;

            void M()
            {
                _plain = Both;
                _plain = () => { using (_lock.Hold()) Push(); };
                _plain = Sleeps;
                _plain = Waits;
            }
        """);

    [Fact]
    public Task Plain_LambdaThatDeclaresItsNeed_IsReported() => InRoutines(
        """
            void M()
            {
                _plain = {|MM3002:[Requires<SpinLockHeld>] () =>|} Push();
                _plain = [RunsIn<SpinLockHeld>] () => Push();
            }
        """);

    [Fact]
    public Task Plain_Collections_KeepWhatTheyAreGiven() => InRoutines(
        """
            void M(Queue<Action> queue, List<Action> list, Action[] array)
            {
                queue.Enqueue({|MM3002:Push|});
                queue.Enqueue(Spins);
                list.Add({|MM3002:() =>|} Push());
                array[0] = {|MM3002:Push|};
                _ = new List<Action> { {|MM3002:Push|}, Spins };
                _ = new Action[] { Spins, {|MM3002:Push|} };
            }
        """);

    [Fact]
    public Task Plain_ArmsOfAnExpression_AreJudgedEach() => InRoutines(
        """
            void M(bool flag, int kind)
            {
                _plain = flag ? Spins : {|MM3002:Push|};
                _plain = kind switch { 0 => Spins, 1 => {|MM3002:_lock.Acquire|}, _ => null };
                _plain ??= {|MM3002:Push|};
                _plain += {|MM3002:Push|};
            }
        """);

    [Fact]
    public Task Followed_ParameterOfAVisibleMethod_IsSubstituted() => InRoutines(
        """
            static void Each(Action visit) => visit();
            void InLock(Action visit)
            {
                using (_lock.Hold()) visit();
            }

            void M()
            {
                using (_lock.Hold())
                {
                    Each(Push);
                    Each(() => Push());
                }

                InLock(Push);
                InLock(Spins);
                {|MM1001:InLock(Sleeps)|};
            }
        """);

    [Fact]
    public Task Followed_Local_IsJudgedWhereItIsInvoked() => InRoutines(
        """
            void M()
            {
                Action push = () => Push();
                using (_lock.Hold()) push();
                Action enter = () => _lock.Acquire();
                enter();
                _lock.Release();
            }
        """);

    [Fact]
    public async Task External_ParameterWithoutAnnotations_WantsNoContext()
    {
        var library = new AnalyzerTest(
            """
            using System;
            public static class Library { public static void Keep(Action callback) { } }
            """)
        { Kernel = Kernel.Reference }.ToReference("Library");

        await new AnalyzerTest(
            """
            class Case
            {
                int _count;
                [Requires<SpinLockHeld>] void Push() => _count++;
                void M(TicketLock held)
                {
                    Library.Keep({|MM3002:Push|});
                    Library.Keep({|MM3002:() =>|} Push());
                    Library.Keep({|MM3002:held.Acquire|});
                    Library.Keep(() => _count++);
                    Library.Keep(Scheduler.Schedule);
                }
            }
            """)
        { Kernel = Kernel.Reference, References = { library } }.CheckAsync();
    }

    [Fact]
    public Task Deferred_Lambda_StartsInNoContext() => InRoutines(
        """
            static void Post([Deferred] Action work) { }
            static void PostLocked([Deferred, RunsIn<SpinLockHeld>] Action work) { }

            void M()
            {
                using (_lock.Hold())
                {
                    Post(() => Sleeps());
                    Post(() => {|MM1008:Push()|});
                    PostLocked(() => Push());
                    PostLocked(() => {|MM1001:Sleeps()|});
                    Task.Run(() => {|MM1008:Push()|});
                }
            }
        """);

    [Fact]
    public Task Deferred_MethodGroup_IsJudgedAtTheConversion() => InRoutines(
        """
            static void Post([Deferred] Action work) { }
            static void PostLocked([Deferred, RunsIn<SpinLockHeld>] Action work) { }

            void M()
            {
                using (_lock.Hold())
                {
                    Post(Sleeps);
                    Post({|MM3002:Push|});
                    Post({|MM3002:_lock.Acquire|});
                    PostLocked(Push);
                    PostLocked({|MM3002:Sleeps|});
                    Task.Run({|MM3002:Push|});
                    Rcu.AfterReaders({|MM3002:Sleeps|});
                    Rcu.AfterReaders(Spins);
                }
            }
        """);

    [Fact]
    public Task Value_ThatNeedsAContext_IsReportedAtAPlainPlace() => InRoutines(
        """
            void M(Locked locked, Handler handler)
            {
                _plain = new Action({|MM3002:locked|});
                _plain = new Action(handler);
            }
        """);

    private static Task InRoutines(string members) => AnalyzerTest.CheckAsync(
        Routines + "partial class Case\n{\n" + members + "\n}\n");

    [Fact]
    public Task Lambda_InATypeThatRunsInAContext_NeedsNotAskForIt() => RuleCase.CheckAsync(
        """
            [Requires<IrqOff>] static void Mask() { }

            [RunsIn<IrqOff>] class Handlers
            {
                Action Early() => () => Mask();
            }

            class Elsewhere
            {
                Action Late() => {|MM3002:() =>|} Mask();
            }
        """);
}
