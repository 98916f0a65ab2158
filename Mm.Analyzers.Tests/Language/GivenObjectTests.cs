using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A helper that calls a member of an interface on what it is given does what the class of that object does.</summary>
public class GivenObjectTests
{
    private const string Types =
        """
        interface IStep { void Go(); }
        sealed class Quick : IStep { public void Go() { } }
        class Slow : IStep { public void Go() => Work.Do(); }
        sealed class Slower : Slow { }
        readonly struct Small : IStep { public void Go() { } }
        abstract class Command { }
        sealed class Poll : Command { }
        sealed class Wait : Command { }
        """;

    private const string Members =
        """
        static void Run(IStep step) => step.Go();
        static void RunTwice(IStep step) { Run(step); Run(step); }
        static void Answer(Command command) { switch (command) { case Poll: break; case Wait: Work.Do(); break; } }
        static void AnswerFast(Command command) { if (command is not Poll) Work.Do(); }
        readonly Quick _quick = new();
        static IStep Any() => DateTime.Now.Ticks > 0 ? new Slow() : new Quick();
        """;

    [Theory]
    [InlineData("Run(new Quick());")]
    [InlineData("Run(_quick);")]
    [InlineData("RunTwice(_quick);")]
    [InlineData("Run(new Small());")]
    [InlineData("IStep step = new Quick(); RunTwice(step);")]
    [InlineData("var any = Any(); if (any is Quick) Run(any);")]
    [InlineData("Answer(new Poll());")]
    [InlineData("AnswerFast(new Poll());")]
    public Task Object_OfAClassThatDoesNotSleep_IsLeftAlone(string statements) => LanguageCase.SilentAsync(statements, Members, Types);

    [Theory]
    [InlineData("{|MM1001:Run(new Slow())|};")]
    [InlineData("{|MM1001:RunTwice(new Slower())|};")]
    [InlineData("var any = Any(); {|MM1001:Run(any)|};")]
    [InlineData("var any = Any(); if (any is not Quick) {|MM1001:Run(any)|};")]
    [InlineData("{|MM1001:Answer(new Wait())|};")]
    [InlineData("{|MM1001:AnswerFast(new Wait())|};")]
    public Task Object_OfAClassThatSleeps_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members, Types);

    [Theory]
    [InlineData("Quick step", "using (_lock.Hold()) Run(step);")]
    [InlineData("Small step", "using (_lock.Hold()) Run(step);")]
    [InlineData("IStep step", "using (_lock.Hold()) {|MM1001:Run(step)|};")]
    [InlineData("IStep step", "if (step is Slow) return; using (_lock.Hold()) Run(step);")]
    [InlineData("IStep step", "if (step is Slow) return; using (_lock.Hold()) step.Go();")]
    [InlineData("Slow step", "using (_lock.Hold()) {|MM1001:Run(step)|};")]
    [InlineData("Poll command", "using (_lock.Hold()) Answer(command);")]
    [InlineData("Command command", "using (_lock.Hold()) {|MM1001:Answer(command)|};")]
    public Task Parameter_SaysByItsTypeWhatItCanBe(string parameter, string statements) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        partial class Case
        {
            readonly TicketLock _lock = new();
            {{Members}}
            void M({{parameter}}) { {{statements}} }
        }

        {{Types}}
        """);

    // The body that an interface has itself is run by those only who have none of their own.
    [Theory]
    [InlineData("using (_lock.Hold()) Run(new Plain());", "")]
    [InlineData("using (_lock.Hold()) Run(new Hidden());", "")]
    [InlineData("using (_lock.Hold()) {|MM1001:Run(new Bare())|};", "")]
    [InlineData("using (_lock.Hold()) ((IDefault)hidden).Go();", "Hidden hidden")]
    [InlineData("using (_lock.Hold()) ((IStep)open).Go();", "Open open")]
    [InlineData("using (_lock.Hold()) {|MM1001:((IDefault)bare).Go()|};", "Bare bare")]
    [InlineData("using (_lock.Hold()) {|MM1001:step.Go()|};", "IDefault step")]
    [InlineData("using (_lock.Hold()) {|MM1001:((IStep)slow).Go()|};", "Slow slow")]
    public Task Body_OfAnInterface_IsThatOfWhoHasNone(string statement, string parameters) => LanguageCase.FoundInAsync(
        $$"""
        partial class Case
        {
            readonly TicketLock _lock = new();
            static void Run(IDefault step) => step.Go();
            void M({{parameters}}) { {{statement}} }
        }

        interface IDefault { void Go() => Work.Do(); }
        class Bare : IDefault { }
        class Plain : IDefault { public void Go() { } }
        class Hidden : IDefault { void IDefault.Go() { } public void Go() => Work.Do(); }
        class Open : IStep { public virtual void Go() { } }
        {{Types}}
        """);
}
