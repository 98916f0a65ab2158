using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.Facts;

/// <summary>The bodies of the compilation that mention a name, in source order: those that may give a handler to an event.</summary>
internal static class MentioningBodies
{
    public static IEnumerable<BodyKey> Of(BodyStore store, string name, CancellationToken cancellation)
    {
        foreach (var member in MembersOf(store, name, withTypes: false, cancellation))
        {
            foreach (var key in Of(store, member, cancellation)) yield return key;
        }
    }

    /// <summary>The declarations whose text mentions a name; types, too, where what stands in them outside of members is wanted.</summary>
    public static IEnumerable<MemberDeclarationSyntax> MembersOf(BodyStore store, string name, bool withTypes, CancellationToken cancellation)
    {
        int word = Words.Hash(name);
        foreach (var tree in store.Compilation.SyntaxTrees)
        {
            foreach (var declared in TreeNames.Of(tree).Declarations)
            {
                if (!withTypes && declared.Kind is not (DeclarationKind.Method or DeclarationKind.Place) || Array.IndexOf(declared.Body, word) < 0) continue;
                if (tree.GetRoot(cancellation).FindNode(declared.Span).FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member) yield return member;
            }
        }
    }

    /// <summary>The bodies with a creation that does not name its type, 'new(…)', of as many arguments at most.</summary>
    public static IEnumerable<BodyKey> Creating(BodyStore store, int arguments, CancellationToken cancellation)
    {
        foreach (var (member, count) in store.UnnamedCreations(cancellation))
        {
            if (count == 0 || count > arguments) continue;
            foreach (var key in Of(store, member, cancellation)) yield return key;
        }
    }

    internal static ImmutableArray<(MemberDeclarationSyntax Member, int Arguments)> FindUnnamedCreations(Compilation compilation, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<(MemberDeclarationSyntax, int)>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            foreach (var node in tree.GetRoot(cancellation).DescendantNodes())
            {
                if (node is ImplicitObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: var count }
                    && node.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member) found.Add((member, count));
            }
        }

        return found.ToImmutable();
    }

    private static IEnumerable<BodyKey> Of(BodyStore store, MemberDeclarationSyntax member, CancellationToken cancellation)
    {
        var model = store.ModelOf(member.SyntaxTree);
        if (member is BaseFieldDeclarationSyntax fields)
        {
            foreach (var variable in fields.Declaration.Variables)
            {
                if (model.GetDeclaredSymbol(variable, cancellation) is { } field) yield return BodyKey.Of(field);
            }

            yield break;
        }

        var symbol = member is GlobalStatementSyntax ? store.Compilation.GetEntryPoint(cancellation) : model.GetDeclaredSymbol(member, cancellation);
        if (symbol is IMethodSymbol or IPropertySymbol) yield return BodyKey.Of(symbol);
        var accessors = symbol switch
        {
            IPropertySymbol property => new[] { property.GetMethod, property.SetMethod },
            IEventSymbol @event => new[] { @event.AddMethod, @event.RemoveMethod },
            _ => Array.Empty<IMethodSymbol?>(),
        };
        foreach (var accessor in accessors)
        {
            if (accessor is not null) yield return BodyKey.Of(accessor);
        }
    }
}
