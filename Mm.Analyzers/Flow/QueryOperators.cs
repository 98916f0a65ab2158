using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Flow;

/// <summary>Members of .NET that return a sequence and enumerate nothing yet: the functions they are given run where that is enumerated.</summary>
internal static class QueryOperators
{
    public static bool IsOne(IMethodSymbol method) =>
        method.ContainingType is { Name: "Enumerable" or "ParallelEnumerable" or "AsyncEnumerable", ContainingNamespace: { Name: "Linq" } }
        && WellKnown.IsFramework(method.ContainingAssembly) && ReturnsSequence(method.ReturnType);

    public static bool ReturnsSequence(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "IEnumerable" or "IOrderedEnumerable" or "IAsyncEnumerable" or "IOrderedAsyncEnumerable" or "ParallelQuery" or "OrderedParallelQuery" };

    /// <summary>A parameter of such a member.</summary>
    public static bool IsGiven(ISymbol? place) => place is IParameterSymbol { ContainingSymbol: IMethodSymbol method } && IsOne(method);
}
