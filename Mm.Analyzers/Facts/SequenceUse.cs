using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>
/// What LINQ asks of a sequence at once. That enumerates through an interface, which makes an enumerator; where it is handed an array or
/// a list, or a collection that only has to tell its size, it looks into that instead.
/// </summary>
internal static class SequenceUse
{
    private enum Kind
    {
        /// <summary>Enumerates whatever it is.</summary>
        Any,

        /// <summary>Sees what it is handed as a span, where that is an array or a list.</summary>
        OfSpan,

        /// <summary>Asks a list by index.</summary>
        OfList,

        /// <summary>Asks a collection.</summary>
        OfCollection,
    }

    /// <summary>Whether the type of what is passed shows that nothing is enumerated.</summary>
    public static bool IsDirect(IInvocationOperation call)
    {
        var target = call.TargetMethod.ReducedFrom ?? call.TargetMethod;
        if (target.ContainingType is not { Name: "Enumerable", ContainingNamespace.Name: "Linq" } || call.Arguments.IsEmpty) return false;
        var kind = KindOf(target.OriginalDefinition);
        if (kind == Kind.Any || OperationLowering.Written(call.Arguments[0].Value).Type is not { } type) return false;
        if (type.TypeKind == TypeKind.Array || type is INamedTypeSymbol { Name: "List", Arity: 1, ContainingNamespace.Name: "Generic" }) return true;
        return kind == Kind.OfList && Has(type, SpecialType.System_Collections_Generic_IList_T)
            || kind == Kind.OfCollection && Has(type, SpecialType.System_Collections_Generic_ICollection_T);
    }

    private static Kind KindOf(IMethodSymbol target)
    {
        int more = target.Parameters.Length - 1;
        return target.Name switch
        {
            "Any" or "Count" when more == 0 => Kind.OfCollection,
            "TryGetNonEnumeratedCount" or "Contains" when more == 1 => Kind.OfCollection,
            "Any" or "All" or "Count" or "Aggregate" => Kind.OfSpan,
            "ElementAt" or "ElementAtOrDefault" or "Last" or "LastOrDefault" => Kind.OfList,
            "First" or "FirstOrDefault" or "Single" or "SingleOrDefault" => more > 0 && target.Parameters[1].Type.TypeKind == TypeKind.Delegate ? Kind.OfSpan : Kind.OfList,
            "Sum" or "Max" or "Min" or "Average" when more == 0 && target.Arity == 0 && target.ReturnType.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T => Kind.OfSpan,
            _ => Kind.Any,
        };
    }

    private static bool Has(ITypeSymbol type, SpecialType collection)
    {
        if (type.OriginalDefinition.SpecialType == collection) return true;
        foreach (var implemented in type.AllInterfaces)
        {
            if (implemented.OriginalDefinition.SpecialType == collection) return true;
        }

        return false;
    }
}
