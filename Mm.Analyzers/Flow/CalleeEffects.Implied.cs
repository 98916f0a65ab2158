using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What runs without a call of it: an iterator where it is enumerated, a static constructor at the first use of its type.</summary>
internal sealed partial class CalleeEffects
{
    public ImmutableArray<AppliedEffect> Of(Step step, Alternative alternative)
    {
        var site = new Site(step.Location, null, alternative, ImmutableArray<Value>.Empty, null);
        var found = ImmutableArray.CreateBuilder<AppliedEffect>(0);
        switch (step)
        {
            case AllocateStep { TypeParameter: { } made } create:
                OfMade(Entry(EffectKind.Deferred, create.What, site) with { TypeParameter = made }, made, site, found, 0);
                break;
            case AllocateStep allocate:
                Apply(Entry(EffectKind.Allocate, allocate.What, site), site, found);
                break;
            case MonitorStep:
                Apply(Entry(EffectKind.Sleep, "Monitor.Enter", site), site, found);
                break;
            case UnknownStep unknown:
                Apply(Entry(EffectKind.Unknown, unknown.What, site), site, found);
                break;
            case TypeUseStep use:
                foreach (var constructor in use.Type.StaticConstructors)
                {
                    var declared = _session.Contracts.Of(constructor);
                    foreach (var clause in declared.Might)
                    {
                        if (clause.When is null && CountsAtFirstUse(clause.Effect)) Apply(Entry(clause.Effect, Naming.Qualified(constructor), site), site, found);
                    }

                    if (declared.IsTrusted || SummaryOf(BodyKey.Of(constructor)) is not { } summary) continue;
                    foreach (var entry in summary.Effects)
                    {
                        if (!CountsAtFirstUse(entry.Effect) || declared.Mentions(entry.Effect)) continue;
                        Apply(entry with { Witness = new Witness(Naming.Of(constructor), step.Location, entry.Witness) }, site, found);
                    }
                }

                break;
        }

        return found.ToImmutable();
    }

    // The key of an iterator that a query operator made.
    private const string Query = "query";

    /// <summary>An iterator runs where one of .NET's members enumerates it, which is what they do with it.</summary>
    private void OfEnumeration(CallStep call, Resolution resolution, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (IsQuery(call, resolution)) return;
        if (site.Receiver is { } receiver) OfIterator(receiver, site, found, 0, isOpen: site.Target?.Name is "GetEnumerator" or "GetAsyncEnumerator");
        for (int i = 0; i < site.Arguments.Length; i++)
        {
            bool isOpen = site.Target is { } target && i < target.Parameters.Length
                && target.Parameters[i].Type is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IAsyncEnumerable" };
            OfIterator(site.Arguments[i], site, found, 0, isOpen);
        }
    }

    /// <summary>
    /// What a query operator of .NET returns: the functions that it keeps, and the sequences that it reads, run where the result is
    /// enumerated. Null where the call is none, or nothing of it is known.
    /// </summary>
    public static Value? QueryOf(CallStep call, Resolution resolution, ImmutableArray<Value> arguments)
    {
        if (!IsQuery(call, resolution)) return null;
        Value? parts = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            bool isKept = resolution.Contract.Parameters.TryGetValue(i, out var place) && place.IsDeferred
                ? arguments[i] is CombinedValue or Symbol { Role: SymbolRole.Function }
                : arguments[i] is Symbol { Role: SymbolRole.Iterator };
            if (isKept) parts = parts is null ? arguments[i] : CombinedValue.Either(parts, arguments[i]) ?? arguments[i];
        }

        return parts is null ? null : new Symbol(SymbolRole.Iterator, call.Id, Query, parts);
    }

    // It returns a sequence and enumerates nothing yet: Where, Select, OrderBy, Take.
    private static bool IsQuery(CallStep call, Resolution resolution)
    {
        if (!resolution.IsFramework) return false;
        bool isOperator = call.Target.ContainingType is { Name: "Enumerable" or "ParallelEnumerable" or "AsyncEnumerable", ContainingNamespace: { Name: "Linq" } };
        if (!isOperator && resolution.Contract.Parameters.IsEmpty) return false;
        return call.ResultType is INamedTypeSymbol { Name: "IEnumerable" or "IOrderedEnumerable" or "IAsyncEnumerable" or "IOrderedAsyncEnumerable" or "ParallelQuery" or "OrderedParallelQuery" };
    }

    /// <summary>What the call of an iterator returns: whoever enumerates it runs the body, with the type arguments of this call.</summary>
    public static Symbol IteratorOf(CallStep call, BodyKey body)
    {
        bool isGeneric = call.Target.IsGenericMethod;
        for (var type = call.Target.ContainingType; type is not null && !isGeneric; type = type.ContainingType) isGeneric = type.Arity > 0;
        return new Symbol(SymbolRole.Iterator, call.Id, body, isGeneric ? Constant.Of(call.Target) : null);
    }

    private void OfIterator(Value value, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth, bool isOpen)
    {
        if (depth > DelegateDepth) return;
        switch (value)
        {
            case Symbol { Role: SymbolRole.Iterator, Key: Query, Parent: { } kept }:
                foreach (var part in kept is CombinedValue combined ? combined.Parts : ImmutableArray.Create(kept))
                {
                    if (part is Symbol { Role: SymbolRole.Iterator }) OfIterator(part, site, found, depth + 1, isOpen);
                    else OfFunction(part, Contract.None, "enumeration", site with { Arguments = ImmutableArray<Value>.Empty, Receiver = null }, null, found, depth + 1);
                }

                break;
            case Symbol { Role: SymbolRole.Iterator, Key: BodyKey key } iterator:
                OfBody(key, Contract.None, site with { Arguments = ImmutableArray<Value>.Empty, Target = (iterator.Parent as Constant)?.Item as IMethodSymbol }, found, depth);
                break;
            case Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured, Index: >= 0 } when isOpen:
                // Whether it is an iterator, the caller knows.
                var open = Entry(EffectKind.Deferred, site.Target is null ? "enumeration" : Naming.Of(site.Target), site);
                Apply(open with { Function = new Symbol(SymbolRole.Iterator, 0, null, value) }, site with { IsOpen = true }, found);
                break;
        }
    }

    /// <summary>Whether the first use of a type may matter.</summary>
    public bool IsCostly(INamedTypeSymbol type)
    {
        foreach (var constructor in type.StaticConstructors)
        {
            if (!_session.IsSilent(BodyKey.Of(constructor), _cancellation)) return true;
        }

        return false;
    }

    // Allocations and the hidden lock of a first use do not count.
    private static bool CountsAtFirstUse(EffectKind effect) =>
        effect.Equals(EffectKind.Sleep) || effect.Equals(EffectKind.Fault) || effect.Equals(EffectKind.CrossCall);

    /// <summary>What the answer of a callee tells of the contexts of its caller.</summary>
    public ImmutableArray<(bool Result, TestedContext Context)> TestsOf(Resolution resolution) =>
        resolution.Bodies.Length == 1 && SummaryOf(resolution.Bodies[0]) is { } summary ? summary.Tests : ImmutableArray<(bool Result, TestedContext Context)>.Empty;

    /// <summary>Whether the callee is this body, or leads back to it.</summary>
    public bool IsInCycleWith(BodyKey callee) =>
        callee.Equals(_body) || (_cycle is null ? _session.Summaries.AreInOneCycle(_body, callee) : _cycle.Contains(callee));

    private static void RemoveAllocations(ImmutableArray<AppliedEffect>.Builder found)
    {
        int kept = 0;
        for (int i = 0; i < found.Count; i++)
        {
            if (!found[i].Entry.Effect.Equals(EffectKind.Allocate)) found[kept++] = found[i];
        }

        found.Count = kept;
    }
}
