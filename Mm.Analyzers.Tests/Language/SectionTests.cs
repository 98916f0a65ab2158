using System;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What is asked, chosen and wrapped inside a section, and what of it is left behind the end.</summary>
public class SectionTests
{
    [Theory]
    [InlineData("using (_lock.Hold()) { if (Preemption.IsOff) _count++; } Scheduler.Schedule();")]
    [InlineData("_lock.Acquire(); if (Preemption.IsOff) _count++; _lock.Release(); Scheduler.Schedule();")]
    [InlineData("using (_lock.Hold()) { if (!Preemption.IsOff) return; _count++; } Scheduler.Schedule();")]
    [InlineData("using (Interrupts.Off()) { _count += Preemption.IsOff ? 1 : 2; } Scheduler.Schedule();")]
    [InlineData("using (_lock.Hold()) Ask(); Scheduler.Schedule();")]
    [InlineData("using (_lock.Hold()) { if (Preemption.IsOff) _count++; {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("if (Preemption.IsOff) {|MM1001:Scheduler.Schedule()|};")]
    public Task Test_OfWhatTheSectionImplies_IsOverWithTheSection(string statements) => RuleCase.CheckAsync(
        $$"""
            void Ask() { if (Preemption.IsOff) _count++; }
            void M() { {{statements}} }
        """);

    [Theory]
    [InlineData("if (Preemption.IsOff || Interrupts.AreOff) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("if (!Preemption.IsOff && !Interrupts.AreOff) return; {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("if (Preemption.IsOff || Interrupts.AreOff) return; Scheduler.Schedule();")]
    [InlineData("if (Preemption.IsOff || Interrupts.AreOff) _count++; Scheduler.Schedule();")]
    [InlineData("if (Atomic()) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("if (Atomic()) return; Scheduler.Schedule();")]
    public Task Tests_OfWhichOneImpliesTheOther_HoldTogetherBehindAnOr(string statements) => RuleCase.CheckAsync(
        $$"""
            static bool Atomic() => Preemption.IsOff || Interrupts.AreOff;
            void M() { {{statements}} }
        """);

    [Theory]
    [InlineData("catch (InvalidOperationException) when (_count > 3) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("catch (Exception error) when (error is InvalidOperationException { Message.Length: > 3 }) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("catch (Exception) when (Is(_count > 3 || _count < 1)) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("catch (InvalidOperationException) when (_count > 3) { _lock.Release(); Scheduler.Schedule(); _lock.Acquire(); }")]
    [InlineData("catch (InvalidOperationException) { {|MM1001:Scheduler.Schedule()|}; }")]
    public Task Handler_BehindAFilter_RunsInTheContextOfItsTry(string handler) => RuleCase.CheckAsync(
        $$"""
            static bool Is(bool answer) => answer;
            void Work() { if (_count < 9) throw new InvalidOperationException(); _count++; }
            void M()
            {
                _lock.Acquire();
                try { Work(); }
                {{handler}}
                _lock.Release();
                Scheduler.Schedule();
            }
            void Taken()
            {
                bool taken = false;
                try { taken = _lock.TryAcquire(); if (_count < 9) throw new InvalidOperationException(); }
                {{handler.Replace("_lock.Release(); Scheduler.Schedule(); _lock.Acquire();", "if (taken) _lock.Release(); taken = false; Scheduler.Schedule();", StringComparison.Ordinal)}}
                finally { if (taken) _lock.Release(); }
                Scheduler.Schedule();
            }
        """);

    [Theory]
    [InlineData("using (_lock.Hold()) Slab.Allocate(8, Any());")]
    [InlineData("using (_lock.Hold()) { var flags = Any(); Slab.Allocate(8, flags); }")]
    [InlineData("using (_lock.Hold()) {|MM1003:Slab.Allocate(8, Other())|};")]
    [InlineData("Slab.Allocate(8, Any());")]
    public Task Flags_ThatACalleeChoosesByTheContext_AreThoseOfTheCaller(string statement) => RuleCase.CheckAsync(
        $$"""
            static Gfp Any() => Preemption.IsOff ? Gfp.Atomic : Gfp.Kernel;
            Gfp Other() => Ready() ? Gfp.Atomic : Gfp.Kernel;
            void M() { {{statement}} }
        """);

    [Theory]
    [InlineData("sealed class Held : IDisposable", "TicketLock", "l.Acquire()", "_l.Release()")]
    [InlineData("readonly struct Held : IDisposable", "TicketLock", "l.Acquire()", "_l.Release()")]
    public Task Guard_ThatKeepsItsLock_ReleasesIt(string head, string type, string take, string give) => AnalyzerTest.CheckAsync(
        $$"""
        using System;

        [Scope<SpinLockHeld>]
        {{head}}
        {
            readonly {{type}} _l;
            public Held({{type}} l) { _l = l; {{take}}; }
            public void Dispose() => {{give}};
        }

        class Case
        {
            readonly {{type}} _one = new();
            int _count;

            void Right() { using (new Held(_one)) _count++; Scheduler.Schedule(); }

            void Wrong() { using (new Held(_one)) {|MM1001:Scheduler.Schedule()|}; }
        }
        """);

    [Fact]
    public Task LockClass_ThatHandsOutGuards_HasNoOrderWithItsOwnInside() => AnalyzerTest.CheckAsync(
        """
        using System;
        using System.Threading;

        sealed class Door
        {
            SpinLock _inner = new(false);
            [Leaves<SpinLockHeld>] public void Exit() => _inner.Exit();
            public Guard Open() { bool taken = false; _inner.Enter(ref taken); return new Guard(this); }
        }

        [Scope<SpinLockHeld>]
        readonly struct Guard : IDisposable
        {
            readonly Door _door;
            public Guard(Door door) => _door = door;
            public void Dispose() => _door.Exit();
        }

        class Case
        {
            readonly Door _a = new(), _b = new();
            int _count;
            void M() { using (_a.Open()) using (_b.Open()) _count++; }
        }
        """);
}
