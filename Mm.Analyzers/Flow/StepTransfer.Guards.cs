using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Guards that come in other ways than as the result of a call: out of a delegate, or out of a task.</summary>
internal sealed partial class StepTransfer
{
    // Callees that hand an argument on to callees: beyond this many, it counts as kept.
    private const int HandingLimit = 3;

    /// <summary>The guard that a delegate returns, by its type; null for most delegates.</summary>
    private Held? MadeByDelegate(InvokeStep invoke, Value function, ImmutableArray<Value> arguments, Alternative after)
    {
        if ((invoke.DelegateType as INamedTypeSymbol)?.DelegateInvokeMethod?.ReturnType is not { } type) return null;
        var scope = _session.Contracts.ScopeOf(type);
        if (scope.IsEmpty) return null;
        var guarded = function is Symbol { Role: SymbolRole.Function, Key: BodyKey } target
            ? LockNaming.Guarded(_effects.OutcomesOf(target, arguments, after))
            : null;
        return new Held(scope, invoke.Location) { Guard = Symbol.Result(invoke.Id), Lock = guarded, Type = type };
    }

    /// <summary>What comes out of a task may be a guard: one that was seen going into it, or one that is held from here on.</summary>
    private void Resume(SuspendStep suspend, Alternative before, Alternative after, List<Alternative> next)
    {
        var result = Symbol.Result(suspend.Id);
        var scope = _session.Contracts.ScopeOf(suspend.ResultType);
        if (scope.IsEmpty) next.Add(after);
        else if (suspend.Awaited is { } task && before.Evaluate(task) is var brought && after.Holds(brought)) next.Add(after.HandOn(brought, result));
        else EnterScope(new Held(scope, suspend.Location) { Guard = result, Type = suspend.ResultType }, suspend.ResultType, after, next);
    }

    /// <summary>A task that is there already, around the value that it is made with.</summary>
    private static bool IsWrapping(IMethodSymbol target) =>
        WellKnown.IsTask(target.ContainingType)
        && (target.Name == "FromResult" || target is { MethodKind: MethodKind.Constructor, Parameters.Length: 1 });

    /// <summary>
    /// The guard among the arguments, one that is held here or that a caller has passed, which a callee returns or disposes of, whichever
    /// way it goes; whether it is always returned.
    /// </summary>
    private (Value? Guard, bool IsReturned) TakenOver(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative after)
    {
        if (resolution.Bodies.Length != 1 || _session.Contracts.ScopeOf(call.ResultType).IsEmpty) return default;
        foreach (var guard in receiver is null ? arguments : arguments.Add(receiver))
        {
            if (guard is not Symbol { Role: SymbolRole.Parameter, Index: >= 0 } && !after.Holds(guard)) continue;
            var outcomes = _effects.OutcomesOf(resolution, call.ReceiverType, receiver, arguments, after);
            if (outcomes.All(outcome => guard.Equals(outcome.Value) || outcome.Disposed.Contains(guard))) return (guard, outcomes.All(outcome => guard.Equals(outcome.Value)));
        }

        return default;
    }

    /// <summary>Whether a callee may put away the argument that it is given. One whose body shows that it only looks at it does not.</summary>
    private bool MayKeep(Resolution resolution, int argument, int depth = 0)
    {
        if (resolution.Bodies.IsEmpty || resolution.IsUnknown || depth > HandingLimit) return true;
        foreach (var key in resolution.Bodies)
        {
            if (_session.Bodies.Get(key, _cancellation) is not { } body || body.MayKeep(argument)) return true;
            foreach (var (call, ordinal) in body.HandedOn(argument))
            {
                if (MayKeep(_session.Resolver.Resolve(call, _cancellation), ordinal, depth + 1)) return true;
            }
        }

        return false;
    }

    private static Alternative Escape(Alternative alternative, Value value)
    {
        for (int i = 0; i < alternative.Held.Length; i++)
        {
            if (alternative.Held[i].Guard is { } guard && guard.Equals(value))
            {
                return alternative with { Held = alternative.Held.SetItem(i, alternative.Held[i] with { HasEscaped = true }) };
            }
        }

        return alternative;
    }
}
