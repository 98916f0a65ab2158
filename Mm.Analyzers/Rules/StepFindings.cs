using System;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>One effect of a step that its context forbids in some alternative.</summary>
internal sealed record Finding(EffectEntry Entry, ContextKind Context, Held? Holder);

/// <summary>What the judgements of all alternatives of one step come to.</summary>
internal sealed class StepFindings
{
    private readonly Func<IParameterSymbol, bool> _isNeverGiven;

    /// <param name="result">The body.</param>
    /// <param name="visit">The step.</param>
    /// <param name="unknownCallees">The option.</param>
    /// <param name="regions">Which regions are asked for.</param>
    /// <param name="isNeverGiven">Whether no visible caller passes anything for a parameter.</param>
    public StepFindings(FlowResult result, StepVisit visit, string unknownCallees, RegionRules regions, Func<IParameterSymbol, bool> isNeverGiven)
    {
        _isNeverGiven = isNeverGiven;
        Regions = regions;
        Result = result;
        Visit = visit;
        UnknownCallees = unknownCallees;
        var forbidden = ImmutableArray<Finding>.Empty;
        foreach (var reach in visit.Reaches)
        {
            foreach (var effect in reach.Effects)
            {
                var judgement = Judgement.Of(result, reach.Before, effect);
                if (judgement.Verdict != Verdict.Violates || !regions.IsAskedFor(judgement.Context!, KindOf(effect.Entry), visit.Step.Location.SourceTree)) continue;
                forbidden = forbidden.Add(new Finding(effect.Entry, judgement.Context!, judgement.Holder));
            }
        }

        Forbidden = forbidden;
    }

    public FlowResult Result { get; }

    public RegionRules Regions { get; }

    public StepVisit Visit { get; }

    public Step Step => Visit.Step;

    /// <summary>Value of the option mm_unknown_callees: "trust", "report", or empty for the default.</summary>
    public string UnknownCallees { get; }

    public ImmutableArray<Finding> Forbidden { get; }

    /// <summary>Whether no visible caller passes anything for the parameter: nobody else will say that nothing is known of it.</summary>
    public bool IsNeverGiven(IParameterSymbol parameter) => _isNeverGiven(parameter);

    /// <summary>The finding with the shortest way among those that pass the test.</summary>
    public Finding? Shortest(Func<Finding, bool> test)
    {
        Finding? best = null;
        foreach (var finding in Forbidden)
        {
            if (test(finding) && (best is null || Compare(finding, best) < 0)) best = finding;
        }

        return best;
    }

    public Violation Report(Rule rule, Finding finding)
    {
        var effects = ImmutableArray.Create(KindOf(finding.Entry));
        foreach (var other in Forbidden)
        {
            // Waiting is how it sleeps, which is said.
            if (other.Entry.Effect.IsOfRegions && other.Entry.Effect.IsSleep && effects[0].Equals(EffectKind.Sleep)) continue;
            if (other.Entry.Effect.Role == EffectRole.Effect && !effects.Contains(other.Entry.Effect)) effects = effects.Add(other.Entry.Effect);
        }

        return new Violation(rule, Step.Location)
        {
            Subject = finding.Entry.Witness.Name,
            Effects = effects.Sort(static (a, b) => Rank(a) - Rank(b) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name)),
            Contexts = ImmutableArray.Create(finding.Context),
            Holder = finding.Holder,
            Path = finding.Entry.Witness,
            Repair = Step is CallStep ? Repairs.OfArgument(finding.Entry) : Repairs.None,
        };
    }

    /// <summary>What a step does to the region that it is in: whoever takes a spin lock takes a second one.</summary>
    private static EffectKind KindOf(EffectEntry entry) => entry.Effect.Role == EffectRole.Acquire ? EffectKind.SecondSpinLock : entry.Effect;

    private static int Compare(Finding left, Finding right)
    {
        int order = Witness.Compare(left.Entry.Witness, right.Entry.Witness);
        if (order != 0) return order;
        order = string.CompareOrdinal(left.Context.Name, right.Context.Name);
        return order != 0 ? order : (left.Holder?.Site?.SourceSpan.Start ?? 0) - (right.Holder?.Site?.SourceSpan.Start ?? 0);
    }

    // Fault speaks first, then Sleep, then the others by name.
    private static int Rank(EffectKind effect) => effect.Equals(EffectKind.Fault) ? 0 : effect.Equals(EffectKind.Sleep) ? 1 : 2;
}
