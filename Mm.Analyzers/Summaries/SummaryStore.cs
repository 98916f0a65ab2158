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
/// is finished, so no thread ever sees a half-solved cycle. A callee that only the flow discovers, such as the target of a delegate
/// argument, becomes one more edge of the graph, and its component is searched for anew.
/// </summary>
internal sealed class SummaryStore
{
    // A component settles in few rounds; the bound is for lattices that would climb for long.
    private const int RoundLimit = 24;

    private readonly BodyStore _bodies;
    private readonly Summarizing _summarize;
    private readonly Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> _callees;
    private readonly ConcurrentDictionary<BodyKey, Summary> _finished = new();

    /// <summary>Computes one summary from those of its own component so far; adds to the missing what it asked for and did not find.</summary>
    public delegate Summary Summarizing(
        BodyKey key, IReadOnlyDictionary<BodyKey, Summary> component, HashSet<BodyKey> missing, CancellationToken cancellation);

    /// <param name="bodies">The bodies.</param>
    /// <param name="callees">All bodies that a body may run.</param>
    /// <param name="summarize">Computes one summary.</param>
    public SummaryStore(BodyStore bodies, Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> callees, Summarizing summarize)
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
        var discovered = new Dictionary<BodyKey, HashSet<BodyKey>>();
        int count = 0;
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
            if (Finish(component, node, discovered, cancellation)) continue;

            // What was discovered may lead back to a body that waits on the stack: the members are entered again, with the new edges.
            foreach (var key in component) nodes.Remove(key);
            Enter(node.Key);
        }

        void Enter(BodyKey key)
        {
            var callees = _callees(key, cancellation);
            if (discovered.TryGetValue(key, out var more)) callees = callees.AddRange(more);
            var node = new Node(key, count++, callees);
            nodes.Add(key, node);
            open.Push(node);
            frames.Push(node);
        }
    }

    /// <summary>Solves a component; false if the flow has discovered callees that have to be solved before, or with it.</summary>
    private bool Finish(List<BodyKey> component, Node root, Dictionary<BodyKey, HashSet<BodyKey>> discovered, CancellationToken cancellation)
    {
        var current = new Dictionary<BodyKey, Summary>();
        var missing = new HashSet<BodyKey>();
        bool isCycle = component.Count > 1 || root.Callees.Contains(root.Key);
        foreach (var key in component) current[key] = Summary.Neutral;
        for (int round = 0; round < RoundLimit; round++)
        {
            bool changed = false;
            bool isWhole = true;

            // Callees were pushed last, so this goes roughly bottom-up.
            foreach (var key in component)
            {
                var next = _summarize(key, current, missing, cancellation);
                if (missing.Count > 0)
                {
                    if (!discovered.TryGetValue(key, out var known)) discovered.Add(key, known = new HashSet<BodyKey>());
                    known.UnionWith(missing);
                    missing.Clear();
                    isWhole = false;
                    continue;
                }

                changed |= !next.SameAs(current[key]);
                current[key] = next;
            }

            if (!isWhole) return false;
            if (!changed || !isCycle) break;
        }

        foreach (var key in component) _finished.TryAdd(key, current[key]);
        return true;
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
