using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>Which symbols of a compilation a line of an annotation file names.</summary>
internal static class AnnotatedSymbols
{
    /// <summary>All symbols that the key names: one, the overloads of a name, the methods of a type ('.*'), or all of a form.</summary>
    public static ImmutableArray<ISymbol> Of(string key, Compilation compilation)
    {
        if (AnnotationLine.IsPatternKey(key)) return SymbolPattern.Of(key, compilation);
        if (key[0] == 'T') return TypesOf(key.Substring(2), compilation);
        var found = ImmutableArray.CreateBuilder<ISymbol>();
        string container = ContainerOf(key);
        bool isWildcard = key.EndsWith(".*", StringComparison.Ordinal);
        foreach (var type in TypesOf(container, compilation))
        {
            foreach (var member in ((INamedTypeSymbol)type).GetMembers())
            {
                if (isWildcard ? member is IMethodSymbol && key[0] == 'M' : IsNamed(member, key)) found.Add(member);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>What a member's key has before its name: the type.</summary>
    public static string ContainerOf(string key)
    {
        int end = key.IndexOf('(');
        string path = end < 0 ? key.Substring(2) : key.Substring(2, end - 2);
        return path.Substring(0, Math.Max(0, path.LastIndexOf('.')));
    }

    public static ImmutableArray<ISymbol> TypesOf(string name, Compilation compilation)
    {
        if (name.Length == 0) return ImmutableArray<ISymbol>.Empty;
        var types = ImmutableArray.CreateBuilder<ISymbol>();
        foreach (var symbol in DocumentationCommentId.GetSymbolsForDeclarationId("T:" + name, compilation))
        {
            if (symbol is INamedTypeSymbol) types.Add(symbol);
        }

        return types.ToImmutable();
    }

    /// <summary>The methods that a line about these symbols speaks of: accessors of properties and events, members of types.</summary>
    public static IEnumerable<IMethodSymbol> MethodsOf(ImmutableArray<ISymbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case IMethodSymbol method:
                    yield return method;
                    break;
                case IPropertySymbol property:
                    if (property.GetMethod is { } get) yield return get;
                    if (property.SetMethod is { } set) yield return set;
                    break;
                case IEventSymbol @event:
                    if (@event.AddMethod is { } add) yield return add;
                    if (@event.RemoveMethod is { } remove) yield return remove;
                    break;
                case INamedTypeSymbol type:
                    foreach (var member in type.GetMembers())
                    {
                        if (member is IMethodSymbol method) yield return method;
                    }

                    break;
            }
        }
    }

    private static bool IsNamed(ISymbol member, string key)
    {
        if (member.GetDocumentationCommentId() is not { } id || !id.StartsWith(key, StringComparison.Ordinal)) return false;
        return id.Length == key.Length || id[key.Length] == '(' && key.IndexOf('(') < 0;
    }
}
