using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Contexts that are not entered here but known: by a branch on what tests have answered, or by an assertion that came back.</summary>
internal sealed partial class StepTransfer
{
    // A call of the step that is applied has ruled out answers.
    private bool _hasAsserted;

    /// <summary>
    /// Puts code in the contexts that all who go on have been told of, and not all who came: it is the condition that tells. So
    /// 'both = off and n > 2' says nothing, and 'if (both)' says that interrupts are off.
    /// </summary>
    private void Confirm(List<Alternative> came, List<Alternative> went, Value? asked)
    {
        if (went.Count == 0) return;
        var told = went.ConvertAll(alternative => _result.Answers.Told(alternative, alternative.Facts, asked));
        var common = ImmutableArray<TestedContext>.Empty;
        foreach (var context in told.SelectMany(static contexts => contexts).Distinct())
        {
            if (!context.IsIn) continue;
            bool isCommon = true;
            for (int i = 0; i < went.Count && isCommon; i++) isCommon = IsIn(went[i], told[i], context);
            if (isCommon) common = common.Add(context);
        }

        if (!common.IsEmpty)
        {
            common = common.RemoveAll(context => came.TrueForAll(alternative => IsIn(alternative, _result.Answers.Told(alternative, alternative.Facts, asked), context)));
        }

        for (int i = 0; i < went.Count; i++)
        {
            foreach (var context in common) went[i] = WithTested(went[i], context);
            foreach (var context in told[i])
            {
                if (!context.IsIn) went[i] = WithTested(went[i], context);
            }
        }
    }

    private static bool IsIn(Alternative alternative, ImmutableArray<TestedContext> told, TestedContext context) =>
        alternative.Depths.IsIn(context.Context) || told.Any(known => known.Says(context));

    private static Alternative WithTested(Alternative alternative, TestedContext tested) =>
        alternative.Tested.Contains(tested) || IsOldNews(alternative, tested) ? alternative : alternative with { Tested = alternative.Tested.Add(tested) };

    /// <summary>A callee that comes back in one context only has asserted it; one that comes back in several tells by its result which it was.</summary>
    private void NoteAsserted(int step, ImmutableArray<Outcome> outcomes, int first, List<Alternative> next)
    {
        bool isTelling = false;
        foreach (var outcome in outcomes)
        {
            _hasAsserted |= outcome.Guard.All.Length > 0;
            isTelling |= !outcome.Contexts.IsEmpty;
        }

        if (!isTelling) return;
        var common = TestedContext.Common(outcomes.Select(static outcome => outcome.Contexts).ToList());
        for (int i = first; i < next.Count; i++)
        {
            foreach (var tested in common) next[i] = WithTested(next[i], tested);
        }

        foreach (var tested in outcomes.SelectMany(static outcome => outcome.Contexts))
        {
            if (tested.IsIn && !common.Contains(tested)) _result.Answers.Add(step, new Telling(AnswerOf(step, tested), true) { Context = tested });
        }
    }

    /// <summary>A callee that answers so outside of a context only does not answer so in it.</summary>
    private Alternative Answered(CallStep call, Resolution resolution, Alternative after)
    {
        return call.Target.ReturnType.SpecialType == SpecialType.System_Boolean ? Answered(_effects.TestsOf(resolution), Symbol.Result(call.Id), after) : after;
    }

    private static Alternative Answered(ImmutableArray<(bool Result, TestedContext Context)> tests, Symbol result, Alternative after)
    {
        foreach (var (truth, context) in tests)
        {
            if (!context.IsIn && after.IsIn(context.Context, after.Depths)) after = after with { Facts = after.Facts.Learn(result, Known.Exactly(!truth)) ?? after.Facts };
        }

        return after;
    }

    /// <summary>Stands for what a test inside of a callee has answered.</summary>
    private static Symbol AnswerOf(int step, TestedContext tested) => new(SymbolRole.Result, step, tested.Context);
}
