using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates put together from others: invoking one invokes each part.</summary>
public class CombinedDelegateTests
{
    private const string Parts = "static void Quiet() { } static void Run(Action work) => work();";

    [Theory]
    [InlineData("Action work = Quiet; work += Work.Do; {|MM1001:work()|};")]
    [InlineData("Action a = Quiet, b = Work.Do; var work = a + b; {|MM1001:work()|};")]
    [InlineData("Action a = Quiet, b = Work.Do; {|MM1001:(a + b)()|};")]
    [InlineData("Action a = Quiet; var work = (Action)Delegate.Combine(a, (Action)Work.Do)!; {|MM1001:work()|};")]
    [InlineData("Action a = Quiet; var work = (Action)Delegate.Combine(new Delegate[] { a, (Action)Work.Do })!; {|MM1001:work()|};")]
    [InlineData("Action? work = null; if (_count > 0) work += Work.Do; work?{|MM1001:.Invoke()|};")]
    [InlineData("Action work = Quiet; if (_count > 0) work += Work.Do; {|MM1001:work()|};")]
    [InlineData("Action work = Quiet; for (int i = 0; i < _count; i++) work += Work.Do; {|MM1001:work()|};")]
    [InlineData("Action work = Quiet; work += Work.Do; {|MM1001:Run(work)|};")]
    [InlineData("Action work = Quiet; work += () => Work.Do(); work -= Quiet; {|MM1001:work()|};")]
    public Task Combined_OneThatSleeps_IsInvoked(string statements) => LanguageCase.FoundAsync(statements, Parts);

    [Theory]
    [InlineData("Action work = Quiet; work += Quiet; work();")]
    [InlineData("Action work = Work.Do; work = Quiet; work += Quiet; work();")]
    [InlineData("Action work = Quiet; work += Work.Do; work -= Work.Do; work();")]
    [InlineData("Action a = Work.Do; var work = a - a; work?.Invoke();")]
    public Task Combined_NoneThatSleeps_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Parts);

    [Fact]
    public Task Combined_WithAParameter_IsJudgedAtTheCaller() => LanguageCase.FoundAsync(
        "Both(Quiet); {|MM1001:Both(Work.Do)|};",
        Parts + "static void Both(Action more) { Action work = Quiet; work += more; work(); }");

    [Fact]
    public Task Combined_WithAPartOfUnknownOrigin_IsUnknown() => new AnalyzerTest(
        """
        using System;
        using System.Collections.Generic;

        class Case
        {
            readonly TicketLock _lock = new();

            static void Quiet() { }

            void M(List<Action> others)
            {
                Action work = Quiet;
                work += others[0];
                using (_lock.Hold())
                {
                    {|MM1009:work()|};
                }
            }
        }
        """) { Options = { ["mm_unknown_callees"] = "report" } }.CheckAsync();

    [Fact]
    public Task Combined_ThatEntersAndLeaves_IsBalanced() => AnalyzerTest.CheckAsync(
        """
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                Action work = () => _lock.Acquire();
                work += () => _lock.Release();
                work();
                Scheduler.Schedule();
            }
        }
        """);

    [Fact]
    public Task Combined_ToAPlaceWithAPromise_BreaksIt() => AnalyzerTest.CheckAsync(
        """
        using System;

        class Case
        {
            static void Quiet() { }
            static void Run([Never<Sleep>] Action work) => work();

            static void M()
            {
                Action work = Quiet;
                work += Quiet;
                Run(work);
                work += Scheduler.Schedule;
                Run({|MM3002:work|});
            }
        }
        """);

    [Theory]
    [InlineData("foreach (var one in _all) {|MM1001:one()|};")]
    [InlineData("Action[] all = [() => Scheduler.Schedule()]; foreach (var one in all) {|MM1001:one()|};")]
    public Task Collected_InvokedOneByOne_AreFollowed(string statements) => new AnalyzerTest(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Action[] _all = { () => Scheduler.Schedule() };

            void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }
        """) { Options = { ["mm_unknown_callees"] = "report" } }.CheckAsync();
}
