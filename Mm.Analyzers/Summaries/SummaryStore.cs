using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// The summaries of one compilation, computed on demand. Solves the strongly connected components of the call graph bottom-up with
/// explicit stacks: neither a chain of ten thousand calls nor a cycle needs stack of ours. A component becomes visible only when it
/// is finished, so no thread ever sees a half-solved cycle.
/// </summary>
internal sealed class SummaryStore
{
    // A component settles in few rounds; the bound is for lattices that would climb for long.
    private const int RoundLimit = 24;

    private readonly BodyStore _bodies;
    private readonly Func<BodyKey, IReadOnlyDictionary<BodyKey, Summary>, CancellationToken, Summary> _summarize;
    private readonly Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> _callees;
    private readonly ConcurrentDictionary<BodyKey, Summary> _finished = new();

    /// <param name="bodies">The bodies.</param>
    /// <param name="callees">All bodies that a body may run.</param>
    /// <param name="summarize">Computes one summary; the dictionary holds those of its own component so far.</param>
    public SummaryStore(
        BodyStore bodies,
        Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> callees,
        Func<BodyKey, IReadOnlyDictionary<BodyKey, Summary>, CancellationToken, Summary> summarize)
    {
        _bodies = bodies;
        _callees = callees;
        _summarize = summarize;
    }

    public int Count => _finished.Count;

    /// <summary>The finished summary, or null: ask <see cref="Solve"/> for it.</summary>
    public Summary? Find(BodyKey key) => _finished.TryGetValue(key, out var summary) ? summary : null;

    /// <summary>A summary that was found on the way: of a body that is in no cycle, or whose cycle is solved.</summary>
    public void Add(BodyKey key, Summary summary) => _finished.TryAdd(key, summary);

    public void Solve(IEnumerable<BodyKey> keys, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            if (!_finished.ContainsKey(key)) SolveFrom(key, cancellation);
        }
    }

    /// <summary>Tarjan's algorithm with its recursion unfolded into a stack of frames.</summary>
    private void SolveFrom(BodyKey root, CancellationToken cancellation)
    {
        var nodes = new Dictionary<BodyKey, Node>();
        var open = new Stack<Node>();
        var frames = new Stack<Node>();
        Enter(root);
        while (frames.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var node = frames.Peek();
            if (node.Next < node.Callees.Length)
            {
                var callee = node.Callees[node.Next++];
                if (_finished.ContainsKey(callee)) continue;
                if (!nodes.TryGetValue(callee, out var known)) Enter(callee);
                else if (known.IsOpen) node.Low = Math.Min(node.Low, known.Index);
                continue;
            }

            frames.Pop();
            if (frames.Count > 0) frames.Peek().Low = Math.Min(frames.Peek().Low, node.Low);
            if (node.Low != node.Index) continue;
            var component = new List<BodyKey>();
            Node member;
            do
            {
                member = open.Pop();
                member.IsOpen = false;
                component.Add(member.Key);
            }
            while (member != node);
            Finish(component, node, cancellation);
        }

        void Enter(BodyKey key)
        {
            var node = new Node(key, nodes.Count, _callees(key, cancellation));
            nodes.Add(key, node);
            open.Push(node);
            frames.Push(node);
        }
    }

    private void Finish(List<BodyKey> component, Node root, CancellationToken cancellation)
    {
        var current = new Dictionary<BodyKey, Summary>();
        bool isCycle = component.Count > 1 || root.Callees.Contains(root.Key);
        foreach (var key in component) current[key] = Summary.Neutral;
        for (int round = 0; round < RoundLimit; round++)
        {
            bool changed = false;

            // Callees were pushed last, so this goes roughly bottom-up.
            foreach (var key in component)
            {
                var next = _summarize(key, current, cancellation);
                changed |= !next.SameAs(current[key]);
                current[key] = next;
            }

            if (!changed || !isCycle) break;
        }

        foreach (var key in component) _finished.TryAdd(key, current[key]);
    }

    private sealed class Node
    {
        public Node(BodyKey key, int index, ImmutableArray<BodyKey> callees)
        {
            Key = key;
            Index = index;
            Low = index;
            Callees = callees;
        }

        public BodyKey Key { get; }

        public int Index { get; }

        public int Low { get; set; }

        public int Next { get; set; }

        public bool IsOpen { get; set; } = true;

        public ImmutableArray<BodyKey> Callees { get; }
    }
}
