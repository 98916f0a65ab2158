using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.CodeFixes;

/// <summary>Puts attribute lists where a person would: on a line of their own above a member, inline where the member begins within a line.</summary>
internal static class AttributePlacement
{
    private const string Vocabulary = "Mm.Contexts";

    /// <summary>The member around a node that can carry attributes; null at the top of a program, or in an initialiser.</summary>
    internal static SyntaxNode? MemberAround(SyntaxNode node)
    {
        foreach (SyntaxNode at in node.AncestorsAndSelf())
        {
            switch (at)
            {
                case BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax:
                    return at;
                case PropertyDeclarationSyntax { ExpressionBody: { } body } property when body == node || body.Contains(node) || property == node:
                case IndexerDeclarationSyntax { ExpressionBody: { } indexed } indexer when indexed == node || indexed.Contains(node) || indexer == node:
                    return at;
                case MemberDeclarationSyntax:
                    return null;
            }
        }

        return null;
    }

    /// <summary>The declaration of a parameter, field or property that starts at a node.</summary>
    internal static SyntaxNode? PlaceAt(SyntaxNode node)
    {
        foreach (SyntaxNode at in node.AncestorsAndSelf())
        {
            switch (at)
            {
                case ParameterSyntax { Parent.Parent: not LambdaExpressionSyntax }:
                    return at;
                case FieldDeclarationSyntax field:
                    return field.Declaration.Variables.Count == 1 ? at : null;
                case PropertyDeclarationSyntax:
                    return at;
                case MemberDeclarationSyntax or StatementSyntax:
                    return null;
            }
        }

        return null;
    }

    internal static SyntaxNode With(SyntaxNode owner, IReadOnlyList<AttributeListSyntax> added, bool isFirstOnLine, string endOfLine)
    {
        SyntaxTriviaList leading = owner.GetLeadingTrivia();
        SyntaxTriviaList indentation = leading.Count > 0 && leading.Last().IsKind(SyntaxKind.WhitespaceTrivia) ? SyntaxFactory.TriviaList(leading.Last()) : default;
        SyntaxTrivia newLine = SyntaxFactory.EndOfLine(endOfLine);
        SyntaxList<AttributeListSyntax> existing = ListsOf(owner);
        if (existing.Count > 0)
        {
            bool isAbove = existing.Last().GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);
            IEnumerable<AttributeListSyntax> more = added.Select(list => isAbove
                ? list.WithLeadingTrivia(indentation).WithTrailingTrivia(newLine)
                : list.WithTrailingTrivia(SyntaxFactory.Space));
            if (!isAbove && existing.Last().GetTrailingTrivia().Count == 0)
                existing = existing.Replace(existing.Last(), existing.Last().WithTrailingTrivia(SyntaxFactory.Space));
            return WithLists(owner, existing.AddRange(more));
        }

        bool isOwnLine = isFirstOnLine && owner is not ParameterSyntax;
        IEnumerable<AttributeListSyntax> lists = added.Select((list, index) => list
            .WithLeadingTrivia(index == 0 ? leading : isOwnLine ? indentation : default)
            .WithTrailingTrivia(isOwnLine ? newLine : SyntaxFactory.Space));
        return WithLists(owner.WithLeadingTrivia(isOwnLine ? indentation : default), SyntaxFactory.List(lists));
    }

    /// <summary>The file with a directive for the vocabulary, among the others in their order.</summary>
    internal static CompilationUnitSyntax WithUsing(CompilationUnitSyntax file, string endOfLine)
    {
        SyntaxTrivia newLine = SyntaxFactory.EndOfLine(endOfLine);
        UsingDirectiveSyntax directive = SyntaxFactory.UsingDirective(SyntaxFactory.ParseName(Vocabulary).WithLeadingTrivia(SyntaxFactory.Space)).WithTrailingTrivia(newLine);
        if (file.Usings.Count == 0)
        {
            // Comments at the top speak of the file, not of its first member.
            SyntaxTriviaList top = file.GetLeadingTrivia();
            return file.WithoutLeadingTrivia()
                .WithUsings(SyntaxFactory.SingletonList(directive.WithLeadingTrivia(top).WithTrailingTrivia(newLine, newLine)));
        }

        int at = 0;
        while (at < file.Usings.Count && IsBefore(file.Usings[at])) at++;
        if (at > 0)
            return file.WithUsings(file.Usings.Insert(at, directive));

        UsingDirectiveSyntax first = file.Usings[0];
        return file.WithUsings(file.Usings.Replace(first, first.WithoutLeadingTrivia()).Insert(0, directive.WithLeadingTrivia(first.GetLeadingTrivia())));
    }

    internal static bool IsFirstOnLine(SyntaxNode node)
    {
        SyntaxToken before = node.GetFirstToken().GetPreviousToken();
        return before.IsKind(SyntaxKind.None) || before.TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia) || node.GetLeadingTrivia().Any(SyntaxKind.EndOfLineTrivia);
    }

    internal static string EndOfLine(SyntaxNode root)
    {
        SyntaxTrivia first = root.DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        return first.IsKind(SyntaxKind.EndOfLineTrivia) ? first.ToString() : "\n";
    }

    private static bool IsBefore(UsingDirectiveSyntax other)
    {
        if (other.GlobalKeyword.IsKind(SyntaxKind.GlobalKeyword)) return true;
        if (other.Alias is not null || other.StaticKeyword.IsKind(SyntaxKind.StaticKeyword)) return false;
        string name = other.Name?.ToString() ?? "";
        return name == "System" || name.StartsWith("System.", StringComparison.Ordinal) || string.CompareOrdinal(name, Vocabulary) < 0;
    }

    private static SyntaxList<AttributeListSyntax> ListsOf(SyntaxNode owner) => owner switch
    {
        MemberDeclarationSyntax member => member.AttributeLists,
        AccessorDeclarationSyntax accessor => accessor.AttributeLists,
        StatementSyntax statement => statement.AttributeLists,
        ParameterSyntax parameter => parameter.AttributeLists,
        _ => default,
    };

    private static SyntaxNode WithLists(SyntaxNode owner, SyntaxList<AttributeListSyntax> lists) => owner switch
    {
        MemberDeclarationSyntax member => member.WithAttributeLists(lists),
        AccessorDeclarationSyntax accessor => accessor.WithAttributeLists(lists),
        LocalFunctionStatementSyntax function => function.WithAttributeLists(lists),
        ParameterSyntax parameter => parameter.WithAttributeLists(lists),
        _ => owner,
    };
}
