using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
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
public sealed class MoveOutOfScopeFix : DocumentFix
{
    internal const string ToFront = nameof(MoveOutOfScopeFix) + ".Front";
    internal const string ToBack = nameof(MoveOutOfScopeFix) + ".Back";

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.SleepInAtomicContext, RuleIds.FaultInAtomicContext, RuleIds.AllocationInNoGcContext, RuleIds.ForbiddenEffect);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (ScopedStatement.Find(diagnostic, root, model, cancellation) is not { } scoped)
            yield break;

        if (scoped.CanGoFirst())
            yield return ("Move in front of the scope", ToFront);
        if (scoped.CanGoLast())
            yield return ("Move behind the scope", ToBack);
    }

    private protected override async Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        bool isToFront = key == ToFront;
        SourceText text = await document.GetTextAsync(cancellation).ConfigureAwait(false);

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
