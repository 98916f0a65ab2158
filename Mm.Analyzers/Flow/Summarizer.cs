using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Turns what the flow found into what callers need.</summary>
internal static class Summarizer
{
    // Ways to one effect that differ only in their conditions; beyond this many, the condition is given up.
    private const int GuardLimit = 6;
    private const int OutcomeLimit = 4;
    private const int GuardSize = 7;

    public static Summary Summarize(Session session, FlowResult result)
    {
        var effects = new List<EffectEntry>();
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.HasSuspended) continue;
                foreach (var effect in reach.Effects)
                {
                    if (effect.IsGeneric) continue;
                    var judgement = Judgement.Of(result, reach.Before, effect);
                    if (judgement.Verdict is Verdict.Violates or Verdict.Void) continue;
                    Add(effects, Travelling(result, reach.Before, effect, judgement));
                }
            }
        }

        effects.Sort(static (a, b) =>
        {
            int order = string.CompareOrdinal(a.Effect.Name, b.Effect.Name);
            return order != 0 ? order : Witness.Compare(a.Witness, b.Witness);
        });
        return new Summary(effects.ToImmutableArray(), Outcomes(session, result))
        {
            ResultFamily = Ownership.OfResult(session, result),
            ParameterFamilies = Ownership.OfParameters(session, result),
        };
    }

    /// <summary>The depths that remain at a return when guards that were handed out or forgotten are left aside.</summary>
    public static ContextDepths NetChange(Session session, FlowResult result, ReturnVisit visit)
    {
        var depths = visit.At.Depths;
        foreach (var held in visit.At.Held)
        {
            if (held.Guard is null || held.HasEscaped) continue;
            foreach (var context in held.Contexts) depths = depths.Shift(context, -1);
        }

        var change = depths.Since(result.Start);
        if (result.Body.Key.Method is not { } method) return change;

        // Whoever returns a guard may enter its contexts by hand: the guard's type tells the caller.
        foreach (var scope in session.Contracts.ScopeOf(method.ReturnType))
        {
            foreach (var entry in change.Entries)
            {
                if (scope.Implies(entry.Context) && entry.Depth.Equals(Depth.One)) change = change.With(entry.Context, Depth.Zero);
            }
        }

        return change;
    }

    private static EffectEntry Travelling(FlowResult result, Alternative before, AppliedEffect effect, Judgement judgement)
    {
        var entry = effect.Entry;
        var contexts = entry.Contexts;
        foreach (var tested in before.Tested)
        {
            if (!contexts.Contains(tested)) contexts = contexts.Add(tested);
        }

        return entry with
        {
            Guard = Portable(effect.Facts),
            Contexts = contexts,
            Change = effect.At.Since(result.Start),
            Own = judgement.Verdict == Verdict.AwaitsFlags
                ? entry.Own ?? judgement.Holder ?? new Held(ImmutableArray.Create(judgement.Context!), null)
                : null,
        };
    }

    /// <summary>Only what speaks of parameters and captured variables means anything to a caller.</summary>
    private static FactSet Portable(FactSet facts) => facts.Where(static fact =>
        fact.Key.Size <= GuardSize
        && !fact.Key.Mentions(static symbol => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured) || symbol is { Role: SymbolRole.Parameter, Index: < 0 }));

    private static void Add(List<EffectEntry> effects, EffectEntry next)
    {
        int sameEffect = 0;
        for (int i = 0; i < effects.Count; i++)
        {
            var known = effects[i];
            if (!known.Effect.Equals(next.Effect)) continue;
            sameEffect++;
            if (!known.SameAs(next)) continue;
            if (Witness.Compare(next.Witness, known.Witness) < 0) effects[i] = next;
            return;
        }

        if (sameEffect < GuardLimit)
        {
            effects.Add(next);
            return;
        }

        // Too many conditions: the one without any covers them.
        next = next with { Guard = FactSet.Empty, Contexts = ImmutableArray<TestedContext>.Empty };
        int at = effects.FindIndex(next.SameAs);
        if (at < 0) effects.Add(next);
        else if (Witness.Compare(next.Witness, effects[at].Witness) < 0) effects[at] = next;
    }

    private static ImmutableArray<Outcome> Outcomes(Session session, FlowResult result)
    {
        var outcomes = new List<Outcome>();
        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional) continue;
            var known = visit.Result is null ? Known.Nothing : visit.At.Facts.Of(visit.Result);
            var value = visit.Result is { } returned && returned.Size <= GuardSize
                && !returned.Mentions(static symbol => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Function))
                    ? returned
                    : null;
            var outcome = new Outcome
            {
                Guard = Portable(visit.At.Facts),
                Result = IsTelling(result) ? known : Known.Nothing,
                Value = value,
                References = References(result, visit.At),
                Change = NetChange(session, result, visit),
            };
            if (!outcomes.Exists(outcome.SameAs)) outcomes.Add(outcome);
        }

        return Simplify(outcomes).ToImmutableArray();
    }

    // Results that a caller is likely to branch on.
    private static bool IsTelling(FlowResult result) => result.Body.Key.Method?.ReturnType is { } type
        && (type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Int32 || type.TypeKind == TypeKind.Enum || type.IsReferenceType
            || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T);

    private static ImmutableDictionary<int, Known> References(FlowResult result, Alternative at)
    {
        var references = ImmutableDictionary<int, Known>.Empty;
        if (result.Body.Key.Method is not { } method) return references;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind is not (RefKind.Ref or RefKind.Out)) continue;
            var known = at.KnownOf(Symbol.Parameter(parameter.Ordinal));
            if (!known.IsNothing) references = references.SetItem(parameter.Ordinal, known);
        }

        return references;
    }

    /// <summary>Where all ways change nothing, only a result that hangs on the arguments is worth telling apart.</summary>
    private static List<Outcome> Simplify(List<Outcome> outcomes)
    {
        if (outcomes.Count <= 1) return outcomes.Select(static only => only with { Guard = FactSet.Empty }).ToList();
        bool isNeutral = outcomes.TrueForAll(static outcome => outcome.Change.IsNone);
        bool isTelling = outcomes.Exists(static outcome => !outcome.Result.IsNothing || outcome.References.Count > 0)
            && outcomes.Exists(static outcome => outcome.Guard.All.Length > 0);
        if (isNeutral && (!isTelling || outcomes.Count > OutcomeLimit)) return new List<Outcome> { Outcome.Unchanged };
        if (outcomes.Count <= OutcomeLimit) return outcomes;

        // One way for each change: what they have in common stays known.
        return outcomes.GroupBy(static outcome => outcome.Change).Select(static group => group.Aggregate(static (a, b) => new Outcome
        {
            Change = a.Change,
            Guard = a.Guard.Join(b.Guard),
            Result = a.Result.Or(b.Result),
            Value = Equals(a.Value, b.Value) ? a.Value : null,
        })).ToList();
    }
}
