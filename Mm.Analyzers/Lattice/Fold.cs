namespace Mm.Analyzers.Lattice;

/// <summary>Makes operations in a normal form: constants folded and on the right, masks pushed down to the symbol they test.</summary>
internal static class Fold
{
    public static Value Not(Value value) => Make(Operator.Not, value, null);

    public static Value Equal(Value left, Value right) => Make(Operator.Equal, left, right);

    /// <summary>Equality of what cannot be null: of conditions, one of the two may then be the result.</summary>
    public static Value SameCondition(Value left, Value right)
    {
        if (left is Constant) (left, right) = (right, left);
        return right is Constant { Item: bool truth } && left is not Constant ? truth ? left : Not(left) : Equal(left, right);
    }

    /// <summary>Whether the value has any of these bits.</summary>
    public static Value HasAny(Value value, long mask) => Not(Equal(Make(Operator.And, value, Constant.Of(mask)), Constant.Zero));

    /// <summary>What an unchecked conversion to an integer type leaves of a number.</summary>
    public static Value Narrow(Value value, Width width) => Fits(value, width) ? value : Make(Operator.Narrow, value, Constant.Of(width));

    /// <summary>
    /// Order of numbers of a type; unsigned numbers of 64 bits are moved to where signed ones have the same order. Of integers that
    /// cannot be null, one of two opposite comparisons is the negation of the other, and those with a constant have it on the left.
    /// </summary>
    public static Value Compare(Operator kind, Value left, Value right, Width width, bool isTotal)
    {
        if (width == Width.UInt64) (left, right) = (Make(Operator.Xor, left, Constant.Of(long.MinValue)), Make(Operator.Xor, right, Constant.Of(long.MinValue)));
        if (!isTotal) return Make(kind, left, right);
        if (kind == Operator.LessOrEqual)
        {
            if (left is Constant { Item: long least }) return least == long.MinValue ? Constant.True : Make(Operator.Less, Constant.Of(least - 1), right);
            return Not(Make(Operator.Less, right, left));
        }

        if (right is not Constant { Item: long bound } || left is Constant) return Make(kind, left, right);
        return bound == long.MinValue ? Constant.False : Not(Make(Operator.Less, Constant.Of(bound - 1), left));
    }

    // Sums of sums stay as long as they are written: what grows with every turn of a loop or recursion must grow out of the limit.
    public static Value Make(Operator kind, Value left, Value? right)
    {
        if (right is null) return Unary(kind, left);
        if (left is Constant && right is not Constant && IsCommutative(kind)) (left, right) = (right, left);
        if (left is Constant a && right is Constant b) return (Value?)FoldConstants.Of(kind, a.Item, b.Item) ?? new Operation(kind, left, right);
        return kind switch
        {
            Operator.And when right is Constant { Item: long mask } => Mask(left, mask),
            Operator.And when right is Constant { Item: true } => left,
            Operator.And when right is Constant { Item: false } => Constant.False,
            Operator.Or when right is Constant { Item: 0L or false } => left,
            Operator.Or when right is Constant { Item: true } => Constant.True,
            Operator.Or when right is Constant { Item: long more } && left is Operation { Kind: Operator.Or, Right: Constant { Item: long set } } or =>
                Make(Operator.Or, or.Left, Constant.Of(set | more)),
            Operator.Xor when right is Constant { Item: 0L or false } => left,
            Operator.Xor when right is Constant { Item: true } => Not(left),
            Operator.Xor when right is Constant { Item: long more } && left is Operation { Kind: Operator.Xor, Right: Constant { Item: long turned } } xor =>
                Make(Operator.Xor, xor.Left, Constant.Of(turned ^ more)),
            Operator.Equal when right is Constant { Item: bool truth } && IsCondition(left) => truth ? left : Not(left),
            Operator.Equal when left.Equals(right) => Constant.True,
            Operator.Equal => EqualTo(left, right),
            Operator.Add or Operator.Subtract when right is Constant { Item: 0L } => left,
            Operator.Subtract when right is Constant { Item: long less } => new Operation(Operator.Add, left, Constant.Of(unchecked(-less))),
            Operator.ShiftLeft or Operator.ShiftRight or Operator.ShiftRightUnsigned when right is Constant { Item: 0L } => left,
            Operator.Narrow when right is Constant { Item: Width width } => NarrowTo(left, width),
            Operator.Coalesce when IsNeverNull(left) => left,
            _ => new Operation(kind, left, right),
        };
    }

    /// <summary>Whether the value is true or false, and never null or a number.</summary>
    public static bool IsCondition(Value value) => value switch
    {
        Constant { Item: bool } => true,
        Operation operation => operation.Kind switch
        {
            Operator.Not or Operator.Equal or Operator.FloatEqual or Operator.Less or Operator.LessOrEqual or Operator.IsType => true,
            Operator.And or Operator.Or or Operator.Xor => IsCondition(operation.Left) || IsCondition(operation.Right!),
            _ => false,
        },
        _ => false,
    };

    private static bool IsNeverNull(Value value) => IsCondition(value) || value switch
    {
        Constant constant => constant.Item is not null,
        Operation operation => operation.Kind is not (Operator.Convert or Operator.TryCast or Operator.Narrow or Operator.Coalesce),
        _ => false,
    };

    private static bool IsCommutative(Operator kind) =>
        kind is Operator.And or Operator.Or or Operator.Xor or Operator.Equal or Operator.FloatEqual or Operator.Add or Operator.Multiply;

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
            Operation { Kind: Operator.Xor, Right: Constant { Item: long turned } } operation when (turned & mask) == 0 => Mask(operation.Left, mask),
            Operation { Kind: Operator.Narrow, Right: Constant { Item: Width width } } operation when (unchecked((ulong)mask) & ~width.Mask) == 0 =>
                Mask(operation.Left, mask),
            _ => new Operation(Operator.And, value, Constant.Of(mask)),
        };
    }

    /// <summary>A bit that was turned, or numbers that were moved alike, are compared as they were.</summary>
    private static Value EqualTo(Value left, Value right)
    {
        if (right is Constant { Item: long number } && left is Operation { Right: Constant { Item: long other } } operation)
        {
            switch (operation.Kind)
            {
                case Operator.Xor: return Equal(operation.Left, Constant.Of(number ^ other));
                case Operator.Add: return Equal(operation.Left, Constant.Of(unchecked(number - other)));
                case Operator.And when (number & ~other) != 0: return Constant.False;
                case Operator.Or when (other & ~number) != 0: return Constant.False;
            }
        }

        return left is TupleValue && right is Constant { Item: null } ? Constant.False : new Operation(Operator.Equal, left, right);
    }

    private static Value NarrowTo(Value value, Width width)
    {
        if (Fits(value, width)) return value;
        return value switch
        {
            // What the inner conversion takes away, the outer one takes too.
            Operation { Kind: Operator.Narrow, Right: Constant { Item: Width inner } } operation when inner.Bits >= width.Bits => NarrowTo(operation.Left, width),
            _ => new Operation(Operator.Narrow, value, Constant.Of(width)),
        };
    }

    private static bool Fits(Value value, Width width) => width.Bits >= 64 || value switch
    {
        Constant { Item: long number } => width.Holds(number),
        Operation { Kind: Operator.And, Right: Constant { Item: long mask } } => mask >= 0 && width.Holds(mask),
        Operation { Kind: Operator.Narrow, Right: Constant { Item: Width inner } } => width.Includes(inner),
        _ => false,
    };
}
