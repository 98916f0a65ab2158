using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Calls that take a lock.</summary>
internal sealed partial class CalleeEffects
{
    /// <summary>A call that is declared to take a lock, where nothing inside of it has been seen to take one.</summary>
    private void OfLock(CallStep call, Resolution resolution, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        var contexts = Entered(call, resolution.Contract, out bool isTry);
        if (contexts.IsEmpty) return;
        if (found.Any(effect => effect.Entry.Acquired is { } inner && (isTry || !inner.IsTry))
            && !IsOfReceiver(resolution, contexts.First(static context => context.IsLock), site.Receiver, site.Arguments, site.Alternative)) return;

        bool isConstructor = call.Target.MethodKind == MethodKind.Constructor;
        if (LockNaming.Of(call.Target, isConstructor ? null : site.Receiver, site.Arguments) is not { } @lock) return;

        // A guard made by hand adopts the lock that was taken by hand, or that in the object which it is made for.
        if (isConstructor && site.Alternative.Held.Any(held => held.Lock is { } taken && taken.Contains(@lock))) return;
        var acquired = new Acquisition(@lock, contexts, isTry);
        var entry = Entry(EffectKind.Acquire(acquired.Name), Naming.Qualified(call.Target), site) with { Acquired = acquired };
        found.Add(new AppliedEffect(entry, site.Alternative.Depths, site.Alternative.Facts, true));
    }

    /// <summary>
    /// Whether the object that a member is called on stands for the lock that it takes or releases: where all that may run for the call
    /// works on a lock which is part of the object, whichever class it is of, and where the object has no other lock than that one.
    /// </summary>
    public bool IsOfReceiver(Resolution resolution, ContextKind context, Value? receiver, ImmutableArray<Value> arguments, Alternative at)
    {
        if (resolution.Bodies.IsEmpty || receiver is null || resolution.Dispatched is null && receiver.Equals(Symbol.This)) return false;
        foreach (var key in resolution.Bodies)
        {
            var outcomes = OutcomesOf(key, null, receiver, arguments, at);
            var @lock = LockNaming.Of(outcomes, context) ?? LockNaming.Guarded(outcomes);
            if (@lock?.Contains(receiver) != true || resolution.Dispatched is null && !IsOnlyLock(@lock, receiver)) return false;
        }

        return true;
    }

    private static bool IsOnlyLock(Value @lock, Value receiver)
    {
        if (@lock is not Symbol { Role: SymbolRole.Field, Key: IFieldSymbol held, Parent: { } holder } || !holder.Equals(receiver)) return @lock.Equals(receiver);
        foreach (var member in held.ContainingType.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false } other && !SymbolEqualityComparer.Default.Equals(other, held) && SymbolEqualityComparer.Default.Equals(other.Type, held.Type)) return false;
        }

        return true;
    }

    /// <summary>Whoever sleeps either takes a lock or waits: regions tell the two apart.</summary>
    private void OfSleep(EffectEntry sleep, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (!_session.Regions.IsAny) return;
        var kind = site.Target is { } target && LockNaming.IsLocking(target) ? EffectKind.TakeLock : EffectKind.Wait;
        if (!_session.Regions.Forbid(kind)) return;
        var change = sleep.Change;

        // It gives up the lock for which it is called while it waits.
        if (site.Target is { Name: "Wait", ContainingType: { Name: "Monitor", ContainingNamespace.Name: "Threading" } } && _session.Regions.ContextOf(Region.Lock) is { } held)
        {
            change = change.Shift(held, -1);
        }

        Apply(sleep with { Effect = kind, Change = change }, site, found);
    }

    /// <summary>A call of which only the object decides what it runs.</summary>
    private void OfDispatch(CallStep call, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (!call.IsVirtual || !_session.Regions.Forbid(EffectKind.VirtualCall) || site.Receiver is Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol }) return;
        Apply(Entry(EffectKind.VirtualCall, Naming.Qualified(call.Target), site), site, found);
    }

    /// <summary>The locks that a call releases: as it is declared, or as its body tells.</summary>
    public ImmutableArray<LockMove> ReleasedBy(CallStep call, Resolution resolution, Alternative alternative)
    {
        if (alternative.Held.IsEmpty) return ImmutableArray<LockMove>.Empty;
        var transitions = resolution.Contract.Transitions;
        if (transitions.IsEmpty && (resolution.Bodies.Length != 1 || resolution.Contract.IsTrusted)) return ImmutableArray<LockMove>.Empty;
        if (!transitions.IsEmpty && !transitions.Any(static transition => transition.By < 0 && transition.Context.IsLock)) return ImmutableArray<LockMove>.Empty;
        var receiver = call.Receiver is null ? null : alternative.Evaluate(call.Receiver);

        // What a guard does when it is disposed of is how its contexts are left.
        if (receiver is not null && call.Target.Name == "Dispose" && alternative.Holds(receiver)) return ImmutableArray<LockMove>.Empty;
        var arguments = Arguments(call.Arguments, alternative);
        if (!transitions.IsEmpty && (resolution.Bodies.IsEmpty
            || IsOfReceiver(resolution, transitions.First(static transition => transition.By < 0 && transition.Context.IsLock).Context, receiver, arguments, alternative)))
        {
            if (LockNaming.Of(call.Target, receiver, arguments) is not { } @lock) return ImmutableArray<LockMove>.Empty;
            return transitions.Where(static transition => transition is { By: < 0, Outcome: OutcomeKind.Always, Context.IsLock: true })
                .Select(transition => new LockMove(transition.Context, @lock, -1)).ToImmutableArray();
        }

        // One move in every outcome: a callee that exchanges locks is not judged here.
        var outcomes = OutcomesOf(resolution, call.ReceiverType, receiver, arguments, alternative);
        return outcomes.Length == 1 && outcomes[0].Locks is { Length: 1 } only && only[0].By < 0 ? only : ImmutableArray<LockMove>.Empty;
    }

    /// <summary>What a delegate takes, it takes under the locks of the callee that invokes it.</summary>
    private void HoldLocks(EffectEntry entry, Site site, ImmutableArray<AppliedEffect>.Builder found, int from)
    {
        var locks = entry.HeldLocks.Select(value => InCaller(value, site)).ToImmutableArray();
        var invoked = site.Alternative.Depths.Add(entry.Change);
        for (int i = from; i < found.Count; i++)
        {
            // A delegate may drop a lock of the callee, and take it again.
            var inner = found[i].Entry;
            var at = found[i].At;
            if (invoked.Entries.Any(held => held.Context.IsLock && at[held.Context].Low < held.Depth.Low)) continue;
            if (inner.Acquired is { } acquired)
            {
                found[i] = found[i] with { Entry = inner with { Acquired = acquired with { Under = acquired.Under.Union(locks).ToImmutableArray() } } };
            }
            else if (inner.Effect.Role == EffectRole.Deferred)
            {
                found[i] = found[i] with { Entry = inner with { HeldLocks = inner.HeldLocks.Union(locks).ToImmutableArray() } };
            }
        }
    }

    private Acquisition InCaller(Acquisition acquired, Site site) => acquired.Select(value => InCaller(value, site));

    /// <summary>A lock of a callee, in terms of this body.</summary>
    private Value InCaller(Value value, Site site) => LockIdentity.AtItsPlace(site.Alternative.Refresh(value.Substitute(symbol => Replace(symbol, site))));

    /// <summary>What is entered with a lock; empty if no lock is.</summary>
    private ImmutableArray<ContextKind> Entered(CallStep call, Contract contract, out bool isTry)
    {
        isTry = false;
        if (!contract.Transitions.IsEmpty)
        {
            var entering = contract.Transitions.Where(static transition => transition.By > 0).ToList();
            if (!entering.Exists(static transition => transition.Context.IsLock)) return ImmutableArray<ContextKind>.Empty;
            isTry = entering.TrueForAll(static transition => transition.Outcome != OutcomeKind.Always && !transition.SetsParameter);
            return entering.Select(static transition => transition.Context).Distinct().ToImmutableArray();
        }

        var scope = call.IsResultDropped ? ImmutableArray<ContextKind>.Empty : _session.Contracts.ScopeOf(call.ResultType);
        if (!scope.Any(static context => context.IsLock)) return ImmutableArray<ContextKind>.Empty;
        isTry = call.ResultType is { NullableAnnotation: NullableAnnotation.Annotated } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };
        return scope;
    }
}
