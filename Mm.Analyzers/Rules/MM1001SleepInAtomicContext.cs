using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A call that might sleep, in a context that forbids Sleep.</summary>
internal sealed class SleepInAtomicContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1001",
        "Call that might sleep in a context that forbids it",
        "{0} might {1} but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A call that may block, wait or schedule is made where the CPU must not be given up: under a spin lock, with preemption or interrupts off, in a handler or an RCU read section.",
        Documentation + "MM1001.md");

    public SleepInAtomicContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings) =>
        findings.Shortest(static finding => finding.Entry.Effect.Equals(EffectKind.Sleep)) is { } finding
            ? findings.Report(this, finding)
            : null;
}
