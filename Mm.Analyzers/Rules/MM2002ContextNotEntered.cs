using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;

namespace Mm.Analyzers.Rules;

/// <summary>A context is left that was not entered, and is not entered again before the return.</summary>
internal sealed class ContextNotEntered : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2002",
        "Context is left that was not entered",
        "{0} is left here, but this path has not entered it",
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
            foreach (var site in visit.At.Below)
            {
                if (site.IsOfCaller || IsConsequence(visit.At, site)) continue;
                if (Balance.IsConflict(result, site.Context) || !visit.At.Depths[site.Context].IsBelowZero) continue;
                if (WrongLockReleased.Explains(session, result, site.Context)) continue;
                yield return new Violation(this, site.Location)
                {
                    Contexts = ImmutableArray.Create(site.Context),
                    Repair = Repairs.DeclaringTransitions(session, result),
                };
            }
        }
    }

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
