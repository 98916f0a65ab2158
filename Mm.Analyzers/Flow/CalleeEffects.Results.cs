using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What callers may build on in the results of a callee. That the body of an annotated member returns a constant is no promise, nor is it
/// for a virtual one, which somebody may override: the branch that waits for another result is alive. What the result is there to tell
/// stays: how contexts have changed, which flags came out, and what a condition on the arguments came to.
/// </summary>
internal sealed partial class CalleeEffects
{
    /// <summary>How a call may return, as far as its caller may rely on it.</summary>
    public ImmutableArray<Outcome> OutcomesOf(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative alternative)
    {
        var outcomes = WithTypeArguments(OutcomesOf(resolution, call.ReceiverType, receiver, arguments, alternative), call.Target, alternative);
        if (!outcomes.Any(static outcome => !outcome.Result.IsNothing || outcome.Value is not null || !outcome.References.IsEmpty)) return outcomes;
        if (!call.IsVirtual && _session.Contracts.OwnOf(call.Target).IsNone) return outcomes;
        if (outcomes.Any(static outcome => !outcome.Change.IsNone || !outcome.Locks.IsEmpty || !outcome.Disposed.IsEmpty)) return outcomes;
        var type = call.Target.ReturnType;
        if (WellKnown.IsFlags(type) || type.SpecialType == SpecialType.System_Boolean && HangsOnArguments(resolution)) return outcomes;
        bool isObject = type.IsReferenceType || type is { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } && type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T;
        return outcomes.Select(outcome => isObject && outcome.Value is not (null or Constant)
            ? outcome with { Result = Known.Nothing, References = ImmutableDictionary<int, Known>.Empty }
            : new Outcome { Families = outcome.Families }).Distinct().ToImmutableArray();
    }

    /// <summary>How the invocation of a function may return, with the type arguments that it was made with.</summary>
    public ImmutableArray<Outcome> OutcomesOf(Symbol function, ImmutableArray<Value> arguments, Alternative alternative)
    {
        var outcomes = OutcomesOf((BodyKey)function.Key!, null, CalledValue.ReceiverOf(function), arguments, alternative);
        return function.Parent is CalledValue { Target: IMethodSymbol target } ? WithTypeArguments(outcomes, target, alternative) : outcomes;
    }

    /// <summary>What a delegate gives that is invoked out of a place, where it gives a delegate: one of those that the functions in there return.</summary>
    public Value? FunctionGivenBy(InvokeStep invoke, Value function, ImmutableArray<Value> arguments, Alternative alternative)
    {
        if (invoke.DelegateType is not INamedTypeSymbol { DelegateInvokeMethod.ReturnType.TypeKind: TypeKind.Delegate } || function is not Symbol { Role: SymbolRole.Field }) return null;
        var flows = FlowsInto(function);
        if (flows.Values.IsDefaultOrEmpty || !flows.IsAll) return null;
        Value? given = null;
        foreach (var flow in flows.Values)
        {
            if (flow is not Symbol { Role: SymbolRole.Function } target) return null;
            foreach (var outcome in OutcomesOf(target, arguments, alternative))
            {
                if (outcome.Value is not { } value || !Composites.HoldFunction(value)) return null;
                given = given is null || given.Equals(value) ? value : CombinedValue.Either(given, value);
                if (given is null) return null;
            }
        }

        return given;
    }

    /// <summary>How a call may return, with the arguments put in.</summary>
    public ImmutableArray<Outcome> OutcomesOf(Resolution resolution, ITypeSymbol? type, Value? receiver, ImmutableArray<Value> arguments, Alternative alternative)
    {
        if (resolution.Bodies.IsEmpty) return Summary.Neutral.Outcomes;
        if (resolution.Bodies.Length == 1) return AsDeclared(OutcomesOf(resolution.Bodies[0], type, receiver, arguments, alternative), resolution, resolution.Bodies[0], receiver);
        var bodies = new List<(INamedTypeSymbol Type, ImmutableArray<Outcome> Ways)>(resolution.Bodies.Length);
        bool isChanging = false;
        foreach (var key in resolution.Bodies)
        {
            var ways = AsDeclared(OutcomesOf(key, type, receiver, arguments, alternative), resolution, key, receiver);
            isChanging |= ways.Any(static way => !way.Change.IsNone);
            bodies.Add((key.Symbol.ContainingType, ways));
        }

        // The result of a try that failed matters, too; where nothing is ever entered or left, no result does.
        for (int i = 0; i < bodies.Count; i++)
        {
            var bare = bodies[i].Ways.Select(way => new Outcome
            {
                Change = way.Change,
                Result = isChanging ? way.Result : Known.Nothing,
                Locks = way.Locks,
                Guarded = way.Guarded,
                Disposed = way.Disposed,
                Families = way.Families,
            });
            bodies[i] = (bodies[i].Type, bare.Distinct().ToImmutableArray());
        }

        return ReceiverKind.Tell(bodies, receiver, alternative.Facts);
    }

    /// <summary>The classes of which the result may be, where all bodies that may run have made it.</summary>
    public ImmutableArray<INamedTypeSymbol> ClassesOf(ImmutableArray<BodyKey> bodies)
    {
        var classes = ImmutableArray<INamedTypeSymbol>.Empty;
        foreach (var key in bodies)
        {
            if (SummaryOf(key) is not { Classes: { IsEmpty: false } made }) return ImmutableArray<INamedTypeSymbol>.Empty;
            classes = MadeResults.Union(classes, made);
        }

        return classes.Length <= MadeResults.Limit ? classes : ImmutableArray<INamedTypeSymbol>.Empty;
    }

    // What an override or implementation enters or leaves and the declaration does not say is MM3001 there; callers go by the declaration.
    // A base class knows its own object better: what it calls on it is told to its callers with the class.
    private static ImmutableArray<Outcome> AsDeclared(ImmutableArray<Outcome> ways, Resolution resolution, BodyKey key, Value? receiver)
    {
        if (resolution.Dispatched is not { } declared || Equals(receiver, Symbol.This) || SymbolEqualityComparer.Default.Equals(key.Symbol.OriginalDefinition, declared)) return ways;
        return ways.All(static way => way.Change.IsNone) ? ways
            : ways.Select(static way => way.Change.IsNone ? way : way with { Change = ContextDepths.None, Locks = ImmutableArray<LockMove>.Empty }).Distinct().ToImmutableArray();
    }

    public ImmutableArray<Outcome> OutcomesOf(BodyKey key, ITypeSymbol? type, Value? receiver, ImmutableArray<Value> arguments, Alternative alternative)
    {
        if (SummaryOf(key) is not { } summary) return Summary.Neutral.Outcomes;
        if (ReferenceEquals(summary, Summary.Neutral)) return summary.Outcomes;
        var site = new Site(Location.None, key.Method, alternative, arguments, receiver) { ReceiverType = type };
        var outcomes = ImmutableArray.CreateBuilder<Outcome>(summary.Outcomes.Length);
        foreach (var outcome in summary.Outcomes)
        {
            if (Substitute(outcome.Guard, site, FactSet.Empty) is not { } guard) continue;
            outcomes.Add(outcome.SpeaksOfArguments ? InCaller(outcome, guard, site) : outcome);
        }

        return outcomes.Count == outcomes.Capacity ? outcomes.MoveToImmutable() : outcomes.ToImmutable();
    }

    private Outcome InCaller(Outcome outcome, FactSet guard, Site site) => outcome with
    {
        Guard = guard,
        Value = outcome.Value is null ? null : InSite(outcome.Value, site),
        Handed = outcome.Handed.IsEmpty ? outcome.Handed : outcome.Handed.ToImmutableSortedDictionary(static pair => pair.Key, pair => pair.Value is ClosureValue ? pair.Value.Substitute(symbol => Replace(symbol, site)) : InSite(pair.Value, site)),
        Locks = outcome.Locks.IsEmpty ? outcome.Locks : outcome.Locks.Select(move => move with { Lock = InCaller(move.Lock, site) }).ToImmutableArray(),
        Disposed = outcome.Disposed.IsEmpty ? outcome.Disposed : outcome.Disposed.Select(guard => guard.Substitute(symbol => Replace(symbol, site))).ToImmutableArray(),
        Guarded = outcome.Guarded is null ? null : InCaller(outcome.Guarded, site),
    };

    /// <summary>A sequence or a delegate that a generic method returns is one of the type arguments of its caller.</summary>
    private static ImmutableArray<Outcome> WithTypeArguments(ImmutableArray<Outcome> outcomes, IMethodSymbol called, Alternative alternative)
    {
        if (!outcomes.Any(static outcome => outcome.Value?.Mentions(IsBound) == true || outcome.Handed.Any(static pair => pair.Value.Mentions(IsBound)))) return outcomes;
        var site = new Site(Location.None, called, alternative, ImmutableArray<Value>.Empty, null);
        Value Bind(Symbol symbol) => IsBound(symbol) && symbol.Parent is CalledValue bound
            ? symbol.On(bound.With(InCaller((IMethodSymbol)bound.Target!, site), bound.Type is ITypeSymbol type ? InCaller(type, site) : null))
            : symbol;
        return outcomes.Select(outcome => outcome with
        {
            Value = outcome.Value?.Substitute(Bind),
            Handed = outcome.Handed.IsEmpty ? outcome.Handed : outcome.Handed.ToImmutableSortedDictionary(static pair => pair.Key, pair => pair.Value.Substitute(Bind)),
        }).ToImmutableArray();
    }

    private static bool IsBound(Symbol symbol) => symbol is { Role: SymbolRole.Iterator or SymbolRole.Function, Parent: CalledValue { Target: IMethodSymbol } };

    private static IMethodSymbol InCaller(IMethodSymbol method, Site site)
    {
        var definition = method.OriginalDefinition;
        if (method.ContainingType is { } type && InCaller(type, site) is INamedTypeSymbol container) definition = Implementations.Constructed(definition, container);
        return method.Arity == 0 ? definition : definition.Construct(method.TypeArguments.Select(argument => InCaller(argument, site)).ToArray());
    }

    private bool HangsOnArguments(Resolution resolution)
    {
        foreach (var key in resolution.Bodies)
        {
            if (SummaryOf(key) is { } summary && summary.Outcomes.Any(static outcome => outcome.Value is Operation || outcome.Guard.All.Length > 0 || outcome.Contexts.Length > 0)) return true;
        }

        return false;
    }
}
