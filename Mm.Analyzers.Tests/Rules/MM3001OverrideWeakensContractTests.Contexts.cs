using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>What an override asks of the contexts of its callers, and what it does to them.</summary>
public partial class MM3001OverrideWeakensContractTests
{
    [Fact]
    public Task StaticMember_ThatEntersWhatItsInterfaceDoesNotSay_IsSaidThereAlone() => RuleCase.CheckAsync(
        """
            interface IPhase { static abstract void Begin(); }
            struct Bad : IPhase { public static void {|MM3001:Begin|}() => Preemption.Disable(); }
            static class Runner<T> where T : IPhase { public static void Run() => T.Begin(); }
            static void M() => Runner<Bad>.Run();
        """);

    [Fact]
    public Task Requires_MoreThanTheBase_IsReported() => AnalyzerTest.CheckAsync(
        """
        abstract class Base
        {
            public abstract void Run();
            [Requires<PreemptOff>] public abstract void Walk();
        }
        class Derived : Base
        {
            [Requires<SpinLockHeld>] public override void {|MM3001:Run|}() { }
            [Requires<SpinLockHeld>] public override void {|MM3001:Walk|}() { }
        }
        """);

    [Fact]
    public Task Requires_SameOrLess_IsSilent() => AnalyzerTest.CheckAsync(
        """
        abstract class Base
        {
            [Requires<SpinLockHeld>] public abstract void Inherited();
            [Requires<SpinLockHeld>] public abstract void Same();
            [Requires<SpinLockHeld>] public abstract void Implied();
            [Requires<SpinLockHeld>, Requires<IrqOff>] public abstract void Fewer();
            [Requires<SpinLockHeld>] public abstract void Nothing();
        }
        class Derived : Base
        {
            public override void Inherited() => Same();
            [Requires<SpinLockHeld>] public override void Same() { }
            [Requires<PreemptOff>] public override void Implied() { }
            [Requires<IrqOff>] public override void Fewer() { }
            [Never<Sleep>] public override void Nothing() { }
        }
        """);

    [Fact]
    public Task Requires_OneMoreBesideTheSame_IsReported() => AnalyzerTest.CheckAsync(
        """
        interface IQueue { [Requires<SpinLockHeld>] void Push(); }
        class A : IQueue { [Requires<SpinLockHeld>, Requires<IrqOff>] public void {|MM3001:Push|}() { } }
        """);

    [Fact]
    public Task Requires_OnAMemberOfDotNet_IsMoreThanItSays() => AnalyzerTest.CheckAsync(
        """
        using System;

        class A : IDisposable
        {
            [Requires<SpinLockHeld>] public void {|MM3001:Dispose|}() { }
            [Requires<SpinLockHeld>] public override string {|MM3001:ToString|}() => "";
        }
        """);

    [Fact]
    public Task RunsIn_OnTheOverride_AsksNothingOfCallers() => AnalyzerTest.CheckAsync(
        """
        interface IHandler { void Handle(); }
        class A : IHandler { [RunsIn<HardIrq>] public void Handle() { } }
        """);

    [Fact]
    public Task Requires_WhereTheBaseRunsInTheContext_AsksMoreOfCallers() => AnalyzerTest.CheckAsync(
        """
        class Base
        {
            [RunsIn<SoftIrq>] public virtual void Handle() { }
            [Requires<SoftIrq>] public virtual void Poll() { }
        }

        class Derived : Base
        {
            [Requires<SoftIrq>] public override void {|MM3001:Handle|}() { }
            [Requires<SoftIrq>] public override void Poll() { }
        }

        class Repeats : Base
        {
            [RunsIn<SoftIrq>] public override void Handle() { }
            [RunsIn<SoftIrq>] public override void Poll() { }
        }
        """);

    [Fact]
    public Task RunsIn_OfTheBase_IsInheritedAndJudgedInside() => AnalyzerTest.CheckAsync(
        """
        interface IHandler { [RunsIn<HardIrq>] void Handle(); }
        class Wrong : IHandler { public void Handle() => {|MM1001:Scheduler.Schedule()|}; }
        class Right : IHandler { public void Handle() => Scheduler.Udelay(1); }
        """);

    [Fact]
    public Task ForbiddenIn_MoreThanTheBase_IsReported() => AnalyzerTest.CheckAsync(
        """
        abstract class Base
        {
            public abstract void Run();
            [ForbiddenIn<SpinLockHeld>] public abstract void Walk();
        }
        class Derived : Base
        {
            [ForbiddenIn<IrqOff>] public override void {|MM3001:Run|}() { }
            [ForbiddenIn<PreemptOff>] public override void {|MM3001:Walk|}() { }
        }
        """);

    [Fact]
    public Task ForbiddenIn_SameOrLess_IsSilent() => AnalyzerTest.CheckAsync(
        """
        abstract class Base
        {
            [ForbiddenIn<IrqOff>] public abstract void Inherited();
            [ForbiddenIn<IrqOff>] public abstract void Same();
            [ForbiddenIn<PreemptOff>] public abstract void Implied();
        }
        class Derived : Base
        {
            public override void Inherited() { }
            [ForbiddenIn<IrqOff>] public override void Same() { }
            [ForbiddenIn<HardIrq>] public override void Implied() { }
        }
        """);

    [Theory]
    [InlineData("[Enters<SpinLockHeld>] ", "_lock.Acquire()")]
    [InlineData("[Leaves<SpinLockHeld>] ", "_lock.Release()")]
    [InlineData("[Enters<SpinLockHeld>, Trusted(\"primitive\")] ", "_count++")]
    [InlineData("", "_lock.Acquire()")]
    [InlineData("", "_lock.Release()")]
    public Task Balance_NotSaidByTheInterface_IsThisRuleAlone(string annotation, string body) => AnalyzerTest.CheckAsync(
        $$"""
        interface IGate { void Pass(); }
        class A : IGate
        {
            readonly TicketLock _lock = new();
            int _count;
            {{annotation}}public void {|MM3001:Pass|}() { {{body}}; }
        }
        """);

    [Fact]
    public Task Balance_AsTheInterfaceSays_IsSilent() => AnalyzerTest.CheckAsync(
        """
        interface IGate
        {
            [Enters<SpinLockHeld>] void Close();
            [Leaves<SpinLockHeld>] void Open();
            [return: Enters<SpinLockHeld>] bool TryClose();
        }
        class Inherits : IGate
        {
            readonly TicketLock _lock = new();
            public void Close() => _lock.Acquire();
            public void Open() => _lock.Release();
            public bool TryClose() => _lock.TryAcquire();
        }
        class Repeats : IGate
        {
            readonly TicketLock _lock = new();
            [Enters<SpinLockHeld>] public void Close() => _lock.Acquire();
            [Leaves<SpinLockHeld>] public void Open() => _lock.Release();
            [return: Enters<SpinLockHeld>] public bool TryClose() => _lock.TryAcquire();
        }
        class SaysMore : IGate
        {
            readonly TicketLock _lock = new();
            [Never<Sleep>] public void Close() => _lock.Acquire();
            [Never<Sleep>] public void Open() => _lock.Release();
            [Never<Sleep>] public bool TryClose() => _lock.TryAcquire();
        }
        """);

    [Fact]
    public Task Balance_NotWhatTheInterfaceSays_IsReported() => AnalyzerTest.CheckAsync(
        """
        interface IGate { [Enters<SpinLockHeld>] void Close(); }
        class DoesNothing : IGate { public void {|MM3001:Close|}() { } }
        class EntersAnother : IGate { [Enters<IrqOff>] public void {|MM3001:Close|}() => Interrupts.Disable(); }
        class EntersTwice : IGate
        {
            readonly TicketLock _lock = new();
            [Enters<SpinLockHeld>, Enters<SpinLockHeld>]
            public void {|MM3001:Close|}()
            {
                _lock.Acquire();
                {|MM2008:_lock.Acquire()|};
            }
        }
        """);

    [Fact]
    public Task Balance_HeldOnlyInside_IsSilent() => AnalyzerTest.CheckAsync(
        """
        interface IGate { void Pass(); }
        class A : IGate
        {
            readonly TicketLock _lock = new();
            public void Pass()
            {
                _lock.Acquire();
                _lock.Release();
            }
        }
        """);

    [Fact]
    public Task Balance_DisposeOfAScope_IsThePrimitive() => AnalyzerTest.CheckAsync(
        """
        using System;

        [Scope<SpinLockHeld>]
        sealed class Guard : IDisposable
        {
            readonly TicketLock _lock;
            public Guard(TicketLock held)
            {
                _lock = held;
                _lock.Acquire();
            }

            public void Dispose() => _lock.Release();
        }
        """);

    [Fact]
    public Task DelegateParameter_AsksMoreOfTheArgument_IsReported() => AnalyzerTest.CheckAsync(
        """
        using System;

        abstract class Base
        {
            public abstract void Each(Action visit);
            public abstract void Every([Might<Sleep>] Action visit);
        }
        class Derived : Base
        {
            public override void {|MM3001:Each|}([Never<Sleep>] Action visit) => visit();
            public override void {|MM3001:Every|}([Never<Sleep>] Action visit) => visit();
        }
        """);

    [Fact]
    public Task DelegateParameter_AsksTheSameOrLess_IsSilent() => AnalyzerTest.CheckAsync(
        """
        using System;

        [Never<Sleep>] delegate void Quick();

        abstract class Base
        {
            public abstract void Each([Never<Sleep>] Action visit);
            public abstract void Every([Never<Sleep>] Action visit);
            public abstract void Any([Never<Sleep>] Action visit);
            public abstract void Typed(Quick visit);
        }
        class Derived : Base
        {
            public override void Each([Never<Sleep>] Action visit) => visit();
            public override void Every([Might<Sleep>] Action visit) => visit();
            public override void Any(Action visit) => visit();
            public override void Typed([Never<Sleep>] Quick visit) => visit();
        }
        """);

    [Fact]
    public Task DelegateParameter_IsRunInAContextThatTheBaseDoesNotName_IsReported() => AnalyzerTest.CheckAsync(
        """
        using System;

        interface ITimer
        {
            void Start(Action callback);
            void Restart([Deferred, RunsIn<SoftIrq>] Action callback);
        }
        class A : ITimer
        {
            public void {|MM3001:Start|}([Deferred, RunsIn<HardIrq>] Action callback) { }
            public void Restart([Deferred, RunsIn<SoftIrq>] Action callback) { }
        }
        """);

    [Fact]
    public Task DelegateResult_PromisesLess_IsReported() => AnalyzerTest.CheckAsync(
        """
        using System;

        interface IFactory
        {
            [return: Never<Sleep>] Action Make();
            [return: Might<Sleep>] Action Any();
            Action Plain();
        }
        class Wrong : IFactory
        {
            [return: Might<Sleep>] public Action {|MM3001:Make|}() => static () => { };
            public Action Any() => static () => { };
            public Action Plain() => static () => { };
        }
        class Right : IFactory
        {
            [return: Never<Sleep>] public Action Make() => static () => { };
            [return: Never<Sleep>] public Action Any() => static () => { };
            [return: Never<Sleep>] public Action Plain() => static () => { };
        }
        """);
}
