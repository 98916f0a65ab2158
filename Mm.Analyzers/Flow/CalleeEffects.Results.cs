using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
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
        if (IsFlags(type) || type.SpecialType == SpecialType.System_Boolean && HangsOnArguments(resolution)) return outcomes;
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

    private static bool IsFlags(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum && type.GetAttributes().Any(static attribute => attribute.AttributeClass is { Name: "FlagsAttribute" });

    private bool HangsOnArguments(Resolution resolution)
    {
        foreach (var key in resolution.Bodies)
        {
            if (SummaryOf(key) is { } summary && summary.Outcomes.Any(static outcome => outcome.Value is Operation || outcome.Guard.All.Length > 0 || outcome.Contexts.Length > 0)) return true;
        }

        return false;
    }
}
