using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>await or yield inside a context that forbids Sleep: the method is left with the context entered.</summary>
internal sealed class AwaitInAtomicContext : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1006",
        "Method is left inside a context that forbids sleeping",
        "'{0}' leaves the method but runs {2}{3}",
        Category.Contexts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "await and yield hand control to somebody else. A context that forbids sleeping would stay entered meanwhile, perhaps on another thread.",
        Documentation + "MM1006.md");

    public AwaitInAtomicContext()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings)
    {
        if (findings.Step is not SuspendStep suspend) return null;
        foreach (var reach in findings.Visit.Reaches)
        {
            if (reach.Before.Forbidding(EffectKind.Sleep, reach.Before.Depths) is not { } context) continue;
            return new Violation(this, suspend.Location)
            {
                Subject = suspend.Kind == SuspendKind.Await ? "await" : "yield",
                Contexts = ImmutableArray.Create(context),
                Holder = reach.Before.HolderOf(context),
            };
        }

        return null;
    }
}
