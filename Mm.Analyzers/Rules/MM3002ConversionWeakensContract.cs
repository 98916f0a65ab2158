using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A lambda, method group or delegate goes to a place that promises more than it keeps.</summary>
internal sealed class ConversionWeakensContract : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3002",
        "Delegate does not keep the promise of the place it goes to",
        "{0}",
        Category.Contracts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A delegate type, parameter, field or result promises something about the delegates it holds, and callers rely on it. What is converted to it must keep that promise, and what is stored without any promise must need nothing and change nothing.",
        Documentation + "MM3002.md");

    public ConversionWeakensContract()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var visit in result.Conversions)
        {
            if (result.Contract.IsTrusted) yield break;
            if (Breach(session, visit) is { } violation) yield return violation;
        }
    }

    private Violation? Breach(Session session, ConversionVisit visit)
    {
        if (visit.Function is not Symbol { Role: SymbolRole.Function, Key: BodyKey key })
        {
            return visit.Function is Constant ? BrokenPromise(visit) : OfUnknownOrigin(visit);
        }

        bool isJudgedInside = key.IsNested && (!visit.Place.RunsIn.IsEmpty || !visit.Place.Requires.IsEmpty || visit.Place.IsDeferred);
        return BrokenPromise(visit)
            ?? (isJudgedInside ? null : WrongContext(visit))
            ?? (isJudgedInside || IsFollowed(session, visit) ? null : Unbalanced(visit));
    }

    /// <summary>It may do what the place says never happens.</summary>
    private Violation? BrokenPromise(ConversionVisit visit)
    {
        AppliedEffect? worst = null;
        foreach (var effect in visit.Effects)
        {
            if (effect.Entry.Effect.Role != EffectRole.Effect || !visit.Place.Never.Contains(effect.Entry.Effect) || effect.IsDormant) continue;
            if (worst is null || Summaries.Witness.Compare(effect.Entry.Witness, worst.Entry.Witness) < 0) worst = effect;
        }

        return worst is null ? null : new Violation(this, visit.Step.Location)
        {
            Subject = worst.Entry.Witness.Name,
            Effects = ImmutableArray.Create(worst.Entry.Effect),
            Path = worst.Entry.Witness,
            Detail = "promise",
        };
    }

    private Violation? OfUnknownOrigin(ConversionVisit visit)
    {
        foreach (var effect in visit.Place.Never)
        {
            if (visit.Origin.Never.Contains(effect)) continue;
            return new Violation(this, visit.Step.Location)
            {
                Subject = visit.Step.Origin?.Name ?? "This delegate",
                Effects = ImmutableArray.Create(effect),
                Detail = visit.Origin.Mentions(effect) ? "promise" : "unknown",
            };
        }

        return null;
    }

    /// <summary>A method that cannot run in the context in which the place runs it.</summary>
    private Violation? WrongContext(ConversionVisit visit)
    {
        var inside = visit.Inside;
        foreach (var effect in visit.Effects)
        {
            var entry = effect.Entry;
            var context = entry.Effect.Role switch
            {
                EffectRole.ForbiddenIn => inside.PossiblyIn(entry.Effect.Context!, effect.At),
                EffectRole.Effect when !effect.IsDormant => inside.Forbidding(entry.Effect, effect.At),
                _ => null,
            };
            if (context is null) continue;
            return new Violation(this, visit.Step.Location)
            {
                Subject = entry.Witness.Name,
                Effects = entry.Effect.Role == EffectRole.Effect ? ImmutableArray.Create(entry.Effect) : ImmutableArray<EffectKind>.Empty,
                Contexts = ImmutableArray.Create(context),
                Path = entry.Witness,
                Detail = entry.Effect.Role == EffectRole.Effect ? "context" : "forbidden",
            };
        }

        return visit.Place.RunsIn.IsEmpty && visit.Place.Requires.IsEmpty ? null : Requirement(visit);
    }

    private Violation? Unbalanced(ConversionVisit visit)
    {
        foreach (var outcome in visit.Outcomes)
        {
            foreach (var entry in outcome.Change.Entries)
            {
                return new Violation(this, visit.Step.Location)
                {
                    Subject = Naming.Of(((BodyKey)((Symbol)visit.Function).Key!).Method!),
                    Contexts = ImmutableArray.Create(entry.Context),
                    Detail = "balance",
                };
            }
        }

        return Requirement(visit);
    }

    private Violation? Requirement(ConversionVisit visit)
    {
        foreach (var effect in visit.Effects)
        {
            if (effect.Entry.Effect.Role != EffectRole.Requires || visit.Inside.IsIn(effect.Entry.Effect.Context!, effect.At)) continue;
            return new Violation(this, visit.Step.Location)
            {
                Subject = effect.Entry.Witness.Name,
                Contexts = ImmutableArray.Create(effect.Entry.Effect.Context!),
                Path = effect.Entry.Witness,
                Detail = "requires",
            };
        }

        return null;
    }

    /// <summary>Whether the delegate is followed to where it is invoked, so that nothing has to be asked of it here.</summary>
    private static bool IsFollowed(Session session, ConversionVisit visit)
    {
        if (visit.Step.Place is null or ILocalSymbol) return true;

        // What the delegate type says of contexts is judged where the value becomes one of that type.
        var type = session.Contracts.OfDelegateType(visit.Step.DelegateType);
        if (!type.RunsIn.IsEmpty || !type.Requires.IsEmpty) return true;
        if (visit.Step.Place is not IParameterSymbol { ContainingSymbol: IMethodSymbol method } parameter) return false;
        if (visit.Place.IsDeferred || session.Contracts.Of(method).IsTrusted) return false;
        var resolution = session.Resolver.Direct(method);
        return resolution.IsFramework ? parameter.OriginalDefinition.Type is not ITypeParameterSymbol : !resolution.Bodies.IsEmpty;
    }
}
