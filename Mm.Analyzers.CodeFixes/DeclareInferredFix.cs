using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// Writes down what the analysis has inferred: effects and transitions of a visible member (MM3007), the context that a helper needs
/// from its callers (MM1008) or leaves otherwise than it found it (MM2001, MM2002), and the promise that a place hands on (MM3002).
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DeclareInferredFix)), Shared]
public sealed class DeclareInferredFix : DocumentFix
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.MissingContext, RuleIds.ContextNotLeft, RuleIds.ContextNotEntered, RuleIds.ConversionWeakensContract, RuleIds.UndeclaredEffect);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (OwnerOf(diagnostic, root) is not { } owner)
            yield break;

        List<AttributeListSyntax> lists = new AttributeText(model, owner.SpanStart).Lists(RepairProperties.Declarations(diagnostic));
        if (lists.Count > 0)
            yield return ("Declare " + string.Join(" ", lists), nameof(DeclareInferredFix));
    }

    private protected override Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        var missing = new Dictionary<SyntaxNode, List<DeclarationText>>();
        foreach (Diagnostic diagnostic in diagnostics.OrderBy(one => one.Location.SourceSpan.Start))
        {
            if (OwnerOf(diagnostic, root) is not { } owner)
                continue;
            if (!missing.TryGetValue(owner, out List<DeclarationText>? declarations))
                missing.Add(owner, declarations = new List<DeclarationText>());

            // Two returns of one member, or two calls in it, ask for the same.
            foreach (DeclarationText declaration in RepairProperties.Declarations(diagnostic))
            {
                if (!declarations.Contains(declaration))
                    declarations.Add(declaration);
            }
        }

        string endOfLine = AttributePlacement.EndOfLine(root);
        bool needsUsing = false;
        var lists = new Dictionary<SyntaxNode, List<AttributeListSyntax>>();
        foreach (KeyValuePair<SyntaxNode, List<DeclarationText>> owner in missing)
        {
            var text = new AttributeText(model, owner.Key.SpanStart);
            List<AttributeListSyntax> added = text.Lists(owner.Value);
            if (added.Count > 0)
                lists.Add(owner.Key, added);
            needsUsing |= text.NeedsUsing;
        }

        root = root.ReplaceNodes(
            lists.Keys,
            (before, now) => AttributePlacement.With(now, lists[before], AttributePlacement.IsFirstOnLine(before), endOfLine));
        if (needsUsing && root is CompilationUnitSyntax file)
            root = AttributePlacement.WithUsing(file, endOfLine);
        return Task.FromResult(document.WithSyntaxRoot(root));
    }

    /// <summary>What the attributes go on; null where that is in another file, or can carry none.</summary>
    private static SyntaxNode? OwnerOf(Diagnostic diagnostic, SyntaxNode root)
    {
        if (!diagnostic.Properties.ContainsKey(RepairKeys.Declare))
            return null;
        if (!diagnostic.Properties.TryGetValue(RepairKeys.DeclareAt, out string? index))
        {
            SyntaxNode? member = AttributePlacement.MemberAround(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true));
            return member is not null && RepairProperties.Declarations(diagnostic).All(declaration => CanCarry(member, declaration.Verb)) ? member : null;
        }

        if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int at) || at >= diagnostic.AdditionalLocations.Count)
            return null;
        Location declared = diagnostic.AdditionalLocations[at];
        return declared.SourceTree == root.SyntaxTree
            ? AttributePlacement.PlaceAt(root.FindNode(declared.SourceSpan, getInnermostNodeForTie: true))
            : null;
    }

    // Where attributes may stand is said by the vocabulary: effects on everything, transitions on methods and accessors only.
    private static bool CanCarry(SyntaxNode member, string verb) => member switch
    {
        PropertyDeclarationSyntax or IndexerDeclarationSyntax => verb is "Might" or "Never",
        ConstructorDeclarationSyntax => verb is not ("Enters" or "Leaves"),
        _ => true,
    };
}
