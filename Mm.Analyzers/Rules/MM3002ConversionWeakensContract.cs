using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
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
            if (Breach(session, result, visit) is { } violation) yield return AtPlace(violation, visit);
        }
    }

    private static Violation AtPlace(Violation violation, ConversionVisit visit)
    {
        ISymbol place = visit.Step.Place ?? visit.Step.DelegateType;
        violation = violation with { Declared = PlaceOf(visit) };
        return place.DeclaringSyntaxReferences.IsEmpty || place.Locations.IsEmpty ? violation : violation with { Related = violation.Related.Add(place.Locations[0]) };
    }

    private static string PlaceOf(ConversionVisit visit) => visit.Step.Place switch
    {
        null => Quoted(visit.Step.DelegateType),
        INamedTypeSymbol type => Quoted(type),
        IMethodSymbol method => $"'{Naming.Of(method)}()'",
        IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: not MethodKind.LambdaMethod } method } parameter => $"parameter '{parameter.Name}' of '{Naming.Of(method)}'",
        var place => $"'{place.Name}'",
    };

    private static string Quoted(ITypeSymbol type) => $"'{(type is INamedTypeSymbol named ? Naming.Of(named) : type.Name)}'";

    private Violation? Breach(Session session, FlowResult result, ConversionVisit visit)
    {
        if (visit.Function is not Symbol { Role: SymbolRole.Function, Key: BodyKey key })
        {
            return visit.Function is Constant ? BrokenPromise(visit) : OfValue(session, visit, OriginOf(session, result, visit));
        }

        if (Declared(visit) is { } declared) return declared;
        bool isJudgedInside = key.IsLambda && IsStartedThere(session, visit, key);
        return BrokenPromise(visit)
            ?? (!isJudgedInside ? WrongContext(visit) : AsksItself(session, key) ? Requirement(visit) : null)
            ?? (isJudgedInside || IsFollowed(session, visit) ? null : IsOfType(session, visit) ? (key.IsLambda ? null : Unbalanced(visit)) : Unbalanced(visit) ?? (QueryOperators.IsGiven(visit.Step.Place) ? null : Requirement(visit)))
            ?? Unverified(visit);
    }

    /// <summary>The lambda is written where the place starts it, or starts there by what is declared of it or of the value on its way: what it does there is said in its own body.</summary>
    private static bool IsStartedThere(Session session, ConversionVisit visit, BodyKey lambda)
    {
        var started = visit.Place.RunsIn.AddRange(visit.Place.Requires);
        if (started.IsEmpty && !visit.Place.IsDeferred) return false;
        if (visit.Step.Function is Symbol { Role: SymbolRole.Function }) return true;
        var declared = session.Contracts.Of(lambda.Method!);
        return !started.IsEmpty && started.All(context => declared.RunsIn.Concat(declared.Requires).Concat(visit.Origin.RunsIn).Concat(visit.Origin.Requires).Any(own => own.Implies(context)));
    }

    /// <summary>What a lambda asks for by an attribute of its own holds in its body, where nothing is said of it then.</summary>
    private static bool AsksItself(Session session, BodyKey lambda) =>
        !lambda.Method!.GetAttributes().IsEmpty && !session.Contracts.Of(lambda.Method).Requires.IsEmpty;

    /// <summary>It may do what the place says never happens.</summary>
    private Violation? BrokenPromise(ConversionVisit visit)
    {
        AppliedEffect? worst = null;
        foreach (var effect in visit.Effects)
        {
            if (effect.Entry.Effect.Role != EffectRole.Effect || !visit.Place.Never.Contains(effect.Entry.Effect) || effect.IsDormant || IsExcepted(visit, effect)) continue;
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

    /// <summary>The place promises never to have the effect except under a condition, and that is when it is there.</summary>
    private static bool IsExcepted(ConversionVisit visit, AppliedEffect effect)
    {
        foreach (var clause in visit.Place.Might)
        {
            if (!clause.Effect.Equals(effect.Entry.Effect)) continue;

            // Nobody passes arguments here: the facts speak of the parameters as of something fresh.
            var condition = clause.When?.Holds.Substitute(static symbol => symbol.Role == SymbolRole.Parameter ? new Symbol(SymbolRole.Fresh, -1, symbol) : symbol);
            if (condition is null || effect.Facts.Truth(condition) == true) return true;
        }

        return false;
    }

    /// <summary>The type that the value had says that it may: what is known to be in it does not speak then, as it does not where it is invoked.</summary>
    private Violation? Declared(ConversionVisit visit)
    {
        foreach (var clause in visit.Origin.Might)
        {
            if (clause.When is not null || !visit.Place.Never.Contains(clause.Effect) || visit.Place.Might.Any(own => own.Effect.Equals(clause.Effect))) continue;
            return new Violation(this, visit.Step.Location)
            {
                Subject = visit.Step.Origin?.Name ?? "This delegate",
                Effects = ImmutableArray.Create(clause.Effect),
                Detail = "promise",
            };
        }

        return null;
    }

    /// <summary>A value of which nothing but a declaration is known.</summary>
    private Violation? OfValue(Session session, ConversionVisit visit, Contract origin)
    {
        var report = new Violation(this, visit.Step.Location) { Subject = visit.Step.Origin?.Name ?? "This delegate" };
        foreach (var effect in visit.Place.Never)
        {
            if (origin.Never.Contains(effect)) continue;
            report = report with { Effects = ImmutableArray.Create(effect), Detail = origin.Mentions(effect) ? "promise" : "unknown" };
            return origin.Mentions(effect) ? report : Promised(report, visit, origin);
        }

        foreach (var clause in origin.Might)
        {
            if (clause.When is not null || visit.Inside.Forbidding(clause.Effect, visit.Inside.Depths) is not { } context) continue;
            return report with { Effects = ImmutableArray.Create(clause.Effect), Contexts = ImmutableArray.Create(context), Detail = "context" };
        }

        foreach (var context in origin.Requires)
        {
            if (visit.Inside.IsIn(context, visit.Inside.Depths) || IsFollowed(session, visit) || IsOfType(session, visit)) continue;
            return report with { Contexts = ImmutableArray.Create(context), Detail = "requires" };
        }

        return null;
    }

    /// <summary>The place that the value comes from could promise what is asked of it here.</summary>
    private static Violation Promised(Violation report, ConversionVisit visit, Contract origin)
    {
        if (visit.Step.Origin is not (IParameterSymbol or IFieldSymbol or IPropertySymbol) || visit.Step.Origin is not { Locations: { Length: 1 } declared } || !declared[0].IsInSource) return report;
        return report with
        {
            Related = declared,
            Repair = Repairs.Declaring(visit.Place.Never.Where(effect => !origin.Mentions(effect)).OrderBy(static effect => effect.Name, StringComparer.Ordinal)
                .Select(static effect => new DeclarationText("Never", effect.Name))).Add(RepairKeys.DeclareAt, "0"),
        };
    }

    /// <summary>What is declared of the value, also where a local has held it in between.</summary>
    private static Contract OriginOf(Session session, FlowResult result, ConversionVisit visit)
    {
        if (visit.Step.Origin is not ILocalSymbol local || !visit.Origin.IsNone) return visit.Origin;
        var written = result.Visits.Select(static other => other.Step).OfType<AssignStep>()
            .Where(assign => SymbolEqualityComparer.Default.Equals(assign.Variable, local)).ToList();
        var value = written.Count == 1 && written[0].Value is Symbol { Role: SymbolRole.Field } ? written[0].Value : visit.Function;
        if (value is not Symbol symbol) return visit.Origin;
        switch (symbol)
        {
            case { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when result.Body.Key.Method is { } method && ordinal < method.Parameters.Length:
                return session.Contracts.OfParameter(method, method.Parameters[ordinal]);
            case { Role: SymbolRole.Field or SymbolRole.Captured, Key: ISymbol place }:
                return session.Contracts.OfOrigin(place, visit.Step.OriginType);
        }

        foreach (var other in result.Visits)
        {
            if (other.Step is not CallStep { Result: { } given, Target: var target } || !given.Equals(symbol)) continue;
            return session.Contracts.OfOrigin(target.AssociatedSymbol ?? target, visit.Step.OriginType);
        }

        return visit.Origin;
    }

    /// <summary>A method without a visible body goes to a place with a promise.</summary>
    private static Violation? Unverified(ConversionVisit visit)
    {
        if (visit.Place.Never.IsEmpty) return null;
        foreach (var effect in visit.Effects)
        {
            if (effect.Entry.Effect.Role != EffectRole.Unknown) continue;
            return new Violation(AllRules.Unverified, visit.Step.Location)
            {
                Subject = effect.Entry.Witness.Last.Name,
                Path = effect.Entry.Witness,
                Effects = UnverifiedCall.Promised(visit.Place),
                Declared = PlaceOf(visit),
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
                if (entry.Depth.IsUnknown) continue;
                return new Violation(this, visit.Step.Location)
                {
                    Subject = Naming.Of(((BodyKey)((Symbol)visit.Function).Key!).Method!),
                    Contexts = ImmutableArray.Create(entry.Context),
                    Detail = "balance",
                };
            }
        }

        return null;
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

    /// <summary>What the delegate type says of contexts is judged where the value becomes one of that type.</summary>
    private static bool IsOfType(Session session, ConversionVisit visit)
    {
        var type = session.Contracts.OfDelegateType(visit.Step.DelegateType);
        return !type.RunsIn.IsEmpty || !type.Requires.IsEmpty;
    }

    /// <summary>Whether the delegate is followed to where it is invoked, so that nothing has to be asked of it here.</summary>
    private static bool IsFollowed(Session session, ConversionVisit visit)
    {
        if (visit.Step is { IsUnread: false, Place: null or ILocalSymbol }) return true;
        if (visit.Step.Place is not IParameterSymbol { ContainingSymbol: IMethodSymbol method } parameter) return false;
        if (visit.Place.IsDeferred || session.Contracts.Of(method).IsTrusted) return false;
        var resolution = session.Resolver.Direct(method);
        return resolution.IsFramework ? parameter.OriginalDefinition.Type is not ITypeParameterSymbol : !resolution.Bodies.IsEmpty;
    }
}
