using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What a callee hands to its caller beside a guard as its result: guards in out parameters, objects of classes that it has made.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>What a callee returns is of the class that it has made it of, whatever its declaration says.</summary>
    private void KnowClass(int step, ImmutableArray<BodyKey> bodies, int first, List<Alternative> next)
    {
        var classes = _effects.ClassesOf(bodies);
        for (int i = first; i < next.Count && !classes.IsEmpty; i++)
        {
            if (next[i].Evaluate(Symbol.Result(step)) is Symbol { Role: SymbolRole.Result } result) next[i] = next[i] with { Facts = MadeResults.Learn(next[i].Facts, result, classes) };
        }
    }

    /// <summary>A guard may come back in an out parameter, too.</summary>
    private List<Alternative> HandedOut(CallStep call, Alternative before, Alternative after)
    {
        var state = new List<Alternative>(1) { after };
        for (int i = 0; i < call.References.Length && i < call.Target.Parameters.Length; i++)
        {
            if (call.References[i] is not { } place || call.Target.Parameters[i] is not { RefKind: RefKind.Out, Type: var type }) continue;
            var scope = _session.Contracts.ScopeOf(type);
            if (scope.IsEmpty) continue;
            var entered = new List<Alternative>();
            foreach (var alternative in state)
            {
                var held = new Held(scope, call.Location) { Guard = alternative.Evaluate(ResolvePlace(before, place)), IsUncertain = true };
                if (!IsTry(call.Target))
                {
                    EnterScope(held, type, alternative, entered);
                    continue;
                }

                if (alternative.Assume(call.Result, true) is { } gotten) EnterScope(held, null, gotten, entered);
                if (alternative.Assume(call.Result, false) is not { } failed) continue;
                bool hasNull = type.IsReferenceType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
                entered.Add(hasNull && failed.Facts.Learn(held.Guard!, Known.Exactly(null)) is { } without ? failed with { Facts = without } : failed);
            }

            state = entered;
        }

        return state;
    }

    // 'bool TryTake(out Guard guard)': there is one if it says so, and otherwise there is none.
    private static bool IsTry(IMethodSymbol target) =>
        target.ReturnType.SpecialType == SpecialType.System_Boolean && target.Name.StartsWith("Try", StringComparison.Ordinal);

    /// <summary>Delegates and flags that come back in by-reference parameters, or in the parts of structs.</summary>
    private Alternative HandOver(Step step, Outcome outcome, Alternative state)
    {
        if (outcome.Handed.IsEmpty || step is not CallStep call) return state;
        foreach (var pair in outcome.Handed)
        {
            var place = pair.Key == Outcome.Returned ? Symbol.Result(call.Id) : pair.Key < call.References.Length ? call.References[pair.Key] : null;
            if (place is null) continue;
            if (pair.Value is ClosureValue parts) state = HandParts(step, parts, state.Evaluate(ResolvePlace(state, place)), state);
            else state = state.Assign(ResolvePlace(state, place), state.Evaluate(pair.Value));
        }

        return state;
    }

    // A struct has a new name since the call, and so has a new object: what it was made of is still known by the old one. Of an object that was there
    // before, what was in it is gone.
    private Alternative HandParts(Step step, ClosureValue parts, Value holder, Alternative state)
    {
        if (holder is not Symbol named) return state;
        bool isNew = named is { Role: SymbolRole.Result } && named.Index == step.Id;
        foreach (var (part, value) in parts.Variables)
        {
            var place = state.FieldAt(part.On(holder));
            var told = state.Refresh(value);
            if (!isNew) state = _aliasing.Forget(state, place, step.Id, ref told);
            state = state.Assign(place, told);
        }

        return state;
    }
}
