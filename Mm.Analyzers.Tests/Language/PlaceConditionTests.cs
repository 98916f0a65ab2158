using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Effects of a delegate in a field, parameter, property or result that hang on what the delegate is invoked with.</summary>
public class PlaceConditionTests
{
    private const string Members =
        """
        using System;

        delegate void Write(int count, bool wait);

        partial class Case
        {
            readonly TicketLock _lock = new();
            [Might<Sleep>(When = "obj", Is = true)] Action<bool>? _field;
            [Might<Sleep>(When = "arg", IsNot = 0)] Func<int, int>? Property { get; set; }
            [Never<Sleep>, Might<Sleep>(When = "wait", Is = true)] event Write? Written;
            [return: Might<Sleep>(When = "obj", Is = true)] static Action<bool> Made() => wait => { };
            void Give([Never<Sleep>, Might<Sleep>(When = "obj", Is = true)] Action<bool> run) { using (_lock.Hold()) run(false); }
        }

        """;

    [Theory]
    [InlineData("using (_lock.Hold()) { _field?.Invoke(false); Property?.Invoke(0); Written?.Invoke(3, false); Made()(false); }")]
    [InlineData("using (_lock.Hold()) {|MM1001:_field!(true)|};")]
    [InlineData("using (_lock.Hold()) {|MM1001:Property!(3)|};")]
    [InlineData("using (_lock.Hold()) {|MM1001:Written!(0, true)|};")]
    [InlineData("using (_lock.Hold()) {|MM1001:Made()(true)|};")]
    [InlineData("_field?.Invoke(true); Give(wait => { if (wait) Scheduler.Schedule(); });")]
    [InlineData("Give({|MM3002:wait =>|} { if (!wait) Scheduler.Schedule(); });")]
    [InlineData("Written += (count, wait) => { if (wait) Scheduler.Schedule(); };")]
    [InlineData("Written += {|MM3002:(count, wait) =>|} { if (count > 3) Scheduler.Schedule(); };")]
    public Task Condition_OnWhatADelegateIsGiven_IsDecidedWhereItIsInvoked(string statements) =>
        AnalyzerTest.CheckAsync(Members + "partial class Case { void M() { " + statements + " } }");

    [Fact]
    public Task Parameter_UnderALock_IsJudgedByItsCondition() => AnalyzerTest.CheckAsync(
        Members + """
        partial class Case
        {
            void M([Might<Sleep>(When = "arg", Has = Gfp.MayBlock)] Func<Gfp, object?> allocate)
            {
                using (_lock.Hold())
                {
                    allocate(Gfp.Atomic);
                    {|MM1003:allocate(Gfp.Kernel)|};
                }
            }
        }
        """);
}
