using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>One place at which annotations stand: a declaration, its result, or one of its parameters.</summary>
internal sealed record AnnotationPlace(ISymbol Symbol, ImmutableArray<AttributeData> Attributes)
{
    /// <summary>Whether the attributes speak of the result.</summary>
    public bool IsResult { get; init; }

    /// <summary>The type of what stands at the place: of the parameter, field, property or result; null for methods and types.</summary>
    public ITypeSymbol? Type => Symbol switch
    {
        IMethodSymbol method when IsResult => method.ReturnType,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol variable => variable.Type,
        IPropertySymbol property => property.Type,
        IEventSymbol @event => @event.Type,
        _ => null,
    };

    /// <summary>The parameters that a condition may name.</summary>
    public ImmutableArray<IParameterSymbol> Parameters => Symbol switch
    {
        IMethodSymbol method when !IsResult => method.Parameters,
        INamedTypeSymbol { DelegateInvokeMethod: { } invoke } => invoke.Parameters,
        IPropertySymbol { Type.TypeKind: not TypeKind.Delegate } property => property.Parameters,
        _ => (Type as INamedTypeSymbol)?.DelegateInvokeMethod?.Parameters ?? ImmutableArray<IParameterSymbol>.Empty,
    };

    /// <summary>The places of a declaration that carry attributes.</summary>
    public static IEnumerable<AnnotationPlace> Of(ISymbol symbol)
    {
        if (symbol.GetAttributes() is { IsEmpty: false } own) yield return new AnnotationPlace(symbol, own);
        var method = symbol as IMethodSymbol ?? (symbol as INamedTypeSymbol)?.DelegateInvokeMethod;
        if (method?.GetReturnTypeAttributes() is { IsEmpty: false } onResult) yield return new AnnotationPlace(method, onResult) { IsResult = true };

        // The parameters of an indexer belong to the property, not to each accessor.
        var parameters = symbol is IPropertySymbol property ? property.Parameters
            : method is null or { AssociatedSymbol: IPropertySymbol { IsIndexer: true } } ? ImmutableArray<IParameterSymbol>.Empty
            : method.Parameters;
        foreach (var parameter in parameters)
        {
            if (parameter.GetAttributes() is { IsEmpty: false } attributes) yield return new AnnotationPlace(parameter, attributes);
        }
    }

    /// <summary>Why an annotation means nothing where it stands; null where it does.</summary>
    public static string? Misplaced(AnnotationPlace place, AttributeData attribute, string name)
    {
        if (place.Type is IErrorTypeSymbol || place.Symbol is IMethodSymbol { ReturnType: IErrorTypeSymbol }) return null;
        string subject = Naming(place);
        switch (name)
        {
            case "Deferred" when place.Type is { } type && !MayHoldDelegate(type):
                return $"[Deferred] says when a delegate is invoked, and {subject} is none";
            case "RunsIn" or "Requires" or "ForbiddenIn" or "Might" or "Never"
                when place.Symbol is IParameterSymbol or IFieldSymbol or IEventSymbol && CannotBeCalled(place.Type!):
                return $"[{name}] says what calling a delegate does, and {subject} is none";
            case "Enters" or "Leaves" when place.Symbol is IParameterSymbol parameter
                && (parameter.RefKind is not (RefKind.Ref or RefKind.Out) || parameter.Type.SpecialType != SpecialType.System_Boolean):
                return $"[{name}] on a parameter needs a 'ref bool' or 'out bool', and {subject} is none";
            case "Enters" or "Leaves" when place.IsResult:
                return OfResult(attribute, name, place.Type!);
            case "Enters" or "Leaves" when AnnotationCondition.Argument(attribute, "On") is not null:
                return $"'On' compares the result, and this [{name}] is none of a result: write [return: {name}]";
            case "OwnedBy" or "Might" or "Never" when place.IsResult && place.Type!.SpecialType == SpecialType.System_Void:
                return $"[return: {name}] speaks of a result, and {subject} has none";
            case "Might" or "Never" when place.IsResult && CannotBeCalled(place.Type!):
                return $"[return: {name}] says what calling the delegate does that {subject} returns, and it returns none";
            case "MustCheck" when place.Symbol is IMethodSymbol { ReturnsVoid: true }:
                return $"[MustCheck] speaks of a result, and {subject} has none";
            case "Tests" when Tested(place.Symbol) is { SpecialType: not SpecialType.System_Boolean }:
                return $"[Tests] needs a bool, and {subject} is none";
            case "Scope" when place.Symbol is INamedTypeSymbol scope && !HasDispose(scope):
                return $"[Scope] ends with Dispose, and {subject} has none";
            default:
                return OfSubject(attribute, name);
        }
    }

    private static string Naming(AnnotationPlace place) => $"'{(place.IsResult && place.Symbol is IMethodSymbol { MethodKind: MethodKind.DelegateInvoke } ? place.Symbol.ContainingType : place.Symbol).Name}'";

    private static string? OfResult(AttributeData attribute, string name, ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Void) return $"[return: {name}] is told by the result, and there is none: write [{name}] if it always holds";
        if (AnnotationCondition.Argument(attribute, "On") is { } on)
        {
            return AnnotationCondition.Fits(on, type) ? null : $"'On' can never equal the result, which is of type '{type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}'";
        }

        bool tells = type.SpecialType == SpecialType.System_Boolean || !type.IsValueType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
            || !(type.TypeKind == TypeKind.Enum || type.SpecialType != SpecialType.None);
        return tells ? null : $"[return: {name}] needs 'On' to say which result means it: '{type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}' is no bool";
    }

    /// <summary>The generic attributes have a constraint; their twins take any type.</summary>
    private static string? OfSubject(AttributeData attribute, string name)
    {
        if (name is "OwnedBy" || WellKnown.Subject(attribute) is not { } subject) return null;
        string marker = name is "Might" or "Never" or "Forbids" ? "IEffect" : "IContext";
        foreach (var implemented in subject.AllInterfaces)
        {
            if (implemented.Name == marker) return null;
        }

        return subject.Name == marker ? null : $"[{name}] needs a type that implements {marker}, and '{subject.Name}' does not";
    }

    private static ITypeSymbol? Tested(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { MethodKind: not MethodKind.PropertySet } method => method.ReturnType,
        IPropertySymbol property => property.Type,
        _ => null,
    };

    private static bool MayHoldDelegate(ITypeSymbol type) => type.TypeKind is TypeKind.Delegate or TypeKind.TypeParameter or TypeKind.Error or TypeKind.Dynamic
        || type.SpecialType is SpecialType.System_Delegate or SpecialType.System_MulticastDelegate
        || type is INamedTypeSymbol { Name: "Expression", IsGenericType: true };

    // An object or an interface may well stand for code; a number does not.
    private static bool CannotBeCalled(ITypeSymbol type) => type.TypeKind is TypeKind.Enum or TypeKind.Array or TypeKind.Struct
        || type.SpecialType == SpecialType.System_String;

    private static bool HasDispose(INamedTypeSymbol type)
    {
        foreach (var implemented in type.AllInterfaces)
        {
            if (implemented is { SpecialType: SpecialType.System_IDisposable } or { Name: "IAsyncDisposable" }) return true;
        }

        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.GetMembers())
            {
                if (member is IMethodSymbol { IsStatic: false } method && WellKnown.IsDisposal(method)) return true;
            }

            if (at.TypeKind == TypeKind.Error) return true;
        }

        return false;
    }
}
