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

    /// <summary>Where the base list of a type names an interface; the name of the type where it comes by another way.</summary>
    public static Location BaseListEntry(INamedTypeSymbol type, INamedTypeSymbol implemented)
    {
        foreach (var reference in type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax() is not TypeDeclarationSyntax { BaseList: { } bases }) continue;
            foreach (var entry in bases.Types)
            {
                string name = entry.Type.ToString();
                if (name == implemented.Name || name.EndsWith("." + implemented.Name, System.StringComparison.Ordinal)
                    || name.StartsWith(implemented.Name + "<", System.StringComparison.Ordinal)) return entry.GetLocation();
            }
        }

        return type.Locations[0];
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

    /// <summary>
    /// The 'return;' or 'yield break;' that ends a path without a value, found from the last syntax on that path; null where the path runs to the end
    /// of the body. The graph has no node for such a return.
    /// </summary>
    public static Location? ReturnBehind(SyntaxNode last, bool? branch)
    {
        SyntaxNode at = last;
        if (branch is { } taken && last.FirstAncestorOrSelf<IfStatementSyntax>() is { } test && test.Condition.Span.Contains(last.Span))
        {
            // A negated condition has been unfolded in the graph; the arm that is a bare return is the one that leaves.
            if (BareReturn(test.Statement) is { } then && (taken || BareReturn(test.Else?.Statement) is null)) return then.GetLocation();
            if (BareReturn(test.Else?.Statement) is { } otherwise) return otherwise.GetLocation();
            at = test;
        }

        for (; at.Parent is not null and not MemberDeclarationSyntax; at = at.Parent)
        {
            if (at is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax) return null;
            if (at.Parent is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax
                && at is StatementSyntax) return null;
            if (at is not StatementSyntax statement) continue;
            var siblings = at.Parent switch
            {
                BlockSyntax block => block.Statements,
                SwitchSectionSyntax section => section.Statements,
                _ => default,
            };
            int next = siblings.IndexOf(statement) + 1;
            if (next > 0 && next < siblings.Count) return BareReturn(siblings[next])?.GetLocation();
        }

        return null;
    }

    private static StatementSyntax? BareReturn(StatementSyntax? statement) => statement switch
    {
        ReturnStatementSyntax { Expression: null } found => found,
        YieldStatementSyntax { Expression: null } found => found,
        BlockSyntax { Statements: { Count: > 0 } statements } => BareReturn(statements[0]),
        _ => null,
    };
}
