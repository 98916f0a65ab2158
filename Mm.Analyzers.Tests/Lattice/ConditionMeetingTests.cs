using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class ConditionMeetingTests
{
    private static readonly Symbol _a = Symbol.Parameter(0);
    private static readonly Symbol _b = Symbol.Parameter(1);

    [Fact]
    public void Either_OfFalseWhereAIsFalse_AndBWhereItIsTrue_IsBoth()
    {
        var (no, yes) = (Facts(_a, false), Facts(_a, true));
        var both = Either(Constant.False, no, _b, yes)!;
        Assert.Equal(Fold.Make(Operator.And, _a, _b), both);
        Assert.Equal(both, Either(_b, yes, Constant.False, no));
        Assert.Equal(Fold.Make(Operator.Or, _a, _b), Either(Constant.True, yes, _b, no));
    }

    [Fact]
    public void Either_ToldApartByABit_AsksForTheBit()
    {
        var bit = Fold.HasAny(_a, 4);
        var both = Either(Constant.False, FactSet.Empty.Assume(bit, false)!, _b, FactSet.Empty.Assume(bit, true)!)!;
        var facts = FactSet.Empty.Assume(both, true)!;
        Assert.Equal(4UL, facts.Of(_a).Ones);
        Assert.True(facts.Truth(_b));
        Assert.False(FactSet.Empty.Learn(_a, Known.Bits(0, 4))!.Truth(both));
    }

    [Fact]
    public void Either_OfPathsThatNothingTellsApart_IsUnknown()
    {
        Assert.Null(Either(Constant.False, FactSet.Empty, _b, Facts(_a, true)));
        Assert.Null(Either(Constant.False, Facts(_a, false), _b, FactSet.Empty));
        Assert.Null(Either(_b, Facts(_a, false), _b, Facts(_a, true)));
        Assert.Null(Either(Constant.Null, Facts(_a, false), _b, Facts(_a, true)));
        Assert.Null(Either(Constant.False, Facts(_a, false), Constant.Null, Facts(_a, true)));
        Assert.Null(ConditionMeeting.Either(Constant.False, Facts(_a, false), _b, Facts(_a, true), static symbol => symbol.Equals(_a)));
        Assert.Null(ConditionMeeting.Either(Constant.False, Facts(_a, false), _b, Facts(_a, true), static symbol => symbol.Equals(_b)));
    }

    [Fact]
    public void Choice_OfABitAndItsOppositeWithAnotherBit_IsThatOneOfTheTwoIsSo()
    {
        var first = FactSet.Empty.Learn(_a, Known.Bits(0, 1))!;
        var second = FactSet.Empty.Learn(_a, Known.Bits(1, 2))!;
        var choice = FactSet.Choice(first, second)!;
        Assert.False(FactSet.Empty.Learn(_a, Known.Bits(3, 0))!.Truth(choice));
        Assert.True(FactSet.Empty.Learn(_a, Known.Bits(1, 2))!.Truth(choice));
        Assert.True(FactSet.Empty.Learn(_a, Known.Bits(2, 1))!.Truth(choice));
        Assert.Null(FactSet.Choice(first, FactSet.Empty.Learn(_a, Known.Bits(3, 4))!));
    }

    private static FactSet Facts(Value condition, bool truth) => FactSet.Empty.Assume(condition, truth)!;

    private static Value? Either(Value left, FactSet leftFacts, Value right, FactSet rightFacts) =>
        ConditionMeeting.Either(left, leftFacts, right, rightFacts, static _ => false);
}
