using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// MM1001: does not wait, where the code can carry the answer "not now". A timeout becomes 0 if somebody looks at the result of the
/// call; in a method <c>bool Try…</c>, <c>x.Lock();</c> becomes <c>if (!x.TryLock()) return false;</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(TryInsteadFix)), Shared]
public sealed class TryInsteadFix : DocumentFix
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.SleepInAtomicContext);

    private protected override IEnumerable<(string Title, string Key)> Offers(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (Find(diagnostic, root, model, cancellation) is { } change)
            yield return (change.Old is StatementSyntax ? "Try, and return false if that fails" : "Try without waiting", nameof(TryInsteadFix));
    }

    private protected override Task<Document> ChangeAsync(
        Document document, SyntaxNode root, SemanticModel model, ImmutableArray<Diagnostic> diagnostics, string? key, CancellationToken cancellation)
    {
        var changes = new Dictionary<SyntaxNode, SyntaxNode>();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (Find(diagnostic, root, model, cancellation) is { } change)
                changes[change.Old] = change.New;
        }

        return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNodes(changes.Keys, (node, _) => changes[node])));
    }

    private static (SyntaxNode Old, SyntaxNode New)? Find(Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol called) return null;

        if (RepairProperties.Number(diagnostic, RepairKeys.Pass) is { } value && called.ReturnType.SpecialType == SpecialType.System_Boolean
            && call.Parent is not (ExpressionStatementSyntax or ArrowExpressionClauseSyntax)
            && RepairProperties.Argument(diagnostic, root, model, cancellation) is var (timeout, _)
            && model.GetConstantValue(timeout, cancellation).HasValue)
        {
            return (timeout, SyntaxFactory.ParseExpression(value.ToString(CultureInfo.InvariantCulture)).WithTriviaFrom(timeout));
        }

        return called.ReturnsVoid && call.Parent is ExpressionStatementSyntax { Parent: BlockSyntax } statement && IsInTryMethod(statement)
            && LeavesOnReturn(diagnostic, root) && Attempt(called, model, call.SpanStart) is { } attempt ? Tried(statement, call, attempt) : null;
    }

    /// <summary>The sibling <c>bool TryX</c> with the same parameters.</summary>
    private static IMethodSymbol? Attempt(IMethodSymbol called, SemanticModel model, int position) =>
        called.ContainingType.GetMembers("Try" + called.Name).OfType<IMethodSymbol>().FirstOrDefault(attempt =>
            attempt.ReturnType.SpecialType == SpecialType.System_Boolean && attempt.IsStatic == called.IsStatic && model.IsAccessible(position, attempt)
            && attempt.Parameters.Length == called.Parameters.Length
            && attempt.Parameters.Zip(called.Parameters, static (a, b) => a.RefKind == b.RefKind && SymbolEqualityComparer.Default.Equals(a.Type, b.Type)).All(static same => same)
            && !attempt.GetAttributes().Any(static attribute => attribute.AttributeClass is { Name: "MightAttribute" }));

    private static bool IsInTryMethod(StatementSyntax statement)
    {
        foreach (SyntaxNode at in statement.Ancestors())
        {
            switch (at)
            {
                case AnonymousFunctionExpressionSyntax: return false;
                case LocalFunctionStatementSyntax function: return IsTry(function.Identifier, function.ReturnType);
                case MethodDeclarationSyntax method: return IsTry(method.Identifier, method.ReturnType) && !method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MemberDeclarationSyntax: return false;
            }
        }

        return false;
    }

    private static bool IsTry(SyntaxToken name, TypeSyntax result) =>
        name.ValueText.StartsWith("Try", System.StringComparison.Ordinal) && result is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.BoolKeyword };

    /// <summary>A guard is disposed of by the return; what was entered by hand would stay entered.</summary>
    private static bool LeavesOnReturn(Diagnostic diagnostic, SyntaxNode root)
    {
        if (!diagnostic.Properties.ContainsKey(RepairKeys.IsEntryKnown)) return true;
        Location entry = diagnostic.AdditionalLocations[0];
        return entry.SourceTree == root.SyntaxTree && root.FindNode(entry.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<StatementSyntax>() is
            UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword };
    }

    private static (SyntaxNode Old, SyntaxNode New) Tried(ExpressionStatementSyntax statement, InvocationExpressionSyntax call, IMethodSymbol attempt)
    {
        SimpleNameSyntax name = call.Expression is MemberAccessExpressionSyntax access ? access.Name : (SimpleNameSyntax)call.Expression;
        InvocationExpressionSyntax tried = call.ReplaceNode(name, SyntaxFactory.IdentifierName(attempt.Name).WithTriviaFrom(name)).WithoutTrivia();
        StatementSyntax text = SyntaxFactory.ParseStatement($"if (!{tried}) return false;");
        return (statement, text.WithTriviaFrom(statement));
    }
}
