using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// Writes a summary as the text that other assemblies get to see: a line for each effect and each way to return, fields with tabs
/// between them, each but the first two marked by its first character. Whatever has no text is left out in the direction that hides no
/// effect; what is left out of transitions makes them unknown. The format is told in <c>docs/decisions/0003-recorded-summaries.md</c>.
/// </summary>
internal static class SummaryWriter
{
    // A message shows twelve hops at most.
    private const int PathLimit = 12;
    private const string Gap = "…";

    /// <summary>Between the name of a primitive and the condition on which it has its effect.</summary>
    internal const char ConditionMark = '‖';

    /// <summary>In place of a parameter's number, the object itself.</summary>
    internal const string This = "this";

    /// <summary>Null where there is nothing to say.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="declared">What the metadata say anyhow.</param>
    public static string? Write(Summary summary, Contract declared)
    {
        if (declared.IsTrusted) return null;
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        Witness? unknown = null;
        foreach (var entry in summary.Effects)
        {
            if (entry.Effect.Role == EffectRole.Unknown) unknown = unknown is null || Witness.Compare(entry.Witness, unknown) < 0 ? entry.Witness : unknown;
            else if (Line(entry, declared) is { } line) lines.Add(line);
        }

        // That something is called of which nothing is known needs saying once.
        if (unknown is not null) lines.Add("unknown\t\t" + Path(unknown));

        if (declared.Transitions.IsEmpty)
        {
            if (summary.Outcomes.IsEmpty) lines.Add("never");
            else if (summary.Outcomes.Any(Matters) || summary.Outcomes is { Length: 1 } only && only[0].Guard.All.Length > 0) lines.UnionWith(Ways(summary.Outcomes));
        }

        return lines.Count == 0 ? null : string.Join("\n", lines);
    }

    private static string? Line(EffectEntry entry, Contract declared)
    {
        string? head = entry.Effect.Role switch
        {
            EffectRole.Effect when !entry.Effect.IsOfRegions && !declared.Mentions(entry.Effect) => "might\t" + entry.Effect.Name,
            EffectRole.ForbiddenIn when !declared.ForbiddenIn.Any(context => entry.Effect.Context!.Implies(context)) => "forbidden\t" + entry.Effect.Context!.Name,
            EffectRole.Deferred when entry is { IsStarted: false, Through: null, Member: { } member, Function: Symbol { Role: SymbolRole.Parameter, Parent: null, Index: var asked } } =>
                member.GetDocumentationCommentId() is { } id ? $"asks\t{(asked < 0 ? This : asked.ToString(CultureInfo.InvariantCulture))} {id}" : null,
            EffectRole.Deferred when entry is { Through: null, Function: Symbol { Role: SymbolRole.Parameter, Index: >= 0, Parent: null } function }
                && !(declared.Parameters.TryGetValue(function.Index, out var place) && (place.IsDeferred || entry.IsStarted)) =>
                (entry.IsStarted ? "starts\t" : "invokes\t") + function.Index.ToString(CultureInfo.InvariantCulture),
            EffectRole.Deferred when !entry.IsStarted && entry.TypeParameter is { } parameter => $"calls\t{Name(parameter)} {entry.Member?.GetDocumentationCommentId()}",
            _ => null,
        };
        if (head is null) return null;
        var fields = new List<string> { head };
        int before = fields.Count;
        fields.AddRange(Facts(entry.Guard));

        // Flags of an object cannot be said, and without them the effect would count whatever they are.
        if (entry.IsFlags && entry.Guard.Mentions(SymbolRole.Field)) return null;

        // Flags of which nothing is left to ask are decided.
        if (entry.IsFlags && fields.Count > before) fields.Add("f");
        fields.AddRange(Tested(entry.Contexts));
        fields.AddRange(Changes(entry.Change));
        if (entry.Own is { } own) fields.AddRange(own.Contexts.Select(static context => "h" + context.Name));
        fields.Add(Path(entry.Witness));
        return string.Join("\t", fields);
    }

    // The first type parameter of the method, or of the type.
    private static string Name(ITypeParameterSymbol parameter) =>
        (parameter.TypeParameterKind == TypeParameterKind.Method ? "m" : "t") + parameter.Ordinal.ToString(CultureInfo.InvariantCulture);

    private static string Path(Witness witness) => ">" + string.Join(">", Names(witness));

    private static IEnumerable<string> Names(Witness witness)
    {
        var names = new List<string>();
        for (var at = witness; at is not null; at = at.Next) names.Add((at.Condition.Length > 0 ? at.Name + ConditionMark + at.Condition : at.Name).Replace('>', '›').Replace('\t', ' ').Replace('\n', ' '));
        if (names.Count <= PathLimit) return names;
        return names.Take(PathLimit / 2).Append(Gap).Concat(names.Skip(names.Count - (PathLimit / 2)));
    }

    private static bool Matters(Outcome outcome) =>
        !outcome.Change.IsNone || !outcome.Disposed.IsEmpty || outcome.Value is Symbol { Role: SymbolRole.Instance } || !outcome.Contexts.IsEmpty;

    private static IEnumerable<string> Ways(ImmutableArray<Outcome> outcomes)
    {
        var ways = new List<string>();
        foreach (var outcome in outcomes)
        {
            var fields = new List<string> { "returns", "" };
            fields.AddRange(Facts(outcome.Guard));
            fields.AddRange(Tested(outcome.Contexts));
            if (!outcome.Result.IsNothing && ValueText.Of(outcome.Result) is { } result) fields.Add("r" + result);
            foreach (var reference in outcome.References.OrderBy(static pair => pair.Key))
            {
                if (ValueText.Of(reference.Value) is { } known) fields.Add($"&{reference.Key.ToString(CultureInfo.InvariantCulture)} {known}");
            }

            fields.AddRange(Changes(outcome.Change));
            foreach (var disposed in outcome.Disposed)
            {
                if (ValueText.Of(disposed) is { } parameter) fields.Add("d" + parameter);
            }

            if (outcome.Value is Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol made }) fields.Add("g" + WellKnown.MetadataName(made));
            ways.Add(string.Join("\t", fields));
        }

        // What told the ways apart cannot be said: then nobody knows how it returns, and that is silent.
        if (AreTold(outcomes)) return ways;
        var hull = outcomes.Aggregate(ContextDepths.None, static (all, outcome) => outcome.Change.Entries.Aggregate(all, static (depths, entry) => depths.With(entry.Context, Depth.Unknown)));
        return new[] { string.Join("\t", new[] { "returns", "" }.Concat(Changes(hull))) };
    }

    /// <summary>Whether of any two ways that leave the contexts differently, what can be said tells which it was.</summary>
    private static bool AreTold(ImmutableArray<Outcome> outcomes)
    {
        var said = outcomes.Select(static outcome => outcome with { Guard = outcome.Guard.Where(static fact => IsSayable(fact.Key, fact.Value)) }).ToList();
        for (int i = 0; i < said.Count; i++)
        {
            for (int j = i + 1; j < said.Count; j++)
            {
                if (!said[i].Change.Equals(said[j].Change) && !said[i].IsToldFrom(said[j])) return false;
            }
        }

        return true;
    }

    private static bool IsSayable(Value key, Known known) => ValueText.Of(key) is not null && ValueText.Of(known) is not null;

    private static IEnumerable<string> Facts(FactSet guard)
    {
        var texts = new List<string>();
        foreach (var fact in guard.All)
        {
            if (ValueText.Of(fact.Key) is { } value && ValueText.Of(fact.Value) is { } known) texts.Add($"?{value} {known}");
        }

        texts.Sort(StringComparer.Ordinal);
        return texts;
    }

    private static IEnumerable<string> Tested(ImmutableArray<TestedContext> contexts) =>
        contexts.Select(static tested => (tested.IsIn ? "i" : "o") + tested.Context.Name).OrderBy(static text => text, StringComparer.Ordinal);

    private static IEnumerable<string> Changes(ContextDepths change) =>
        change.Entries.Select(static entry => $"~{entry.Context.Name} {(entry.Depth.IsUnknown ? "?" : Bound(entry.Depth.Low, "-") + ".." + Bound(entry.Depth.High, "+"))}");

    private static string Bound(int bound, string open) =>
        bound is int.MinValue or int.MaxValue ? open : bound.ToString(CultureInfo.InvariantCulture);
}
