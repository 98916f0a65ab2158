using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A path takes the same non-recursive lock again while it holds it.</summary>
internal sealed class LockTakenTwice : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2008",
        "Lock is taken again by a path that holds it",
        "{0} is taken again, but this path holds it{1}{2}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A spin lock does not know who holds it: whoever takes it twice waits for itself. Take it once, or give the inner member a variant that requires the lock.",
        Documentation + "MM2008.md");

    public LockTakenTwice()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        // 'P++' reads and writes: a lock that both take is one cause.
        HashSet<(Location, Value)>? read = null;
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.IsExceptional) continue;
                foreach (var effect in reach.Effects)
                {
                    if (effect.Entry.Acquired is not { IsTry: false, HangsOnState: false } acquired || effect.IsDormant || effect.IsGeneric || effect.IsElsewhere) continue;
                    if (!LockIdentity.IsExact(acquired.Lock)) continue;
                    var first = HolderOf(result, reach.Before, effect.At, acquired);
                    if (first is null && !acquired.Under.Contains(acquired.Lock)) continue;
                    if (visit.Step is CallStep { ReadAt: { } at } && read?.Contains((at, acquired.Lock)) == true) continue;
                    read ??= new HashSet<(Location, Value)>();
                    read.Add((visit.Step.Location, acquired.Lock));
                    yield return new Violation(this, visit.Step.Location) { Lock = acquired.Lock, Holder = first, Path = effect.Entry.Witness };
                }
            }
        }
    }

    private static Held? HolderOf(FlowResult result, Alternative before, ContextDepths at, Acquisition acquired)
    {
        foreach (var held in before.LocksAt(at))
        {
            if (acquired.Lock.Equals(held.Lock) && IsOfOneKind(acquired, held) && !Balance.IsConflict(result, held)) return held;
        }

        return null;
    }

    // An object that gives out guards of contexts which have nothing to do with each other has more than one lock.
    private static bool IsOfOneKind(Acquisition acquired, Held held)
    {
        foreach (var context in acquired.Contexts)
        {
            foreach (var other in held.Contexts)
            {
                if (context.Implies(other) || other.Implies(context)) return true;
            }
        }

        return false;
    }
}
