using System.Collections.Generic;
using Microsoft.CodeAnalysis;
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
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.IsExceptional) continue;
                foreach (var effect in reach.Effects)
                {
                    if (effect.Entry.Acquired is not { IsTry: false, HangsOnState: false } acquired || effect.IsDormant || effect.IsGeneric) continue;
                    if (!LockIdentity.IsExact(acquired.Lock)) continue;
                    var first = HolderOf(result, reach.Before, effect.At, acquired.Lock) ?? RoundTheLoop(result, reach.Before, visit.Step.Location, acquired.Lock);
                    if (first is null && !acquired.Under.Contains(acquired.Lock)) continue;
                    yield return new Violation(this, visit.Step.Location) { Lock = acquired.Lock, Holder = first, Path = effect.Entry.Witness };
                }
            }
        }
    }

    /// <summary>
    /// A loop that takes the lock and does not release it has widened the depth: on the way back to its first step the lock is held by
    /// this step, or by one further down. Only of a lock that stands in a place of its own, which no turn of the loop exchanges.
    /// </summary>
    private static Held? RoundTheLoop(FlowResult result, Alternative before, Location here, Value @lock)
    {
        if (!IsSteady(@lock)) return null;
        foreach (var held in before.Held)
        {
            if (held.IsUncertain || held.IsDropped || held.Site is not { } site || !@lock.Equals(held.Lock) || Balance.IsConflict(result, held)) continue;
            if (site.SourceTree != here.SourceTree || site.SourceSpan.Start < here.SourceSpan.Start) continue;
            foreach (var context in held.Contexts)
            {
                if (context.IsLock && before.Depths[context] is { IsPossible: true, IsCertain: false }) return held;
            }
        }

        return null;
    }

    private static bool IsSteady(Value @lock)
    {
        if (@lock is not Symbol { Role: SymbolRole.Field or SymbolRole.Parameter or SymbolRole.Instance, Key: null or IFieldSymbol or INamedTypeSymbol } symbol) return false;
        for (var holder = symbol.Parent; holder is not null; holder = (holder as Symbol)?.Parent)
        {
            if (holder is not (Symbol { Role: SymbolRole.Parameter } or Symbol { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true } })) return false;
        }

        return true;
    }

    private static Held? HolderOf(FlowResult result, Alternative before, ContextDepths at, Value @lock)
    {
        foreach (var held in before.LocksAt(at))
        {
            if (@lock.Equals(held.Lock) && !Balance.IsConflict(result, held)) return held;
        }

        return null;
    }
}
