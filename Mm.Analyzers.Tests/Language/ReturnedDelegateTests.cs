using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates that methods give back: as their result, in out parameters, and by exchange with a field.</summary>
public class ReturnedDelegateTests
{
    [Theory]
    [InlineData("_act();", "Action _act; Case() { _act = Make(); } static Action Make() => () => Work.Do();")]
    [InlineData("_act();", "static readonly Action _act = Make(); static Action Make() { if (s_count > 1) return Work.Do; return static () => { }; } static int s_count;")]
    [InlineData("_act();", "Action _act = static () => { }; void Arm() => _act = Pick(true); static Action Pick(bool first) => first ? Make() : Rest; static Action Make() => Work.Do; static void Rest() { }")]
    [InlineData("_act();", "Action _act = static () => { }; void Arm() => _act = Same(Work.Do); static Action Same(Action act) => act;")]
    [InlineData("_act();", "Action _act = static () => { }; void Arm() => _act = Next; Action? _first; readonly Action _second = () => Work.Do(); Action Next => _first ?? _second; void Set() => _first = Next;")]
    [InlineData("_act();", "readonly Action _act; Case(Action act) { _act = Twice(act); } static Action Twice(Action act) => () => { act(); act(); }; static Case Make() => new(Work.Do);")]
    [InlineData("_act?.Invoke();", "Action? _act; void Arm() => Get(out _act); static void Get(out Action act) => act = Work.Do;")]
    [InlineData("_act?.Invoke();", "Action? _act; void Arm() { if (TryGet(1, out var found)) _act = found; } static bool TryGet(int n, out Action? act) { act = n > 1 ? Work.Do : null; return n > 1; }")]
    public Task Delegate_ThatAMethodGivesToAField_IsWhatItGives(string statement, string members) => CheckAsync(statement, members);

    [Theory]
    [InlineData("_act?.Invoke();", "void Arm() => Interlocked.CompareExchange(ref _act, Work.Do, null);")]
    [InlineData("_act?.Invoke();", "void Add(Action act) { Action? old; do { old = _act; } while (Interlocked.CompareExchange(ref _act, old + act, old) != old); } void Arm() => Add(Work.Do);")]
    [InlineData("var act = Interlocked.CompareExchange(ref _act, null, null); act?.Invoke();", "void Arm() => _act = Work.Do;")]
    [InlineData("Action mine = Work.Do; var act = Interlocked.CompareExchange(ref _act, mine, null) ?? mine; act();", "")]
    public Task Delegate_ThatIsExchanged_IsWhatWasThereOrIsPutThere(string statement, string members) => CheckAsync(statement, "Action? _act; " + members);

    [Fact]
    public Task Exchange_ThatAnotherThreadMayHaveMade_IsNotTakenForGranted() => LanguageCase.ReportedInAsync(
        """
        using System;
        using System.Threading;

        class Case
        {
            readonly TicketLock _lock = new();
            Action? _act;

            void M(Action act)
            {
                var old = _act;
                using (_lock.Hold())
                {
                    if (Interlocked.CompareExchange(ref _act, act, old) != old) {|MM1001:Scheduler.Schedule()|};
                    if (Interlocked.CompareExchange(ref _act, act, null) == null) {|MM1001:Scheduler.Schedule()|};
                }
            }
        }
        """);

    private static Task CheckAsync(string statement, string members) => LanguageCase.FoundInAsync(
        $$"""
        using System;
        using System.Threading;

        sealed class Case
        {
            readonly TicketLock _lock = new();
            {{members}}

            void M()
            {
                using (_lock.Hold())
                {
                    {{statement.Replace("act?.Invoke()", "act?{|MM1001:.Invoke()|}", System.StringComparison.Ordinal).Replace("act()", "{|MM1001:act()|}", System.StringComparison.Ordinal).Replace("_{|MM1001:act", "{|MM1001:_act", System.StringComparison.Ordinal)}}
                }
            }
        }
        """);
}
