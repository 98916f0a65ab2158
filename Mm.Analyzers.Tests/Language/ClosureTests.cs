using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates that a visible method hands out: what they captured goes with them.</summary>
public class ClosureTests
{
    [Theory]
    [InlineData("static Action Make(Action action) => () => action();")]
    [InlineData("static Action Make(Action action) { Action twice = () => { action(); action(); }; return twice; }")]
    [InlineData("static Action Make(Action action) { var inner = action; return () => inner(); }")]
    [InlineData("static Action Make(Action action) { return Run; void Run() => action(); }")]
    [InlineData("static Action Make(Action action) => () => { Action inner = () => action(); inner(); };")]
    [InlineData("static Action Make(Action action) => Other(action); static Action Other(Action other) => () => other();")]
    [InlineData("static Action Make(Action action) => Other(() => action()); static Action Other(Action other) => () => other();")]
    public Task Closure_OverAParameter_InvokesTheArgument(string make) => LanguageCase.FoundAsync(
        "Make(Rest)(); {|MM1001:Make(Work.Do)()|}; var made = Make(Work.Do); {|MM1001:made()|}; made = Make(static () => { }); made();",
        make + " static void Rest() { }");

    [Fact]
    public Task Closure_OverAFlag_IsJudgedByTheArgument() => LanguageCase.FoundAsync(
        "Make(false)(); {|MM1001:Make(true)()|};",
        "static Action Make(bool isSlow) => () => { if (isSlow) Work.Do(); };");

    [Fact]
    public Task Closure_OverAVariableThatItWrites_IsJudgedByAllThatGoesIn() => LanguageCase.FoundAsync(
        "{|MM1001:Make(Work.Do)()|};",
        "static Action Make(Action action) => () => { action(); action = () => { }; };");

    [Theory]
    [InlineData("static Action Make(Action action) { Action made = () => action(); Change(ref action); return made; } static void Change(ref Action action) => action = Pick(); static Action Pick() => s_other; public static Action s_other;")]
    public Task Closure_OverAVariableThatIsWritten_IsNotTheArgument(string make) => LanguageCase.SilentAsync("Make(Work.Do)();", make);

    [Theory]
    [InlineData("Give(out var action); {|MM1001:action()|};", "static void Give(out Action action) => action = Work.Do;")]
    [InlineData("Give(out var action); action();", "static void Give(out Action action) { action = Work.Do; action = () => { }; }")]
    [InlineData("Give(out var action, Work.Do); {|MM1001:action()|};", "static void Give(out Action action, Action given) => action = () => given();")]
    [InlineData("Give(out var action, () => { }); action();", "static void Give(out Action action, Action given) => action = () => given();")]
    [InlineData("Action action = () => { }; Give(ref action); {|MM1001:action()|};", "static void Give(ref Action action) => action = Work.Do;")]
    [InlineData("Action action = Work.Do; Give(ref action); action();", "static void Give(ref Action action) => action = () => { };")]
    [InlineData("if (Give(out var action)) {|MM1001:action()|};", "bool Give(out Action action) { action = Work.Do; return _count > 3; }")]
    public Task Delegate_GivenByReference_IsWhatTheCalleeAssigns(string statements, string members) => LanguageCase.FoundAsync(statements, members);

    [Fact]
    public Task Lambda_ForAPlaceThatStartsInAContext_IsReportedInsideOnly() => LanguageCase.ReportedInAsync(
        """
        using System;

        [RunsIn<SoftIrq>] delegate void Expiry(int data);

        class Timer
        {
            internal Expiry? Handler;
        }

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Timer _timer = new();

            void Local()
            {
                Expiry handler = data => {|MM1001:Slow(data)|};
                using (_lock.Hold()) handler(1);
                Expiry other = data => Scheduler.Udelay(data);
                using (_lock.Hold()) other(1);
            }

            void Field()
            {
                _timer.Handler = data => {|MM1001:Slow(data)|};
                using (_lock.Hold()) _timer.Handler(1);
            }

            static void Slow(int data) => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Lambda_ForAPlaceWhoseContextAllowsIt_IsReportedWhereItIsInvoked() => LanguageCase.ReportedInAsync(
        """
        using System;

        [RunsIn<NoGc>] delegate void Expiry(int data);

        class Case
        {
            readonly TicketLock _lock = new();

            void Local()
            {
                Expiry handler = data => Slow(data);
                using (_lock.Hold()) {|MM1001:handler(1)|};
            }

            static void Slow(int data) => Scheduler.Schedule();
        }
        """);
}
