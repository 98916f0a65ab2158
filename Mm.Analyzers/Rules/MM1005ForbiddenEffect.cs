using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>Any other effect, in a context that forbids it.</summary>
internal sealed class ForbiddenEffect : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1005",
        "Call with an effect that its context forbids",
        "{0} might {1} but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A call may have an effect, for example a cross-CPU call or one defined in this project, that the context it runs in forbids.",
        Documentation + "MM1005.md");

    public ForbiddenEffect()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(static finding => finding.Entry.Effect.Role is EffectRole.Effect or EffectRole.Acquire) is { } finding
            ? findings.Report(this, finding)
            : null;
}
