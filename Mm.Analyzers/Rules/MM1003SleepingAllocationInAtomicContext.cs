using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>As MM1001, where the effect hangs on a flags argument.</summary>
internal sealed class SleepingAllocationInAtomicContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1003",
        "Flags that allow sleeping in a context that forbids it",
        "{0} might {1} but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "The flags that are passed allow the callee to sleep. Pass flags that do not, or make the call outside the context.",
        Documentation + "MM1003.md");

    public SleepingAllocationInAtomicContext()
        : base(s_descriptor)
    {
    }

    /// <summary>Where a shorter way to sleep hangs on no flags, other flags would not help: that is MM1001.</summary>
    public override Violation? Judge(StepFindings findings)
    {
        if (findings.Shortest(static finding => finding.Entry.IsFlags && finding.Entry.Effect.Equals(EffectKind.Sleep)) is not { } finding) return null;
        var always = findings.Shortest(static other => !other.Entry.IsFlags && other.Entry.Effect.Equals(EffectKind.Sleep));
        return always is not null && always.Entry.Witness.Length < finding.Entry.Witness.Length ? null : findings.Report(this, finding);
    }
}
