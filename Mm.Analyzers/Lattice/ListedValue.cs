using System;
using System.Collections.Immutable;
using System.Linq;

namespace Mm.Analyzers.Lattice;

/// <summary>A new array or collection that was written out where it is passed: its elements, in no order.</summary>
internal sealed class ListedValue : Value
{
    public ListedValue(ImmutableArray<Value> items) => Items = items;

    public ImmutableArray<Value> Items { get; }

    public override int Size => 1 + Items.Sum(static item => item.Size);

    public override bool Equals(Value? other) => ReferenceEquals(this, other) || (other is ListedValue listed && Items.SequenceEqual(listed.Items));

    public override Value Substitute(Func<Symbol, Value> replace) => new ListedValue(Items.Select(item => item.Substitute(replace)).ToImmutableArray());

    public override bool Mentions(Func<Symbol, bool> test) => Items.Any(item => item.Mentions(test));

    public override bool Contains(Value part) => Equals(part) || Items.Any(item => item.Contains(part));

    public override string ToString() => "[" + string.Join(", ", Items) + "]";

    protected override int ComputeHash() => Items.Aggregate(23, static (hash, item) => Mix(hash, item.GetHashCode()));
}
