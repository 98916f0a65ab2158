using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A call that might fault, in a context that forbids Fault.</summary>
internal sealed class FaultInAtomicContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1002",
        "Call that might fault in a context that forbids it",
        "{0} might {1} but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A page fault cannot be handled in this context. Touch the memory before the context is entered, or use a form that does not fault.",
        Documentation + "MM1002.md");

    public FaultInAtomicContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(static finding => finding.Entry.Effect.Equals(EffectKind.Fault)) is { } finding
            ? findings.Report(this, finding)
            : null;
}
