using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A managed allocation where Allocate is forbidden.</summary>
internal sealed class AllocationInNoGcContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1004",
        "Managed allocation in a context that forbids it",
        "{0} might {1} but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Something is allocated on the managed heap where the garbage collector must not run. Boxing, closures, params arrays and string building count.",
        Documentation + "MM1004.md");

    public AllocationInNoGcContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(static finding => finding.Entry.Effect.Equals(EffectKind.Allocate)) is { } finding
            ? findings.Report(this, finding)
            : null;
}
