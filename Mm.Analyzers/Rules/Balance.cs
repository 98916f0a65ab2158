using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A context that stands otherwise at a return than the annotations say.</summary>
/// <param name="Context">Which.</param>
/// <param name="IsLeft">Too little: promised and not entered, or given away. Otherwise too much.</param>
/// <param name="IsBelowZero">Below the depth of entry: MM2002 speaks of it where it was left.</param>
internal sealed record Deviating(ContextKind Context, bool IsLeft, bool IsBelowZero);

/// <summary>A return at which contexts deviate.</summary>
internal sealed record Deviation(Location Location, Alternative At, ImmutableArray<Deviating> Contexts);

/// <summary>Compares the contexts at each return with what the contract says.</summary>
internal static class Balance
{
    /// <summary>Constructors and Dispose of a scope type are primitives; a trusted body is not checked.</summary>
    public static bool IsChecked(Session session, FlowResult result)
    {
        if (result.Contract.IsTrusted) return false;
        if (result.Body.Key.Method is not { } method) return true;

        // A lambda or local function that says nothing is part of the body that invokes it.
        if (result.Body.Key.IsNested && !result.Contract.SaysAnything) return false;
        if (session.Contracts.ScopeOf(method.ContainingType).IsEmpty) return true;
        return method.MethodKind != MethodKind.Constructor && method.Name is not ("Dispose" or "DisposeAsync");
    }

    /// <summary>
    /// What a line of a file says to enter or leave a context, while its body does nothing of the kind by other members, is where the
    /// context is made: it is taken on trust, as [Trusted] would ask for.
    /// </summary>
    public static bool IsPrimitive(Session session, FlowResult result)
    {
        if (!result.Contract.IsFromFile || result.Contract.Transitions.IsEmpty) return false;
        foreach (var visit in result.Returns)
        {
            var change = Summarizer.NetChange(session, result, visit);
            foreach (var transition in result.Contract.Transitions)
            {
                if (!change[transition.Context].Equals(Depth.Zero)) return false;
            }
        }

        return true;
    }

    /// <summary>Another report, here or in a callee, is the cause of whatever deviates.</summary>
    public static bool IsConflict(FlowResult result, ContextKind context) =>
        context.IsRegion || result.Unsettled.Contains(context) || result.Meetings.Exists(meeting => meeting.Contexts.Contains(context));

    public static bool IsConflict(FlowResult result, Held held)
    {
        foreach (var context in held.Contexts)
        {
            if (context.IsLock && IsConflict(result, context)) return true;
        }

        return false;
    }

    public static IEnumerable<Deviation> Deviations(Session session, FlowResult result)
    {
        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional) continue;
            var change = Summarizer.NetChange(session, result, visit);
            var contexts = ImmutableArray.CreateBuilder<Deviating>();
            foreach (var context in Speaking(result.Contract, change))
            {
                if (IsConflict(result, context) || visit.At.Repeated.Contains(new ContextDepths.Entry(context, visit.At.Depths[context]))) continue;
                var actual = change[context];
                if (actual.IsUnknown) continue;
                var allowed = Allowed(result, visit, context);
                if (allowed.Contains(actual)) continue;
                var expected = allowed[0];
                bool isEntry = actual.High > expected.High && IsEntryPoint(session, result);
                if (isEntry) continue;
                bool isLeft = actual.High <= expected.High && actual.Low < expected.Low;
                if (!isLeft && actual.Low != actual.High && IsOfGuard(visit.At, context)) continue;
                contexts.Add(new Deviating(context, isLeft, isLeft && visit.At.Depths[context].IsBelowZero));
            }

            if (contexts.Count > 0) yield return new Deviation(visit.Location, visit.At, contexts.ToImmutable());
        }
    }

    /// <summary>A loop that makes guards has left one behind, or more: MM2004 says so where it was made.</summary>
    private static bool IsOfGuard(Alternative at, ContextKind context)
    {
        foreach (var held in at.Held)
        {
            if (held.Guard is null || held.HasEscaped) continue;
            foreach (var own in held.Contexts)
            {
                if (own.Equals(context)) return true;
            }
        }

        return false;
    }

    // The program's entry point owes no balance: a phase that it enters stays entered.
    // In a library, which has none, a method that could be one stands for it.
    private static bool IsEntryPoint(Session session, FlowResult result)
    {
        if (result.Body.Key.Method is not { IsStatic: true, Name: "Main" or "<Main>$", Arity: 0, ContainingType.IsGenericType: false } method) return false;
        if (session.Bodies.Compilation.GetEntryPoint(default) is { } entry) return SymbolEqualityComparer.Default.Equals(method, entry);
        return method.Parameters.IsEmpty || method.Parameters.Length == 1 && method.Parameters[0].Type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_String };
    }

    private static IEnumerable<ContextKind> Speaking(Contract contract, ContextDepths change) =>
        change.Entries.Select(static entry => entry.Context).Concat(contract.Transitions.Select(static t => t.Context)).Distinct();

    /// <summary>The changes that the annotations allow at a return: more than one where the result does not say which applies.</summary>
    private static ImmutableArray<Depth> Allowed(FlowResult result, ReturnVisit visit, ContextKind context)
    {
        int always = 0;
        var told = 0;
        bool? applies = null;
        foreach (var transition in result.Contract.Transitions)
        {
            if (!transition.Context.Equals(context)) continue;
            if (transition.Outcome == OutcomeKind.Always)
            {
                always += transition.By;
                continue;
            }

            told += transition.By;
            var known = transition.Outcome == OutcomeKind.Parameter
                ? visit.At.KnownOf(Symbol.Parameter(transition.Parameter))
                : visit.Result is null ? Known.Nothing : visit.At.Facts.Of(visit.Result);
            applies = transition.Outcome switch
            {
                OutcomeKind.ResultNotNull => known.EqualTo(null) is { } isNull ? !isNull : null,
                OutcomeKind.Parameter => known.EqualTo(true),
                _ => known.EqualTo(transition.On),
            };
        }

        if (told == 0) return ImmutableArray.Create(Depth.Exactly(always));
        return applies switch
        {
            true => ImmutableArray.Create(Depth.Exactly(always + told)),
            false => ImmutableArray.Create(Depth.Exactly(always)),
            null => ImmutableArray.Create(Depth.Exactly(always), Depth.Exactly(always + told)),
        };
    }
}
