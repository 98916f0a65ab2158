using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>The handlers of a delegate, one by one: each of them is what the delegate is.</summary>
internal sealed partial class OperationLowering
{
    private const int HandlerSteps = 8;

    /// <summary>The delegate or event of which an expression lists the handlers; null where it does not.</summary>
    private ExpressionSyntax? HandlersBehind(SemanticModel model, ExpressionSyntax? expression)
    {
        for (int step = 0; step < HandlerSteps; step++)
        {
            switch (expression)
            {
                case ParenthesizedExpressionSyntax inner:
                    expression = inner.Expression;
                    break;
                case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } asserted:
                    expression = asserted.Operand;
                    break;
                case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either:
                    expression = either.Left;
                    break;
                case ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: "GetInvocationList" } } } tested:
                    return tested.Expression;
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } invocation:
                    switch (called.Name.Identifier.ValueText)
                    {
                        case "GetInvocationList": return called.Expression;
                        case "EnumerateInvocationList" when invocation.ArgumentList.Arguments.Count == 1: return invocation.ArgumentList.Arguments[0].Expression;
                        case "Cast" or "OfType" or "Reverse" or "ToArray" or "ToList" or "AsSpan":
                            expression = called.Expression;
                            break;
                        default: return null;
                    }

                    break;
                case IdentifierNameSyntax name when model.GetSymbolInfo(name, _cancellation).Symbol is ILocalSymbol { DeclaringSyntaxReferences: { Length: 1 } declared }
                    && declared[0].GetSyntax(_cancellation) is VariableDeclaratorSyntax { Initializer.Value: { } value }:
                    expression = value;
                    break;
                default: return null;
            }
        }

        return null;
    }

    private Symbol? HandlersIn(IOperation array)
    {
        if (Unconverted(array).Syntax is not ExpressionSyntax expression) return null;
        var model = _store.ModelOf(expression.SyntaxTree);
        return HandlersBehind(model, expression) is { } raised ? PlaceNamed(model, raised) : null;
    }
}
