using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>The tones of bodies, joined over the call graph of their sketches. What is unclear from its sketch is left to another.</summary>
internal sealed class Tones
{
    private readonly BodyStore _bodies;
    private readonly CallResolver _resolver;
    private readonly bool _boundsEffects;
    private readonly Func<BodyKey, CancellationToken, Tone> _ofUnclear;
    private readonly ConcurrentDictionary<BodyKey, Tone> _known = new();

    /// <param name="bodies">The bodies.</param>
    /// <param name="resolver">Says whom a call may run.</param>
    /// <param name="boundsEffects">Whether it matters which effects; if not, it is enough that the calls of a body are listed.</param>
    /// <param name="ofUnclear">The tone of a body whose sketch does not say enough.</param>
    public Tones(BodyStore bodies, CallResolver resolver, bool boundsEffects, Func<BodyKey, CancellationToken, Tone> ofUnclear)
    {
        _bodies = bodies;
        _resolver = resolver;
        _boundsEffects = boundsEffects;
        _ofUnclear = ofUnclear;
    }

    /// <summary>What the body may do, with everything that it calls.</summary>
    public Tone Of(BodyKey key, CancellationToken cancellation)
    {
        if (_known.TryGetValue(key, out var known)) return known;
        var found = new Dictionary<BodyKey, Node>();
        var order = new List<Node>();
        var open = new Stack<Node>();
        Enter(key);
        while (open.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var node = open.Peek();
            if (node.Next == node.Callees.Count || node.Tone.IsLoud)
            {
                order.Add(open.Pop());
                continue;
            }

            var callee = node.Callees[node.Next++];
            if (_known.TryGetValue(callee, out var tone)) node.Tone = node.Tone.Join(tone);
            else if (!found.ContainsKey(callee)) Enter(callee);
        }

        // Callees come first, so one round does, and a second where bodies call each other.
        for (bool isSettled = false; !isSettled;)
        {
            isSettled = true;
            foreach (var node in order)
            {
                var joined = node.Tone;
                foreach (var callee in node.Callees)
                {
                    if (joined.IsLoud) break;
                    if (found.TryGetValue(callee, out var other)) joined = joined.Join(other.Tone);
                }

                isSettled &= ReferenceEquals(joined, node.Tone);
                node.Tone = joined;
            }
        }

        foreach (var node in order) _known.TryAdd(node.Key, node.Tone);
        return found[key].Tone;

        void Enter(BodyKey entered)
        {
            var node = NodeOf(entered, cancellation);
            found.Add(entered, node);
            open.Push(node);
        }
    }

    private Node NodeOf(BodyKey key, CancellationToken cancellation)
    {
        var node = new Node(key);
        var sketch = _bodies.SketchOf(key, cancellation);
        if (_boundsEffects ? !sketch.IsPlain : !sketch.IsListed)
        {
            node.Tone = _ofUnclear(key, cancellation);
            return node;
        }

        node.Tone = sketch.IsPlain ? Tone.Allocating(sketch.Allocates) : Tone.Unbounded;
        foreach (var call in sketch.Calls)
        {
            var resolution = _resolver.Resolve(call, cancellation);
            node.Tone = node.Tone.Join(resolution.IsUnknown ? Tone.Unbounded : Tone.Of(resolution.Contract));
            foreach (var callee in resolution.Bodies)
            {
                if (callee.Method is { } method) node.Tone = node.Tone.Join(Tone.Of(_bodies.Contracts.Of(method)));
                node.Callees.Add(callee);
            }

            if (node.Tone.IsLoud) break;
        }

        return node;
    }

    private sealed class Node
    {
        public Node(BodyKey key) => Key = key;

        public BodyKey Key { get; }

        public Tone Tone { get; set; } = Tone.Silent;

        public List<BodyKey> Callees { get; } = new();

        public int Next { get; set; }
    }
}
