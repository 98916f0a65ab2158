using System;
using System.Collections.Immutable;
using System.Linq;

namespace Mm.Analyzers.Lattice;

internal static class Composites
{
    /// <summary>A delegate, or something with a delegate in it: what it is decides what its invocation does.</summary>
    public static bool HoldFunction(Value value) => value switch
    {
        Symbol { Role: SymbolRole.Function } or CombinedValue => true,
        TupleValue tuple => tuple.Items.Any(HoldFunction),
        _ => false,
    };
}

/// <summary>Which part of a tuple: the key of a <see cref="SymbolRole.Field"/> on it. A tuple is a value, so its parts never change under it.</summary>
internal sealed record TupleElement(int Ordinal, int Count);

/// <summary>Several values side by side.</summary>
internal sealed class TupleValue : Value
{
    public TupleValue(ImmutableArray<Value> items) => Items = items;

    public ImmutableArray<Value> Items { get; }

    public override int Size => 1 + Items.Sum(static item => item.Size);

    /// <summary>A part of a tuple: the value itself where the tuple is taken apart right away.</summary>
    public static Value Element(Value tuple, TupleElement element) =>
        tuple is TupleValue whole && element.Ordinal < whole.Items.Length
            ? whole.Items[element.Ordinal]
            : new Symbol(SymbolRole.Field, 0, element, tuple);

    /// <summary>The tuple with one part exchanged.</summary>
    public static TupleValue Exchange(Value tuple, TupleElement element, Value item)
    {
        var items = new Value[element.Count];
        for (int i = 0; i < items.Length; i++) items[i] = i == element.Ordinal ? item : Element(tuple, element with { Ordinal = i });
        return new TupleValue(ImmutableArray.Create(items));
    }

    public override bool Equals(Value? other) => ReferenceEquals(this, other) || (other is TupleValue tuple && Items.SequenceEqual(tuple.Items));

    public override Value Substitute(Func<Symbol, Value> replace) => new TupleValue(Items.Select(item => item.Substitute(replace)).ToImmutableArray());

    public override bool Mentions(Func<Symbol, bool> test) => Items.Any(item => item.Mentions(test));

    public override bool Contains(Value part) => Equals(part) || Items.Any(item => item.Contains(part));

    public override string ToString() => "(" + string.Join(", ", Items) + ")";

    protected override int ComputeHash() => Items.Aggregate(11, static (hash, item) => Mix(hash, item.GetHashCode()));
}

/// <summary>
/// Delegates put together: invoking it invokes each part in turn; or sequences, one of which it is. Parts are listed once; where one may stand there more often,
/// or may have been taken out, <see cref="IsExact"/> is false.
/// </summary>
internal sealed class CombinedValue : Value
{
    private CombinedValue(ImmutableArray<Value> parts, bool isExact, Value? removed)
    {
        Parts = parts;
        IsExact = isExact;
        Removed = removed;
    }

    public ImmutableArray<Value> Parts { get; }

    /// <summary>Each part is invoked exactly once.</summary>
    public bool IsExact { get; }

    /// <summary>What is still to be taken out once the parts are known; null otherwise.</summary>
    private Value? Removed { get; }

    public override int Size => 1 + Parts.Sum(static part => part.Size) + (Removed?.Size ?? 0);

    /// <summary>Over places: what they hold is put in by <see cref="Substitute"/>.</summary>
    public static Value Combine(Value left, Value right) => new CombinedValue(ImmutableArray.Create(left, right), true, null);

    /// <inheritdoc cref="Combine"/>
    public static Value Remove(Value from, Value removed) => new CombinedValue(ImmutableArray.Create(from), true, removed);

    /// <summary>One or the other, or neither: null where neither is known to be a delegate or a sequence, or there are too many.</summary>
    public static Value? Either(Value left, Value right, bool areDelegates = false)
    {
        if (!areDelegates && !IsRun(left) && !IsRun(right)) return null;
        var parts = ImmutableArray.CreateBuilder<Value>();
        foreach (var value in new[] { left, right })
        {
            foreach (var part in value is CombinedValue combined ? combined.Parts : ImmutableArray.Create(value))
            {
                if (part is not Constant && !parts.Contains(part)) parts.Add(part);
            }
        }

        var either = new CombinedValue(parts.ToImmutable(), false, null);
        return either.Size > Sizes.Limit ? null : either;
    }

    public override bool Equals(Value? other) =>
        ReferenceEquals(this, other)
        || (other is CombinedValue combined && IsExact == combined.IsExact && Equals(Removed, combined.Removed) && Parts.SequenceEqual(combined.Parts));

    public override Value Substitute(Func<Symbol, Value> replace)
    {
        var parts = ImmutableArray.CreateBuilder<Value>();
        bool isExact = IsExact;
        foreach (var part in Parts)
        {
            switch (part.Substitute(replace))
            {
                case Constant { Item: null }:
                    break;
                case CombinedValue inner:
                    isExact &= inner.IsExact;
                    foreach (var one in inner.Parts) Add(one);
                    break;
                case var one:
                    Add(one);
                    break;
            }
        }

        void Add(Value one)
        {
            if (parts.Contains(one)) isExact = false;
            else parts.Add(one);
        }

        if (Removed?.Substitute(replace) is { } removed) isExact = TakeOut(parts, removed) && isExact;
        if (parts.Count == 0) return isExact ? Constant.Null : new CombinedValue(parts.ToImmutable(), false, null);
        return parts.Count == 1 && isExact ? parts[0] : new CombinedValue(parts.ToImmutable(), isExact, null);
    }

    public override bool Mentions(Func<Symbol, bool> test) => Parts.Any(part => part.Mentions(test)) || (Removed?.Mentions(test) ?? false);

    public override bool Contains(Value part) => Equals(part) || Parts.Any(inner => inner.Contains(part));

    public override string ToString() => string.Join(" + ", Parts) + (Removed is null ? "" : " - " + Removed);

    protected override int ComputeHash() => Mix(Parts.Aggregate(IsExact ? 13 : 17, static (hash, part) => Mix(hash, part.GetHashCode())), Removed?.GetHashCode() ?? 0);

    private static bool IsRun(Value value) => value is CombinedValue or Symbol { Role: SymbolRole.Function or SymbolRole.Iterator };

    /// <summary>Whether it is certain what remains.</summary>
    private static bool TakeOut(ImmutableArray<Value>.Builder parts, Value removed)
    {
        if (removed is Constant { Item: null }) return true;
        if (removed is not Symbol { Role: SymbolRole.Function }) return false;

        // What is not among known parts is not taken out; an unknown part may be the same method all the same.
        int at = parts.IndexOf(removed);
        if (at >= 0) parts.RemoveAt(at);
        return at >= 0 || parts.All(static part => part is Symbol { Role: SymbolRole.Function });
    }
}
