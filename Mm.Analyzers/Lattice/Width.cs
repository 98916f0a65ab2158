namespace Mm.Analyzers.Lattice;

/// <summary>
/// The size of an integer type. A number is kept as the <see cref="long"/> that C# would extend it to: with its sign where the type
/// has one, with zeros where it has none; only an unsigned type of 64 bits is kept bit by bit.
/// </summary>
internal readonly record struct Width(int Bits, bool IsSigned)
{
    public static readonly Width Int32 = new(32, true);
    public static readonly Width UInt32 = new(32, false);
    public static readonly Width Int64 = new(64, true);
    public static readonly Width UInt64 = new(64, false);

    /// <summary>The bits that the type has.</summary>
    public ulong Mask => Bits >= 64 ? ulong.MaxValue : (1UL << Bits) - 1;

    /// <summary>What remains of a number when it is converted to this type unchecked.</summary>
    public long Wrap(long number)
    {
        int rest = 64 - Bits;
        return unchecked(IsSigned ? (number << rest) >> rest : (long)(((ulong)number << rest) >> rest));
    }

    public bool Holds(long number) => Wrap(number) == number;

    /// <summary>Whether every number of the other type stays what it is in this one.</summary>
    public bool Includes(Width other) =>
        Bits >= 64 || (other.Bits < Bits && (IsSigned || !other.IsSigned)) || this == other;
}

/// <summary>A constant in an object: of a type, so that the int 1 is not the long 1.</summary>
internal sealed record Boxed(object Type, object? Item);
