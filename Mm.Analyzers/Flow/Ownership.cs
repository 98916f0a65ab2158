using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Which allocator family owns a value, and which one frees an argument: declared, or inferred of what forwards.</summary>
internal static class Ownership
{
    /// <summary>The family of a value in a body; null where it is not known.</summary>
    public static string? Of(Session session, FlowResult result, Value value)
    {
        switch (value)
        {
            case Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when result.Body.Key.Method is { } method && ordinal < method.Parameters.Length:
                return session.Contracts.OfPlaceOnly(method.Parameters[ordinal]).Family;
            case Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol captured }:
                return session.Contracts.OfPlaceOnly(captured).Family;
            case Symbol { Role: SymbolRole.Field, Key: ISymbol field and not IParameterSymbol }:
                return session.Contracts.OfPlaceOnly(field).Family;
            case Symbol { Role: SymbolRole.Result, Index: var step } when Calls(result).TryGetValue(step, out var call):
                return session.Contracts.Of(call.Target).Result?.Family ?? Inferred(session, call)?.ResultFamily;
            default:
                return null;
        }
    }

    /// <summary>The family that frees an argument of a call; null where the callee frees nothing.</summary>
    public static string? FreedBy(Session session, CallStep call, int ordinal)
    {
        var target = call.Target.OriginalDefinition;
        if (ordinal >= target.Parameters.Length) return null;
        if (session.Contracts.OfPlaceOnly(target.Parameters[ordinal]).Family is { } declared) return declared;
        return Inferred(session, call) is { } summary && summary.ParameterFamilies.TryGetValue(ordinal, out string? family) ? family : null;
    }

    public static string? OfResult(Session session, FlowResult result)
    {
        string? family = null;
        foreach (var visit in result.Returns)
        {
            if (visit.Result is null or Constant { Item: null }) continue;
            if (Of(session, result, visit.Result) is not { } one || family is not null && family != one) return null;
            family = one;
        }

        return family;
    }

    public static ImmutableDictionary<int, string> OfParameters(Session session, FlowResult result)
    {
        var families = ImmutableDictionary<int, string>.Empty;
        foreach (var visit in result.Visits)
        {
            if (visit.Step is not CallStep call) continue;
            for (int i = 0; i < call.Arguments.Length; i++)
            {
                if (call.Arguments[i] is not Symbol { Role: SymbolRole.Parameter, Index: >= 0 } || FreedBy(session, call, i) is not { } family) continue;
                foreach (var reach in visit.Reaches)
                {
                    if (reach.Before.Evaluate(call.Arguments[i]) is Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal }) families = families.SetItem(ordinal, family);
                }
            }
        }

        return families;
    }

    private static Dictionary<int, CallStep> Calls(FlowResult result)
    {
        if (result.Calls is { } known) return known;
        var calls = new Dictionary<int, CallStep>();
        foreach (var block in result.Body.Blocks)
        {
            foreach (var step in block.Steps)
            {
                if (step is CallStep call) calls[call.Id] = call;
            }
        }

        return result.Calls = calls;
    }

    private static Summaries.Summary? Inferred(Session session, CallStep call)
    {
        var bodies = session.Resolver.Resolve(call, default).Bodies;
        return bodies.Length == 1 ? session.Summaries.Find(bodies[0]) : null;
    }
}
