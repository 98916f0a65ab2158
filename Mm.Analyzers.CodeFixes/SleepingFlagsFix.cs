using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>MM1003: passes flags with which the callee does not sleep: <c>Gfp.Kernel</c> becomes <c>Gfp.Atomic</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SleepingFlagsFix)), Shared]
public sealed class SleepingFlagsFix : CodeFixProvider
{
    private static readonly FixAllProvider _fixAll = FixAllProvider.Create(
        async (context, document, diagnostics) => await ChangeAsync(document, diagnostics, context.CancellationToken).ConfigureAwait(false));

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.SleepingAllocation);

    public override FixAllProvider GetFixAllProvider() => _fixAll;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (Find(diagnostic, root, model, context.CancellationToken) is not { } change)
                continue;

            Document document = context.Document;
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Pass '{change.Replacement.WithoutTrivia()}', which does not sleep",
                    cancellation => ChangeAsync(document, ImmutableArray.Create(diagnostic), cancellation),
                    equivalenceKey: nameof(SleepingFlagsFix)),
                diagnostic);
        }
    }

    private static async Task<Document> ChangeAsync(Document document, ImmutableArray<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null || model is null)
            return document;

        var changes = new Dictionary<SyntaxNode, ExpressionSyntax>();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (Find(diagnostic, root, model, cancellation) is { } change)
                changes[change.Flags] = change.Replacement;
        }

        // One argument inside of another: the outer is left for the next time.
        List<SyntaxNode> outermost = changes.Keys.Where(node => !node.Ancestors().Any(changes.ContainsKey)).ToList();
        return document.WithSyntaxRoot(root.ReplaceNodes(outermost, (node, _) => changes[node]));
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
