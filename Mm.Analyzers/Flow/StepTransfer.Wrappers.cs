using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Methods that run what they are handed, exactly once: what that enters is entered behind the call.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>What is declared of a method that a delegate was made of, where that is all there is to say of what it enters and leaves.</summary>
    private Contract? DeclaredOfGroup(BodyKey key) =>
        !key.IsNested && key.Method is { } method && _session.Contracts.Of(method) is var contract && (!contract.Transitions.IsEmpty || contract.IsTrusted) ? contract : null;

    /// <summary>The lambdas, local functions and methods that the callee invokes once, whatever happens: its arguments, and what the object keeps.</summary>
    private void ApplyWrapped(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative at, int first, List<Alternative> next)
    {
        if (resolution.Bodies.Length != 1 || !(receiver is Symbol || arguments.Any(IsFunction))) return;
        if (_session.IsSilent(resolution.Bodies[0], _cancellation) || _session.Bodies.Get(resolution.Bodies[0], _cancellation) is not { } body) return;
        foreach (var (invoked, isSpent) in body.InvokedOnce)
        {
            var function = invoked switch
            {
                { Role: SymbolRole.Field } => receiver is Symbol ? KeptBy(receiver, invoked, at) : null,
                { Index: >= 0 and var ordinal } => ordinal < arguments.Length ? arguments[ordinal] : null,
                _ => receiver,
            };
            if (!IsFunction(function)) continue;
            ApplyWrapped(call, (Symbol)function!, first, next);
            if (isSpent && invoked.Role == SymbolRole.Field) Spend(new Symbol(SymbolRole.Field, 0, invoked.Key, receiver), first, next);
        }
    }

    // Asked to run it again, the object has nothing to run.
    private static void Spend(Symbol place, int first, List<Alternative> next)
    {
        for (int i = first; i < next.Count; i++) next[i] = next[i].Assign(place, Constant.Null);
    }

    private Value KeptBy(Value receiver, Symbol invoked, Alternative at)
    {
        var place = new Symbol(SymbolRole.Field, 0, invoked.Key, receiver);
        var held = at.Evaluate(place);
        return held is Symbol { Role: SymbolRole.Field } kept ? KeptHandlers.Of(_session.Bodies, kept, _cancellation) ?? held : held;
    }

    private static bool IsFunction(Value? value) => value is Symbol { Role: SymbolRole.Function, Key: BodyKey };

    private void ApplyWrapped(CallStep call, Symbol function, int first, List<Alternative> next)
    {
        var key = (BodyKey)function.Key!;
        var declared = DeclaredOfGroup(key);

        // What tells is the result of the method, of which the callee may make anything.
        if (declared is not null && declared.Transitions.Any(static transition => transition.Outcome != OutcomeKind.Always)) return;
        var behind = new List<Alternative>();
        for (int i = first; i < next.Count; i++)
        {
            if (declared is not null)
            {
                Declared(call.Id, call.Location, declared, _ => (LockNaming.Of(key.Method!, CalledValue.ReceiverOf(function), ImmutableArray<Value>.Empty), true), ImmutableArray<Symbol?>.Empty, null, next[i], behind);
                continue;
            }

            var outcomes = _effects.OutcomesOf(function, ImmutableArray<Value>.Empty, next[i]);
            if (outcomes.All(static outcome => outcome.Change.IsNone)) behind.Add(next[i]);
            else foreach (var outcome in outcomes) ApplyOutcome(call, outcome with { Value = null, Result = Known.Nothing }, CalledValue.ReceiverOf(function), next[i], behind);
        }

        next.RemoveRange(first, next.Count - first);
        next.AddRange(behind);
    }
}
