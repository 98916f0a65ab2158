namespace Mm.Analyzers.Lattice;

/// <summary>Operations on two constants, as the running program would compute them; null where it would not, or where that is not known.</summary>
internal static class FoldConstants
{
    public static Constant? Of(Operator kind, object? left, object? right) => (left, right) switch
    {
        (_, _) when kind == Operator.Equal => Constant.Of(Equals(left, right)),
        (_, _) when kind == Operator.Coalesce => Constant.Of(left ?? right),
        (Boxed box, { } type) when kind == Operator.Convert && box.Type.Equals(type) => Constant.Of(box.Item),
        (null, _) or (_, null) when kind is Operator.Less or Operator.LessOrEqual => Constant.False,
        (long a, long b) => OfNumbers(kind, a, b),
        (long a, Width width) when kind == Operator.Narrow => Constant.Of(width.Wrap(a)),
        (bool a, bool b) => kind switch
        {
            Operator.And => Constant.Of(a && b),
            Operator.Or => Constant.Of(a || b),
            Operator.Xor => Constant.Of(a != b),
            _ => null,
        },
        (double a, double b) when kind == Operator.FloatEqual => Constant.Of(a == b),
        (float a, float b) when kind == Operator.FloatEqual => Constant.Of(a == b),
        _ => null,
    };

    private static Constant? OfNumbers(Operator kind, long a, long b) => kind switch
    {
        Operator.And => Constant.Of(a & b),
        Operator.Or => Constant.Of(a | b),
        Operator.Xor => Constant.Of(a ^ b),
        Operator.Less => Constant.Of(a < b),
        Operator.LessOrEqual => Constant.Of(a <= b),
        Operator.Add => Constant.Of(unchecked(a + b)),
        Operator.Subtract => Constant.Of(unchecked(a - b)),
        Operator.Multiply => Constant.Of(unchecked(a * b)),
        Operator.Divide when b is not (0 or -1) => Constant.Of(a / b),
        Operator.Remainder when b is not (0 or -1) => Constant.Of(a % b),
        Operator.ShiftLeft when b is >= 0 and < 64 => Constant.Of(a << (int)b),
        Operator.ShiftRight when b is >= 0 and < 64 => Constant.Of(a >> (int)b),
        Operator.ShiftRightUnsigned when b is >= 0 and < 64 => Constant.Of(unchecked((long)((ulong)a >> (int)b))),
        _ => null,
    };
}
