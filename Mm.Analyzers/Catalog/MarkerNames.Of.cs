using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

internal static partial class MarkerNames
{
    public static string Of(INamedTypeSymbol marker)
    {
        string name = WellKnown.MetadataName(marker);
        if (!marker.IsGenericType || marker.IsUnboundGenericType || marker.IsDefinition) return name;
        var arguments = new List<string>();
        for (var type = marker; type is not null; type = type.ContainingType)
        {
            for (int i = type.TypeArguments.Length - 1; i >= 0; i--) arguments.Insert(0, OfArgument(type.TypeArguments[i]));
        }

        return name + "<" + string.Join(",", arguments) + ">";
    }

    private static string OfArgument(ITypeSymbol argument) => argument is INamedTypeSymbol { IsTupleType: false } named ? Of(named) : argument.ToDisplayString().Replace(" ", "");
}
