using System;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Names a body: a method, accessor, constructor or initialiser by its symbol; a lambda or local function by its syntax,
/// because their symbols differ between semantic models of one tree.
/// </summary>
internal sealed class BodyKey : IEquatable<BodyKey>, IComparable<BodyKey>
{
    private readonly SyntaxNode? _syntax;

    private BodyKey(ISymbol symbol, SyntaxNode? syntax, bool isDispatch = false)
    {
        Symbol = symbol;
        _syntax = syntax;
        IsDispatch = isDispatch;
    }

    public ISymbol Symbol { get; }

    public IMethodSymbol? Method => Symbol as IMethodSymbol;

    public bool IsNested => _syntax is not null;

    /// <summary>Not the member's own body, but whatever a virtual call of it may run: of members of other assemblies, which record it.</summary>
    public bool IsDispatch { get; }

    public bool IsLambda => Symbol is IMethodSymbol { MethodKind: MethodKind.LambdaMethod };

    public static BodyKey Of(ISymbol symbol)
    {
        if (symbol is not IMethodSymbol method) return new BodyKey(symbol, null);
        if (method.MethodKind is MethodKind.LocalFunction or MethodKind.LambdaMethod)
        {
            method = method.OriginalDefinition;
            return new BodyKey(method, method.DeclaringSyntaxReferences is { IsEmpty: false } declared ? declared[0].GetSyntax() : null);
        }

        method = (method.ReducedFrom ?? method).OriginalDefinition;
        return new BodyKey(method.PartialDefinitionPart ?? method, null);
    }

    public static BodyKey OfDispatch(IMethodSymbol method) => new(method.OriginalDefinition, null, isDispatch: true);

    private (SyntaxTree? Tree, int At) Place =>
        _syntax is not null ? (_syntax.SyntaxTree, _syntax.SpanStart)
        : Symbol.Locations is { IsEmpty: false } locations ? (locations[0].SourceTree, locations[0].SourceSpan.Start)
        : default;

    public bool Equals(BodyKey? other) =>
        other is not null
        && (_syntax is not null || other._syntax is not null
            ? ReferenceEquals(_syntax, other._syntax)
            : IsDispatch == other.IsDispatch && SymbolEqualityComparer.Default.Equals(Symbol, other.Symbol));

    /// <summary>The order in the source: by file, place, and name where several share a place, such as implicit constructors.</summary>
    public int CompareTo(BodyKey? other)
    {
        if (other is null) return 1;
        var (tree, at) = Place;
        var (otherTree, otherAt) = other.Place;
        int order = string.CompareOrdinal(tree?.FilePath, otherTree?.FilePath);
        if (order == 0) order = at.CompareTo(otherAt);
        return order != 0 ? order : string.CompareOrdinal(ToString(), other.ToString());
    }

    public override bool Equals(object? obj) => Equals(obj as BodyKey);

    public override int GetHashCode() =>
        _syntax is not null ? RuntimeHelpers.GetHashCode(_syntax) : SymbolEqualityComparer.Default.GetHashCode(Symbol);

    public override string ToString() => Symbol.ToDisplayString();
}
