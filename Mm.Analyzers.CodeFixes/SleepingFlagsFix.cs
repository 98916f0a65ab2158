using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>MM1003: passes flags with which the callee does not sleep: <c>Gfp.Kernel</c> becomes <c>Gfp.Atomic</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SleepingFlagsFix)), Shared]
public sealed class SleepingFlagsFix : DocumentFix
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.SleepingAllocation);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (Find(diagnostic, root, model, cancellation) is { } change)
            yield return ($"Pass '{change.Replacement.WithoutTrivia()}', which does not sleep", nameof(SleepingFlagsFix));
    }

    private protected override Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        var changes = new Dictionary<SyntaxNode, ExpressionSyntax>();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (Find(diagnostic, root, model, cancellation) is { } change)
                changes[change.Flags] = change.Replacement;
        }

        // One argument inside of another: the outer is left for the next time.
        List<SyntaxNode> outermost = changes.Keys.Where(node => !node.Ancestors().Any(changes.ContainsKey)).ToList();
        return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNodes(outermost, (node, _) => changes[node])));
    }

    private static (ExpressionSyntax Flags, ExpressionSyntax Replacement)? Find(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (RepairProperties.Argument(diagnostic, root, model, cancellation) is not var (flags, parameter))
            return null;

        var names = new FlagNames(model, flags.SpanStart, cancellation);
        ExpressionSyntax? replacement =
            RepairProperties.Number(diagnostic, RepairKeys.Clear) is { } clear ? names.Without(flags, parameter.Type, clear)
            : RepairProperties.Number(diagnostic, RepairKeys.Set) is { } set ? names.With(flags, parameter.Type, set)
            : null;
        return replacement is null ? null : (flags, replacement);
    }
}
