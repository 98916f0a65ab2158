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
    private readonly bool _countsDispatch;
    private readonly ConcurrentDictionary<BodyKey, (Tone Tone, bool IsSum)> _known = new();

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
        _countsDispatch = bodies.Contracts.Contexts.Regions.Forbid(Lattice.EffectKind.VirtualCall);
    }

    /// <summary>The sum of what a body does itself and of what it calls: loud as soon as one of its calls is, even if the body sets that right.</summary>
    public Tone OfCalls(BodyKey key, CancellationToken cancellation)
    {
        if (_known.TryGetValue(key, out var known) && known.IsSum) return known.Tone;
        var sketch = _bodies.SketchOf(key, cancellation);
        var callees = new List<BodyKey>();
        var tone = OwnTone(sketch, callees, cancellation);
        foreach (var callee in callees)
        {
            if (tone.IsLoud) break;
            if (!callee.Equals(key)) tone = tone.Join(Of(callee, cancellation));
        }

        if (!tone.IsLoud && SaysEnough(sketch)) _known.TryAdd(key, (tone, true));
        return tone;
    }

    /// <summary>What a call of the body may do, with everything that it calls.</summary>
    public Tone Of(BodyKey key, CancellationToken cancellation)
    {
        if (_known.TryGetValue(key, out var known)) return known.Tone;
        var found = new Dictionary<BodyKey, Node>();
        var order = new List<Node>();
        var open = new Stack<Node>();
        Enter(key);
        while (open.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var node = open.Peek();
            if (node.Next == node.Callees.Count)
            {
                order.Add(open.Pop());
                continue;
            }

            var callee = node.Callees[node.Next++];
            if (_known.TryGetValue(callee, out var done)) Join(node, done.Tone);
            else if (!found.ContainsKey(callee)) Enter(callee);
        }

        // Callees come first, so one round does, and a second where bodies call each other.
        for (bool isSettled = false; !isSettled;)
        {
            isSettled = true;
            foreach (var node in order)
            {
                var before = node.Tone;
                for (int i = 0; i < node.Callees.Count; i++)
                {
                    if (found.TryGetValue(node.Callees[i], out var other)) Join(node, other.Tone);
                }

                isSettled &= ReferenceEquals(before, node.Tone);
            }
        }

        foreach (var node in order) _known.TryAdd(node.Key, (node.Tone, !node.IsClosed));
        return found[key].Tone;

        void Enter(BodyKey entered)
        {
            var node = NodeOf(entered, cancellation);
            found.Add(entered, node);
            open.Push(node);
        }

        // A callee that takes a lock makes no noise behind a caller that releases it.
        void Join(Node node, Tone callee)
        {
            var joined = node.Tone.Join(callee);
            if (joined.IsLoud && !node.Tone.IsLoud) Close(node, cancellation);
            else node.Tone = joined;
        }
    }

    /// <summary>The sum of its calls says too much or too little of the body: it is looked at more closely.</summary>
    private void Close(Node node, CancellationToken cancellation)
    {
        node.Callees.Clear();
        node.Next = 0;
        node.IsClosed = true;
        node.Tone = _ofUnclear(node.Key, cancellation);
    }

    private Node NodeOf(BodyKey key, CancellationToken cancellation)
    {
        var node = new Node(key);
        var sketch = _bodies.SketchOf(key, cancellation);
        if (!SaysEnough(sketch))
        {
            Close(node, cancellation);
            return node;
        }

        node.Tone = OwnTone(sketch, node.Callees, cancellation);
        if (node.Tone.IsLoud) Close(node, cancellation);
        return node;
    }

    private bool SaysEnough(Sketch sketch) => _boundsEffects ? sketch.IsPlain : sketch.IsListed;

    /// <summary>What the body allocates and what is declared of its callees.</summary>
    private Tone OwnTone(Sketch sketch, List<BodyKey> callees, CancellationToken cancellation)
    {
        var tone = sketch.IsPlain ? Tone.Allocating(sketch.Allocates) : Tone.Unbounded;
        foreach (var call in sketch.Calls)
        {
            var resolution = _resolver.Resolve(call, cancellation);
            // What nobody implements may still say where its delegates run.
            tone = tone.Join(Tone.Of(resolution.Contract)).Join(resolution.IsUnknown || _resolver.IsAsked(call, resolution) ? Tone.Unbounded : Tone.Silent).Join(Tone.Dispatching(call.IsVirtual && _countsDispatch));
            foreach (var callee in resolution.Bodies)
            {
                if (callee.Method is { } method) tone = tone.Join(Tone.Of(_bodies.Contracts.Of(method)));
                callees.Add(callee);
            }

            if (tone.IsLoud) break;
        }

        return tone;
    }

    private sealed class Node
    {
        public Node(BodyKey key) => Key = key;

        public BodyKey Key { get; }

        public Tone Tone { get; set; } = Tone.Silent;

        public List<BodyKey> Callees { get; } = new();

        public int Next { get; set; }

        /// <summary>The tone is not the sum of its calls.</summary>
        public bool IsClosed { get; set; }
    }
}
