using System;
using System.Collections.Immutable;

namespace Mm.Analyzers.Lattice;

/// <summary>The depth of every context at one point. A context that is not listed has depth zero.</summary>
internal sealed class ContextDepths : IEquatable<ContextDepths>
{
    public static readonly ContextDepths None = new(ImmutableArray<Entry>.Empty);

    // Sorted by the name of the context, so that equal states are equal arrays and output does not depend on order of arrival.
    private readonly ImmutableArray<Entry> _entries;

    private ContextDepths(ImmutableArray<Entry> entries) => _entries = entries;

    public ImmutableArray<Entry> Entries => _entries;

    public bool IsNone => _entries.IsEmpty;

    public Depth this[ContextKind context]
    {
        get
        {
            foreach (var entry in _entries)
            {
                if (entry.Context.Equals(context)) return entry.Depth;
            }

            return Depth.Zero;
        }
    }

    public ContextDepths With(ContextKind context, Depth depth)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            int order = string.CompareOrdinal(_entries[i].Context.Name, context.Name);
            if (order == 0)
            {
                return new(depth.IsZero ? _entries.RemoveAt(i) : _entries.SetItem(i, new Entry(context, depth)));
            }

            if (order > 0) return depth.IsZero ? this : new(_entries.Insert(i, new Entry(context, depth)));
        }

        return depth.IsZero ? this : new(_entries.Add(new Entry(context, depth)));
    }

    public ContextDepths Shift(ContextKind context, int by) => With(context, this[context].Shift(by));

    /// <summary>Applies a change, for example that of a callee, to this state.</summary>
    public ContextDepths Add(ContextDepths change)
    {
        var result = this;
        foreach (var entry in change._entries) result = result.With(entry.Context, result[entry.Context].Add(entry.Depth));
        return result;
    }

    /// <summary>Without what is entered: what a body has entered itself is not what it has found when it asked.</summary>
    public ContextDepths OnlyLeft()
    {
        var left = this;
        foreach (var entry in _entries)
        {
            if (entry.Depth.Low >= 0) left = left.With(entry.Context, Depth.Zero);
        }

        return left;
    }

    /// <summary>The change that leads from <paramref name="start"/> to this state; exact where the start is.</summary>
    public ContextDepths Since(ContextDepths start)
    {
        var result = this;
        foreach (var entry in start._entries) result = result.With(entry.Context, result[entry.Context].Since(entry.Depth));
        return result;
    }

    /// <summary>The depths of some contexts only; of the others nothing is said.</summary>
    public ContextDepths Where(Func<Entry, bool> matters)
    {
        var result = this;
        foreach (var entry in _entries)
        {
            if (!matters(entry)) result = result.With(entry.Context, Depth.Zero);
        }

        return result;
    }

    public ContextDepths Join(ContextDepths other) => Combine(other, static (a, b) => a.Join(b));

    public ContextDepths Widen(ContextDepths next) => Combine(next, static (a, b) => a.Widen(b));

    public bool Includes(ContextDepths other)
    {
        foreach (var entry in _entries)
        {
            if (!entry.Depth.Includes(other[entry.Context])) return false;
        }

        foreach (var entry in other._entries)
        {
            if (!this[entry.Context].Includes(entry.Depth)) return false;
        }

        return true;
    }

    /// <summary>The entered context that forbids the effect, or null. Unknown depths are silent.</summary>
    public ContextKind? Forbidding(EffectKind effect)
    {
        foreach (var entry in _entries)
        {
            if (entry.Depth.IsPossible && entry.Context.Forbids.Contains(effect)) return entry.Context;
        }

        return null;
    }

    /// <summary>Whether some entered context is, or implies, the given one: on every path.</summary>
    public bool IsIn(ContextKind context) => Implying(context, static depth => depth.IsCertain || depth.IsUnknown) is not null;

    /// <summary>The entered context that is, or implies, the given one on some path; null where it is held on none.</summary>
    public ContextKind? PossiblyIn(ContextKind context) => Implying(context, static depth => depth.IsPossible);

    public bool Equals(ContextDepths? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || _entries.Length != other._entries.Length) return false;
        for (int i = 0; i < _entries.Length; i++)
        {
            if (!_entries[i].Context.Equals(other._entries[i].Context) || !_entries[i].Depth.Equals(other._entries[i].Depth)) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ContextDepths);

    public override int GetHashCode()
    {
        int hash = _entries.Length;
        foreach (var entry in _entries) hash = unchecked((((hash * 31) + entry.Context.GetHashCode()) * 31) + entry.Depth.GetHashCode());
        return hash;
    }

    public override string ToString() => string.Join(" ", _entries);

    private ContextKind? Implying(ContextKind context, Func<Depth, bool> test)
    {
        foreach (var entry in _entries)
        {
            if (test(entry.Depth) && entry.Context.Implies(context)) return entry.Context;
        }

        return null;
    }

    private ContextDepths Combine(ContextDepths other, Func<Depth, Depth, Depth> combine)
    {
        var result = this;
        foreach (var entry in _entries) result = result.With(entry.Context, combine(entry.Depth, other[entry.Context]));
        foreach (var entry in other._entries)
        {
            if (this[entry.Context].IsZero) result = result.With(entry.Context, combine(Depth.Zero, entry.Depth));
        }

        return result;
    }

    internal readonly record struct Entry(ContextKind Context, Depth Depth)
    {
        public override string ToString() => $"{Context.ShortName}:{Depth}";
    }
}
