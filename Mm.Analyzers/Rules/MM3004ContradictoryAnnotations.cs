using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>Annotations that exclude each other, or name a parameter that is not there.</summary>
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
        foreach (var violation in JudgeAttributes(contracts, symbol, symbol.GetAttributes())) yield return violation;
        if (symbol is not IMethodSymbol method) yield break;
        foreach (var violation in JudgeAttributes(contracts, symbol, method.GetReturnTypeAttributes())) yield return violation;
        foreach (var parameter in method.Parameters)
        {
            foreach (var violation in JudgeAttributes(contracts, parameter, parameter.GetAttributes())) yield return violation;
        }
    }

    private IEnumerable<Violation> JudgeAttributes(Contracts contracts, ISymbol symbol, ImmutableArray<AttributeData> attributes)
    {
        var never = new HashSet<string>();
        var forbidden = new List<ContextKind>();
        foreach (var attribute in attributes)
        {
            if (WellKnown.Subject(attribute) is not { } subject) continue;
            switch (WellKnown.VocabularyName(attribute.AttributeClass))
            {
                case "Never": never.Add(WellKnown.MetadataName(subject)); break;
                case "ForbiddenIn": forbidden.Add(contracts.Contexts.Of(subject)); break;
            }
        }

        foreach (var attribute in attributes)
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) is not { } name || attribute.ApplicationSyntaxReference is not { } reference) continue;
            if (Contradiction(contracts, symbol, attribute, name, never, forbidden) is not { } text) continue;
            yield return new Violation(this, Location.Create(reference.SyntaxTree, reference.Span)) { Detail = text };
        }
    }

    private static string? Contradiction(
        Contracts contracts, ISymbol symbol, AttributeData attribute, string name, HashSet<string> never, List<ContextKind> forbidden)
    {
        var subject = WellKnown.Subject(attribute);
        switch (name)
        {
            case "Might" when subject is not null:
                string? when = Argument(attribute, "When") as string;
                if (when is null && never.Contains(WellKnown.MetadataName(subject))) return $"[Might<{subject.Name}>] and [Never<{subject.Name}>] exclude each other";
                if (when is not null && !HasParameter(symbol, when)) return $"'{symbol.Name}' has no parameter '{when}' for [Might<{subject.Name}>] to depend on";
                return null;
            case "Requires" or "RunsIn" when subject is not null:
                var context = contracts.Contexts.Of(subject);
                foreach (var other in forbidden)
                {
                    if (context.Implies(other)) return $"[{name}<{subject.Name}>] and [ForbiddenIn<{other.ShortName}>] exclude each other";
                }

                return null;
            case "Deferred" when symbol is IParameterSymbol { Type.TypeKind: not (TypeKind.Delegate or TypeKind.Error or TypeKind.TypeParameter) }:
                return $"[Deferred] says when a delegate is invoked, and '{symbol.Name}' is none";
            case "Enters" or "Leaves" when symbol is IParameterSymbol { RefKind: not (RefKind.Ref or RefKind.Out) }:
                return $"[{name}] on a parameter needs a 'ref bool' or 'out bool', and '{symbol.Name}' is passed by value";
            case "Tests" when symbol is IMethodSymbol { ReturnType.SpecialType: not SpecialType.System_Boolean, MethodKind: not MethodKind.PropertySet } or IPropertySymbol { Type.SpecialType: not SpecialType.System_Boolean }:
                return $"[Tests] needs a bool, and '{symbol.Name}' has another type";
            case "Scope" when symbol is INamedTypeSymbol type && !HasDispose(type):
                return $"[Scope] ends with Dispose, and '{symbol.Name}' has none";
            default:
                return null;
        }
    }

    private static object? Argument(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value.Kind != TypedConstantKind.Array) return argument.Value.Value;
        }

        return null;
    }

    private static bool HasParameter(ISymbol symbol, string name)
    {
        var parameters = symbol switch
        {
            IMethodSymbol method => method.Parameters,
            INamedTypeSymbol { DelegateInvokeMethod: { } invoke } => invoke.Parameters,
            IParameterSymbol { Type: INamedTypeSymbol { DelegateInvokeMethod: { } invoke } } => invoke.Parameters,
            _ => ImmutableArray<IParameterSymbol>.Empty,
        };
        foreach (var parameter in parameters)
        {
            if (parameter.Name == name) return true;
        }

        return false;
    }

    private static bool HasDispose(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (!at.GetMembers("Dispose").IsEmpty || !at.GetMembers("DisposeAsync").IsEmpty) return true;
        }

        return type.TypeKind == TypeKind.Interface && type.AllInterfaces.Length > 0;
    }
}
