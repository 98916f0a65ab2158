using System.Collections.Generic;

namespace Mm.Analyzers.Lattice;

/// <summary>What follows for the operands from what is known of a result.</summary>
internal static class OperandFacts
{
    public static IEnumerable<(Value Operand, Known Known)> Of(Operation operation, Known known) =>
        operation.Kind is Operator.Complement or Operator.And or Operator.Or or Operator.Xor or Operator.Add or Operator.Narrow or Operator.ShiftLeft
            or Operator.Coalesce or Operator.TryCast or Operator.IsType
            ? Following(operation, known)
            : System.Array.Empty<(Value, Known)>();

    private static IEnumerable<(Value Operand, Known Known)> Following(Operation operation, Known known)
    {
        var (left, right) = (operation.Left, operation.Right);
        switch (operation.Kind)
        {
            case Operator.Complement when (known.Ones | known.Zeros) != 0:
                yield return (left, Known.Bits(known.Zeros, known.Ones));
                break;
            case Operator.And or Operator.Or or Operator.Xor or Operator.Add when right is Constant { Item: long number }:
                if (Bits(operation.Kind, known, number) is { IsNothing: false } bits) yield return (left, bits);
                break;
            case Operator.And when right is Symbol { Key: BitMask kept }:
                if (Known.Bits(known.Ones, known.Zeros & kept.Ones) is { IsNothing: false } had) yield return (left, had);
                break;
            case Operator.Or when right is Symbol { Key: BitMask added }:
                if (Known.Bits(known.Ones & added.Zeros, known.Zeros) is { IsNothing: false } gets) yield return (left, gets);
                break;
            case Operator.Narrow when right is Constant { Item: Width width } && ((known.Ones | known.Zeros) & width.Mask) != 0:
                yield return (left, Known.Bits(known.Ones & width.Mask, known.Zeros & width.Mask));
                break;
            case Operator.ShiftLeft when right is Constant { Item: long count and >= 0 and < 64 }:
                yield return (left, Known.Bits(known.Ones >> (int)count, known.Zeros >> (int)count));
                break;
            case Operator.Coalesce when right is Constant otherwise && known.EqualTo(otherwise.Item) == false:
                yield return (left, known);
                if (known.EqualTo(null) is null) yield return (left, Known.NotNull);
                break;
            case Operator.Coalesce when right is Constant { Item: bool otherwise } && known.Truth is { } truth:
                yield return (left, Known.Not(!truth));
                break;
            case Operator.TryCast when known.EqualTo(null) == false:
                yield return (left, Known.NotNull);
                break;
            case Operator.IsType when known.Truth == true:
                yield return (left, Known.NotNull);
                break;
        }
    }

    private static Known Bits(Operator kind, Known known, long number)
    {
        ulong other = unchecked((ulong)number);
        switch (kind)
        {
            case Operator.And:
                // Of a single bit, what it is not says what it is.
                bool single = (other & (other - 1)) == 0;
                if (single && known.Excluded.Contains(0L)) return Known.Bits(other, 0);
                return single && known.Excluded.Contains(number) ? Known.Bits(0, other) : Known.Bits(known.Ones & other, known.Zeros & other);
            case Operator.Or:
                return Known.Bits(known.Ones & ~other, known.Zeros & ~other);
            case Operator.Xor:
                return Known.Bits((known.Ones & ~other) | (known.Zeros & other), (known.Zeros & ~other) | (known.Ones & other));
            default:
                ulong bits = BitFacts.Lowest(known);
                ulong rest = unchecked(known.Ones - other);
                return Known.Bits(rest & bits, ~rest & bits);
        }
    }
}
