using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Flow;

namespace Mm.Analyzers.Rules;

/// <summary>[Trusted] with an empty or blank reason. It still grants trust.</summary>
internal sealed class TrustWithoutReason : DeclarationRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3006",
        "Trust is granted without a reason",
        "'{0}' is taken on trust: say why in [Trusted(\"…\")]",
        Category.Contracts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Trust switches the check of a body off. The reason tells the next reader what the analysis cannot see.",
        Documentation + "MM3006.md");

    public TrustWithoutReason()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Contracts contracts, ISymbol symbol)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) != "Trusted") continue;
            if (attribute.ConstructorArguments is { Length: 1 } arguments
                && (arguments[0].Kind == TypedConstantKind.Error || arguments[0].Value is string reason && !string.IsNullOrWhiteSpace(reason))) continue;
            if (attribute.ApplicationSyntaxReference is not { } reference) continue;
            yield return new Violation(this, Location.Create(reference.SyntaxTree, reference.Span)) { Subject = symbol is IMethodSymbol method ? Naming.Of(method) : symbol is IPropertySymbol { IsIndexer: true } ? "this[]" : symbol.Name };
        }
    }
}
