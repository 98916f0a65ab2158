using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>How values of a type are represented, and which of its operators the lattice may compute.</summary>
internal static class Numbers
{
    /// <summary>The type, or the one under a nullable.</summary>
    public static ITypeSymbol? Underlying(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    public static bool IsNullable(ITypeSymbol? type) => type?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    /// <summary>The width of an integer, character or enumeration; null of any other type, and of those whose width hangs on the machine.</summary>
    public static Width? WidthOf(ITypeSymbol? type)
    {
        type = Underlying(type);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying }) type = underlying;
        return type?.SpecialType switch
        {
            SpecialType.System_SByte => new Width(8, true),
            SpecialType.System_Byte => new Width(8, false),
            SpecialType.System_Int16 => new Width(16, true),
            SpecialType.System_UInt16 or SpecialType.System_Char => new Width(16, false),
            SpecialType.System_Int32 => Width.Int32,
            SpecialType.System_UInt32 => Width.UInt32,
            SpecialType.System_Int64 => Width.Int64,
            SpecialType.System_UInt64 => Width.UInt64,
            _ => null,
        };
    }

    /// <summary>The width in which C# computes with numbers of this one.</summary>
    public static Width Promoted(Width width) => width.Bits < 32 ? Width.Int32 : width;

    /// <summary>Numbers that may be no number, and then differ from themselves.</summary>
    public static bool IsFloating(ITypeSymbol? type) =>
        Underlying(type) is { } number && (number.SpecialType is SpecialType.System_Single or SpecialType.System_Double || number.TypeKind == TypeKind.Dynamic);

    public static bool IsBoolean(ITypeSymbol? type) => Underlying(type)?.SpecialType == SpecialType.System_Boolean;

    /// <summary>Whether a variable of the type holds a number, truth value, string or object as it is, and not one in an object.</summary>
    public static bool IsPlain(ITypeSymbol? type) =>
        Underlying(type) is { } plain && (WidthOf(plain) is not null || plain.SpecialType
            is SpecialType.System_Boolean or SpecialType.System_String or SpecialType.System_Single or SpecialType.System_Double
            or SpecialType.System_Decimal or SpecialType.System_IntPtr or SpecialType.System_UIntPtr);
}
