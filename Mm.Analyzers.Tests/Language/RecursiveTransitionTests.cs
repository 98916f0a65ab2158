using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Methods that call themselves, perhaps by others, and enter or leave a context on the way.</summary>
public class RecursiveTransitionTests
{
    [Theory]
    [InlineData("void Take(int n) { if (n == 0) { _lock.Acquire(); {|MM2001:return;|} } Take(n - 1); }")]
    [InlineData("void Take(int n) { if (n > 0) { Take(n - 1); _count++; return; } _lock.Acquire(); {|MM2001:}|}")]
    [InlineData("void Take(int n) { if (n == 0) _lock.Acquire(); else Take(n - 1); {|MM2001:}|}")]
    [InlineData("void Take(int n) { if (n == 0) { _lock.Acquire(); {|MM2001:return;|} } Other(n - 1); } void Other(int n) { if (n == 1) { _lock.Acquire(); {|MM2001:return;|} } Take(n - 1); }")]
    [InlineData("void Take(int n) { if (n == 0) { _lock.Acquire(); {|MM2001:return;|} } Other(n - 1); } void Other(int n) { Take(n); }")]
    [InlineData("void Take(int n) { for (int i = n; i > 0; i--) { if (i == 7) { Take(n - 1); return; } } _lock.Acquire(); {|MM2001:}|}")]
    public Task Recursion_ThatEnters_LeavesItsCallersInTheContext(string taking) => RuleCase.CheckAsync(
        $$"""
            {{taking}}

            void Wrong() { Take(3); {|MM1001:Scheduler.Schedule()|}; _lock.Release(); }

            void Right(int n) { Take(n); _count++; _lock.Release(); Scheduler.Schedule(); }

            void Forgets(int n) { Take(n); {|MM2001:}|}
        """);

    [Theory]
    [InlineData("void Give(int n) { if (n == 0) { {|MM2002:_lock.Release()|}; return; } Give(n - 1); }")]
    [InlineData("void Give(int n) { if (n > 0) Give(n - 1); else {|MM2002:_lock.Release()|}; }")]
    [InlineData("void Give(int n) { if (n == 0) { {|MM2002:_lock.Release()|}; return; } Other(n - 1); } void Other(int n) => Give(n);")]
    public Task Recursion_ThatLeaves_IsARelease(string giving) => RuleCase.CheckAsync(
        $$"""
            {{giving}}

            void Right(int n) { _lock.Acquire(); _count++; Give(n); Scheduler.Schedule(); }

            void Wrong(int n) { _lock.Acquire(); {|MM1001:Scheduler.Schedule()|}; Give(n); }
        """);

    [Theory]
    [InlineData("bool Try(int n) { if (n == 0) {|MM2001:return _lock.TryAcquire();|} return Try(n - 1); }")]
    [InlineData("bool Try(int n) { if (n == 0) return false; if (_lock.TryAcquire()) {|MM2001:return true;|} return Try(n - 1); }")]
    public Task Recursion_ThatTries_TellsByItsResult(string trying) => RuleCase.CheckAsync(
        $$"""
            {{trying}}

            void Right(int n) { if (!Try(n)) { Scheduler.Schedule(); return; } _count++; _lock.Release(); Scheduler.Schedule(); }

            void Wrong(int n) { if (Try(n)) { {|MM1001:Scheduler.Schedule()|}; _lock.Release(); } }
        """);

    [Theory]
    [InlineData("void Walk(int n) { if (n == 0) return; _lock.Acquire(); _count++; _lock.Release(); Walk(n - 1); Walk(n - 2); }")]
    [InlineData("void Walk(int n) { if (n == 0) return; Preemption.Disable(); Walk(n - 1); Preemption.Enable(); }")]
    [InlineData("void Walk(int n) { for (int i = 0; i < n; i++) Walk(i); _lock.Acquire(); _lock.Release(); }")]
    [InlineData("void Walk(int n) { if (n > 3) { Other(n); return; } _count++; } void Other(int n) { _lock.Acquire(); _count++; _lock.Release(); Walk(n - 1); }")]
    [InlineData("int Walk(int n) { if (n == 0) return 0; using (_lock.Hold()) _count++; return Walk(n - 1) + 1; }")]
    public Task Recursion_EachTurnBalanced_ChangesNothing(string walking) => RuleCase.CheckAsync(
        $$"""
            {{walking}}

            void M(int n) { Walk(n); Scheduler.Schedule(); }

            void N(int n)
            {
                Preemption.Disable();
                Walk(n);
                {|MM1001:Scheduler.Schedule()|};
                Preemption.Enable();
            }
        """);

    [Fact]
    public Task Recursion_ThatDropsAndRetakes_IsJudgedByTheDepthOfItsCaller() => RuleCase.CheckAsync(
        """
            void Drop(int n) { if (n == 0) return; _lock.Release(); Scheduler.Schedule(); _lock.Acquire(); Drop(n - 1); }

            void One(int n) { _lock.Acquire(); Drop(n); _lock.Release(); }

            void Two(int n) { Preemption.Disable(); _lock.Acquire(); {|MM1001:Drop(n)|}; _lock.Release(); Preemption.Enable(); }
        """);

    [Fact]
    public Task Recursion_ThatEntersOnEachTurn_IsEnteredAtLeastOnce() => RuleCase.CheckAsync(
        """
            void Pile(int n) { Preemption.Disable(); if (_count > 0) Pile(n - 1); {|MM2001:}|}

            void M(int n) { Pile(n); {|MM1001:Scheduler.Schedule()|}; {|MM2001:}|}
        """);

    [Fact]
    public Task Recursion_ThatNothingSeenEnds_HidesNothingBehindIt() => RuleCase.CheckAsync(
        """
            interface IStore { void Put(); }

            class Counting : IStore
            {
                readonly TicketLock _lock = new();
                readonly IStore _inner;

                public Counting(IStore inner) => _inner = inner;

                public void {|MM3001:Put|}() { _inner.Put(); _lock.Acquire(); }
            }

            void M(Counting store) { store.Put(); {|MM1001:Scheduler.Schedule()|}; {|MM2001:}|}
            void N(IStore store) { store.Put(); Scheduler.Schedule(); }
        """);
}
