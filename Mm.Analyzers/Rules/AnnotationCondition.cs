using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>What may be wrong with the condition of a [Might].</summary>
internal static class AnnotationCondition
{
    /// <summary>What a named argument says; null where it is not written, or null is written.</summary>
    public static object? Argument(AttributeData attribute, string name) => Written(attribute, name)?.Value;

    /// <summary>Why the condition cannot be what was meant; null where it can.</summary>
    public static string? Fault(AnnotationPlace place, AttributeData attribute, string name)
    {
        if (name != "Might" || WellKnown.Subject(attribute) is not { } subject) return null;
        TypedConstant? has = Written(attribute, "Has"), hasNot = Written(attribute, "HasNot"), @is = Written(attribute, "Is"), isNot = Written(attribute, "IsNot");
        bool compares = has is not null || hasNot is not null || @is is not null || isNot is not null;
        if (Argument(attribute, "When") is not string when)
        {
            return compares ? $"[Might<{subject.Name}>] compares, and does not say with 'When' which parameter" : null;
        }

        IParameterSymbol? parameter = null;
        foreach (var candidate in place.Parameters)
        {
            if (candidate.Name == when) parameter = candidate;
        }

        if (parameter is null) return $"'{place.Symbol.Name}' has no parameter '{when}' for [Might<{subject.Name}>] to hang on";
        if (!compares) return $"[Might<{subject.Name}>] names parameter '{when}', and does not say with 'Has', 'HasNot', 'Is' or 'IsNot' what it must be";
        if (Contradict(@is, isNot) || Overlap(has, hasNot)) return $"the conditions of [Might<{subject.Name}>] exclude each other";
        return OfBits("Has", has, parameter) ?? OfBits("HasNot", hasNot, parameter) ?? OfConstant("Is", @is, parameter) ?? OfConstant("IsNot", isNot, parameter);
    }

    /// <summary>Whether a value of the type can equal the constant.</summary>
    public static bool Fits(object? constant, ITypeSymbol type, ITypeSymbol? constantType = null)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            return constant is null || Fits(constant, nullable.TypeArguments[0], constantType);
        }

        if (type.TypeKind is TypeKind.TypeParameter or TypeKind.Error or TypeKind.Dynamic || type.SpecialType == SpecialType.System_Object) return true;
        return constant switch
        {
            null => !type.IsValueType,
            bool => type.SpecialType == SpecialType.System_Boolean,
            string => type.SpecialType == SpecialType.System_String,
            _ when constantType?.TypeKind == TypeKind.Enum && type.TypeKind == TypeKind.Enum => SymbolEqualityComparer.Default.Equals(type, constantType),
            0 when Facts.ZeroDurations.IsDuration(type) => true,
            float or double => type.SpecialType is SpecialType.System_Single or SpecialType.System_Double,
            _ => IsWhole(type) || type.SpecialType is SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal,
        };
    }

    private static TypedConstant? Written(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value.Kind is not (TypedConstantKind.Array or TypedConstantKind.Error)) return argument.Value;
        }

        return null;
    }

    private static string? OfBits(string relation, TypedConstant? bits, IParameterSymbol parameter)
    {
        if (bits is not { } constant) return null;
        var type = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : parameter.Type;
        if (type.TypeKind is TypeKind.TypeParameter or TypeKind.Error) return null;
        if (!IsWhole(type)) return $"'{relation}' asks for bits, and parameter '{parameter.Name}' has none";
        return Number(constant) is not (null or 0) && Fits(constant.Value, type, constant.Type)
            ? null
            : $"'{relation}' needs bits of '{type.Name}', the type of parameter '{parameter.Name}'";
    }

    private static string? OfConstant(string relation, TypedConstant? written, IParameterSymbol parameter) =>
        written is not { } constant || Fits(constant.Value, parameter.Type, constant.Type)
            ? null
            : $"'{relation}' needs a constant of '{parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}', the type of parameter '{parameter.Name}'";

    private static bool Contradict(TypedConstant? left, TypedConstant? right) =>
        left is { } a && right is { } b && Equals(a.Value, b.Value);

    // All the bits that are asked for are bits that must not be there.
    private static bool Overlap(TypedConstant? has, TypedConstant? hasNot) =>
        has is { } a && hasNot is { } b && Number(a) is { } wanted and not 0 && Number(b) is { } unwanted && (wanted & ~unwanted) == 0;

    private static long? Number(TypedConstant constant) => Lattice.Constant.Normalize(constant.Value) as long?;

    private static bool IsWhole(ITypeSymbol type) => type.TypeKind == TypeKind.Enum
        || type.SpecialType is >= SpecialType.System_SByte and <= SpecialType.System_UInt64 or SpecialType.System_Char or SpecialType.System_IntPtr or SpecialType.System_UIntPtr;
}
