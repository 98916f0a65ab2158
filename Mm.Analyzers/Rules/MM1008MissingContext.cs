using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A [Requires] member called outside its context.</summary>
internal sealed class MissingContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1008",
        "Member called outside the context that it requires",
        "{0} requires {1} not entered here{2}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A member that declares [Requires<C>] is called where C is not entered. Enter it, or declare that the caller requires it too.",
        Documentation + "MM1008.md");

    public MissingContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(static finding => finding.Entry.Effect.Role == EffectRole.Requires) is { } finding
            ? Report(findings, finding)
            : null;

    /// <summary>All that one member requires is one report.</summary>
    private Violation Report(StepFindings findings, Finding finding)
    {
        var contexts = ImmutableArray.Create(finding.Context);
        foreach (var other in findings.Forbidden)
        {
            if (other.Entry.Effect.Role == EffectRole.Requires && !contexts.Contains(other.Context) && Summaries.Witness.Compare(other.Entry.Witness, finding.Entry.Witness) == 0) contexts = contexts.Add(other.Context);
        }

        return findings.Report(this, finding) with { Contexts = contexts, Repair = Repairs.Requiring(findings.Result, contexts) };
    }
}
