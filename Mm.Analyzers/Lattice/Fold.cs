namespace Mm.Analyzers.Lattice;

/// <summary>Makes operations in a normal form: constants folded and on the right, masks pushed down to the symbol they test.</summary>
internal static class Fold
{
    public static Value Not(Value value) => Make(Operator.Not, value, null);

    public static Value Equal(Value left, Value right) => Make(Operator.Equal, left, right);

    /// <summary>Whether the value has any of these bits.</summary>
    public static Value HasAny(Value value, long mask) => Not(Equal(Make(Operator.And, value, Constant.Of(mask)), Constant.Zero));

    public static Value Make(Operator kind, Value left, Value? right)
    {
        if (right is null) return Unary(kind, left);
        if (left is Constant && right is not Constant && kind is Operator.And or Operator.Or or Operator.Xor or Operator.Equal or Operator.Add)
        {
            (left, right) = (right, left);
        }

        if (left is Constant a && right is Constant b) return Binary(kind, a, b) ?? new Operation(kind, left, right);
        return kind switch
        {
            Operator.And when right is Constant { Item: long mask } => Mask(left, mask),
            Operator.And when right is Constant { Item: true } => left,
            Operator.And when right is Constant { Item: false } => Constant.False,
            Operator.Or when right is Constant { Item: 0L or false } => left,
            Operator.Or when right is Constant { Item: true } => Constant.True,
            Operator.Equal when right is Constant { Item: true } => left,
            Operator.Equal when right is Constant { Item: false } => Not(left),
            Operator.Equal when left.Equals(right) => Constant.True,
            Operator.Add or Operator.Subtract when right is Constant { Item: 0L } => left,
            _ => new Operation(kind, left, right),
        };
    }

    private static Value Unary(Operator kind, Value value) => (kind, value) switch
    {
        (Operator.Not, Constant { Item: bool b }) => Constant.Of(!b),
        (Operator.Not, Operation { Kind: Operator.Not } inner) => inner.Left,
        (Operator.Complement, Constant { Item: long n }) => Constant.Of(~n),
        (Operator.Complement, Operation { Kind: Operator.Complement } inner) => inner.Left,
        _ => new Operation(kind, value, null),
    };

    private static Value Mask(Value value, long mask)
    {
        if (mask == 0) return Constant.Zero;
        if (mask == -1) return value;
        return value switch
        {
            Operation { Kind: Operator.And, Right: Constant { Item: long inner } } operation => Mask(operation.Left, mask & inner),
            Operation { Kind: Operator.Or, Right: Constant { Item: long set } } operation when (set & mask) == 0 => Mask(operation.Left, mask),
            Operation { Kind: Operator.Or, Right: Constant { Item: long set } } when (set & mask) == mask => Constant.Of(mask),
            _ => new Operation(Operator.And, value, Constant.Of(mask)),
        };
    }

    private static Value? Binary(Operator kind, Constant left, Constant right) => (left.Item, right.Item) switch
    {
        (long a, long b) => kind switch
        {
            Operator.And => Constant.Of(a & b),
            Operator.Or => Constant.Of(a | b),
            Operator.Xor => Constant.Of(a ^ b),
            Operator.Equal => Constant.Of(a == b),
            Operator.Less => Constant.Of(a < b),
            Operator.LessOrEqual => Constant.Of(a <= b),
            Operator.Add => Constant.Of(unchecked(a + b)),
            Operator.Subtract => Constant.Of(unchecked(a - b)),
            _ => null,
        },
        (bool a, bool b) => kind switch
        {
            Operator.And => Constant.Of(a && b),
            Operator.Or => Constant.Of(a || b),
            Operator.Xor => Constant.Of(a != b),
            Operator.Equal => Constant.Of(a == b),
            _ => null,
        },
        _ => kind == Operator.Equal ? Constant.Of(Equals(left.Item, right.Item)) : null,
    };
}
