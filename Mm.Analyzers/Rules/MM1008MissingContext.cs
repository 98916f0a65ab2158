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
        "{0} requires {1}, which is not entered here{2}",
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
            ? findings.Report(this, finding) with { Repair = Repairs.Requiring(findings.Result, ImmutableArray.Create(finding.Context)) }
            : null;
}
