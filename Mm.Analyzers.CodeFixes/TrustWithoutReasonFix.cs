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

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// MM3006: gives a <c>[Trusted]</c> without a reason one to be filled in. Nobody but the author knows the reason, so the
/// text says what is asked and can be found by its TODO.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(TrustWithoutReasonFix)), Shared]
public sealed class TrustWithoutReasonFix : DocumentFix
{
    internal const string Placeholder = "TODO: say why this holds although nobody checks it";

    private const string Title = "Add a reason to be filled in";
    private const string TrustedAttribute = "Mm.Contexts.TrustedAttribute";

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.TrustWithoutReason);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (Find(diagnostic, root, model, cancellation) is not null)
            yield return (Title, nameof(TrustWithoutReasonFix));
    }

    private protected override Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        IEnumerable<AttributeSyntax> unreasoned = diagnostics.Select(diagnostic => Find(diagnostic, root, model, cancellation)).OfType<AttributeSyntax>();
        return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNodes(unreasoned, static (attribute, _) => WithPlaceholder(attribute))));
    }

    private static AttributeSyntax? Find(Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation) =>
        FindUnreasonedTrust(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true), model, cancellation);

    /// <summary>The attribute that was reported, or the one on the member whose name was reported.</summary>
    private static AttributeSyntax? FindUnreasonedTrust(SyntaxNode reported, SemanticModel model, CancellationToken cancellation)
    {
        if (reported.FirstAncestorOrSelf<AttributeSyntax>() is { } here && IsUnreasonedTrust(here, model, cancellation))
            return here;

        foreach (SyntaxNode owner in reported.AncestorsAndSelf())
        {
            SyntaxList<AttributeListSyntax> lists = AttributesOf(owner);
            AttributeSyntax? found = lists
                .SelectMany(list => list.Attributes)
                .FirstOrDefault(attribute => IsUnreasonedTrust(attribute, model, cancellation));
            if (found is not null)
                return found;
            if (lists.Count > 0 || owner is BaseTypeDeclarationSyntax)
                return null; // the outer member's attributes were not meant
        }
        return null;
    }

    private static SyntaxList<AttributeListSyntax> AttributesOf(SyntaxNode node) => node switch
    {
        MemberDeclarationSyntax member => member.AttributeLists,
        AccessorDeclarationSyntax accessor => accessor.AttributeLists,
        StatementSyntax statement => statement.AttributeLists,
        LambdaExpressionSyntax lambda => lambda.AttributeLists,
        _ => default,
    };

    private static bool IsUnreasonedTrust(AttributeSyntax attribute, SemanticModel model, CancellationToken cancellation)
    {
        // Without an argument the constructor does not bind and is a candidate only.
        SymbolInfo constructor = model.GetSymbolInfo(attribute, cancellation);
        ISymbol? symbol = constructor.Symbol ?? constructor.CandidateSymbols.FirstOrDefault();
        if (symbol?.ContainingType.ToDisplayString() != TrustedAttribute)
            return false;

        AttributeArgumentSyntax? reason = attribute.ArgumentList?.Arguments.FirstOrDefault();
        if (reason is null)
            return true;

        Optional<object?> value = model.GetConstantValue(reason.Expression, cancellation);
        return value.HasValue && (value.Value is null || value.Value is string text && string.IsNullOrWhiteSpace(text));
    }

    private static AttributeSyntax WithPlaceholder(AttributeSyntax attribute)
    {
        LiteralExpressionSyntax text = SyntaxFactory.LiteralExpression(
            SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(Placeholder));

        if (attribute.ArgumentList is { Arguments: { Count: > 0 } arguments })
        {
            ExpressionSyntax blank = arguments[0].Expression;
            return attribute.ReplaceNode(blank, text.WithTriviaFrom(blank));
        }

        AttributeArgumentListSyntax list = attribute.ArgumentList ?? SyntaxFactory.AttributeArgumentList();
        SyntaxTriviaList after = attribute.ArgumentList is null ? attribute.Name.GetTrailingTrivia() : default;
        return attribute
            .WithName(attribute.ArgumentList is null ? attribute.Name.WithoutTrailingTrivia() : attribute.Name)
            .WithArgumentList(list.AddArguments(SyntaxFactory.AttributeArgument(text)).WithTrailingTrivia(
                attribute.ArgumentList?.GetTrailingTrivia() ?? after));
    }
}
