namespace Mm.Analyzers.Lattice;

/// <summary>The bits of a result that the bits of the operands decide.</summary>
internal static class BitFacts
{
    public static Known Of(Operator kind, Known left, Known right) => kind switch
    {
        Operator.And => Known.Bits(left.Ones & right.Ones, left.Zeros | right.Zeros),
        Operator.Or => Known.Bits(left.Ones | right.Ones, left.Zeros & right.Zeros),
        Operator.Xor => Known.Bits((left.Ones & right.Zeros) | (left.Zeros & right.Ones), (left.Ones & right.Ones) | (left.Zeros & right.Zeros)),
        Operator.Add when right is { IsExact: true, Exact: long number } => Sum(left, number),
        Operator.Narrow when right is { IsExact: true, Exact: Width width } => Narrowed(left, width),
        Operator.ShiftLeft when Count(right) is { } count => Known.Bits(left.Ones << count, (left.Zeros << count) | ((1UL << count) - 1)),
        Operator.ShiftRightUnsigned when Count(right) is { } count => Known.Bits(left.Ones >> count, (left.Zeros >> count) | ~(ulong.MaxValue >> count)),
        Operator.ShiftRight when Count(right) is { } count => Known.Bits(
            unchecked((ulong)((long)left.Ones >> count)), unchecked((ulong)((long)left.Zeros >> count))),
        _ => Known.Nothing,
    };

    /// <summary>How many bits are known from the lowest one on: a carry goes only upwards.</summary>
    public static ulong Lowest(Known known)
    {
        ulong open = ~(known.Ones | known.Zeros);
        return open == 0 ? ulong.MaxValue : (open & unchecked(0 - open)) - 1;
    }

    private static Known Sum(Known left, long number)
    {
        ulong bits = Lowest(left);
        ulong sum = unchecked(left.Ones + (ulong)number);
        return Known.Bits(sum & bits, ~sum & bits);
    }

    private static Known Narrowed(Known left, Width width)
    {
        ulong ones = left.Ones & width.Mask, zeros = left.Zeros & width.Mask;
        if (width.Bits >= 64) return Known.Bits(ones, zeros);
        ulong sign = 1UL << (width.Bits - 1);
        if (!width.IsSigned || (zeros & sign) != 0) zeros |= ~width.Mask;
        else if ((ones & sign) != 0) ones |= ~width.Mask;
        return Known.Bits(ones, zeros);
    }

    private static int? Count(Known right) => right is { IsExact: true, Exact: long and >= 0 and < 64 and var count } ? (int)count : null;
}
