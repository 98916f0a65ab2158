using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Results that say whether something was entered, as kernels and enumerations say it.</summary>
public class ResultCodeTests
{
    [Theory]
    [InlineData("int error = Try(); if (error < 0) return error; _lock.Release(); return 0;")]
    [InlineData("int error = Try(); if (error != 0) return error; _lock.Release(); return 0;")]
    [InlineData("if (Try() >= 0) _lock.Release(); return 0;")]
    [InlineData("while (Try() == -16) { } {|MM2002:_lock.Release()|}; return 0;")]
    [InlineData("int error = Try(); if (error > 0) return error; {|MM2002:_lock.Release()|}; return 0;")]
    public Task Zero_IsSuccess_AndWhatFailsIsNegative(string statements) => RuleCase.CheckAsync(
        $$"""
            [return: Enters<SpinLockHeld>(On = 0)] [Trusted("primitive")] static int Try() => 0;
            int M() { {{statements}} }
        """);

    [Theory]
    [InlineData("if (Try() is Answer.Busy or Answer.Dead) return; _lock.Release();")]
    [InlineData("switch (Try()) { case Answer.Busy: return; case Answer.Dead: throw new Exception(); } _lock.Release();")]
    [InlineData("if (Try() == Answer.Busy) return; {|MM2002:_lock.Release()|};")]
    [InlineData("if (Try() != Answer.Done) return; _lock.Release();")]
    public Task Enumeration_HasItsMembersOnly(string statements) => RuleCase.CheckAsync(
        $$"""
            enum Answer { Busy, Done, Dead }
            [return: Enters<SpinLockHeld>(On = Answer.Done)] [Trusted("primitive")] static Answer Try() => Answer.Done;
            void M() { {{statements}} }
        """);

    [Theory]
    [InlineData("var got = TryNumber(); if (got is null) { Scheduler.Schedule(); return; } _lock.Release();")]
    [InlineData("var got = TryNumber(); if (!got.HasValue) return; {|MM1001:Scheduler.Schedule()|}; _lock.Release();")]
    [InlineData("if (TryNumber() is not { } got) { Scheduler.Schedule(); return; } _count = got; _lock.Release();")]
    [InlineData("if (TryWide() == null) { Scheduler.Schedule(); return; } _lock.Release();")]
    [InlineData("var got = TryBoth(); if (!got.Ok) { Scheduler.Schedule(); return; } _lock.Release();")]
    [InlineData("var got = (Ok: _lock.TryAcquire(), Count: 3); if (!got.Ok) { Scheduler.Schedule(); return; } _lock.Release();")]
    [InlineData("var got = TryBoth(); _count = got.Count > 3 ? 1 : 2; if (!got.Ok) return; _lock.Release();")]
    [InlineData("var got = TryConstant(); _count = got.Count > 3 ? 1 : 2; if (!got.Ok) return; _lock.Release();")]
    [InlineData("var (ok, count) = TryBoth(); if (ok) { {|MM1001:Scheduler.Schedule()|}; _lock.Release(); } else Scheduler.Schedule();")]
    [InlineData("var (a, one) = Count(); var (b, two) = Count(); if (one != two) _lock.Acquire(); if (one != two) _lock.Release();")]
    public Task Number_OrNothing_TellsWhatWasEntered(string statements) => RuleCase.CheckAsync(
        $$"""
            int? TryNumber() { if (!_lock.TryAcquire()) return null; {|MM2001:return _count;|} }
            long? TryWide() { bool ok = _lock.TryAcquire(); {|MM2001:return ok ? _count : null;|} }
            (bool Ok, int Count) TryBoth() { bool ok = _lock.TryAcquire(); {|MM2001:return (ok, _count);|} }
            (bool Ok, int Count) TryConstant() { if (!_lock.TryAcquire()) return (false, _count); {|MM2001:return (true, 1);|} }
            (bool Ok, int Count) Count() => (_count > 1, _count++);
            void M() { {{statements}} }
        """);

    [Fact]
    public Task Main_OfALibrary_OwesNoBalance() => AnalyzerTest.CheckAsync(
        """
        static class Program
        {
            static void Main(string[] arguments) { new TicketLock().Acquire(); }
            static void Other() { new TicketLock().Acquire(); {|MM2001:}|}
        }
        """);

    [Fact]
    public Task Struct_InABox_IsCalledExactly() => RuleCase.CheckAsync(
        """
            interface IWalk { void Walk(); }
            struct Quick : IWalk { public void Walk() { } }
            struct Slow : IWalk { public void Walk() => Scheduler.Schedule(); }

            void Right() { using (_lock.Hold()) { IWalk walk = new Quick(); walk.Walk(); } }
            void Wrong() { using (_lock.Hold()) { IWalk walk = new Slow(); {|MM1001:walk.Walk()|}; } }
        """);
}
