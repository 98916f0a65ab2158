using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A [ForbiddenIn] member called in its context.</summary>
internal sealed class ForbiddenContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1007",
        "Member called in a context that it forbids",
        "{0} must not be called {1}{2}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A member that declares [ForbiddenIn<C>] is called where C is entered, directly or through members without annotations.",
        Documentation + "MM1007.md");

    public ForbiddenContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(finding => finding.Entry.Effect.Role == EffectRole.ForbiddenIn && !IsOfSleepingFlags(finding, findings)) is { } finding
            ? findings.Report(this, finding)
            : null;

    // Who may not sleep here and passes flags that allow it gets to the member by these flags alone: MM1003 says so, and changes them.
    private static bool IsOfSleepingFlags(Finding finding, StepFindings findings)
    {
        foreach (var other in findings.Forbidden)
        {
            if (!other.Entry.IsFlags || !other.Entry.Effect.Equals(EffectKind.Sleep)) continue;
            if (other.Entry.Guard.Mentions(flags => flags is { Role: SymbolRole.Parameter, Index: >= 0 } && finding.Entry.Guard.Mentions(flags.Equals))) return true;
        }

        return false;
    }
}
