using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// MM1001, MM1002, MM1004, MM1005: moves the statement with the call in front of the scope, or behind it, where it has nothing to do
/// with what it passes on the way.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MoveOutOfScopeFix)), Shared]
public sealed class MoveOutOfScopeFix : CodeFixProvider
{
    internal const string ToFront = nameof(MoveOutOfScopeFix) + ".Front";
    internal const string ToBack = nameof(MoveOutOfScopeFix) + ".Back";

    private static readonly FixAllProvider _fixAll = FixAllProvider.Create(
        async (context, document, diagnostics) => await MoveAsync(document, diagnostics, context.CodeActionEquivalenceKey == ToFront, context.CancellationToken).ConfigureAwait(false));

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.SleepInAtomicContext, RuleIds.FaultInAtomicContext, RuleIds.AllocationInNoGcContext, RuleIds.ForbiddenEffect);

    public override FixAllProvider GetFixAllProvider() => _fixAll;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (ScopedStatement.Find(diagnostic, root, model, context.CancellationToken) is not { } scoped)
                continue;

            if (scoped.CanGoFirst())
                Register(context, diagnostic, "Move in front of the scope", isToFront: true);
            if (scoped.CanGoLast())
                Register(context, diagnostic, "Move behind the scope", isToFront: false);
        }
    }

    private static void Register(CodeFixContext context, Diagnostic diagnostic, string title, bool isToFront)
    {
        Document document = context.Document;
        context.RegisterCodeFix(
            CodeAction.Create(
                title,
                cancellation => MoveAsync(document, ImmutableArray.Create(diagnostic), isToFront, cancellation),
                equivalenceKey: isToFront ? ToFront : ToBack),
            diagnostic);
    }

    private static async Task<Document> MoveAsync(Document document, ImmutableArray<Diagnostic> diagnostics, bool isToFront, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        SourceText text = await document.GetTextAsync(cancellation).ConfigureAwait(false);
        if (root is null || model is null)
            return document;

        // Statements keep their order: each has been compared with all that it passes, the others that move with it included.
        var changes = new List<TextChange>();
        var inserted = new SortedDictionary<int, StringBuilder>();
        var moved = new HashSet<StatementSyntax>();
        foreach (Diagnostic diagnostic in diagnostics.OrderBy(static one => one.Location.SourceSpan.Start))
        {
            ScopedStatement? scoped = ScopedStatement.Find(diagnostic, root, model, cancellation);
            if (scoped is null || !(isToFront ? scoped.CanGoFirst() : scoped.CanGoLast()) || !moved.Add(scoped.Statement))
                continue;

            int target = isToFront ? scoped.First.FullSpan.Start : scoped.Last!.FullSpan.End;
            if (!inserted.TryGetValue(target, out StringBuilder? lines))
                inserted.Add(target, lines = new StringBuilder());
            lines.Append(Indented(scoped.Statement, IndentationOf(isToFront ? scoped.First : scoped.Last!)));
            changes.Add(new TextChange(scoped.Statement.FullSpan, ""));
        }

        changes.AddRange(inserted.Select(static pair => new TextChange(new TextSpan(pair.Key, 0), pair.Value.ToString())));
        return document.WithText(text.WithChanges(changes.OrderBy(static change => change.Span.Start).ThenBy(static change => change.Span.Length)));
    }

    /// <summary>The statement with its comments, its first blank lines left out, and each line moved to the new depth.</summary>
    private static string Indented(StatementSyntax statement, string indentation)
    {
        string before = IndentationOf(statement);
        string[] lines = statement.ToFullString().Split('\n');
        var text = new StringBuilder();
        foreach (string line in lines.SkipWhile(string.IsNullOrWhiteSpace))
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(line.StartsWith(before, StringComparison.Ordinal) && line.Trim().Length > 0 ? indentation + line.Substring(before.Length) : line);
        }

        return text.ToString();
    }

    private static string IndentationOf(StatementSyntax statement)
    {
        SyntaxTrivia last = statement.GetLeadingTrivia().LastOrDefault();
        return last.IsKind(SyntaxKind.WhitespaceTrivia) ? last.ToString() : "";
    }
}
