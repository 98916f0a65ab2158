using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A context is left that was not entered, and is not entered again before the return.</summary>
internal sealed class ContextNotEntered : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2002",
        "Context is left that was not entered",
        "{0} left here, but this path has not entered {1}",
        Category.Balance,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A lock is released, or a context left, more often than it was entered. A member that gives back what its caller has entered says so with [Leaves<C>].",
        Documentation + "MM2002.md");

    public ContextNotEntered()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (!Balance.IsChecked(session, result)) yield break;
        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional) continue;
            var found = new List<Violation>();
            foreach (var site in visit.At.Below)
            {
                if (site.IsOfCaller || IsConsequence(visit.At, site)) continue;
                if (Balance.IsConflict(result, site.Context) || !visit.At.Depths[site.Context].IsBelowZero) continue;
                if (WrongLockReleased.Explains(session, result, site.Context)) continue;

                // Contexts that one call leaves together are one report.
                int said = found.FindIndex(other => other.Location.Equals(site.Location));
                if (said < 0)
                {
                    found.Add(new Violation(this, site.Location)
                    {
                        Contexts = ImmutableArray.Create(site.Context),
                        Lock = NamedHere(result, site.Lock),
                        Repair = Repairs.DeclaringTransitions(session, result),
                    });
                }
                else if (!found[said].Contexts.Contains(site.Context))
                {
                    found[said] = found[said] with { Contexts = found[said].Contexts.Add(site.Context), Lock = found[said].Lock ?? NamedHere(result, site.Lock) };
                }
            }

            foreach (var violation in found) yield return violation;
        }
    }

    // The private lock of another class means nothing to whoever reads this.
    private static Value? NamedHere(FlowResult result, Value? @lock) =>
        @lock is Symbol { Role: SymbolRole.Field, Key: ISymbol { ContainingType: { } owner } } && !SymbolEqualityComparer.Default.Equals(owner.OriginalDefinition, result.Body.Key.Symbol.ContainingType?.OriginalDefinition) ? null : @lock;

    // Of a loop that leaves in some of its turns, the leave in the loop is the cause of those behind it.
    private static bool IsConsequence(Alternative at, LeaveSite site)
    {
        if (!at.Depths[site.Context].MayBeSpent) return false;
        foreach (var other in at.Below)
        {
            if (other.Context.Equals(site.Context) && !other.IsOfCaller) return !other.Equals(site);
        }

        return false;
    }
}
