using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class FactSetTests
{
    /// <summary>A condition and which way the branch went.</summary>
    private static readonly Gen<(Value Condition, bool Truth)> _branch =
        Model.Conditions.Select(Model.Folded).Zip(Gen.Elements(true, false)).Select(pair => (pair.Item1, pair.Item2));

    private static readonly Gen<List<(Value Condition, bool Truth)>> _path = Gen.Choose(1, 4).SelectMany(length => _branch.ListOf(length)).Select(list => list.ToList());

    private static readonly Gen<(Value Value, Known Known)> _lesson = Gen.OneOf(
        Model.Numbers.Zip(Samples.KnownOf(Model.NumberItems)),
        Model.Conditions.Zip(Samples.KnownOf(Model.ConditionItems)),
        Model.Optionals.Zip(Samples.KnownOf(Model.OptionalItems)),
        Model.References.Zip(Samples.KnownOf(Model.ReferenceItems))).Select(pair => (Model.Folded(pair.Item1), pair.Item2));

    [Fact]
    public void Assume_OfAnyPath_HoldsInEveryWorldThatTakesIt() => Law.Holds(_path, path =>
    {
        var facts = After(path);
        return Takers(path).All(model => facts is not null && model.Admits(facts));
    });

    [Fact]
    public void Choice_OfTwoPaths_HoldsInEveryWorldThatTakesEither() => Law.Holds(_path.Zip(_path), sample =>
    {
        if (After(sample.Item1) is not { } left || After(sample.Item2) is not { } right || FactSet.Choice(left, right) is not { } choice) return true;
        return Takers(sample.Item1).Concat(Takers(sample.Item2)).All(model => Equals(model.Evaluate(choice), true));
    });

    [Fact]
    public void Choice_OfAConditionAndItsOppositeWithAnother_IsThatOneOfTheTwoHolds()
    {
        var (a, b, c) = (Symbol.Parameter(0), Symbol.Parameter(1), Symbol.Parameter(2));
        var first = FactSet.Empty.Assume(a, true)!;
        var second = FactSet.Empty.Assume(a, false)!.Assume(b, true)!;
        var either = Fold.Make(Operator.Or, a, b);
        Assert.Equal(either, FactSet.Choice(first, second));
        Assert.Equal(either, FactSet.Choice(second, first));
        Assert.Null(FactSet.Choice(first, FactSet.Empty.Assume(a, false)!));
        Assert.Null(FactSet.Choice(first, FactSet.Empty.Assume(b, true)!));
        Assert.Null(FactSet.Choice(first, second.Assume(c, true)!));
        var both = FactSet.Empty.Learn(either, Known.Exactly(true))!;
        Assert.Equal(Fold.Make(Operator.Or, either, c), FactSet.Choice(both, FactSet.Empty.Assume(a, false)!.Assume(b, false)!.Assume(c, true)!));
    }

    [Fact]
    public void Substitute_OfAValue_KeepsWhatIsKnownUnderItsNewName()
    {
        var (old, renamed, other) = (Symbol.Parameter(0), Symbol.Result(7), Symbol.Parameter(1));
        var facts = FactSet.Empty.Assume(old, true)!.Assume(Fold.Make(Operator.Less, old, other), false)!.Assume(other, true)!;
        var after = facts.Substitute(old.Equals, symbol => symbol.Equals(old) ? renamed : symbol);
        Assert.True(after.Of(old).IsNothing);
        Assert.Equal((true, true, false), (after.Truth(renamed), after.Truth(other), after.Truth(Fold.Make(Operator.Less, renamed, other))));
    }

    [Fact]
    public void Of_AnyValueAfterAnyPath_HoldsInEveryWorldThatTakesIt() => Law.Holds(_path.Zip(Model.Values), sample =>
    {
        var value = Model.Folded(sample.Item2);
        return After(sample.Item1) is not { } facts
            || Takers(sample.Item1).All(model => KnownTests.Admits(facts.Of(value), model.Evaluate(value)));
    });

    [Fact]
    public void Truth_AfterAnyPath_IsThatOfEveryWorldThatTakesIt() => Law.Holds(_path.Zip(Model.Conditions), sample =>
    {
        var condition = Model.Folded(sample.Item2);
        return After(sample.Item1)?.Truth(condition) is not { } truth || Takers(sample.Item1).All(model => model.Satisfies(condition, truth));
    });

    [Fact]
    public void Assume_BothWays_CoversEveryWorld() => Law.Holds(_path.Zip(_branch), sample =>
    {
        var facts = After(sample.Item1);
        return facts is null || Takers(sample.Item1).All(model =>
            facts.Assume(sample.Item2.Condition, model.Satisfies(sample.Item2.Condition, true)) is { } next && model.Admits(next));
    });

    [Fact]
    public void Assume_TheSameTwice_ChangesNothing() => Law.Holds(_branch, branch =>
        FactSet.Empty.Assume(branch.Condition, branch.Truth) is not { } once
            || once.Assume(branch.Condition, branch.Truth) is { } twice && twice.SameAs(once));

    [Fact]
    public void Assume_TheOppositeAfterwards_IsRuledOut() => Law.Holds(_branch, branch =>
        FactSet.Empty.Assume(branch.Condition, branch.Truth) is not { } facts
            || facts.Assume(branch.Condition, !branch.Truth) is null);

    [Fact]
    public void Learn_OfAnything_LosesNoWorld() => Law.Holds(_path.Zip(_lesson), sample =>
    {
        var (value, known) = sample.Item2;
        if (After(sample.Item1) is not { } facts) return true;
        var learned = facts.Learn(value, known);
        return Takers(sample.Item1).Where(model => KnownTests.Admits(known, model.Evaluate(value)))
            .All(model => learned is not null && model.Admits(learned));
    });

    [Fact]
    public void Join_OfTwoPaths_HoldsInEveryWorldOfEither() => Law.Holds(_path.Two(), sample =>
    {
        if (After(sample.Item1) is not { } left || After(sample.Item2) is not { } right) return true;
        var joined = left.Join(right);
        return Takers(sample.Item1).Concat(Takers(sample.Item2)).All(model => model.Admits(joined));
    });

    [Fact]
    public void Join_WithItselfAndAgain_ChangesNothing() => Law.Holds(_path.Two(), sample =>
    {
        if (After(sample.Item1) is not { } left || After(sample.Item2) is not { } right) return true;
        return left.Join(left).SameAs(left) && left.Join(right).Join(right).SameAs(left.Join(right)) && left.Join(right).Join(left).SameAs(left.Join(right));
    });

    [Fact]
    public void Forget_AnyVariable_LeavesNoMentionOfIt() => Law.Holds(_path, path =>
    {
        if (After(path) is not { } facts) return true;
        static bool IsFirst(Symbol symbol) => symbol is { Role: SymbolRole.Parameter, Index: 0 };
        var rest = facts.Forget(IsFirst);
        return rest.All.All(fact => !fact.Key.Mentions(IsFirst)) && Takers(path).All(model => model.Admits(rest));
    });

    [Fact]
    public void Learn_BeyondTheLimit_ForgetsTheOldest()
    {
        var facts = Enumerable.Range(0, 100).Aggregate(FactSet.Empty, (sum, n) => sum.Learn(Symbol.Parameter(n), Known.Exactly(n))!);

        Assert.True(facts.All.Length < 100);
        Assert.True(facts.Of(Symbol.Parameter(0)).IsNothing);
        Assert.Equal(99L, facts.Of(Symbol.Parameter(99)).Exact);
    }

    private static FactSet? After(List<(Value Condition, bool Truth)> path) =>
        path.Aggregate<(Value Condition, bool Truth), FactSet?>(FactSet.Empty, (facts, branch) => facts?.Assume(branch.Condition, branch.Truth));

    private static IEnumerable<Model> Takers(List<(Value Condition, bool Truth)> path) =>
        Model.All.Where(model => path.All(branch => model.Satisfies(branch.Condition, branch.Truth)));
}
