using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>Annotations that exclude each other, name a parameter that is not there, or stand where they mean nothing.</summary>
internal sealed class ContradictoryAnnotations : DeclarationRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3004",
        "Annotations contradict each other or name nothing",
        "{0}",
        Category.Contracts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Annotations that exclude each other, that speak of a parameter that is not there, or that stand where they mean nothing.",
        Documentation + "MM3004.md");

    public ContradictoryAnnotations()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Contracts contracts, ISymbol symbol)
    {
        // Both halves of a partial method carry the attributes of both.
        if (symbol is IMethodSymbol { PartialDefinitionPart: not null }) yield break;

        // One report for each contradiction, however many attributes take part in it.
        HashSet<string>? said = null;
        foreach (var place in AnnotationPlace.Of(symbol))
        {
            var all = place.Attributes;
            foreach (var attribute in all)
            {
                if (WellKnown.VocabularyName(attribute.AttributeClass) is not { } name || attribute.ApplicationSyntaxReference is not { } reference) continue;
                string? text = Exclusion(contracts.Contexts, attribute, name, all)
                    ?? AnnotationPlace.Misplaced(place, attribute, name)
                    ?? AnnotationCondition.Fault(place, attribute, name);
                if (text is not null && (said ??= new HashSet<string>()).Add(text)) yield return new Violation(this, Location.Create(reference.SyntaxTree, reference.Span)) { Detail = text };
            }
        }
    }

    /// <summary>Another annotation of the same place that this one cannot stand beside.</summary>
    private static string? Exclusion(ContextTable contexts, AttributeData attribute, string name, ImmutableArray<AttributeData> all)
    {
        if (name is not ("Might" or "Requires" or "RunsIn" or "Leaves") || WellKnown.Subject(attribute) is not { } subject) return null;
        if (name == "Might" && AnnotationCondition.Argument(attribute, "When") is not null) return null;
        foreach (var other in all)
        {
            if (WellKnown.Subject(other) is not { } others) continue;
            string? otherName = WellKnown.VocabularyName(other.AttributeClass);
            bool excludes = (name, otherName) switch
            {
                ("Might", "Never") => SymbolEqualityComparer.Default.Equals(subject, others),
                ("RunsIn", "Requires") => SymbolEqualityComparer.Default.Equals(subject, others),
                ("Requires" or "RunsIn" or "Leaves", "ForbiddenIn") => contexts.Of(subject).Implies(contexts.Of(others)),
                _ => false,
            };
            if (excludes) return $"[{name}<{subject.Name}>] and [{otherName}<{others.Name}>] exclude each other";
        }

        return null;
    }
}
