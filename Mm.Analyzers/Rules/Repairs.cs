using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>What a code fix has to know to repair a violation, as properties of its diagnostic.</summary>
internal static class Repairs
{
    public static readonly ImmutableDictionary<string, string?> None = ImmutableDictionary<string, string?>.Empty;

    /// <summary>How the argument on which an effect hangs would have to be, where it hangs on one.</summary>
    public static ImmutableDictionary<string, string?> OfArgument(EffectEntry entry)
    {
        foreach (var fact in entry.Guard.All)
        {
            switch (fact.Key)
            {
                case Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal }:
                    if (entry.IsFlags && fact.Value.Ones != 0 && !fact.Value.IsExact) return Of(ordinal, RepairKeys.Clear, unchecked((long)fact.Value.Ones));
                    if (entry.IsFlags && fact.Value.Zeros != 0 && !fact.Value.IsExact) return Of(ordinal, RepairKeys.Set, unchecked((long)fact.Value.Zeros));
                    if (fact.Value.Excluded.Length == 1 && fact.Value.Excluded[0] is long other) return Of(ordinal, RepairKeys.Pass, other);
                    break;
                case Operation { Kind: Operator.And, Left: Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal }, Right: Constant { Item: long mask } }
                    when entry.IsFlags && fact.Value.Excluded.Contains(0L):
                    return Of(ordinal, RepairKeys.Clear, mask);
            }
        }

        return None;
    }

    public static ImmutableDictionary<string, string?> Declaring(IEnumerable<DeclarationText> declarations)
    {
        string lines = string.Join("\n", declarations.Select(static declaration => declaration.Encode()));
        return lines.Length == 0 ? None : None.Add(RepairKeys.Declare, lines);
    }

    /// <summary>
    /// That the member itself says what it does to contexts: where nothing is said yet, and all its ways to return do the same.
    /// </summary>
    public static ImmutableDictionary<string, string?> DeclaringTransitions(Session session, FlowResult result) =>
        IsFreeToDeclare(result) && result.Contract.Transitions.IsEmpty
            ? Declaring(InferredDeclarations.Transitions(Summarizer.Summarize(session, result).Outcomes))
            : None;

    /// <summary>That the member asks of its callers what it needs: the contexts.</summary>
    public static ImmutableDictionary<string, string?> Requiring(FlowResult result, ImmutableArray<ContextKind> contexts) =>
        IsFreeToDeclare(result) && result.Contract.RunsIn.IsEmpty
            ? Declaring(contexts.Select(static context => new DeclarationText("Requires", context.Name)))
            : None;

    // A lambda says nothing to anybody, and whoever overrides or implements must not ask for more than is declared there.
    private static bool IsFreeToDeclare(FlowResult result) =>
        result.Body.Key.Method is { MethodKind: not (MethodKind.LambdaMethod or MethodKind.StaticConstructor or MethodKind.Destructor) } method
        && !result.Contract.IsTrusted && Contracts.BasesOf(method).IsEmpty;

    private static ImmutableDictionary<string, string?> Of(int ordinal, string key, long number) => None
        .Add(RepairKeys.Argument, ordinal.ToString(CultureInfo.InvariantCulture))
        .Add(key, number.ToString(CultureInfo.InvariantCulture));
}
