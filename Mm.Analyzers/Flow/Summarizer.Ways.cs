using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Of the ways to return, those that are worth telling apart.</summary>
internal static partial class Summarizer
{
    /// <summary>Where all ways change nothing, only a result that hangs on the arguments is worth telling apart.</summary>
    private static List<Outcome> Simplify(List<Outcome> outcomes, FlowResult result)
    {
        if (outcomes.Count is > OutcomeLimit and <= FlagWayLimit && outcomes.TrueForAll(IsOfFlags)) JoinNearest(outcomes);
        if (outcomes.Count <= 1) return outcomes.ConvertAll(only => only with { Guard = Asserted(result, only.Guard), Contexts = IsAsserting(result) ? only.Contexts : ImmutableArray<TestedContext>.Empty });
        bool isNeutral = outcomes.TrueForAll(static outcome => outcome.Change.IsNone && outcome.Locks.IsEmpty && outcome.Disposed.IsEmpty && outcome.Guarded is null);
        bool isTelling = outcomes.Exists(outcome => !outcome.Result.IsNothing || outcome.References.Count > 0 || IsGiven(result, outcome) || outcome.Handed.Values.Any(static handed => handed is ClosureValue))
            && outcomes.Exists(static outcome => outcome.Guard.All.Length > 0 || outcome.Contexts.Length > 0 || outcome.References.Count > 0 && !outcome.Result.IsNothing);
        bool isOwning = outcomes.Exists(static outcome => !outcome.Families.IsEmpty);
        if (isNeutral && !isOwning && (!isTelling || outcomes.Count > OutcomeLimit)) return new List<Outcome> { Unchanged(outcomes, result) };
        if (outcomes.Count <= OutcomeLimit && (isTelling || !isNeutral)) return outcomes;

        // One way for each change and owner: what they have in common stays known.
        var groups = new List<List<Outcome>>();
        foreach (var outcome in outcomes)
        {
            if (groups.Find(known => known[0].Change.Equals(outcome.Change) && known[0].HasSameFamilies(outcome)) is { } group) group.Add(outcome);
            else groups.Add(new List<Outcome> { outcome });
        }

        var joined = groups.Select(static group => group.Aggregate(Widening.Join)).ToList();
        return joined.Count <= ChangeLimit ? joined : new List<Outcome> { joined.Aggregate(Widening.Join) };
    }

    /// <summary>The ways to return. What a test of contexts has answered, and a way hands out in a parameter or in a tuple, makes two of it: a caller who branches on it knows the context.</summary>
    private static IEnumerable<ReturnVisit> Told(FlowResult result)
    {
        foreach (var visit in result.Returns)
        {
            if (result.Answers.IsEmpty || AnswerIn(result, visit) is not { } answer)
            {
                yield return visit;
                continue;
            }

            foreach (bool truth in new[] { true, false })
            {
                if (visit.At.Assume(answer, truth) is { } told) yield return visit with { At = told };
            }
        }
    }

    private static Value? AnswerIn(FlowResult result, ReturnVisit visit)
    {
        bool IsOne(Value value) => visit.At.Facts.Truth(value) is null && result.Answers.AreIn(value);
        if (visit.Result is TupleValue tuple)
        {
            foreach (var item in tuple.Items)
            {
                if (IsOne(item)) return item;
            }
        }

        foreach (var parameter in result.Body.Key.Method?.Parameters ?? ImmutableArray<IParameterSymbol>.Empty)
        {
            if (parameter is { RefKind: RefKind.Out or RefKind.Ref, Type.SpecialType: SpecialType.System_Boolean } && visit.At.Evaluate(Symbol.Parameter(parameter.Ordinal)) is var value && IsOne(value)) return value;
        }

        return null;
    }

    // Results that a caller is likely to branch on.
    private static bool IsTelling(FlowResult result) => result.Body.Key.Method?.ReturnType is { } type
        && (type.SpecialType == SpecialType.System_Boolean || Numbers.WidthOf(type) is not null || type.IsReferenceType
            || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T);

    // 'first ?? second', of flags, delegates, numbers or truths that the caller has passed, or one of several tuples.
    private static bool IsGiven(FlowResult result, Outcome outcome) => outcome.Value is not (null or Constant)
        && Numbers.Underlying(result.Body.Key.Method?.ReturnType) is { } type
        && (type is { TypeKind: TypeKind.Enum or TypeKind.Delegate } or { IsTupleType: true } || outcome.Value is Symbol { Role: SymbolRole.Parameter, Parent: null } && (GivenValues.IsAnything(type) || Numbers.WidthOf(type) is not null || type.SpecialType == SpecialType.System_Boolean));

    // Ways that change nothing, each of which gives flags.
    private static bool IsOfFlags(Outcome outcome) => (outcome.Result.Ones | outcome.Result.Zeros) != 0 && outcome.Families.IsEmpty && outcome.References.IsEmpty
        && outcome.Change.IsNone && outcome.Locks.IsEmpty && outcome.Disposed.IsEmpty && outcome.Guarded is null;

    // 'if (flags has NoFs) gfp &= ~Fs;' says little of what 'if (flags has NoSleep)' decides: where that is too much together, the little goes.
    private static void JoinNearest(List<Outcome> outcomes)
    {
        while (outcomes.Count > OutcomeLimit)
        {
            int left = 0, right = 1, fewest = int.MaxValue;
            for (int i = 0; i < outcomes.Count; i++)
            {
                for (int j = i + 1; j < outcomes.Count; j++)
                {
                    int lost = Lost(outcomes[i].Result, outcomes[j].Result);
                    if (lost < fewest) (left, right, fewest) = (i, j, lost);
                }
            }

            outcomes[left] = Widening.Join(outcomes[left], outcomes[right]);
            outcomes.RemoveAt(right);
        }
    }

    private static int Lost(Known one, Known other)
    {
        var both = one.Or(other);
        int lost = 0;
        for (ulong bits = (one.Ones | one.Zeros | other.Ones | other.Zeros) & ~(both.Ones | both.Zeros); bits != 0; bits &= bits - 1) lost++;
        return lost;
    }

    // Nothing but what has to hold for it to return at all.
    private static Outcome Unchanged(List<Outcome> outcomes, FlowResult result)
    {
        if (!IsAsserting(result)) return Outcome.Unchanged;
        var contexts = TestedContext.Common(outcomes.ConvertAll(static outcome => outcome.Contexts));
        var guard = outcomes.Select(outcome => Asserted(result, outcome.Guard)).Aggregate(static (all, next) => all.Join(next));
        return contexts.IsEmpty && guard.All.IsEmpty ? Outcome.Unchanged : Outcome.Unchanged with { Contexts = contexts, Guard = guard };
    }

    // What an async method throws waits in its task.
    private static bool IsAsserting(FlowResult result) => !result.Body.IsAsync && !result.Body.IsIterator;

    /// <summary>What a method that throws otherwise says of the conditions that it was given.</summary>
    private static FactSet Asserted(FlowResult result, FactSet guard)
    {
        var parameters = IsAsserting(result) && result.Body.Key.Method is { } method ? method.Parameters : ImmutableArray<IParameterSymbol>.Empty;
        if (!parameters.Any(static parameter => parameter.Type.SpecialType == SpecialType.System_Boolean)) return FactSet.Empty;
        return guard.Where(fact => fact.Value.Truth is not null && !fact.Key.Mentions(symbol =>
            symbol is not { Role: SymbolRole.Parameter, Parent: null, Index: >= 0 and var ordinal } || parameters[ordinal].Type.SpecialType != SpecialType.System_Boolean));
    }

    /// <summary>What the body has entered around a delegate that it invokes.</summary>
    private static ImmutableArray<Held> HeldAround(Alternative before, EffectEntry entry) => before.Held.IsEmpty
        ? entry.Within
        : EffectEntry.Inside(before.Held.Where(static held => held.Site is { IsInSource: true }).Select(static held => held with { IsOfCallee = true }).ToImmutableArray(), entry.Within);
}
