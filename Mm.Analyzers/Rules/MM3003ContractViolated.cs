using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>The body of a [Never] member might have the effect.</summary>
internal sealed class ContractViolated : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3003",
        "Body might have an effect that its declaration promises never to have",
        "{0} might {1}, which this member promises never to do{3}",
        Category.Contracts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A member that declares [Never<E>] calls something that may have the effect E. Callers trust the promise, so the fault lies here.",
        Documentation + "MM3003.md");

    public ContractViolated()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings)
    {
        var contract = findings.Result.Contract;
        if (contract.Never.IsEmpty || contract.IsTrusted) return null;
        EffectEntry? worst = null;
        foreach (var reach in findings.Visit.Reaches)
        {
            foreach (var effect in reach.Effects)
            {
                var entry = effect.Entry;
                if (entry.Effect.Role != EffectRole.Effect || !contract.Never.Contains(entry.Effect) || effect.IsDormant || effect.IsElsewhere) continue;
                if (entry.Own is not null && !effect.IsDecided || IsExcepted(findings.Result, effect)) continue;
                if (worst is null || Witness.Compare(entry.Witness, worst.Witness) < 0) worst = entry;
            }
        }

        if (worst is null) return null;
        return new Violation(this, findings.Step.Location)
        {
            Subject = worst.Witness.Name,
            Effects = ImmutableArray.Create(worst.Effect),
            Path = worst.Witness,
        };
    }

    /// <summary>Nothing in the body allocates the object that an iterator or an async method is called to make: it stands on the name.</summary>
    public Violation? OfMachine(FlowResult result)
    {
        var contract = result.Contract;
        if (!result.Body.IsMachine || !contract.Never.Contains(EffectKind.Allocate) || result.Body.Key.Method is not { } method) return null;
        foreach (var clause in contract.Might)
        {
            if (clause.Effect.Equals(EffectKind.Allocate)) return null;
        }

        string name = Naming.Of(method);
        var location = EndLocations.NameOf(method);
        return new Violation(this, location) { Subject = name, Effects = ImmutableArray.Create(EffectKind.Allocate), Path = new Witness(name, location, new Witness(result.Body.IsIterator ? "its enumerator" : "its state machine", Location.None, null)) };
    }

    /// <summary>[Never] beside a conditional [Might] means: never, except then.</summary>
    private static bool IsExcepted(FlowResult result, AppliedEffect effect)
    {
        foreach (var clause in result.Contract.Might)
        {
            if (!clause.Effect.Equals(effect.Entry.Effect)) continue;
            if (clause.When is not { } condition || effect.Facts.Truth(condition.Holds) == true) return true;
        }

        return false;
    }
}
