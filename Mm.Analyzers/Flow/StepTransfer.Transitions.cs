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
    /// <summary>A guard comes back: entered unless it is null. One that is thrown away at once enters nothing (MM2004).</summary>
    private void EnterScope(CallStep call, ImmutableArray<ContextKind> scope, Value? receiver, Alternative after, List<Alternative> next)
    {
        if (call.IsResultDropped)
        {
            next.Add(after);
            return;
        }

        var held = new Held(scope, call.Location) { Guard = call.Result, Lock = receiver };
        bool mayBeNull = call.ResultType is { NullableAnnotation: NullableAnnotation.Annotated }
            or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };
        if (mayBeNull)
        {
            if (after.Facts.Learn(call.Result, Known.Exactly(null)) is { } isNull) next.Add(after with { Facts = isNull });
            if (after.Facts.Learn(call.Result, Known.NotNull) is { } notNull) next.Add((after with { Facts = notNull }).Enter(held));
            return;
        }

        var facts = after.Facts.Learn(call.Result, Known.NotNull) ?? after.Facts;
        next.Add((after with { Facts = facts }).Enter(held));
    }

    private static void ApplyOutcome(Step step, Outcome outcome, Value? receiver, Alternative after, List<Alternative> next)
    {
        var facts = after.Facts;
        foreach (var fact in outcome.Guard.All)
        {
            if (facts.Learn(fact.Key, fact.Value) is not { } learned) return;
            facts = learned;
        }

        var changed = after with { Facts = facts };
        if (outcome.Value is { } value && value is not Symbol { Role: SymbolRole.Result })
        {
            // The result is known as a value of the caller: let every variable that receives it say so.
            changed = changed.Assign(Symbol.Result(step.Id), value);
        }

        foreach (var pair in outcome.Families) changed = Own(step, pair.Key, pair.Value, changed);

        if (!outcome.Result.IsNothing)
        {
            var result = changed.Evaluate(Symbol.Result(step.Id));
            if (changed.Facts.Learn(result, outcome.Result) is not { } learned) return;
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

        var entered = ImmutableArray<ContextKind>.Empty;
        foreach (var entry in outcome.Change.Entries)
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

        if (!entered.IsEmpty) changed = changed.Enter(new Held(entered, step.Location) { Lock = receiver });
        next.Add(changed);
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

    /// <summary>Applies declared transitions: one alternative for each way the result can tell.</summary>
    private static void Declared(
        int id, Location location, Contract contract, Value? receiver, ImmutableArray<Value> arguments,
        ImmutableArray<Symbol?> references, Alternative after, List<Alternative> next)
    {
        var always = contract.Transitions.Where(static t => t.Outcome == OutcomeKind.Always).ToImmutableArray();
        var state = Move(after, always, receiver, location);
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
        Known no = first.Outcome switch
        {
            OutcomeKind.Result => Known.Not(first.On),
            OutcomeKind.ResultNotNull => Known.Exactly(null),
            _ => Known.Exactly(false),
        };
        if (state.Facts.Learn(teller, yes) is { } done) next.Add(Move(state with { Facts = done }, told, receiver, location));
        if (first.SetsParameter) return;
        if (state.Facts.Learn(teller, no) is { } failed) next.Add(state with { Facts = failed });
    }

    private static Alternative Move(Alternative state, ImmutableArray<Transition> transitions, Value? receiver, Location location)
    {
        if (transitions.IsEmpty) return state;
        var left = transitions.Where(static t => t.By < 0).Select(static t => t.Context).ToImmutableArray();
        var entered = transitions.Where(static t => t.By > 0).Select(static t => t.Context).ToImmutableArray();
        if (!left.IsEmpty) state = state.Leave(left, receiver, location);
        if (entered.IsEmpty) return state;

        // The attribute twice is entered twice: Held lists each context once.
        var once = entered.Distinct().ToImmutableArray();
        state = state.Enter(new Held(once, location) { Lock = receiver });
        foreach (var again in entered.RemoveRange(once)) state = state.Enter(new Held(ImmutableArray.Create(again), location) { Lock = receiver });
        return state;
    }
}
