using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>The engine for one compilation: every room's store, wired together.</summary>
internal sealed class Session
{
    private readonly ConcurrentDictionary<BodyKey, Liveness> _liveness = new();
    private readonly ConcurrentDictionary<BodyKey, bool> _silent = new();
    private readonly Lazy<bool> _countsAllocations;
    private readonly Lazy<bool> _hasInterrupts;
    private readonly Lazy<bool> _forbidsSleeping;
    private readonly Lazy<bool> _forbidsSpinning;
    private readonly RecentResults _recent = new();
    private readonly Tones _certain;
    private readonly Tones _bounds;
    private readonly Tones _contexts;
    private ReachedContexts? _reached;

    /// <param name="compilation">The compilation.</param>
    /// <param name="contracts">What is declared in it and for it.</param>
    /// <param name="speaks">Whether the project has to do with a topic; asked at most once each.</param>
    /// <param name="records">Summaries are for other compilations, which may have implementations of their own.</param>
    public Session(Compilation compilation, Contracts contracts, Func<Topic, bool> speaks, bool records = false)
    {
        _countsAllocations = new Lazy<bool>(() => speaks(Topic.Allocation));
        _hasInterrupts = new Lazy<bool>(() => speaks(Topic.Interrupts));
        _forbidsSleeping = new Lazy<bool>(() => speaks(Topic.Sleeping));
        _forbidsSpinning = new Lazy<bool>(() => speaks(Topic.Spinning));
        Contracts = contracts;
        Bodies = new BodyStore(compilation, contracts);
        Recorded = new RecordedSummaries(compilation, contracts.Contexts);
        Resolver = new CallResolver(Bodies, Recorded) { RecordsCalls = records };
        Delegates = new DelegateFlows(Bodies);
        Summaries = new SummaryStore(Recorded, Callees, Summarize);
        _certain = new Tones(Bodies, Resolver, boundsEffects: true, static (_, _) => Tone.Loud);
        _bounds = new Tones(Bodies, Resolver, boundsEffects: true, ToneOf);
        _contexts = new Tones(Bodies, Resolver, boundsEffects: false, ToneOf);
    }

    public Contracts Contracts { get; }

    /// <summary>The regions of .NET that options have made contexts.</summary>
    public RegionRules Regions => Contracts.Contexts.Regions;

    public BodyStore Bodies { get; }

    public RecordedSummaries Recorded { get; }

    public CallResolver Resolver { get; }

    public DelegateFlows Delegates { get; }

    public SummaryStore Summaries { get; }

    /// <summary>Which bodies run in a context; the first who asks pays for a look at all of them.</summary>
    public ReachedContexts ReachedBy(CancellationToken cancellation)
    {
        if (_reached is { } known) return known;
        var reached = ReachedContexts.Of(this, cancellation);
        return Interlocked.CompareExchange(ref _reached, reached, null) ?? reached;
    }

    /// <summary>Runs one body to its fixpoint under a contract. What it asks of callees that have no summary yet is solved on the way.</summary>
    public FlowResult? Check(BodyKey key, Contract contract, CancellationToken cancellation)
    {
        if (Bodies.Get(key, cancellation) is not { } body) return null;
        if (_recent.Take(key, contract) is { } recent)
        {
            recent.Cancellation = cancellation;
            return recent;
        }

        var result = new FlowRun(this, body, contract, null, isJudged: true, cancellation).Run();

        // Held to its own contract, the run says all that callers need.
        if (!key.IsNested && key.Method is { } method && ReferenceEquals(contract, Contracts.Of(method)) && Summaries.Find(key) is null)
        {
            Summaries.Add(key, Summarizer.Summarize(this, result), cancellation);
        }

        return result;
    }

    /// <summary>
    /// Whether no rule can have anything to say of a body, whatever its paths: it enters and needs nothing, and what it calls has no
    /// effect that its contract forbids. Most bodies are settled by this, and no graph is made for them.
    /// </summary>
    public bool IsHarmless(BodyKey key, Contract contract, CancellationToken cancellation)
    {
        var sketch = Bodies.SketchOf(key, cancellation);
        if (!sketch.IsListed || !contract.Transitions.IsEmpty || contract.Tests is not null || contract.Family is not null || contract.IsResultChecked
            || !contract.Parameters.IsEmpty || contract.Result is not null) return false;
        if (sketch.HasFunctions)
        {
            // What stands around a lambda reaches into it.
            var around = Contracts.FromContainers(key.Symbol);
            if (around.SpeaksOfContexts || Regions.ContextOf(Region.Async) is not null) return false;
            contract = contract with { Never = contract.Never.Union(around.Never) };
        }

        var start = contract.Start();
        if (start.IsNone && contract.Never.IsEmpty)
        {
            // Where nothing is forbidden, no effect matters.
            var reach = _contexts.OfCalls(key, cancellation);
            return !reach.IsLoud && !(reach.TakesLocks && _hasInterrupts.Value) && !(reach.HangsOnFlags && sketch.ChoosesFlags);
        }

        if (!sketch.IsPlain) return false;
        var tone = _bounds.OfCalls(key, cancellation);
        if (tone.IsLoud || tone.IsUnbounded || tone.TakesLocks && (!start.IsNone || _hasInterrupts.Value) || tone.HangsOnFlags && sketch.ChoosesFlags) return false;
        foreach (var effect in tone.Effects)
        {
            if (contract.Never.Contains(effect) || start.Forbidding(effect) is not null) return false;
            if (effect.IsSleep && (start.Forbidding(EffectKind.Wait) ?? start.Forbidding(EffectKind.TakeLock)) is not null) return false;
        }

        return true;
    }

    /// <summary>
    /// Whether anybody in or around the compilation can have anything against an effect. What .NET's members do is known of thousands
    /// of them, and followed through the whole call graph only if somebody forbids it somewhere.
    /// </summary>
    public bool Matters(EffectKind effect)
    {
        if (effect.Role != EffectRole.Effect) return true;
        if (effect.Equals(EffectKind.Allocate)) return _countsAllocations.Value;
        if (effect.Equals(EffectKind.Sleep)) return _forbidsSleeping.Value;
        if (effect.Equals(EffectKind.SpinOnLock)) return _forbidsSpinning.Value;
        return !effect.Equals(EffectKind.CrossCall) || _hasInterrupts.Value;
    }

    /// <summary>Whether a call of the body means nothing to any caller: no effect, no change, and a result of which nothing is known.</summary>
    public bool IsSilent(BodyKey key, CancellationToken cancellation) =>
        _silent.TryGetValue(key, out bool known) ? known : _silent.GetOrAdd(key, ReadSilence(key, cancellation));

    /// <summary>The effects that a call of the method may have: declared ones, and inferred ones of which nothing is declared.</summary>
    public ImmutableArray<EffectEntry> EffectsOf(IMethodSymbol method, CancellationToken cancellation)
    {
        var resolution = Resolver.Direct(method);
        var effects = ImmutableArray.CreateBuilder<EffectEntry>();
        foreach (var clause in resolution.Contract.Might)
        {
            effects.Add(new EffectEntry(clause.Effect, new Witness(Naming.Qualified(method), Location.None, null)));
        }

        foreach (var key in resolution.Bodies)
        {
            if (MachineOf(key, cancellation) is { } machine)
            {
                if (!resolution.Contract.Mentions(EffectKind.Allocate)) effects.Add(new EffectEntry(EffectKind.Allocate, new Witness(Naming.Of(method), Location.None, null)));
                if (machine.IsIterator) continue;
            }

            foreach (var entry in Summaries.Solve(key, cancellation).Effects)
            {
                if (!resolution.Contract.Mentions(entry.Effect)) effects.Add(entry);
            }
        }

        return effects.ToImmutable();
    }

    public Liveness LivenessOf(Body body, CancellationToken cancellation) => _liveness.GetOrAdd(body.Key, _ => Liveness.Of(body, inner => Bodies.Get(inner, cancellation)));

    private bool ReadSilence(BodyKey key, CancellationToken cancellation)
    {
        var sketch = Bodies.SketchOf(key, cancellation);
        if (!sketch.IsPlain || !sketch.IsOpaque || !sketch.Completes || sketch.Asserts) return false;
        if (key.Method is { } method && !Tone.Of(Contracts.Of(method)).IsSilent) return false;
        var tone = _certain.Of(key, cancellation);
        if (tone.IsLoud || tone.IsUnbounded || tone.TakesLocks || tone.Effects.Any(Matters)) return false;

        // Behind a callee that never returns, nothing is reached; and one that asserts may be handed the condition.
        foreach (var call in sketch.Calls)
        {
            foreach (var callee in Resolver.Resolve(call, cancellation).Bodies)
            {
                if (Bodies.SketchOf(callee, cancellation) is { Completes: false } or { Asserts: true }) return false;
            }
        }

        return true;
    }

    /// <summary>A body that is called to make an object which runs it, now or later; null if nobody has to know.</summary>
    public Body? MachineOf(BodyKey key, CancellationToken cancellation) =>
        !IsSilent(key, cancellation) && Bodies.Get(key, cancellation) is { IsMachine: true } body ? body : null;

    private Tone ToneOf(BodyKey key, CancellationToken cancellation)
    {
        var summary = Summaries.Solve(key, cancellation);

        // It hands out a guard that its return type may not name.
        foreach (var outcome in summary.Outcomes)
        {
            if (outcome.Value is Symbol { Role: SymbolRole.Instance }) return Tone.Loud;
        }

        // Calling it makes an object, whatever that does later.
        bool isMachine = Bodies.Get(key, cancellation) is { IsMachine: true };
        return Tone.Of(summary, Contracts).Join(Tone.Allocating(isMachine));
    }

    private Summary Summarize(
        BodyKey key, OpenCycle? cycle, HashSet<BodyKey> missing, CancellationToken cancellation)
    {
        if (IsSilent(key, cancellation) || Bodies.Get(key, cancellation) is not { } body) return Summary.Neutral;
        var contract = key.Method is { } method ? Contracts.Of(method) : Contract.None;
        var run = new FlowRun(this, body, contract, cycle, isJudged: false, cancellation);
        var result = run.Run();
        missing.UnionWith(run.Missing);
        if (missing.Count > 0) return Summary.Neutral;

        // In a cycle, what the run saw of its callees may not be the last word.
        if (cycle is null && !key.IsNested && !run.HasLeftOut) _recent.Add(result);
        return Summarizer.Summarize(this, result);
    }

    /// <summary>Every body that a body may run and that is not silent, so that its summary finds theirs.</summary>
    private ImmutableArray<BodyKey> Callees(BodyKey key, CancellationToken cancellation)
    {
        if (IsSilent(key, cancellation) || Bodies.Get(key, cancellation) is not { } body) return ImmutableArray<BodyKey>.Empty;
        var seen = new HashSet<BodyKey>();
        var callees = ImmutableArray.CreateBuilder<BodyKey>();
        void Add(BodyKey callee)
        {
            if (seen.Add(callee) && !IsSilent(callee, cancellation)) callees.Add(callee);
        }

        foreach (var block in body.Blocks)
        {
            foreach (var step in block.Steps)
            {
                switch (step)
                {
                    case CallStep call:
                        foreach (var target in Resolver.Resolve(call, cancellation).Bodies) Add(target);
                        break;
                    case ConvertStep { Function: Symbol { Role: SymbolRole.Function, Key: BodyKey function } }:
                        foreach (var target in TargetsOf(function)) Add(target);
                        break;
                    case InvokeStep { Place: IFieldSymbol or IPropertySymbol or IEventSymbol } invoke when Delegates.Seen(invoke.Place!, cancellation).Values is { IsDefault: false } flows:
                        foreach (var value in flows)
                        {
                            if (value is Symbol { Key: BodyKey inFlow }) Add(inFlow);
                        }

                        break;
                    case TypeUseStep use:
                        foreach (var constructor in use.Type.StaticConstructors) Add(BodyKey.Of(constructor));
                        break;
                }
            }
        }

        foreach (var function in body.Functions) Add(function.Key);
        return callees.ToImmutable();
    }

    private ImmutableArray<BodyKey> TargetsOf(BodyKey function) =>
        function.IsNested || function.Method is not { } method ? ImmutableArray.Create(function) : Resolver.Direct(method).Bodies;
}
