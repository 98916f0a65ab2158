using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.CodeFixes;

/// <summary>A statement that drops a guard and could hold it by a <c>using</c> declaration instead.</summary>
internal sealed class DroppedGuard
{
    private DroppedGuard(StatementSyntax statement, ExpressionSyntax value)
    {
        Statement = statement;
        Value = value;
    }

    /// <summary>An expression statement, or the declaration of locals.</summary>
    internal StatementSyntax Statement { get; }

    /// <summary>What evaluates to the guard: the reported call, or its <c>await</c>.</summary>
    internal ExpressionSyntax Value { get; }

    /// <summary>The dropped guard that the call at <paramref name="call"/> returns, or null where <c>using</c> would not do.</summary>
    internal static DroppedGuard? Find(SyntaxNode root, TextSpan call, SemanticModel model, CancellationToken cancellation)
    {
        if (root.SyntaxTree.Options is not CSharpParseOptions { LanguageVersion: >= LanguageVersion.CSharp8 })
            return null;
        if (root.FindNode(call, getInnermostNodeForTie: true) is not ExpressionSyntax reported)
            return null;

        ExpressionSyntax value = WholeValue(reported);
        if (!CanBeUsed(model.GetTypeInfo(value, cancellation).Type, model, value.SpanStart))
            return null;

        StatementSyntax? statement = value.Parent switch
        {
            ExpressionStatementSyntax thrownAway => thrownAway,
            AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax thrownAway } assignment
                when IsDiscard(assignment.Left, model, cancellation) => thrownAway,
            EqualsValueClauseSyntax { Parent.Parent.Parent: LocalDeclarationStatementSyntax local }
                when local.UsingKeyword.IsKind(SyntaxKind.None) && NobodyElseDisposes(local, model, cancellation) => local,
            _ => null,
        };

        // Elsewhere (under an 'if' without braces, in a case) a using declaration is not allowed.
        return statement?.Parent is BlockSyntax or GlobalStatementSyntax ? new DroppedGuard(statement, value) : null;
    }

    /// <summary>The call with what stands around it and keeps its value: parentheses, <c>await</c>, <c>!</c>, <c>x?.</c></summary>
    private static ExpressionSyntax WholeValue(ExpressionSyntax call)
    {
        ExpressionSyntax value = call;
        while (value.Parent is ParenthesizedExpressionSyntax or AwaitExpressionSyntax
               || value.Parent.IsKind(SyntaxKind.SuppressNullableWarningExpression)
               || value.Parent is ConditionalAccessExpressionSyntax conditional && conditional.WhenNotNull == value)
        {
            value = (ExpressionSyntax)value.Parent!;
        }
        return value;
    }

    private static bool IsDiscard(ExpressionSyntax left, SemanticModel model, CancellationToken cancellation) =>
        left is IdentifierNameSyntax { Identifier.ValueText: "_" }
        && model.GetSymbolInfo(left, cancellation).Symbol is null or IDiscardSymbol;

    /// <summary>The compiler takes <c>IDisposable</c> in a using declaration, and of other types a ref struct with <c>Dispose()</c>.</summary>
    private static bool CanBeUsed(ITypeSymbol? type, SemanticModel model, int position)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        if (type is null)
            return false;
        if (type.SpecialType == SpecialType.System_IDisposable
            || type.AllInterfaces.Any(implemented => implemented.SpecialType == SpecialType.System_IDisposable))
        {
            return true;
        }
        return type.IsRefLikeType && type.GetMembers("Dispose").OfType<IMethodSymbol>()
            .Any(dispose => dispose.Parameters.IsEmpty && !dispose.IsStatic && dispose.ReturnsVoid && model.IsAccessible(position, dispose));
    }

    /// <summary>
    /// Each local is only asked for its members, never disposed by hand, handed on or assigned again: then the
    /// <c>using</c> disposes it exactly once, and compiles.
    /// </summary>
    private static bool NobodyElseDisposes(LocalDeclarationStatementSyntax statement, SemanticModel model, CancellationToken cancellation)
    {
        if (statement.Declaration.Type is RefTypeSyntax)
            return false;

        SyntaxNode scope = statement.Parent is GlobalStatementSyntax global ? global.Parent! : statement.Parent!;
        foreach (VariableDeclaratorSyntax declarator in statement.Declaration.Variables)
        {
            if (declarator.Initializer is null || model.GetDeclaredSymbol(declarator, cancellation) is not ILocalSymbol local)
                return false;

            foreach (IdentifierNameSyntax use in scope.DescendantNodes().OfType<IdentifierNameSyntax>())
            {
                if (use.Identifier.ValueText == local.Name
                    && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(use, cancellation).Symbol, local)
                    && !IsHarmless(use))
                {
                    return false;
                }
            }
        }
        return true;
    }

    private static bool IsHarmless(IdentifierNameSyntax use) =>
        use.Parent is MemberAccessExpressionSyntax access
        && access.Expression == use
        && access.Name.Identifier.ValueText != "Dispose"
        && !(access.Parent is AssignmentExpressionSyntax assignment && assignment.Left == access);
}
