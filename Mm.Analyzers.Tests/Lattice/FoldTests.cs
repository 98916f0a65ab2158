using System.Linq;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class FoldTests
{
    [Fact]
    public void Make_OfAnyExpression_EvaluatesAsWritten() => Law.Holds(Model.Raw, written =>
    {
        var folded = Model.Folded(written);
        return Model.All.All(model => Equals(model.Evaluate(written), model.Evaluate(folded)));
    });

    [Fact]
    public void Make_OfAFoldedExpression_ChangesNothing() => Law.Holds(Model.Raw, written =>
    {
        var folded = Model.Folded(written);
        return Model.Folded(folded).Equals(folded) && folded.Size <= written.Size;
    });

    [Fact]
    public void Substitute_OfEveryVariable_EvaluatesAsInTheOtherWorld() => Law.Holds(Model.Values.Zip(Model.Replacements()), sample =>
    {
        var replaced = Model.Folded(sample.Item1).Substitute(symbol => sample.Item2[symbol]);
        return Model.All.All(model => Equals(model.Evaluate(replaced), model.With(symbol => sample.Item2[symbol]).Evaluate(sample.Item1)));
    });

    [Fact]
    public void Make_ExclusiveOrOfAConditionWithItself_IsNotANumber()
    {
        var same = Fold.Make(Operator.Xor, Symbol.Parameter(1), Symbol.Parameter(1));

        Assert.NotNull(FactSet.Empty.Assume(same, false));
        Assert.NotEqual(Constant.Zero, same);
    }

    [Fact]
    public void HasAny_OfAMask_TellsWhetherABitIsThere() => Law.Holds(Model.Numbers.Zip(Gen.Choose(0, 7)), sample =>
        Model.All.All(model => model.Satisfies(Fold.HasAny(sample.Item1, sample.Item2), ((long)model.Evaluate(sample.Item1)! & sample.Item2) != 0)));

    [Fact]
    public void Values_WithEqualStructure_AreEqualAndHashAlike() => Law.Holds(Model.Raw, written =>
    {
        var copy = written.Substitute(symbol => new Symbol(symbol.Role, symbol.Index, symbol.Key, symbol.Parent));
        return Model.Folded(written).Equals(Model.Folded(copy)) && Model.Folded(written).GetHashCode() == Model.Folded(copy).GetHashCode();
    });
}
