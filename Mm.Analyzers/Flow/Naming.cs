using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Flow;

/// <summary>Short names for messages and paths.</summary>
internal static class Naming
{
    /// <summary>The simple name of a member: of the property for an accessor, of the type for a constructor.</summary>
    public static string Of(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.Constructor => "new " + method.ContainingType.Name,
        MethodKind.StaticConstructor => method.ContainingType.Name + "'s static constructor",
        MethodKind.LambdaMethod => "a lambda",
        MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove =>
            method.AssociatedSymbol is IPropertySymbol { IsIndexer: true } ? "this[]" : method.AssociatedSymbol?.Name ?? method.Name,
        MethodKind.ExplicitInterfaceImplementation => method.Name.Substring(method.Name.LastIndexOf('.') + 1),
        MethodKind.UserDefinedOperator or MethodKind.Conversion => method.Name.StartsWith("op_", System.StringComparison.Ordinal)
            ? "operator " + method.Name.Substring(3)
            : method.Name,
        _ => method.Name == "<Clone>$" ? "with" : method.Name,
    };

    /// <summary>The name with its type, as the end of a path shows it.</summary>
    public static string Qualified(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.Constructor or MethodKind.StaticConstructor or MethodKind.LambdaMethod or MethodKind.LocalFunction => Of(method),
        _ => method.ContainingType is { Name: { Length: > 0 } type } ? type + "." + Of(method) : Of(method),
    };

    /// <summary>A member of one of .NET's interfaces is named by the class on which it is called: 'Dispose' says little.</summary>
    public static string Qualified(IMethodSymbol method, ITypeSymbol? receiver) =>
        method.ContainingType is { TypeKind: TypeKind.Interface } declaring && receiver is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, Name: { Length: > 0 } type } && WellKnown.IsFramework(declaring.ContainingAssembly)
            ? type + "." + Of(method)
            : Qualified(method);

    public static string OfDelegate(ISymbol? place, ITypeSymbol type) => place switch
    {
        IMethodSymbol method => Of(method) + "()",
        null => type.Name,
        _ => place.Name,
    };
}
