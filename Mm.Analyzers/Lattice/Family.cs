using System;
using System.Collections.Immutable;

namespace Mm.Analyzers.Lattice;

/// <summary>The allocator families to which a value may belong, or for which a function frees; one or more, sorted by name.</summary>
internal sealed class Family : IEquatable<Family>
{
    private readonly ImmutableSortedSet<string> _names;

    private Family(ImmutableSortedSet<string> names) => _names = names;

    /// <summary>The family that a marker type stands for, by its metadata name.</summary>
    public static Family Of(string name) => new(ImmutableSortedSet.Create(StringComparer.Ordinal, name));

    public Family With(Family? other) => other is null || Includes(other) ? this : new(_names.Union(other._names));

    /// <summary>Whether whatever belongs to the other may go where this one frees.</summary>
    public bool Includes(Family other) => other._names.IsSubsetOf(_names);

    public bool Equals(Family? other) => other is not null && _names.SetEquals(other._names);

    public override bool Equals(object? obj) => Equals(obj as Family);

    public override int GetHashCode() => unchecked((_names.Count * 31) + _names[0].GetHashCode());

    /// <summary>As <see cref="ToString"/>, with namespaces and the types around.</summary>
    public string FullName => string.Join(" or ", _names).Replace('+', '.');

    /// <summary>"Slab", "Slab or Vmalloc".</summary>
    public override string ToString()
    {
        string text = "";
        foreach (string name in _names) text += (text.Length == 0 ? "" : " or ") + ContextKind.Shorten(name);
        return text;
    }
}
