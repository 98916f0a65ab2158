using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
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
    private ReachedContexts? _reached;

    public Session(Compilation compilation, Contracts contracts)
    {
        Contracts = contracts;
        Bodies = new BodyStore(compilation, contracts);
        Resolver = new CallResolver(Bodies);
        Delegates = new DelegateFlows(Bodies);
        Summaries = new SummaryStore(Bodies, Callees, Summarize);
    }

    public Contracts Contracts { get; }

    public BodyStore Bodies { get; }

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

    /// <summary>
    /// Runs one body to its fixpoint under a contract. Callees that matter and have no summary yet are solved, and the body is run
    /// again: most bodies need one run, few more than two.
    /// </summary>
    public FlowResult? Check(BodyKey key, Contract contract, CancellationToken cancellation)
    {
        if (Bodies.Get(key, cancellation) is not { } body) return null;
        Summaries.Solve(CertainCallees(body, cancellation), cancellation);
        while (true)
        {
            var run = new FlowRun(this, body, contract, null, cancellation);
            var result = run.Run();
            if (run.Missing.Count > 0)
            {
                Summaries.Solve(run.Missing, cancellation);
                continue;
            }

            // Held to its own contract, the run says all that callers need.
            if (!key.IsNested && key.Method is { } method && ReferenceEquals(contract, Contracts.Of(method)) && Summaries.Find(key) is null)
            {
                Summaries.Add(key, Summarizer.Summarize(this, result), cancellation);
            }

            return result;
        }
    }

    /// <summary>The effects that a call of the method may have: declared ones, and inferred ones of which nothing is declared.</summary>
    public ImmutableArray<EffectEntry> EffectsOf(IMethodSymbol method, CancellationToken cancellation)
    {
        var resolution = Resolver.Direct(method);
        var effects = ImmutableArray.CreateBuilder<EffectEntry>();
        foreach (var clause in resolution.Contract.Might)
        {
            effects.Add(new EffectEntry(clause.Effect, new Witness(Naming.Qualified(method), Location.None, null)));
        }

        Summaries.Solve(resolution.Bodies, cancellation);
        foreach (var key in resolution.Bodies)
        {
            if (Summaries.Find(key) is not { } summary) continue;
            foreach (var entry in summary.Effects)
            {
                if (!resolution.Contract.Mentions(entry.Effect)) effects.Add(entry);
            }
        }

        return effects.ToImmutable();
    }

    public Liveness LivenessOf(Body body) => _liveness.GetOrAdd(body.Key, _ => Liveness.Of(body));

    private Summary Summarize(
        BodyKey key, IReadOnlyDictionary<BodyKey, Summary> component, HashSet<BodyKey> missing, CancellationToken cancellation)
    {
        if (Bodies.Get(key, cancellation) is not { } body) return Summary.Neutral;
        var contract = key.Method is { } method ? Contracts.Of(method) : Contract.None;
        var run = new FlowRun(this, body, contract, component, cancellation);
        var result = run.Run();
        missing.UnionWith(run.Missing);
        return missing.Count == 0 ? Summarizer.Summarize(this, result) : Summary.Neutral;
    }

    /// <summary>What is called without a choice: solved first, it spares the run that would only find it missing.</summary>
    private IEnumerable<BodyKey> CertainCallees(Body body, CancellationToken cancellation)
    {
        foreach (var block in body.Blocks)
        {
            foreach (var step in block.Steps)
            {
                if (step is not CallStep { IsVirtual: false } call) continue;
                foreach (var callee in Resolver.Resolve(call, cancellation).Bodies) yield return callee;
            }
        }
    }

    /// <summary>Every body that a body may run, so that its summary finds theirs.</summary>
    private ImmutableArray<BodyKey> Callees(BodyKey key, CancellationToken cancellation)
    {
        if (Bodies.Get(key, cancellation) is not { } body) return ImmutableArray<BodyKey>.Empty;
        var seen = new HashSet<BodyKey>();
        var callees = ImmutableArray.CreateBuilder<BodyKey>();
        void Add(BodyKey callee)
        {
            if (seen.Add(callee)) callees.Add(callee);
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
                    case InvokeStep { Place: IFieldSymbol or IEventSymbol } invoke when Delegates.Into(invoke.Place!, cancellation) is { IsDefault: false } flows:
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
