using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// MM2004: holds a guard that was thrown away, or put into a local and never disposed, to the end of its block:
/// <c>_lock.Lock();</c> becomes <c>using var guard = _lock.Lock();</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ScopeDroppedFix)), Shared]
public sealed class ScopeDroppedFix : DocumentFix
{
    private const string Title = "Hold the guard to the end of the block (using var)";

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.ScopeDropped);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (DroppedGuard.Find(root, diagnostic.Location.SourceSpan, model, cancellation) is not null)
            yield return (Title, nameof(ScopeDroppedFix));
    }

    // All guards of a document at once, because their names must differ from each other too.
    private protected override async Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);
        var names = new UnusedNames();
        var held = new HashSet<StatementSyntax>();

        foreach (Diagnostic diagnostic in diagnostics.OrderBy(one => one.Location.SourceSpan.Start))
        {
            DroppedGuard? dropped = DroppedGuard.Find(
                editor.OriginalRoot, diagnostic.Location.SourceSpan, editor.SemanticModel, cancellation);
            if (dropped is null || !held.Add(dropped.Statement))
                continue; // two guards of one declaration share its 'using'

            StatementSyntax replacement = dropped.Statement is LocalDeclarationStatementSyntax local
                ? WithUsing(local)
                : UsingVar((ExpressionStatementSyntax)dropped.Statement, dropped.Value, names.Take("guard", dropped.Statement));
            editor.ReplaceNode(dropped.Statement, replacement);
        }
        return editor.GetChangedDocument();
    }

    private static LocalDeclarationStatementSyntax WithUsing(LocalDeclarationStatementSyntax local) =>
        local.WithoutLeadingTrivia().WithUsingKeyword(UsingKeyword(local.GetLeadingTrivia()));

    private static LocalDeclarationStatementSyntax UsingVar(ExpressionStatementSyntax statement, ExpressionSyntax value, string name)
    {
        SyntaxToken equals = statement.Expression is AssignmentExpressionSyntax discard
            ? discard.OperatorToken
            : SyntaxFactory.Token(SyntaxKind.EqualsToken).WithTrailingTrivia(SyntaxFactory.Space);
        VariableDeclaratorSyntax declarator = SyntaxFactory.VariableDeclarator(
            SyntaxFactory.Identifier(name).WithTrailingTrivia(SyntaxFactory.Space),
            argumentList: null,
            SyntaxFactory.EqualsValueClause(equals, value.WithoutLeadingTrivia()));
        VariableDeclarationSyntax declaration = SyntaxFactory.VariableDeclaration(
            SyntaxFactory.IdentifierName("var").WithTrailingTrivia(SyntaxFactory.Space),
            SyntaxFactory.SingletonSeparatedList(declarator));

        return SyntaxFactory.LocalDeclarationStatement(
            awaitKeyword: default,
            UsingKeyword(statement.GetLeadingTrivia()),
            modifiers: default,
            declaration,
            statement.SemicolonToken);
    }

    private static SyntaxToken UsingKeyword(SyntaxTriviaList leading) =>
        SyntaxFactory.Token(leading, SyntaxKind.UsingKeyword, SyntaxFactory.TriviaList(SyntaxFactory.Space));
}
