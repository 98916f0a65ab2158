using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class BitMaskTests
{
    private static readonly Symbol _source = Symbol.Parameter(0);
    private static readonly Symbol _place = new(SymbolRole.Local, 0, "flags");

    [Fact]
    public void Either_OfAValueAndLessOfIt_HasNoBitThatItHasNot()
    {
        var either = Either(_source, Fold.Make(Operator.And, _source, Constant.Of(~5L)))!;
        Assert.False(FactSet.Empty.Learn(_source, Known.Bits(0, 4))!.Truth(Fold.HasAny(either, 4)));
        Assert.Null(FactSet.Empty.Learn(_source, Known.Bits(4, 0))!.Truth(Fold.HasAny(either, 4)));
        Assert.True(FactSet.Empty.Learn(_source, Known.Bits(8, 0))!.Truth(Fold.HasAny(either, 8)));
        Assert.Equal(4UL, FactSet.Empty.Assume(Fold.HasAny(either, 4), true)!.Of(_source).Ones);
    }

    [Fact]
    public void Either_OfAValueAndMoreOfIt_HasWhatItHas()
    {
        var either = Either(Fold.Make(Operator.Or, _source, Constant.Of(5L)), _source)!;
        Assert.True(FactSet.Empty.Learn(_source, Known.Bits(4, 0))!.Truth(Fold.HasAny(either, 4)));
        Assert.Null(FactSet.Empty.Learn(_source, Known.Bits(0, 4))!.Truth(Fold.HasAny(either, 4)));
        Assert.Equal(8UL, FactSet.Empty.Assume(Fold.HasAny(either, 8), true)!.Of(_source).Ones);
        Assert.Equal(4UL, FactSet.Empty.Assume(Fold.HasAny(either, 4), false)!.Of(_source).Zeros);
    }

    [Fact]
    public void Either_OfWhatItHasMadeBefore_SettlesAfterOneMore()
    {
        var less = Fold.Make(Operator.And, _source, Constant.Of(~4L));
        var first = Either(_source, less)!;
        Assert.Equal(first, Either(first, _source));
        Assert.Equal(first, Either(first, Fold.Make(Operator.And, first, Constant.Of(~4L))));
    }

    [Fact]
    public void Either_OfDifferentValues_IsUnknown()
    {
        var other = Symbol.Parameter(1);
        Assert.Null(Either(_source, other));
        Assert.Null(Either(_source, Fold.Make(Operator.And, other, Constant.Of(4L))));
        Assert.Null(Either(Constant.Of(1L), Fold.Make(Operator.And, _source, Constant.Of(4L))));
        Assert.Null(BitMask.Either(_source, Fold.Make(Operator.And, _source, Constant.Of(4L)), 1, _place, static symbol => symbol.Equals(_source)));
    }

    private static Value? Either(Value left, Value right) => BitMask.Either(left, right, 1, _place, static _ => false);
}
