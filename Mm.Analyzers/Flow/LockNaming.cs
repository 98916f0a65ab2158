using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Which lock a call takes or releases.</summary>
internal static class LockNaming
{
    /// <summary>The object or variable that a primitive works on: its receiver, or what it is given; null where there is none.</summary>
    public static Value? Of(IMethodSymbol target, Value? receiver, ImmutableArray<Value> arguments)
    {
        if (!target.IsStatic && target.MethodKind != MethodKind.Constructor)
        {
            var of = receiver is null ? null : LockIdentity.AtItsPlace(receiver);
            return of is not null && IsKeyed(target) ? new Symbol(SymbolRole.Fresh, -1, OperationLowering.Element, of) : of;
        }

        foreach (var parameter in target.Parameters)
        {
            if (parameter.Ordinal >= arguments.Length) break;
            bool isLock = parameter.RefKind is RefKind.None or RefKind.In
                ? parameter.Type is { IsReferenceType: true, SpecialType: SpecialType.None, TypeKind: not TypeKind.Delegate } || target.ContainingType?.Name == "Monitor"
                : parameter.RefKind == RefKind.Ref && parameter.Type is { SpecialType: SpecialType.None };
            if (isLock) return LockIdentity.AtItsPlace(arguments[parameter.Ordinal]);
        }

        return null;
    }

    // 'stripes.Lock(i)' takes one of several locks that an object has. A time that .NET's own tries wait is no key.
    private static bool IsKeyed(IMethodSymbol target)
    {
        foreach (var parameter in target.Parameters)
        {
            if (!parameter.IsOptional && parameter.Type.SpecialType is SpecialType.System_String or SpecialType.System_Char or (>= SpecialType.System_SByte and <= SpecialType.System_UInt64))
                return !WellKnown.IsFramework(target.ContainingAssembly);
        }

        return false;
    }

    /// <summary>Whether a member sleeps because it takes a lock, as opposed to one that waits for something to happen.</summary>
    public static bool IsLocking(IMethodSymbol target) =>
        (target.MethodImplementationFlags & System.Reflection.MethodImplAttributes.Synchronized) != 0
        || target.Name != "Wait"
        && target.ContainingType is { Name: "Monitor" or "Lock" or "ReaderWriterLockSlim" or "ReaderWriterLock", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };

    /// <summary>Of a member with a body: the one lock that it takes or releases in a context, as its outcomes tell; null if they do not agree.</summary>
    public static Value? Of(ImmutableArray<Outcome> outcomes, ContextKind context)
    {
        Value? found = null;
        foreach (var outcome in outcomes)
        {
            foreach (var move in outcome.Locks)
            {
                if (!move.Context.Equals(context)) continue;
                if (found is not null && !found.Equals(move.Lock)) return null;
                found = move.Lock;
            }
        }

        return found;
    }

    /// <summary>The lock behind the guard that a member with a body returns.</summary>
    public static Value? Guarded(ImmutableArray<Outcome> outcomes)
    {
        Value? found = null;
        foreach (var outcome in outcomes)
        {
            if (outcome.Guarded is null) continue;
            if (found is not null && !found.Equals(outcome.Guarded)) return null;
            found = outcome.Guarded;
        }

        return found;
    }

    /// <summary>The locks that a body has taken or released for its caller when it returns.</summary>
    public static ImmutableArray<LockMove> Moves(Alternative at)
    {
        var moves = ImmutableArray.CreateBuilder<LockMove>();
        foreach (var site in at.Below)
        {
            if (site.Context.IsLock && LockIdentity.Portable(site.Lock) is { } released) moves.Add(new LockMove(site.Context, released, -1));
        }

        foreach (var held in at.Held)
        {
            if (held.Guard is not null || held.Site is null || held.IsUncertain || LockIdentity.Portable(held.Lock) is not { } taken) continue;
            foreach (var context in held.Contexts)
            {
                // What was released and is taken again is as it was.
                if (context.IsLock && !moves.Remove(new LockMove(context, taken, -1))) moves.Add(new LockMove(context, taken, +1));
            }
        }

        return moves.ToImmutable();
    }

    /// <summary>The locks held at a point that a caller may be able to name better.</summary>
    public static IEnumerable<Value> HeldForCallers(Alternative at, ContextDepths depths, Value acquired)
    {
        bool isOpen = LockIdentity.ClassOf(acquired) is null;
        foreach (var held in at.LocksAt(depths))
        {
            if (!isOpen && LockIdentity.ClassOf(held.Lock) is not null) continue;
            if (LockIdentity.Portable(held.Lock) is { } portable) yield return portable;
        }
    }
}
