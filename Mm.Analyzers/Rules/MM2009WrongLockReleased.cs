using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A lock is released that this path does not hold, while it holds another of the same context.</summary>
internal sealed class WrongLockReleased : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2009",
        "Another lock is released than the one that is held",
        "{0} is released, but this path does not hold it; it holds {1}{2}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The number of locks is right, but it is the wrong one that goes: the lock that was taken stays held, and one that another CPU may hold is opened.",
        Documentation + "MM2009.md");

    public WrongLockReleased()
        : base(s_descriptor)
    {
    }

    /// <summary>One release too many of the context is the consequence of a wrong one before.</summary>
    public static bool Explains(Session session, FlowResult result, ContextKind context)
    {
        foreach (var (_, released, _) in Find(session, result))
        {
            if (released.Context.Equals(context)) return true;
        }

        return false;
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var (step, released, held) in Find(session, result)) yield return new Violation(this, step.Location) { Lock = released.Lock, Holder = held };
    }

    private static IEnumerable<(Step Step, LockMove Released, Held Held)> Find(Session session, FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.IsExceptional) continue;
                foreach (var released in reach.Released)
                {
                    if (LatestOther(session, result, visit, reach.Before, released) is { } held) yield return (visit.Step, released, held);
                }
            }
        }
    }

    /// <summary>What was taken last, if everything that is held in the context is known, and is another lock.</summary>
    private static Held? LatestOther(Session session, FlowResult result, StepVisit visit, Alternative before, LockMove released)
    {
        var depth = before.Depths[released.Context];
        if (!LockIdentity.IsExact(released.Lock) || !depth.IsCertain || !depth.Equals(Depth.Exactly(before.CountOf(released.Context)))) return null;
        Held? latest = null;
        bool isByName = false;
        foreach (var held in before.Held)
        {
            if (!held.Contexts.Contains(released.Context)) continue;
            if (held.IsUncertain || Balance.IsConflict(result, held)) return null;
            if (!LockIdentity.AreDifferent(held.Lock, released.Lock) || MayBeGiven(session, result, held.Lock, released.Lock))
            {
                if (!AreOfTwoParameters(session, result, before.Facts, held.Lock, released.Lock)) return null;
                isByName = true;
            }

            latest = held;
        }

        return isByName && MayBeHeld(visit, released.Context) ? null : latest;
    }

    // Of two objects, one may have been given the other's lock when it was made: a section that keeps the lock that it is to release.
    private static bool MayBeGiven(Session session, FlowResult result, Value? left, Value right) =>
        left is Symbol { Role: SymbolRole.Field, Key: ISymbol member } own && right is Symbol { Role: SymbolRole.Field, Key: ISymbol otherMember } other
        && own.Parent is not null && other.Parent is not null && !own.Parent.Equals(other.Parent)
        && (IsGiven(session, result, member) || IsGiven(session, result, otherMember));

    private static bool IsGiven(Session session, FlowResult result, ISymbol member) =>
        member is not IFieldSymbol { Type.IsValueType: true } && ReadOnlyValues.IsFixed(session.Bodies, member, result.Cancellation)
        && !ReadOnlyValues.IsOwn(session.Bodies, member, result.Cancellation);

    /// <summary>
    /// The objects of two parameters, the receiver among them, or two made here, or what each of these made for itself. A caller may give one object twice;
    /// but nothing here says so, and for any other two the lock that is released is not held.
    /// </summary>
    private static bool AreOfTwoParameters(Session session, FlowResult result, FactSet facts, Value? left, Value right)
    {
        if (left is Symbol { Role: SymbolRole.Field, Key: ISymbol member } own && right is Symbol { Role: SymbolRole.Field } other)
        {
            if (!Equals(member, other.Key) || own.Parent is null || other.Parent is null) return false;
            return (AreTwoMade(own.Parent, other.Parent) || AreTwoParameters(facts, own.Parent, other.Parent)) && ReadOnlyValues.IsOwn(session.Bodies, member, result.Cancellation);
        }

        return left is not null && AreTwoParameters(facts, left, right);
    }

    private static bool AreTwoMade(Value left, Value right) =>
        left is Symbol { Role: SymbolRole.Instance } && right is Symbol { Role: SymbolRole.Instance } && !left.Equals(right);

    private static bool AreTwoParameters(FactSet facts, Value left, Value right) =>
        left is Symbol { Role: SymbolRole.Parameter, Parent: null } && right is Symbol { Role: SymbolRole.Parameter, Parent: null } && !left.Equals(right)
        && facts.Truth(Fold.Equal(left, right)) != true && facts.Truth(Fold.Equal(right, left)) != true;

    // On another path here the one parameter has been assigned the other.
    private static bool MayBeHeld(StepVisit visit, ContextKind context)
    {
        foreach (var reach in visit.Reaches)
        {
            foreach (var released in reach.Released)
            {
                foreach (var held in reach.Before.Held)
                {
                    if (released.Context.Equals(context) && released.Lock.Equals(held.Lock)) return true;
                }
            }
        }

        return false;
    }
}
