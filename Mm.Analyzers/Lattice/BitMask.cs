using System;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// What several masks of one value became where paths met, or one of several constants: the key of a <see cref="SymbolRole.Merge"/> or
/// <see cref="SymbolRole.Fresh"/>. Some of its bits are known. So 'flags' on one path and 'flags &amp; ~MayBlock' on the other stay flags
/// of which something may have been taken away.
/// </summary>
internal sealed record BitMask(object? Place, bool IsAdded, ulong Ones, ulong Zeros)
{
    /// <summary>What is known of it.</summary>
    public Known Known => Known.Bits(Ones, Zeros);

    /// <summary>
    /// One value or the other, as the one that both are made from, with bits taken away or added; null where they are not made from one.
    /// </summary>
    /// <param name="left">One of them.</param>
    /// <param name="right">The other.</param>
    /// <param name="block">Where they meet.</param>
    /// <param name="place">What holds them.</param>
    /// <param name="isGone">What means something else from there on.</param>
    public static Value? Either(Value left, Value right, int block, Symbol place, Func<Symbol, bool> isGone)
    {
        if (left is not Operation { Kind: Operator.And or Operator.Or } && right is not Operation { Kind: Operator.And or Operator.Or }) return null;
        var (one, other) = (Masked.Of(left), Masked.Of(right));
        if (one.Source is Constant || !one.Source.Equals(other.Source) || one.Source.Mentions(isGone)) return null;
        Value Mask(bool isAdded, Known known) => known is { IsExact: true }
            ? Constant.Of(known.Exact)
            : new Symbol(SymbolRole.Merge, block, new BitMask(place, isAdded, known.Ones, known.Zeros));
        var kept = Fold.Make(Operator.And, one.Source, Mask(false, one.Kept.Or(other.Kept)));
        return Fold.Make(Operator.Or, kept, Mask(true, one.Added.Or(other.Added)));
    }

    /// <summary>A value as what it is made from: 'source &amp; kept | added'.</summary>
    private readonly record struct Masked(Value Source, Known Kept, Known Added)
    {
        public static Masked Of(Value value)
        {
            if (value is not Operation { Kind: Operator.And or Operator.Or, Right: { } mask } operation || BitsOf(mask) is not { } bits)
            {
                return new(value, Known.Exactly(-1L), Known.Exactly(0L));
            }

            var inner = Of(operation.Left);
            return operation.Kind == Operator.Or
                ? inner with { Added = BitFacts.Of(Operator.Or, inner.Added, bits) }
                : inner with { Kept = BitFacts.Of(Operator.And, inner.Kept, bits), Added = BitFacts.Of(Operator.And, inner.Added, bits) };
        }

        private static Known? BitsOf(Value mask) => mask switch
        {
            Constant { Item: long } constant => constant.Known,
            Symbol { Key: BitMask merged } => merged.Known,
            _ => null,
        };
    }
}
