using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>What members of .NET answer the same each time they are asked: how long an array is, and on what the program runs.</summary>
internal static class LastingValues
{
    /// <summary>What such a property is; null of any other.</summary>
    public static Value? Of(IPropertySymbol property, Value? receiver)
    {
        if (property.SetMethod is not null || property.IsIndexer || !WellKnown.IsFramework(property.ContainingAssembly) || !IsLasting(property)) return null;

        // Empty is as long as nothing.
        if (property.Name == "IsEmpty") return LengthOf(property.ContainingType, receiver) is { } length ? Fold.Equal(length, Constant.Zero) : null;
        return new Symbol(SymbolRole.Field, 0, property.OriginalDefinition, receiver);
    }

    /// <summary>What such a method answers; null of any other.</summary>
    public static Value? Of(IMethodSymbol method, ImmutableArray<Value> arguments)
    {
        if (!method.IsStatic || method.ReturnType.SpecialType != SpecialType.System_Boolean || !WellKnown.IsFramework(method.ContainingAssembly)) return null;
        switch (method.ContainingType)
        {
            case { SpecialType: SpecialType.System_String } text when method.Name == "IsNullOrEmpty" && arguments.Length == 1:
                return LengthOf(text, arguments[0]) is { } length ? Fold.Make(Operator.Or, Fold.Equal(arguments[0], Constant.Null), Fold.Equal(length, Constant.Zero)) : null;
            case { Name: "OperatingSystem", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } when arguments.IsEmpty:
                return new Symbol(SymbolRole.Field, 0, method);
            default:
                return null;
        }
    }

    /// <summary>Whether a value is the answer of such a member.</summary>
    public static bool IsOne(Symbol value) => value is { Role: SymbolRole.Field, Key: IMethodSymbol }
        || value is { Role: SymbolRole.Field, Key: IPropertySymbol { SetMethod: null, IsIndexer: false } property } && WellKnown.IsFramework(property.ContainingAssembly) && IsLasting(property);

    private static bool IsLasting(IPropertySymbol property)
    {
        var type = property.ContainingType;
        switch (type.SpecialType)
        {
            case SpecialType.System_String or SpecialType.System_Array: return property.Name is "Length" or "LongLength" or "Rank";
            case SpecialType.System_IntPtr or SpecialType.System_UIntPtr: return property.Name == "Size";
        }

        if (property.Name == "IsSupported") return property.IsStatic && type.ContainingNamespace?.ContainingNamespace is { Name: "Runtime" or "Intrinsics" };
        if (type.ContainingNamespace is not { Name: "System", ContainingNamespace.IsGlobalNamespace: true }) return false;
        return type.Name switch
        {
            "Span" or "ReadOnlySpan" or "Memory" or "ReadOnlyMemory" => property.Name is "Length" or "IsEmpty",
            "Environment" => property.Name is "ProcessorCount" or "Is64BitProcess" or "Is64BitOperatingSystem",
            _ => false,
        };
    }

    /// <summary>How long an array, a string, a span or a memory is; null of all else.</summary>
    public static Symbol? LengthOf(ITypeSymbol? type, Value receiver) => type switch
    {
        IArrayTypeSymbol { BaseType: { } array } => LengthOf(array, receiver),
        INamedTypeSymbol { SpecialType: SpecialType.System_String } text => LengthOf(text, receiver),
        INamedTypeSymbol { Name: "Span" or "ReadOnlySpan" or "Memory" or "ReadOnlyMemory", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } span => LengthOf(span, receiver),
        _ => null,
    };

    private static Symbol? LengthOf(INamedTypeSymbol type, Value? receiver)
    {
        foreach (var member in type.GetMembers("Length"))
        {
            if (member is IPropertySymbol length) return new Symbol(SymbolRole.Field, 0, length.OriginalDefinition, receiver);
        }

        return null;
    }
}
