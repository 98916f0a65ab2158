using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Flow;

/// <summary>Short names for messages and paths.</summary>
internal static class Naming
{
    private const int LongestArguments = 40;

    /// <summary>The simple name of a member: of the property for an accessor, of the type for a constructor.</summary>
    public static string Of(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.Constructor => "new " + Of(method.ContainingType),
        MethodKind.StaticConstructor => "the static constructor of " + Of(method.ContainingType),
        MethodKind.LambdaMethod => "a lambda",
        MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove =>
            method.AssociatedSymbol is IPropertySymbol { IsIndexer: true } ? "this[]" : Last(method.AssociatedSymbol?.Name ?? method.Name),
        MethodKind.ExplicitInterfaceImplementation => Operator(method, Last(method.Name)) + Arguments(method.TypeArguments),
        MethodKind.UserDefinedOperator or MethodKind.Conversion => Operator(method, method.Name),
        MethodKind.Destructor => "~" + method.ContainingType.Name,
        _ => method.Name switch
        {
            "<Clone>$" => "with",
            "<Main>$" => "top-level statements",
            var name => Operator(method, name) + Arguments(method.TypeArguments),
        },
    };

    /// <summary>The name of a type, with its type arguments where they are known.</summary>
    public static string Of(INamedTypeSymbol type) => type.Name + Arguments(type.TypeArguments);

    /// <summary>Whether the type is generic, and its type arguments are known.</summary>
    public static bool IsInstance(INamedTypeSymbol? type) => type is { TypeArguments.IsEmpty: false } && !IsOpen(type);

    /// <summary>The part of an explicit implementation's name that is not the interface's.</summary>
    private static string Last(string name) => name.Substring(name.LastIndexOf('.') + 1);

    // Which instance of a generic is meant. In generic code itself there is none to name, and long ones say no more than that there is one.
    private static string Arguments(ImmutableArray<ITypeSymbol> arguments)
    {
        if (arguments.IsEmpty) return "";
        foreach (var argument in arguments)
        {
            if (IsOpen(argument)) return "";
        }

        string text = arguments.Length == 1 ? Short(arguments[0]) : string.Join(", ", arguments.Select(Short));
        return text.Length > LongestArguments ? "<…>" : "<" + text + ">";
    }

    // Most are plain types, whose names need no formatting.
    private static string Short(ITypeSymbol type) => type is INamedTypeSymbol
    {
        SpecialType: SpecialType.None, IsTupleType: false, TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface or TypeKind.Enum, NullableAnnotation: not NullableAnnotation.Annotated,
        OriginalDefinition.SpecialType: SpecialType.None, IsAnonymousType: false,
    } named ? Of(named) : type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static bool IsOpen(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol or IErrorTypeSymbol => true,
        IArrayTypeSymbol array => IsOpen(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(IsOpen),
        _ => false,
    };

    private static string Operator(IMethodSymbol method, string name)
    {
        if (!name.StartsWith("op_", System.StringComparison.Ordinal)) return name;
        if (name is "op_Implicit" or "op_Explicit" or "op_CheckedExplicit")
        {
            string target = method.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
            return (name == "op_Implicit" ? "implicit operator " : name == "op_Explicit" ? "explicit operator " : "explicit operator checked ") + target;
        }

        bool isChecked = name.StartsWith("op_Checked", System.StringComparison.Ordinal);
        string metadata = isChecked ? "op_" + name.Substring("op_Checked".Length) : name;
        var kind = SyntaxFacts.GetOperatorKind(metadata);
        string token = kind != SyntaxKind.None ? SyntaxFacts.GetText(kind)
            : metadata.EndsWith("Assignment", System.StringComparison.Ordinal) ? Compound(metadata) : "";
        return token.Length == 0 ? "operator " + name.Substring(3) : isChecked ? "operator checked " + token : "operator " + token;
    }

    // Those that assign came with C# 14, after the oldest compiler that runs this.
    private static string Compound(string metadata) => metadata switch
    {
        "op_IncrementAssignment" => "++",
        "op_DecrementAssignment" => "--",
        _ => SyntaxFacts.GetOperatorKind(metadata.Substring(0, metadata.Length - "Assignment".Length)) is var kind && kind != SyntaxKind.None ? SyntaxFacts.GetText(kind) + "=" : "",
    };

    /// <summary>The name with its type, as the end of a path shows it.</summary>
    public static string Qualified(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.Constructor or MethodKind.StaticConstructor or MethodKind.LambdaMethod or MethodKind.LocalFunction => Of(method),
        _ => method.ContainingType is { Name.Length: > 0 } type ? Of(type) + "." + Of(method) : Of(method),
    };

    /// <summary>A member of one of .NET's interfaces is named by the class on which it is called: 'Dispose' says little.</summary>
    public static string Qualified(IMethodSymbol method, ITypeSymbol? receiver) =>
        method.ContainingType is { TypeKind: TypeKind.Interface } declaring && receiver is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, Name.Length: > 0 } type && WellKnown.IsFramework(declaring.ContainingAssembly)
            ? Of(type) + "." + Of(method)
            : Qualified(method);

    public static string OfDelegate(ISymbol? place, ITypeSymbol type) => place switch
    {
        IMethodSymbol method => Of(method) + "()",
        null => type.Name,
        _ => place.Name,
    };
}
