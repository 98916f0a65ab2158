using System;
using System.Collections;
using System.Collections.Generic;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// What places hold. Immutable, and two that came from one share all that neither has changed since: what they differ in is found in
/// time for the difference, not for the whole. A binary trie over hash codes, whose shape hangs on the keys only.
/// </summary>
internal sealed class Bindings : IEnumerable<KeyValuePair<Symbol, Value>>
{
    public static readonly Bindings Empty = new(null);

    private readonly Node? _root;

    private Bindings(Node? root) => _root = root;

    public int Count => _root?.Count ?? 0;

    public bool TryGetValue(Symbol key, out Value value)
    {
        uint hash = unchecked((uint)key.GetHashCode());
        var node = _root;
        while (node is Branch branch) node = (hash & branch.Bit) == 0 ? branch.Zero : branch.One;
        if (node is Leaf leaf && leaf.Prefix == hash)
        {
            foreach (var item in leaf.Items)
            {
                if (!item.Key.Equals(key)) continue;
                value = item.Value;
                return true;
            }
        }

        value = Constant.Null;
        return false;
    }

    public bool ContainsKey(Symbol key) => TryGetValue(key, out _);

    public Bindings SetItem(Symbol key, Value value) => With(Set(_root, new Leaf(unchecked((uint)key.GetHashCode()), new KeyValuePair<Symbol, Value>(key, value))));

    public Bindings Remove(Symbol key) => With(Without(_root, unchecked((uint)key.GetHashCode()), key));

    public Bindings RemoveRange(IEnumerable<Symbol> keys)
    {
        var root = _root;
        foreach (var key in keys) root = Without(root, unchecked((uint)key.GetHashCode()), key);
        return With(root);
    }

    /// <summary>The places that the two do not bind to the same value.</summary>
    public List<Symbol> Differences(Bindings other)
    {
        var places = new List<Symbol>();
        Compare(_root, other._root, places);
        return places;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<Symbol, Value>> IEnumerable<KeyValuePair<Symbol, Value>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Bindings With(Node? root) => ReferenceEquals(root, _root) ? this : root is null ? Empty : new Bindings(root);

    private static Node Set(Node? node, Leaf added)
    {
        switch (node)
        {
            case null:
                return added;
            case Leaf leaf when leaf.Prefix == added.Prefix:
                return leaf.With(added.Items[0]);
            case Branch branch when branch.Covers(added.Prefix):
                var (zero, one) = (branch.Zero, branch.One);
                if ((added.Prefix & branch.Bit) == 0) zero = Set(zero, added);
                else one = Set(one, added);
                return ReferenceEquals(zero, branch.Zero) && ReferenceEquals(one, branch.One) ? branch : new Branch(branch.Prefix, branch.Bit, zero, one);
            default:
                return Join(node, added);
        }
    }

    private static Node? Without(Node? node, uint hash, Symbol key)
    {
        switch (node)
        {
            case Leaf leaf when leaf.Prefix == hash:
                return leaf.Without(key);
            case Branch branch when branch.Covers(hash):
                var (zero, one) = (hash & branch.Bit) == 0 ? (Without(branch.Zero, hash, key), branch.One) : (branch.Zero, Without(branch.One, hash, key));
                if (zero is null) return one;
                if (one is null) return zero;
                return ReferenceEquals(zero, branch.Zero) && ReferenceEquals(one, branch.One) ? branch : new Branch(branch.Prefix, branch.Bit, zero, one);
            default:
                return node;
        }
    }

    /// <summary>Both under one branch, at the highest bit in which they differ.</summary>
    private static Branch Join(Node left, Node right)
    {
        uint differing = left.Prefix ^ right.Prefix;
        uint bit = 1;
        while ((differing >>= 1) != 0) bit <<= 1;
        uint prefix = left.Prefix & ~((bit << 1) - 1);
        return (left.Prefix & bit) == 0 ? new Branch(prefix, bit, left, right) : new Branch(prefix, bit, right, left);
    }

    private static void Compare(Node? left, Node? right, List<Symbol> places)
    {
        if (ReferenceEquals(left, right)) return;
        switch (left, right)
        {
            case (Leaf a, Leaf b) when a.Prefix == b.Prefix:
                CompareItems(a, b, places);
                break;
            case (Branch a, Branch b) when a.Bit == b.Bit && a.Prefix == b.Prefix:
                Compare(a.Zero, b.Zero, places);
                Compare(a.One, b.One, places);
                break;
            case (Branch a, { } b) when a.Covers(b.Prefix) && (b is Leaf || ((Branch)b).Bit < a.Bit):
                bool isZero = (b.Prefix & a.Bit) == 0;
                Compare(isZero ? a.Zero : a.One, b, places);
                AddAll(isZero ? a.One : a.Zero, places);
                break;
            case ({ } a, Branch b) when b.Covers(a.Prefix) && (a is Leaf || ((Branch)a).Bit < b.Bit):
                Compare(right, left, places);
                break;
            default:
                AddAll(left, places);
                AddAll(right, places);
                break;
        }
    }

    private static void CompareItems(Leaf left, Leaf right, List<Symbol> places)
    {
        foreach (var item in left.Items)
        {
            int at = right.IndexOf(item.Key);
            if (at < 0 || !ReferenceEquals(item.Value, right.Items[at].Value) && !item.Value.Equals(right.Items[at].Value)) places.Add(item.Key);
        }

        foreach (var item in right.Items)
        {
            if (left.IndexOf(item.Key) < 0) places.Add(item.Key);
        }
    }

    private static void AddAll(Node? node, List<Symbol> places)
    {
        if (node is null) return;
        foreach (var item in new Bindings(node)) places.Add(item.Key);
    }

    /// <summary>Walks the trie from left to right. A copy shares the way that is left.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<Symbol, Value>>
    {
        // As deep as the keys have bits, and one.
        private const int Deepest = 33;

        private readonly Node[]? _pending;
        private int _count;
        private Node? _node;
        private int _item;

        internal Enumerator(Bindings bindings)
        {
            _node = bindings._root;
            _item = -1;
            _pending = _node is Branch ? new Node[Math.Min(_node.Count, Deepest)] : null;
            Descend();
        }

        public readonly KeyValuePair<Symbol, Value> Current => ((Leaf)_node!).Items[_item];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            if (_node is null) return false;
            if (++_item < ((Leaf)_node).Items.Length) return true;
            _node = _count == 0 ? null : _pending![--_count];
            _item = 0;
            Descend();
            return _node is not null;
        }

        public void Reset() => throw new NotSupportedException();

        public readonly void Dispose()
        {
        }

        private void Descend()
        {
            while (_node is Branch branch)
            {
                _pending![_count++] = branch.One;
                _node = branch.Zero;
            }
        }
    }

    private abstract class Node
    {
        protected Node(uint prefix, int count)
        {
            Prefix = prefix;
            Count = count;
        }

        /// <summary>The hash code of a leaf; of a branch the bits above its own, which all below it have in common.</summary>
        public uint Prefix { get; }

        public int Count { get; }
    }

    private sealed class Branch : Node
    {
        public Branch(uint prefix, uint bit, Node zero, Node one)
            : base(prefix, zero.Count + one.Count)
        {
            Bit = bit;
            Zero = zero;
            One = one;
        }

        public uint Bit { get; }

        public Node Zero { get; }

        public Node One { get; }

        public bool Covers(uint hash) => (hash & ~((Bit << 1) - 1)) == Prefix;
    }

    private sealed class Leaf : Node
    {
        public Leaf(uint hash, params KeyValuePair<Symbol, Value>[] items)
            : base(hash, items.Length) => Items = items;

        public KeyValuePair<Symbol, Value>[] Items { get; }

        public int IndexOf(Symbol key)
        {
            for (int i = 0; i < Items.Length; i++)
            {
                if (Items[i].Key.Equals(key)) return i;
            }

            return -1;
        }

        public Leaf With(KeyValuePair<Symbol, Value> item)
        {
            int at = IndexOf(item.Key);
            if (at >= 0 && ReferenceEquals(Items[at].Value, item.Value)) return this;
            var items = new KeyValuePair<Symbol, Value>[at < 0 ? Items.Length + 1 : Items.Length];
            Items.CopyTo(items, 0);
            items[at < 0 ? Items.Length : at] = item;
            return new Leaf(Prefix, items);
        }

        public Leaf? Without(Symbol key)
        {
            int at = IndexOf(key);
            if (at < 0) return this;
            if (Items.Length == 1) return null;
            var items = new List<KeyValuePair<Symbol, Value>>(Items);
            items.RemoveAt(at);
            return new Leaf(Prefix, items.ToArray());
        }
    }
}
