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
    // Most cycles settle in two or three rounds; after so many, what still moves is widened, and then it ends.
    private const int PatientRounds = 4;

    // Widening ends by itself: each bound is given up once, each fact once. This is the net below it.
    private const int RoundLimit = 200;

    private readonly RecordedSummaries _recorded;
    private readonly Summarizing _summarize;
    private readonly Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> _callees;
    private readonly ConcurrentDictionary<BodyKey, Solved> _finished = new();
    private readonly ConcurrentDictionary<BodyKey, object> _gates = new();

    /// <summary>
    /// Computes one summary from those of its own cycle so far, null where it is in none; adds to the missing what it asked for
    /// and did not find.
    /// </summary>
    public delegate Summary Summarizing(
        BodyKey key, OpenCycle? cycle, HashSet<BodyKey> missing, CancellationToken cancellation);

    /// <param name="recorded">What is known of bodies in other assemblies.</param>
    /// <param name="callees">All bodies that a body may run.</param>
    /// <param name="summarize">Computes one summary.</param>
    public SummaryStore(RecordedSummaries recorded, Func<BodyKey, CancellationToken, ImmutableArray<BodyKey>> callees, Summarizing summarize)
    {
        _recorded = recorded;
        _callees = callees;
        _summarize = summarize;
    }

    public int Count => _finished.Count;

    /// <summary>The finished summary, or null: ask <see cref="Solve"/> for it.</summary>
    public Summary? Find(BodyKey key) => _finished.TryGetValue(key, out var solved) && solved.Component.IsPublished ? solved.Summary : _recorded.Find(key);

    /// <summary>Whether the body is in another assembly, and only what was recorded of it is known.</summary>
    public bool IsRecorded(BodyKey key) => !_finished.ContainsKey(key) && _recorded.Find(key) is not null;

    /// <summary>Whether each of two bodies that are solved leads to the other.</summary>
    public bool AreInOneCycle(BodyKey left, BodyKey right) =>
        _finished.TryGetValue(left, out var one) && _finished.TryGetValue(right, out var other)
        && ReferenceEquals(one.Component, other.Component) && one.Component != Component.Published;

    /// <summary>Takes a summary that was found on the way, if all that the body calls is solved: then it is in no open cycle.</summary>
    public void Add(BodyKey key, Summary summary, CancellationToken cancellation)
    {
        foreach (var callee in _callees(key, cancellation))
        {
            if (Find(callee) is null) return;
        }

        _finished.TryAdd(key, new Solved(summary, Component.Published));
    }

    /// <summary>The summary, with all that it hangs on. Not for a run that computes one itself: it says what it misses, and is run again.</summary>
    public Summary Solve(BodyKey key, CancellationToken cancellation)
    {
        Summary? found;

        // More than once only while another thread is just publishing the component.
        while ((found = Find(key)) is null) SolveFrom(key, cancellation);
        return found;
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
                if (Find(callee) is not null) continue;
                if (!nodes.TryGetValue(callee, out var known)) Enter(callee);
                else if (known.IsOpen) node.Low = Math.Min(node.Low, known.Index);
                continue;
            }

            frames.Pop();
            if (frames.Count > 0) frames.Peek().Low = Math.Min(frames.Peek().Low, node.Low);
            if (node.Low != node.Index) continue;
            var component = new List<Node>();
            Node member;
            do
            {
                member = open.Pop();
                member.IsOpen = false;
                component.Add(member);
            }
            while (member != node);
            if (Finish(component, nodes, discovered, cancellation)) continue;

            // What was discovered may lead back to a body that waits on the stack: the members are entered again, with the new edges.
            foreach (var solved in component) nodes.Remove(solved.Key);
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
    private bool Finish(
        List<Node> members, Dictionary<BodyKey, Node> nodes, Dictionary<BodyKey, HashSet<BodyKey>> discovered, CancellationToken cancellation)
    {
        if (members.Count == 1 && !members[0].Callees.Contains(members[0].Key)) return FinishSingle(members[0].Key, discovered, cancellation);

        // Who comes to a cycle that another thread is at waits for what comes out, instead of doing the same work beside it. Computing
        // a summary never solves another component, so nobody waits in here for one who waits.
        var first = members[0].Key;
        foreach (var member in members)
        {
            if (member.Key.CompareTo(first) < 0) first = member.Key;
        }

        var gate = _gates.GetOrAdd(first, static _ => new object());
        while (!Monitor.TryEnter(gate, millisecondsTimeout: 50)) cancellation.ThrowIfCancellationRequested();
        try
        {
            return members.TrueForAll(member => Find(member.Key) is not null) || FinishCycle(members, nodes, discovered, cancellation);
        }
        finally
        {
            Monitor.Exit(gate);
        }
    }

    private bool FinishSingle(BodyKey key, Dictionary<BodyKey, HashSet<BodyKey>> discovered, CancellationToken cancellation)
    {
        if (Find(key) is not null) return true;
        var missing = new HashSet<BodyKey>();
        var summary = _summarize(key, null, missing, cancellation);
        if (missing.Count > 0)
        {
            Discover(key, missing, discovered);
            return false;
        }

        _finished.TryAdd(key, new Solved(summary, Component.Published));
        return true;
    }

    private static void Discover(BodyKey key, HashSet<BodyKey> missing, Dictionary<BodyKey, HashSet<BodyKey>> discovered)
    {
        if (!discovered.TryGetValue(key, out var known)) discovered.Add(key, known = new HashSet<BodyKey>());
        known.UnionWith(missing);
    }

    private bool FinishCycle(
        List<Node> members, Dictionary<BodyKey, Node> nodes, Dictionary<BodyKey, HashSet<BodyKey>> discovered, CancellationToken cancellation)
    {
        var current = new OpenCycle(members.ConvertAll(static member => member.Key));
        bool isEndless = false, isLastWord = false;
        var order = BottomUp(members, nodes);
        for (int round = 0; round < RoundLimit; round++)
        {
            if (!TryRound(order, current, round >= PatientRounds, discovered, out bool changed, cancellation)) return false;
            if (!isEndless && members.Exists(member => IsShifting(current[member.Key])))
            {
                // "It changes nothing" would stay among the ways to return, though no path is like that: begin with none at all.
                isEndless = true;
                current.Reset(Summary.Endless);
                round = -1;
                continue;
            }

            if (changed) continue;
            if (!isEndless || isLastWord) break;

            // What never returns by what is seen of it may do so by what is not: a recursion that a callee ends.
            isLastWord = true;
            bool isOpen = false;
            foreach (var member in members)
            {
                if (current[member.Key] is not { Outcomes.IsEmpty: true } endless) continue;
                current.Set(member.Key, new Summary(endless.Effects, Summary.Neutral.Outcomes) { Passings = endless.Passings, Tests = endless.Tests });
                isOpen = true;
            }

            if (!isOpen) break;
        }

        var component = new Component();
        foreach (var member in members) _finished.TryAdd(member.Key, new Solved(current[member.Key], component));
        component.IsPublished = true;
        return true;
    }

    /// <summary>Computes each member once, if anything has changed for it; false if some of what they call was not known of before.</summary>
    private bool TryRound(
        List<Node> order,
        OpenCycle current,
        bool widens,
        Dictionary<BodyKey, HashSet<BodyKey>> discovered,
        out bool changed,
        CancellationToken cancellation)
    {
        bool isWhole = true;
        var missing = new HashSet<BodyKey>();
        changed = false;
        foreach (var member in order)
        {
            if (current.StillHolding(member.Key) is not { } next)
            {
                current.Begin(member.Key);
                next = _summarize(member.Key, current, missing, cancellation);
                current.End(missing.Count > 0 ? null : next);
            }

            if (missing.Count > 0)
            {
                Discover(member.Key, missing, discovered);
                missing.Clear();
                isWhole = false;
                continue;
            }

            if (widens) next = Widening.Widen(current[member.Key], next);
            changed |= current.Set(member.Key, next);
        }

        return isWhole;
    }

    private static bool IsShifting(Summary summary)
    {
        foreach (var outcome in summary.Outcomes)
        {
            if (!outcome.Change.IsNone || !outcome.Disposed.IsEmpty) return true;
        }

        return false;
    }

    /// <summary>
    /// The members in an order that hangs on nothing but the program: callees first, from the member that stands first in the
    /// source. What a cycle settles to, above all where it is widened, must not hang on who asked first.
    /// </summary>
    private static List<Node> BottomUp(List<Node> members, Dictionary<BodyKey, Node> nodes)
    {
        var waiting = new HashSet<Node>(members);
        members.Sort(static (left, right) => left.Key.CompareTo(right.Key));
        var order = new List<Node>(members.Count);
        var path = new Stack<Node>();
        foreach (var start in members)
        {
            if (waiting.Remove(start)) path.Push(start);
            while (path.Count > 0)
            {
                var node = path.Peek();
                if (node.Visited == node.Callees.Length)
                {
                    order.Add(path.Pop());
                }
                else if (nodes.TryGetValue(node.Callees[node.Visited++], out var callee) && waiting.Remove(callee))
                {
                    path.Push(callee);
                }
            }
        }

        return order;
    }

    /// <summary>One strongly connected component: its summaries become visible together.</summary>
    private sealed class Component
    {
        public static readonly Component Published = new() { IsPublished = true };

        private volatile bool _isPublished;

        public bool IsPublished
        {
            get => _isPublished;
            set => _isPublished = value;
        }
    }

    private sealed record Solved(Summary Summary, Component Component);

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

        public int Visited { get; set; }

        public bool IsOpen { get; set; } = true;

        public ImmutableArray<BodyKey> Callees { get; }
    }
}
