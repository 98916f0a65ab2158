using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A lock is released that this path does not hold, while it holds another of the same context.</summary>
internal sealed class WrongLockReleased : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2009",
        "Another lock is released than the one that is held",
        "{0} is released, but this path does not hold it; it holds '{1}'{2}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The number of locks is right, but it is the wrong one that goes: the lock that was taken stays held, and one that another CPU may hold is opened.",
        Documentation + "MM2009.md");

    public WrongLockReleased()
        : base(s_descriptor)
    {
    }

    /// <summary>One release too many of the context is the consequence of a wrong one before.</summary>
    public static bool Explains(FlowResult result, ContextKind context)
    {
        foreach (var (_, released, _) in Find(result))
        {
            if (released.Context.Equals(context)) return true;
        }

        return false;
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var (step, released, held) in Find(result)) yield return new Violation(this, step.Location) { Lock = released.Lock, Holder = held };
    }

    private static IEnumerable<(Step Step, LockMove Released, Held Held)> Find(FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.IsExceptional) continue;
                foreach (var released in reach.Released)
                {
                    if (LatestOther(result, reach.Before, released) is { } held) yield return (visit.Step, released, held);
                }
            }
        }
    }

    /// <summary>What was taken last, if everything that is held in the context is known, and is another lock.</summary>
    private static Held? LatestOther(FlowResult result, Alternative before, LockMove released)
    {
        var depth = before.Depths[released.Context];
        if (!LockIdentity.IsExact(released.Lock) || !depth.IsCertain || !depth.Equals(Depth.Exactly(before.CountOf(released.Context)))) return null;
        Held? latest = null;
        foreach (var held in before.Held)
        {
            if (!held.Contexts.Contains(released.Context)) continue;
            if (held.IsUncertain || !LockIdentity.AreDifferent(held.Lock, released.Lock) || Balance.IsConflict(result, held)) return null;
            latest = held;
        }

        return latest;
    }
}
