using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>How calls enter and leave contexts: by the guard they return, by what is declared, or by what was inferred.</summary>
internal sealed partial class StepTransfer
{
    private const int MemberLimit = 4;

    /// <summary>A guard comes back: entered unless it is null.</summary>
    private static void EnterScope(Held held, ITypeSymbol? type, Alternative after, List<Alternative> next)
    {
        var guard = held.Guard!;
        if (type is { NullableAnnotation: NullableAnnotation.Annotated } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T })
        {
            if (after.Facts.Learn(guard, Known.Exactly(null)) is { } isNull) next.Add(after with { Facts = isNull });
            if (after.Facts.Learn(guard, Known.NotNull) is { } notNull) next.Add((after with { Facts = notNull }).Enter(held));
            return;
        }

        var facts = after.Facts.Learn(guard, Known.NotNull) ?? after.Facts;
        next.Add((after with { Facts = facts }).Enter(held));
    }

    /// <summary>What a method that promises only an interface makes for its caller: a guard may be declared as no more than disposable.</summary>
    private ITypeSymbol? MadeBy(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative at)
    {
        if (call.ResultType is not { TypeKind: TypeKind.Interface } || resolution.Bodies.Length != 1) return null;
        ITypeSymbol? made = null;
        foreach (var outcome in _effects.OutcomesOf(resolution, call.ReceiverType, receiver, arguments, at))
        {
            if (outcome.Value is not Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol type }) return null;
            if (made is not null && !SymbolEqualityComparer.Default.Equals(made, type)) return null;
            made = type;
        }

        return made;
    }

    /// <summary>The lock that a declared member takes or releases: what its body tells, or what it is called on.</summary>
    private (Value? Lock, bool IsUncertain) LockOf(
        CallStep call, Resolution resolution, ContextKind context, Value? receiver, ImmutableArray<Value> arguments, Alternative at)
    {
        var primitive = LockNaming.Of(call.Target, receiver, arguments);
        if (resolution.Bodies.IsEmpty || _effects.IsOfReceiver(resolution, context, receiver, arguments, at)) return (primitive, false);
        if (context.IsLock && LockNaming.Of(_effects.OutcomesOf(resolution, call.ReceiverType, receiver, arguments, at), context) is { } told) return (told, false);
        return (primitive, true);
    }

    private Value? GuardedBy(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative at)
    {
        if (!resolution.Bodies.IsEmpty)
        {
            var scope = _session.Contracts.ScopeOf(call.ResultType).FirstOrDefault(static context => context.IsLock);
            if (scope is not null && _effects.IsOfReceiver(resolution, scope, receiver, arguments, at)) return LockNaming.Of(call.Target, receiver, arguments);
            var outcomes = _effects.OutcomesOf(resolution, call.ReceiverType, receiver, arguments, at);
            if (LockNaming.Guarded(outcomes) is { } guarded) return guarded;
            if (outcomes.Any(IsOfNoLock)) return null;
        }

        return LockNaming.Of(call.Target, call.Target.MethodKind == MethodKind.Constructor ? null : receiver, arguments);
    }

    // A new object that was told nothing stands for no lock of whoever made it.
    private static bool IsOfNoLock(Outcome outcome) =>
        outcome.Value is Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol { TypeKind: TypeKind.Class } made }
        && made.InstanceConstructors.All(static constructor => constructor.Parameters.IsEmpty);

    /// <summary>
    /// A callee that enters a context on some of its paths, and does not tell which, is reported for it. What follows from that here is
    /// not reported again. A lambda or local function is no such callee: it is part of this body.
    /// </summary>
    private void NoteUnsettled(Resolution resolution, ImmutableArray<Outcome> outcomes)
    {
        if (outcomes.Length < 2 || (resolution.Bodies.Length == 1 && resolution.Bodies[0].IsNested)) return;
        for (int i = 0; i < outcomes.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (outcomes[i].Change.Equals(outcomes[j].Change) || outcomes[i].IsToldFrom(outcomes[j])) continue;
                foreach (var entry in outcomes[i].Change.Entries.Concat(outcomes[j].Change.Entries))
                {
                    if (!outcomes[i].Change[entry.Context].Equals(outcomes[j].Change[entry.Context])) _result.Unsettled.Add(entry.Context);
                }
            }
        }
    }

    /// <summary>A body that calls itself, perhaps by others, is not to be reported once more for what one of them is reported for.</summary>
    private void Repeat(Resolution resolution, ImmutableArray<Outcome> outcomes, Alternative before, int first, List<Alternative> next)
    {
        if (outcomes.All(static outcome => outcome.Change.IsNone) || !resolution.Bodies.Any(_effects.IsInCycleWith)) return;
        var changed = outcomes.SelectMany(static outcome => outcome.Change.Entries).Select(static entry => entry.Context).Distinct().ToList();
        for (int i = first; i < next.Count; i++)
        {
            var depths = next[i].Depths;
            next[i] = next[i] with { Repeated = changed.ConvertAll(context => new ContextDepths.Entry(context, depths[context])).ToImmutableArray(), Below = before.Below };
        }
    }

    // What the callee did not say of its result is something else at each call: a part of it, or with what a sequence was called.
    private static Value Told(Step step, Value value)
    {
        if (value is TupleValue tuple)
        {
            value = new TupleValue(tuple.Items.Select((item, i) => CalleeEffects.IsUnsaid(item) ? new Symbol(SymbolRole.Field, 0, new TupleElement(i, tuple.Items.Length), Symbol.Result(step.Id)) : item).ToImmutableArray());
        }

        return value.Mentions(CalleeEffects.IsUnsaid) ? value.Substitute(symbol => CalleeEffects.IsUnsaid(symbol) ? new Symbol(SymbolRole.Fresh, step.Id, symbol.Key) : symbol) : value;
    }

    private void ApplyOutcome(Step step, Outcome outcome, Value? receiver, Alternative after, List<Alternative> next)
    {
        foreach (var tested in outcome.Contexts)
        {
            if (!tested.IsIn && after.IsIn(tested.Context, after.Depths)) return;
        }

        var facts = after.Facts;
        foreach (var tested in outcome.Contexts)
        {
            if (tested.IsIn && !after.Depths.IsIn(tested.Context)) facts = facts.Learn(AnswerOf(step.Id, tested), Known.Exactly(true)) ?? facts;
        }

        foreach (var fact in outcome.Guard.All)
        {
            if ((fact.Value.Truth is { } truth ? facts.Assume(fact.Key, truth) : facts.Learn(fact.Key, fact.Value)) is not { } learned) return;
            facts = learned;
        }

        var changed = after with { Facts = facts };

        // That a test inside said no is a condition of what it has chosen: 'in atomic ? atomic : kernel'.
        foreach (var tested in outcome.Contexts)
        {
            if (!tested.IsIn) changed = WithTested(changed, tested);
        }

        if (outcome.Value is Symbol { Role: SymbolRole.Instance, Index: < 0 } made)
        {
            // An object of its own for each call; what is declared to own it says more than what it is.
            var result = Symbol.Result(step.Id);
            if (changed.Evaluate(result) is not Symbol { Role: SymbolRole.Owned }) changed = changed.Assign(result, new Symbol(SymbolRole.Instance, step.Id, made.Key));
        }
        else if (outcome.Value is { } value && (value is not Symbol { Role: SymbolRole.Result } || value.Equals(receiver) || IsTruth(step)))
        {
            if (value is Constant told && changed.Facts.Of(Symbol.Result(step.Id)).And(told.Known) is null) return;

            // The result is known as a value of the caller: let every variable that receives it say so.
            changed = changed.Assign(Symbol.Result(step.Id), Told(step, value));
        }

        foreach (var pair in outcome.Families) changed = Own(step, pair.Key, pair.Value, changed);

        if (!outcome.Result.IsNothing)
        {
            var given = changed.Evaluate(Symbol.Result(step.Id));
            if (changed.Facts.Learn(given, outcome.Result) is not { } learned) return;
            changed = changed with { Facts = learned };
        }

        if (step is CallStep call)
        {
            foreach (var pair in outcome.References)
            {
                if (pair.Key >= call.References.Length || call.References[pair.Key] is not { } place) continue;
                if (changed.Facts.Learn(changed.Evaluate(place), pair.Value) is not { } learned) return;
                changed = changed with { Facts = learned };
            }
        }

        changed = HandOver(step, outcome, changed);
        foreach (var guard in outcome.Disposed) changed = changed.Dispose(guard, step.Location) ?? changed.DisposeForCaller(guard);
        changed = ApplyMoves(step, outcome, changed, out var rest);
        var entered = ImmutableArray<ContextKind>.Empty;
        foreach (var entry in rest.Entries)
        {
            if (entry.Depth.IsUnknown)
            {
                changed = changed with { Depths = changed.Depths.With(entry.Context, Depth.Unknown) };
                continue;
            }

            if (entry.Depth.Low > 0) entered = entered.Add(entry.Context);
            for (int i = 0; i < entry.Depth.Low - (entry.Depth.Low > 0 ? 1 : 0); i++) changed = changed.Shift(entry.Context, +1, step.Location);
            for (int i = 0; i > entry.Depth.Low && entry.Depth.Low > -8; i--)
            {
                changed = changed.Leave(ImmutableArray.Create(entry.Context), null, step.Location);
            }

            if (entry.Depth.High > entry.Depth.Low)
            {
                var span = changed.Depths[entry.Context].Join(changed.Depths[entry.Context].Add(entry.Depth));
                changed = changed with { Depths = changed.Depths.With(entry.Context, span) };
            }
        }

        if (!entered.IsEmpty) changed = changed.Enter(new Held(entered, step.Location) { Lock = receiver, IsUncertain = true });
        next.Add(changed);
    }

    // What a callee was told and says again: 'if (Unlikely(_lock.TryAcquire()))'.
    private static bool IsTruth(Step step) => step is CallStep { ResultType.SpecialType: SpecialType.System_Boolean } or InvokeStep { DelegateType: INamedTypeSymbol { DelegateInvokeMethod.ReturnType.SpecialType: SpecialType.System_Boolean } };

    /// <summary>Takes and releases the locks that the callee names, and leaves the rest of the change.</summary>
    private static Alternative ApplyMoves(Step step, Outcome outcome, Alternative state, out ContextDepths rest)
    {
        rest = outcome.Change;
        if (outcome.Locks.IsEmpty) return state;
        foreach (var group in outcome.Locks.GroupBy(static move => move.Context))
        {
            if (!rest[group.Key].Equals(Depth.Exactly(group.Sum(static move => move.By))))
            {
                state = state.Doubting(group.Key);
                continue;
            }

            foreach (var move in group.Where(static move => move.By < 0)) state = state.Leave(ImmutableArray.Create(move.Context), move.Lock, step.Location);
            foreach (var move in group.Where(static move => move.By > 0))
            {
                // What was entered with the lock is left with it.
                var together = ImmutableArray.Create(move.Context);
                rest = rest.With(move.Context, Depth.Zero);
                foreach (var entry in rest.Entries)
                {
                    if (entry.Depth.Equals(Depth.One) && !entry.Context.IsLock && group.Count() == 1) together = together.Add(entry.Context);
                }

                foreach (var context in together) rest = rest.With(context, Depth.Zero);
                state = state.Enter(new Held(together, step.Location) { Lock = move.Lock });
            }

            rest = rest.With(group.Key, Depth.Zero);
        }

        return state;
    }

    /// <summary>Lets a value that the callee handed out be known by its family, unless its declaration has said so already.</summary>
    private static Alternative Own(Step step, int which, Family family, Alternative alternative)
    {
        if (which < 0)
        {
            var result = Symbol.Result(step.Id);
            return alternative.Evaluate(result) is Symbol { Role: SymbolRole.Owned } ? alternative : alternative.Assign(result, Symbol.Owned(step.Id, family));
        }

        if (step is not CallStep call || which >= call.References.Length || call.References[which] is not { } reference) return alternative;
        var place = ResolvePlace(alternative, reference);
        return alternative.Evaluate(place) is Symbol { Role: SymbolRole.Owned } known && known.Index == step.Id
            ? alternative
            : alternative.Assign(place, Symbol.Owned(step.Id, family, reference));
    }

    private void Declared(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative after, List<Alternative> next) =>
        Declared(call.Id, call.Location, resolution.Contract, context => LockOf(call, resolution, context, receiver, arguments, after), call.References, call.Target.ReturnType, after, next);

    private static void Declared(InvokeStep invoke, Contract contract, Value function, Alternative after, List<Alternative> next) =>
        Declared(invoke.Id, invoke.Location, contract, _ => (function, true), ImmutableArray<Symbol?>.Empty, null, after, next);

    /// <summary>Applies declared transitions: one alternative for each way the result can tell.</summary>
    private static void Declared(
        int id, Location location, Contract contract, System.Func<ContextKind, (Value? Lock, bool IsUncertain)> lockOf,
        ImmutableArray<Symbol?> references, ITypeSymbol? result, Alternative after, List<Alternative> next)
    {
        var always = contract.Transitions.Where(static t => t.Outcome == OutcomeKind.Always).ToImmutableArray();
        var state = Move(after, always, lockOf, location);
        var told = contract.Transitions.Where(static t => t.Outcome != OutcomeKind.Always).ToImmutableArray();
        if (told.IsEmpty)
        {
            next.Add(state);
            return;
        }

        var first = told[0];
        Value teller = first.Outcome == OutcomeKind.Parameter && first.Parameter < references.Length && references[first.Parameter] is { } place
            ? state.Evaluate(ResolvePlace(state, place))
            : Symbol.Result(id);
        Known yes = first.Outcome switch
        {
            OutcomeKind.Result => Known.Exactly(first.On),
            OutcomeKind.ResultNotNull => Known.NotNull,
            _ => Known.Exactly(true),
        };
        if (state.Facts.Learn(teller, yes) is { } done) next.Add(Move(state with { Facts = done }, told, lockOf, location));
        if (first.SetsParameter) return;
        foreach (var failed in Failures(first, teller, result, state.Facts)) next.Add(state with { Facts = failed });
    }

    /// <summary>What is known where a call has not entered. What an enumeration does not name, nobody returns; and where 0 stands for success, what fails is negative.</summary>
    private static IEnumerable<FactSet> Failures(Transition transition, Value teller, ITypeSymbol? type, FactSet facts)
    {
        if (transition.Outcome != OutcomeKind.Result)
        {
            if (facts.Learn(teller, Known.Exactly(transition.Outcome == OutcomeKind.ResultNotNull ? null : false)) is { } told) yield return told;
            yield break;
        }

        var others = OtherMembers(type, transition.On);
        foreach (long other in others)
        {
            if (facts.Learn(teller, Known.Exactly(other)) is { } chosen) yield return chosen;
        }

        if (others.Count > 0 || facts.Learn(teller, Known.Not(transition.On)) is not { } failed) yield break;
        if (type is { TypeKind: TypeKind.Struct } && Numbers.WidthOf(type) is { IsSigned: true } width && Constant.Normalize(transition.On) is 0L)
        {
            if (failed.Assume(Fold.Compare(Operator.Less, teller, Constant.Zero, width, isTotal: true), true) is { } negative) yield return negative;
            yield break;
        }

        yield return failed;
    }

    // Of few, each is a way of its own.
    private static List<long> OtherMembers(ITypeSymbol? type, object? on)
    {
        var others = new List<long>();
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Enum } enumeration || WellKnown.IsFlags(type)) return others;
        foreach (var member in enumeration.GetMembers())
        {
            if (member is not IFieldSymbol { HasConstantValue: true, ConstantValue: var value } || Constant.Normalize(value) is not long number) continue;
            if (!number.Equals(Constant.Normalize(on)) && !others.Contains(number)) others.Add(number);
        }

        if (others.Count > MemberLimit) others.Clear();
        return others;
    }

    private static Alternative Move(
        Alternative state, ImmutableArray<Transition> transitions, System.Func<ContextKind, (Value? Lock, bool IsUncertain)> lockOf, Location location)
    {
        if (transitions.IsEmpty) return state;
        var left = transitions.Where(static t => t.By < 0).Select(static t => t.Context).ToImmutableArray();
        var entered = transitions.Where(static t => t.By > 0).Select(static t => t.Context).ToImmutableArray();
        foreach (var context in left) state = state.Leave(ImmutableArray.Create(context), lockOf(context) is { IsUncertain: false, Lock: var @lock } ? @lock : null, location);
        if (entered.IsEmpty) return state;

        // The attribute twice is entered twice: Held lists each context once.
        var once = entered.Distinct().ToImmutableArray();
        var (taken, isUncertain) = lockOf(once.FirstOrDefault(static context => context.IsLock) ?? once[0]);
        var held = new Held(once, location) { Lock = taken, IsUncertain = isUncertain };
        state = state.Enter(held);
        foreach (var again in entered.RemoveRange(once)) state = state.Enter(held with { Contexts = ImmutableArray.Create(again) });
        return state;
    }
}
