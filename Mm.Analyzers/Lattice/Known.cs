using System;
using System.Collections.Immutable;

namespace Mm.Analyzers.Lattice;

/// <summary>What is known of one value: that it equals a constant, that it does not equal some, which bits are one and which zero.</summary>
internal sealed class Known : IEquatable<Known>
{
    public static readonly Known Nothing = new(false, null, ImmutableArray<object?>.Empty, 0, 0);
    public static readonly Known NotNull = Not(null);
    private const int ExclusionLimit = 8;

    private static readonly Known s_null = new(true, null, ImmutableArray<object?>.Empty, 0, 0);
    private static readonly Known s_true = new(true, true, ImmutableArray<object?>.Empty, 0, 0);
    private static readonly Known s_false = new(true, false, ImmutableArray<object?>.Empty, 0, 0);

    private Known(bool isExact, object? exact, ImmutableArray<object?> excluded, ulong ones, ulong zeros)
    {
        IsExact = isExact;
        Exact = exact;
        Excluded = excluded;
        Ones = ones;
        Zeros = zeros;
    }

    public bool IsExact { get; }

    public object? Exact { get; }

    public ImmutableArray<object?> Excluded { get; }

    /// <summary>Bits known to be one; of an integer or a flags enumeration.</summary>
    public ulong Ones { get; }

    /// <summary>Bits known to be zero.</summary>
    public ulong Zeros { get; }

    public bool IsNothing => !IsExact && Excluded.IsEmpty && Ones == 0 && Zeros == 0;

    /// <summary>Of what is true or false, because a branch hangs on it.</summary>
    public bool? Truth
    {
        get
        {
            if (IsExact) return Exact as bool?;
            bool? truth = null;
            foreach (object? item in Excluded)
            {
                if (item is true) return false;
                if (item is false) truth = true;
            }

            return truth;
        }
    }

    public static Known Exactly(object? constant)
    {
        constant = Constant.Normalize(constant);
        return constant switch
        {
            null => s_null,
            true => s_true,
            false => s_false,
            long n => new(true, constant, ImmutableArray<object?>.Empty, unchecked((ulong)n), ~unchecked((ulong)n)),
            _ => new(true, constant, ImmutableArray<object?>.Empty, 0, 0),
        };
    }

    /// <summary>Anything else. What is not true need not be false: it may be null.</summary>
    public static Known Not(object? constant) => new(false, null, ImmutableArray.Create(Constant.Normalize(constant)), 0, 0);

    public static Known Bits(ulong ones, ulong zeros) =>
        (ones | zeros) == 0 ? Nothing
        : (ones | zeros) == ulong.MaxValue && (ones & zeros) == 0
            ? Exactly(unchecked((long)ones))
            : new(false, null, ImmutableArray<object?>.Empty, ones, zeros);

    /// <summary>Whether the value equals the constant; null where that is not known.</summary>
    public bool? EqualTo(object? constant)
    {
        if (IsExact) return Equals(Exact, constant);
        if (Excluded.Contains(constant)) return false;
        if ((Ones | Zeros) == 0) return null;
        return constant is long n && (Ones & ~unchecked((ulong)n)) == 0 && (Zeros & unchecked((ulong)n)) == 0 ? null : false;
    }

    /// <summary>Both hold; null where they contradict each other.</summary>
    public Known? And(Known other)
    {
        if (IsExact) return other.EqualTo(Exact) == false ? null : this;
        if (other.IsExact) return EqualTo(other.Exact) == false ? null : other;
        if ((Ones & other.Zeros) != 0 || (Zeros & other.Ones) != 0) return null;
        var excluded = Excluded;
        foreach (var item in other.Excluded)
        {
            if (!excluded.Contains(item) && excluded.Length < ExclusionLimit) excluded = excluded.Add(item);
        }

        ulong ones = Ones | other.Ones, zeros = Zeros | other.Zeros;
        if ((ones | zeros) != ulong.MaxValue)
        {
            // Often the one says all that the other does.
            if (excluded.Length == Excluded.Length && ones == Ones && zeros == Zeros) return this;
            if (Excluded.IsEmpty && ones == other.Ones && zeros == other.Zeros) return other;
            return new(false, null, excluded, ones, zeros);
        }

        return Excluded.Contains(unchecked((long)ones)) || other.Excluded.Contains(unchecked((long)ones)) ? null : Exactly(unchecked((long)ones));
    }

    /// <summary>What holds whichever of the two does.</summary>
    public Known Or(Known other)
    {
        if (Equals(other)) return this;
        var excluded = ImmutableArray<object?>.Empty;
        foreach (var item in Excluded)
        {
            if (other.EqualTo(item) == false) excluded = excluded.Add(item);
        }

        foreach (var item in other.Excluded)
        {
            if (EqualTo(item) == false && !excluded.Contains(item)) excluded = excluded.Add(item);
        }

        ulong ones = Ones & other.Ones, zeros = Zeros & other.Zeros;
        return excluded.IsEmpty && (ones | zeros) == 0 ? Nothing : new Known(false, null, excluded, ones, zeros);
    }

    public bool Contradicts(Known other) => And(other) is null;

    public bool Equals(Known? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || IsExact != other.IsExact || !Equals(Exact, other.Exact) || Ones != other.Ones || Zeros != other.Zeros
            || Excluded.Length != other.Excluded.Length) return false;
        foreach (var item in Excluded)
        {
            if (!other.Excluded.Contains(item)) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as Known);

    public override int GetHashCode() => unchecked(((Exact?.GetHashCode() ?? 0) * 31) + Ones.GetHashCode() + Excluded.Length);

    public override string ToString() => IsExact ? $"= {Exact ?? "null"}" : $"+{Ones:x} -{Zeros:x} !{Excluded.Length}";
}
