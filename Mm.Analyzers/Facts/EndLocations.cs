using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Facts;

/// <summary>Where a body ends, and where in it a path returns: graphs keep neither of the two.</summary>
internal static class EndLocations
{
    /// <summary>The closing brace of a block body, the arrow of an expression body, otherwise the name.</summary>
    public static Location Of(BodyKey key)
    {
        var references = (key.Method?.PartialImplementationPart ?? key.Symbol).DeclaringSyntaxReferences;
        if (references.IsEmpty) return key.Symbol.Locations is { IsEmpty: false } places ? places[0] : Location.None;
        var syntax = references[0].GetSyntax();
        return syntax switch
        {
            BaseMethodDeclarationSyntax { Body: { } block } => block.CloseBraceToken.GetLocation(),
            BaseMethodDeclarationSyntax { ExpressionBody: { } arrow } => arrow.GetLocation(),
            AccessorDeclarationSyntax { Body: { } block } => block.CloseBraceToken.GetLocation(),
            AccessorDeclarationSyntax { ExpressionBody: { } arrow } => arrow.GetLocation(),
            LocalFunctionStatementSyntax { Body: { } block } => block.CloseBraceToken.GetLocation(),
            LocalFunctionStatementSyntax { ExpressionBody: { } arrow } => arrow.GetLocation(),
            AnonymousFunctionExpressionSyntax { Block: { } block } => block.CloseBraceToken.GetLocation(),
            LambdaExpressionSyntax { ExpressionBody: { } body } lambda =>
                Location.Create(lambda.SyntaxTree, TextSpan.FromBounds(lambda.ArrowToken.SpanStart, body.Span.End)),
            ArrowExpressionClauseSyntax arrow => arrow.GetLocation(),
            _ => key.Symbol.Locations is { IsEmpty: false } places ? places[0] : syntax.GetLocation(),
        };
    }

    /// <summary>The name of a member; an accessor is named by its keyword, and by its property where it has none.</summary>
    public static Location NameOf(IMethodSymbol method)
    {
        var references = method.DeclaringSyntaxReferences;
        bool isUnnamed = references.IsEmpty || references[0].GetSyntax() is ArrowExpressionClauseSyntax;
        return isUnnamed && method.AssociatedSymbol is { Locations: { IsEmpty: false } places } ? places[0] : method.Locations[0];
    }

    /// <summary>The entry of a type's base list that brings an interface; the name of the type where it comes by another way.</summary>
    public static Location BaseListEntry(INamedTypeSymbol type, INamedTypeSymbol implemented)
    {
        foreach (var listed in type.Interfaces)
        {
            bool brings = SymbolEqualityComparer.Default.Equals(listed, implemented) || listed.AllInterfaces.Any(other => SymbolEqualityComparer.Default.Equals(other, implemented));
            if (brings && BaseListEntry(type, listed.Name, SameNamesBefore(type, listed)) is { } entry) return entry;
        }

        return type.Locations[0];
    }

    // Interfaces of one name differ in their arguments, and stand in the order in which they are listed.
    private static int SameNamesBefore(INamedTypeSymbol type, INamedTypeSymbol listed)
    {
        int count = 0;
        foreach (var other in type.Interfaces)
        {
            if (SymbolEqualityComparer.Default.Equals(other, listed)) break;
            if (other.Name == listed.Name) count++;
        }

        return count;
    }

    private static Location? BaseListEntry(INamedTypeSymbol type, string name, int skipped)
    {
        foreach (var reference in type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax() is not TypeDeclarationSyntax { BaseList: { } bases }) continue;
            foreach (var entry in bases.Types)
            {
                var written = entry.Type is QualifiedNameSyntax { Right: var right } ? right : entry.Type is AliasQualifiedNameSyntax { Name: var last } ? last : entry.Type;
                if (written is SimpleNameSyntax { Identifier.ValueText: var text } && text == name && skipped-- == 0) return entry.GetLocation();
            }
        }

        return null;
    }

    /// <summary>The head of a lambda, from its first character to the arrow; the name of a local function.</summary>
    public static Location HeadOf(SyntaxNode function) => function switch
    {
        LambdaExpressionSyntax lambda =>
            Location.Create(lambda.SyntaxTree, TextSpan.FromBounds(lambda.SpanStart, lambda.ArrowToken.Span.End)),
        AnonymousMethodExpressionSyntax method =>
            Location.Create(method.SyntaxTree, TextSpan.FromBounds(method.SpanStart, (method.ParameterList ?? (SyntaxNode)method).Span.End)),
        LocalFunctionStatementSyntax local => local.Identifier.GetLocation(),
        _ => function.GetLocation(),
    };

    /// <summary>The statement around an expression of a block, for the report of a meeting.</summary>
    public static Location StatementOf(SyntaxNode syntax)
    {
        var statement = syntax.FirstAncestorOrSelf<StatementSyntax>();
        return statement switch
        {
            null or BlockSyntax => syntax.GetLocation(),
            IfStatementSyntax or WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or SwitchStatementSyntax
                or UsingStatementSyntax or LockStatementSyntax or CommonForEachStatementSyntax => syntax.GetLocation(),
            _ => statement.GetLocation(),
        };
    }
}
