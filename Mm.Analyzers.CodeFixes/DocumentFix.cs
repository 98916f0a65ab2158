using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Mm.Analyzers.CodeFixes;

/// <summary>A fix that changes the document of the diagnostic and no other, for one diagnostic or for all of a document at once.</summary>
public abstract class DocumentFix : CodeFixProvider
{
    private static readonly FixAllProvider _fixAll = FixAllProvider.Create(
        static async (context, document, diagnostics) =>
            await ((DocumentFix)context.CodeFixProvider).ChangeAsync(document, diagnostics, context.CodeActionEquivalenceKey, context.CancellationToken).ConfigureAwait(false));

    public sealed override FixAllProvider GetFixAllProvider() => _fixAll;

    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;

        Document document = context.Document;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            foreach ((string title, string key) in Offers(diagnostic, root, model, context.CancellationToken))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(title, cancellation => ChangeAsync(document, ImmutableArray.Create(diagnostic), key, cancellation), equivalenceKey: key),
                    diagnostic);
            }
        }
    }

    /// <summary>The changes that one diagnostic allows: what the user reads, and what tells kinds of changes apart.</summary>
    private protected abstract IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation);

    /// <summary>The document with the change of that kind made for each of the diagnostics that allows it.</summary>
    private protected abstract Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation);

    private async Task<Document> ChangeAsync(Document document, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        return root is null || model is null ? document : await ChangeAsync(document, root, model, diagnostics, key, cancellation).ConfigureAwait(false);
    }
}
