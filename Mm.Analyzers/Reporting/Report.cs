using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.Reporting;

/// <summary>Makes the diagnostic of a violation.</summary>
internal static class Report
{
    public static Diagnostic Of(Violation violation)
    {
        var related = new List<Location>();
        if (violation.Holder?.Site is { IsInSource: true } entry) related.Add(entry);

        // The first hop is the reported call itself.
        for (var hop = violation.Path?.Next; hop is not null; hop = hop.Next)
        {
            if (hop.Location.IsInSource) related.Add(hop.Location);
        }

        return Diagnostic.Create(violation.Rule.Descriptor, violation.Location, related, Arguments(violation));
    }

    private static object[] Arguments(Violation violation)
    {
        string path = Wording.Path(violation.Path);
        var first = violation.Contexts.IsEmpty ? null : violation.Contexts[0];
        string situation = first is null ? "" : Wording.Situation(first, violation.Holder);
        string contexts = Wording.Contexts(violation.Contexts, violation.Holder);
        return violation.Rule switch
        {
            ContextNotLeft when violation.Detail.Length > 0 => [$"{contexts} not entered, although the declaration says so"],
            ContextNotLeft => [$"{contexts} still entered{Since(violation)}"],
            ContextNotEntered or ContextDiffersOnMerge => [contexts],
            ScopeDropped => [contexts, violation.Subject, violation.Detail],
            TrustWithoutReason => [violation.Subject],
            MissingContext => [violation.Subject, contexts, path],
            ForbiddenContext => [violation.Subject, situation, path],
            UnverifiedCall => [violation.Subject, "", violation.Detail.Length > 0 ? violation.Detail : $"runs {situation}", path],
            _ => [violation.Subject, Wording.Effects(violation.Effects) + Wording.Primitive(violation.Path), situation, path],
        };
    }

    private static string Since(Violation violation) =>
        violation.Holder?.Site is { IsInSource: true } site ? $" since line {site.GetLineSpan().StartLinePosition.Line + 1}" : "";
}
