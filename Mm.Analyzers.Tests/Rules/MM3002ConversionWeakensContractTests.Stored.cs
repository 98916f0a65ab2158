using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Lambdas that a variable, a field or a result has held before they go to a place that starts them in a context.</summary>
public partial class MM3002ConversionWeakensContractTests
{
    private const string Starters =
        """
        using System;

        [RunsIn<SoftIrq>] delegate void Tasklet();

        static class Starter
        {
            public static void Later([Deferred, RunsIn<SoftIrq>] Action work) { }
            public static void Now([RunsIn<SoftIrq>] Action work) { }
            public static void Typed(Tasklet work) { }
            public static void Plain([Deferred] Action work) { }
        }

        partial class Case
        {
            readonly TicketLock _lock = new();
            [Requires<SoftIrq>] static void Raise() { }
            [ForbiddenIn<SoftIrq>] static void Waits() { }
            static Action Made() => () => Scheduler.Schedule();
        }

        """;

    [Theory]
    [InlineData("Action work = () => Scheduler.Schedule(); Starter.Later({|MM3002:work|});")]
    [InlineData("Action work = () => Scheduler.Schedule(); Starter.Now({|MM3002:work|});")]
    [InlineData("Action work = () => Scheduler.Schedule(); Starter.Typed(new Tasklet({|MM3002:work|}));")]
    [InlineData("Action work = () => { }; work += () => Scheduler.Schedule(); Starter.Later({|MM3002:work|});")]
    [InlineData("Action work = () => Waits(); Starter.Later({|MM3002:work|});")]
    [InlineData("Starter.Later({|MM3002:Made()|});")]
    [InlineData("Starter.Later({|MM3002:_stored|});")]
    [InlineData("Action work = () => Raise(); Starter.Plain({|MM3002:work|});")]
    [InlineData("Action work = () => _lock.Acquire(); Starter.Plain({|MM3002:work|});")]
    public Task Lambda_StoredBefore_IsJudgedWhereItIsHandedOver(string statements) => StoredAsync(statements);

    [Theory]
    [InlineData("Action work = () => Scheduler.Udelay(1); Starter.Later(work);")]
    [InlineData("Action work = () => Raise(); Starter.Later(work);")]
    [InlineData("Action work = () => Scheduler.Schedule(); Starter.Plain(work);")]
    [InlineData("Action work = () => Scheduler.Schedule(); work = () => { }; Starter.Later(work);")]
    [InlineData("Starter.Plain(_stored);")]
    public Task Lambda_StoredBefore_MayGoWhereItCanRun(string statements) => StoredAsync(statements);

    [Theory]
    [InlineData("Action work = [RunsIn<SoftIrq>] () => {|MM1001:Scheduler.Schedule()|}; Starter.Later(work);")]
    [InlineData("Tasklet work = () => {|MM1001:Scheduler.Schedule()|}; Starter.Later(new Action(work));")]
    [InlineData("Tasklet work = () => {|MM1001:Scheduler.Schedule()|}; Starter.Typed(work);")]
    public Task Lambda_DeclaredToStartThere_IsJudgedInsideOnly(string statements) => StoredAsync(statements);

    private static Task StoredAsync(string statements) => AnalyzerTest.CheckAsync(
        Starters + "partial class Case { readonly Action _stored = () => Scheduler.Schedule(); void M() { " + statements + " } }");

    [Theory]
    [InlineData("Starter.Plain({|MM3002:[Requires<SoftIrq>] () =>|} Raise());")]
    [InlineData("Starter.Later({|MM3002:[Requires<IrqOff>] () =>|} { });")]
    [InlineData("Starter.Now({|MM3002:[Requires<IrqOff>] () =>|} { });")]
    [InlineData("Starter.Later([Requires<SoftIrq>] () => Raise());")]
    [InlineData("Starter.Later([Requires<PreemptOff>] () => { });")]
    [InlineData("Starter.Plain([RunsIn<SoftIrq>] () => Raise());")]
    [InlineData("Starter.Plain([Never<Allocate>] () => {|MM1008:Raise()|});")]
    public Task Lambda_ThatAsksForAContext_NeedsAPlaceThatHasIt(string statements) => AnalyzerTest.CheckAsync(Starters + $$"""partial class Case { void M() { {{statements}} } }""");

    [Theory]
    [InlineData("_typed = {|MM3002:Take|};")]
    [InlineData("Raised += {|MM3002:Take|};")]
    [InlineData("_asking = {|MM3002:Take|};")]
    [InlineData("_typed = Rest; _asking = Rest; Raised += Rest;")]
    [InlineData("_typed = TakeAndGive;")]
    public Task Group_ThatEntersAContext_IsNotForATypeThatOnlyStartsOne(string statements) => RuleCase.CheckAsync(
        $$"""
            [RunsIn<RcuRead>] delegate void Typed();
            [Requires<RcuRead>] delegate void Asking();

            Typed? _typed;
            Asking? _asking;
            event Typed? Raised;

            [Enters<SpinLockHeld>] void Take() => _lock.Acquire();
            void TakeAndGive() { _lock.Acquire(); _lock.Release(); }
            void Rest() { }

            void M() { {{statements}} }
        """);
}
