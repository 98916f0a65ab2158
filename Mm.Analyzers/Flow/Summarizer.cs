using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Turns what the flow found into what callers need.</summary>
internal static partial class Summarizer
{
    // Ways to one effect that differ only in their conditions; beyond this many, the condition is given up.
    private const int GuardLimit = 6;
    private const int OutcomeLimit = 4;

    // Ways to return that differ in the flags they give; of more, nothing is told.
    private const int FlagWayLimit = 16;

    // Ways to return that leave the contexts differently; beyond this many, callers see their hull.
    private const int ChangeLimit = 8;
    private const int PassingLimit = 12;

    public static Summary Summarize(Session session, FlowResult result)
    {
        var effects = new List<EffectEntry>();
        bool isShifting = IsShifting(result);
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                foreach (var effect in reach.Effects)
                {
                    // Of what a lambda does behind its await, its caller meets nothing but the need of the context that it goes on in.
                    if (reach.Before.HasSuspended && effect.Entry.Effect.Role != EffectRole.Requires) continue;
                    if (effect.IsGeneric || effect.IsElsewhere && effect.Entry.Effect.Role != EffectRole.Deferred) continue;
                    var judgement = Judgement.Of(result, reach.Before, effect);
                    if (judgement.Verdict is Verdict.Violates or Verdict.Void) continue;
                    if (Travelling(session, result, reach.Before, effect, judgement, isShifting) is { } entry) Add(effects, entry);
                }
            }
        }

        foreach (var conversion in result.Conversions)
        {
            if (!CalleeEffects.IsStarting(conversion.Place)) continue;
            foreach (var effect in conversion.Effects)
            {
                if (effect.Entry.Effect.Role != EffectRole.Deferred || effect.IsGeneric) continue;
                if (Travelling(session, result, conversion.Inside, effect with { IsElsewhere = true }, new Judgement(Verdict.Free), isShifting) is { } entry) Add(effects, entry);
            }
        }

        effects.Sort(static (a, b) =>
        {
            int order = string.CompareOrdinal(a.Effect.Name, b.Effect.Name);
            return order != 0 ? order : Witness.Compare(a.Witness, b.Witness);
        });
        OpenTypes.KeepFew(effects, result.Body.Key);
        return new Summary(effects.ToImmutableArray(), Outcomes(session, result))
        {
            Passings = Passings(result),
            Tests = Tests(result),
            Classes = MadeResults.ClassesOf(session, result),
        };
    }

    /// <summary>What all ways to answer yes have in common as to tested contexts, and all ways to answer no.</summary>
    private static ImmutableArray<(bool Result, TestedContext Context)> Tests(FlowResult result)
    {
        var found = ImmutableArray<(bool Result, TestedContext Context)>.Empty;
        if (result.Body.Key.Method?.ReturnType.SpecialType != SpecialType.System_Boolean) return found;
        if (result.Answers.IsEmpty && result.Returns.TrueForAll(static visit => visit.At.Tested.IsEmpty)) return found;
        foreach (bool answer in new[] { true, false })
        {
            var ways = new List<ImmutableArray<TestedContext>>();
            foreach (var visit in result.Returns)
            {
                if (visit.At.IsExceptional || visit.Result is null || visit.At.Facts.Assume(visit.Result, answer) is not { } facts) continue;
                ways.Add(result.Answers.Told(visit.At, facts));
            }

            foreach (var context in TestedContext.Common(ways)) found = found.Add((answer, context));
        }

        return found;
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

        // Whoever hands out a guard may enter its contexts by hand: the guard's type tells the caller.
        change = WithoutHandedOut(session, change, method.ReturnType);
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind == RefKind.Out) change = WithoutHandedOut(session, change, parameter.Type);
        }

        return change;
    }

    private static ContextDepths WithoutHandedOut(Session session, ContextDepths change, ITypeSymbol guard)
    {
        foreach (var scope in session.Contracts.ScopeOf(guard))
        {
            foreach (var entry in change.Entries)
            {
                if (scope.Implies(entry.Context) && entry.Depth.Equals(Depth.One)) change = change.With(entry.Context, Depth.Zero);
            }
        }

        return change;
    }

    // Where a context is left on some paths, what never changes tells which of them lead to an effect.
    private static bool IsShifting(FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (!reach.Before.Depths.Equals(result.Start)) return true;
            }
        }

        return false;
    }

    private static EffectEntry? Travelling(
        Session session, FlowResult result, Alternative before, AppliedEffect effect, Judgement judgement, bool isShifting)
    {
        var entry = effect.Entry;
        if (entry.Acquired is { } acquired)
        {
            if (Travelling(before, effect, acquired) is not { } travelling) return null;
            entry = entry with { Acquired = travelling, Effect = EffectKind.Acquire(travelling.Name) };
        }

        var contexts = entry.Contexts;
        foreach (var tested in before.Tested)
        {
            if (!contexts.Contains(tested)) contexts = contexts.Add(tested);
        }

        var change = Telling(entry.Effect, contexts, effect.At.Since(result.Start));
        return entry with
        {
            // What is open about flags has to be the flags alone: whatever else is, would leave them unjudged.
            Guard = !entry.IsFlags && (isShifting || entry.Guard.Mentions(SymbolRole.Field)) ? ForWaysBack(session, result, effect.Facts, withTruths: true) : Portable(result, effect.Facts, entry.IsFlags),
            HeldLocks = entry.Effect.Role == EffectRole.Deferred && !effect.IsElsewhere ? HeldLocks(before, effect) : entry.HeldLocks,
            Within = entry.Effect.Role == EffectRole.Deferred ? HeldAround(before, entry) : ImmutableArray<Held>.Empty,
            Contexts = contexts,
            Change = effect.IsElsewhere ? effect.At : entry.Effect.Role == EffectRole.Deferred ? Absolute(result, change) : change,
            IsStarted = effect.IsElsewhere,
            Own = judgement.Verdict == Verdict.AwaitsFlags
                ? entry.Own ?? judgement.Holder ?? new Held(ImmutableArray.Create(judgement.Context!), null)
                : null,
        };
    }

    // An effect hangs on the contexts that forbid it, a member on the one of which it speaks: how deep the others are
    // tells nobody anything, but for one that was left before a test asked for it.
    private static ContextDepths Telling(EffectKind effect, ImmutableArray<TestedContext> tested, ContextDepths change)
    {
        if (change.IsNone || effect.Role is not (EffectRole.Effect or EffectRole.ForbiddenIn or EffectRole.Requires)) return change;
        return change.Where(entry => (effect.Context is { } spoken ? entry.Context.Implies(spoken) : entry.Context.Forbids.Contains(effect))
            || entry.Depth.Low < 0 && tested.Any(test => entry.Context.Implies(test.Context)));
    }

    // Where the body starts by itself, what its caller hands it runs, too.
    private static ContextDepths Absolute(FlowResult result, ContextDepths change)
    {
        foreach (var context in result.Contract.RunsIn) change = change.Shift(context, +1);
        return change;
    }

    /// <summary>Whatever lock is held while a delegate is invoked, the caller who knows the delegate wants to know.</summary>
    private static ImmutableArray<Value> HeldLocks(Alternative before, AppliedEffect effect) => effect.Entry.HeldLocks.IsEmpty && before.Held.IsEmpty
        ? ImmutableArray<Value>.Empty
        : effect.Entry.HeldLocks.Concat(before.LocksAt(effect.At).Select(static held => held.Lock))
            .Select(LockIdentity.Portable).OfType<Value>().Distinct().Take(GuardLimit).ToImmutableArray();

    /// <summary>The lock as callers see it; null where it means nothing to them.</summary>
    private static Acquisition? Travelling(Alternative before, AppliedEffect effect, Acquisition acquired)
    {
        if (LockIdentity.Portable(acquired.Lock) is not { } @lock) return null;
        var under = acquired.Under.Select(LockIdentity.Portable).OfType<Value>()
            .Where(held => LockIdentity.ClassOf(held) is null || LockIdentity.ClassOf(@lock) is null)
            .Concat(LockNaming.HeldForCallers(before, effect.At, acquired.Lock)).Distinct().Take(GuardLimit);
        return new Acquisition(@lock, acquired.Contexts, acquired.IsTry)
        {
            Under = under.ToImmutableArray(),
            HangsOnState = acquired.HangsOnState || HangsOnState(effect.Facts),
        };
    }

    private static bool HangsOnState(FactSet facts)
    {
        foreach (var fact in facts.All)
        {
            if (fact.Key.Mentions(static part => part is { Role: SymbolRole.Field, Key: IFieldSymbol { Type.SpecialType: SpecialType.System_Boolean }
                or IPropertySymbol { Type.SpecialType: SpecialType.System_Boolean } })) return true;
        }

        return false;
    }

    /// <summary>Only what speaks of parameters and captured variables means anything to a caller, and the flags that an object given as one keeps.</summary>
    private static FactSet Portable(FlowResult result, FactSet facts, bool isFlags = false) => facts.Where(fact =>
        HandlerCondition.IsPortable(fact, Judgement.HasReceiver(result)) || PortableSize.Holds(fact.Key) && (IsGivenTruth(result, fact)
            || !fact.Key.Mentions(symbol => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured) && !(isFlags && Judgement.IsGivenFlags(result, symbol))
                || symbol is { Role: SymbolRole.Parameter, Index: -1 } && !(isFlags && Judgement.HasReceiver(result)))));

    // 'if (request.Wait)' and 'if ((device.Quirks & Slow) != 0)', of an object that a caller has made.
    private static bool IsGivenTruth(FlowResult result, KeyValuePair<Value, Known> fact) => !fact.Key.Mentions(symbol => symbol.Role switch
    {
        SymbolRole.Parameter => symbol.Index < 0 && !Judgement.HasReceiver(result),
        SymbolRole.Captured => false,

        // 'if (text.Length > 0)', of what a caller has written out.
        SymbolRole.Field when symbol.Parent is Symbol { Role: SymbolRole.Parameter, Parent: null } && LastingValues.IsOne(symbol) => false,
        _ => !(Judgement.IsFlagsOrTruth(symbol) && Judgement.IsGiven(result, symbol)) && !(Judgement.IsGivenObject(result, symbol) && fact.Key.Mentions(Judgement.IsFlagsOrTruth)),
    });

    /// <summary>
    /// A helper that takes a lock depending on what its object is made of, and another that releases it so: what never changes tells
    /// callers which way each of them went.
    /// </summary>
    private static FactSet ForWaysBack(Session session, FlowResult result, FactSet facts, bool withTruths = false)
    {
        if (facts.All.IsEmpty) return facts;
        bool hasReceiver = Judgement.HasReceiver(result);
        return facts.Where(fact => HandlerCondition.IsPortable(fact, hasReceiver) || PortableSize.Holds(fact.Key) && (withTruths && IsGivenTruth(result, fact) || !fact.Key.Mentions(symbol => symbol.Role switch
        {
            SymbolRole.Parameter => symbol.Index < 0 && !hasReceiver,
            SymbolRole.Captured => false,
            SymbolRole.Kind => false,
            SymbolRole.Field => symbol.Index != 0 || !ReadOnlyValues.IsFixed(session.Bodies, symbol.Key, result.Cancellation),
            _ => true,
        })));
    }

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

        // Too many conditions: what those at one depth have in common stays known.
        int sameDepth = next.Acquired is null ? effects.FindIndex(known => known.IsLike(next) && known.Change.Equals(next.Change)
            && known.Contexts.SequenceEqual(next.Contexts) && known.HeldLocks.SequenceEqual(next.HeldLocks) && known.OnThis.Length == next.OnThis.Length) : -1;
        if (sameDepth >= 0)
        {
            var known = effects[sameDepth];
            effects[sameDepth] = Widening.Join(known, next) with { Guard = known.Guard.Join(next.Guard) };
            return;
        }

        // Too many depths: one entry on the condition that they have in common covers the rest.
        next = Widening.Loosened(next, effects);
        int like = effects.FindIndex(known => Widening.IsLoosened(known, next));
        if (like < 0) effects.Add(next);
        else effects[like] = Widening.Join(effects[like], next);
    }

    /// <summary>What the body does with its parameters and captured variables as to allocator families.</summary>
    private static ImmutableArray<Passing> Passings(FlowResult result)
    {
        var passings = new List<Passing>();
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                foreach (var passing in reach.Passings)
                {
                    if (passing.Value is not Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured } symbol || symbol.Index < 0) continue;
                    var next = passing with { Guard = Portable(result, reach.Before.Facts) };
                    int at = passings.FindIndex(next.SameAs);
                    if (at < 0) passings.Add(next);
                    else if (Witness.Compare(next.Witness, passings[at].Witness) < 0) passings[at] = next;
                }
            }
        }

        if (passings.Count <= PassingLimit) return passings.ToImmutableArray();

        // Too many conditions: one entry for each value, for any of the families.
        return passings.GroupBy(static passing => passing.Value).Select(static group => group.Aggregate(static (a, b) => new Passing(
            a.Value, a.Family.With(b.Family), Witness.Compare(a.Witness, b.Witness) <= 0 ? a.Witness : b.Witness))).ToImmutableArray();
    }

    private static ImmutableArray<Outcome> Outcomes(Session session, FlowResult result)
    {
        var outcomes = new List<Outcome>();
        foreach (var visit in Told(result))
        {
            if (visit.At.IsExceptional) continue;
            var known = visit.Result is null ? Known.Nothing : visit.At.Facts.Of(visit.Result);
            var value = visit.Result is null ? null : LeavingValues.Portable(session, result, visit.At, visit.Result) ?? Made(session, result, visit);
            var outcome = new Outcome
            {
                Guard = ForWaysBack(session, result, visit.At.Facts),
                Result = IsTelling(result) ? known : Known.Nothing,
                Value = value,
                References = References(result, visit.At),
                Handed = LeavingValues.Handed(session, result, visit.At, visit.Result),
                Change = Settled(result, NetChange(session, result, visit)),
                Locks = LockNaming.Moves(visit.At).RemoveAll(move => result.Unsettled.Contains(move.Context)),
                Disposed = visit.At.Disposed,
                Guarded = Guarded(visit),
                Families = Ownership.HandedOut(session, result, visit),
                Contexts = result.Answers.Told(visit.At, visit.At.Facts),
            };
            if (!outcomes.Exists(outcome.SameAs)) outcomes.Add(outcome);
        }

        var ways = Simplify(outcomes, result);

        // An answer that a test of contexts decided stays the result of the call: a branch on it, here or in a caller, tells the context.
        if (ways.Exists(static way => way.Contexts.Length > 0)) ways = ways.ConvertAll(static way => way.Value is Constant { Item: bool } ? way with { Value = null } : way);
        return ways.ToImmutableArray();
    }

    /// <summary>Of a context that a callee has left open, callers hear that nothing is known: the callee is reported, and once is enough.</summary>
    private static ContextDepths Settled(FlowResult result, ContextDepths change)
    {
        foreach (var context in result.Unsettled) change = change.With(context, Depth.Unknown);
        return change;
    }

    /// <summary>A guard that was made here: its exact type is what a caller gets, whatever the declaration promises.</summary>
    private static Value? Made(Session session, FlowResult result, ReturnVisit visit)
    {
        var type = visit.Result is Symbol { Role: SymbolRole.Instance, Parent: null, Key: INamedTypeSymbol instance } ? instance : null;
        if (type is null && result.Body.Key.Method?.ReturnType is { TypeKind: TypeKind.Interface })
        {
            // Another method has made it: where that one says what it is, the promise of this one hides nothing.
            foreach (var held in visit.At.Held)
            {
                if (held.Guard is { } guard && guard.Equals(visit.Result)) type = held.Type as INamedTypeSymbol;
            }
        }

        return type is { IsGenericType: false, IsAbstract: false, TypeKind: not TypeKind.Interface } && !session.Contracts.ScopeOf(type).IsEmpty
            ? Outcome.Made(type)
            : null;
    }

    private static Value? Guarded(ReturnVisit visit)
    {
        foreach (var held in visit.At.Held)
        {
            if (held.Guard is { } guard && !held.IsUncertain && guard.Equals(visit.Result)) return LockIdentity.Portable(held.Lock);
        }

        return null;
    }

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
}
