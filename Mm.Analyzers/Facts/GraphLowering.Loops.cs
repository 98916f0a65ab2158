using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// What runs in a counting loop runs only if the condition held before the first turn, and what runs in one over an array only if there is
/// something in it: that hangs on what the caller has passed, not on the turn.
/// </summary>
internal sealed partial class GraphLowering
{
    private Value WithFirstTurn(IOperation asked, Value condition)
    {
        SyntaxNode part = asked.Syntax;
        if (part is CommonForEachStatementSyntax or { Parent: CommonForEachStatementSyntax })
        {
            var each = part as CommonForEachStatementSyntax ?? (CommonForEachStatementSyntax)part.Parent!;
            var walked = each.Expression is IdentifierNameSyntax ? _store.ModelOf(each.SyntaxTree).GetOperation(each.Expression, _cancellation) : null;
            return walked?.Type is IArrayTypeSymbol or { SpecialType: SpecialType.System_String } && _operations.WalkedOver(walked) is { } sequence && LastingValues.LengthOf(walked.Type, sequence) is { } length
                ? Fold.Make(Operator.And, condition, Fold.Make(Operator.Less, Constant.Zero, length)) : condition;
        }

        while (part.Parent is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression } or ParenthesizedExpressionSyntax) part = part.Parent;
        if (part.Parent is not ForStatementSyntax { Declaration.Variables: { Count: 1 } variables } loop || loop.Condition != part || condition is not Operation { Kind: Operator.Less or Operator.LessOrEqual }) return condition;
        if (!condition.Mentions(static symbol => symbol.Role == SymbolRole.Parameter) && variables[0].Initializer?.Value is not IdentifierNameSyntax) return condition;
        if (variables[0].Initializer is not { Value: var start } || _store.ModelOf(loop.SyntaxTree).GetDeclaredSymbol(variables[0], _cancellation) is not { } counter) return condition;
        if (_operations.StartOf(start) is not { } from) return condition;
        var first = condition.Substitute(symbol => symbol is { Role: SymbolRole.Local, Key: ISymbol local } && SymbolEqualityComparer.Default.Equals(local, counter) ? from : symbol);
        bool isOfCaller = !first.Equals(condition) && first is Operation && !first.Mentions(static symbol => !(symbol is { Role: SymbolRole.Parameter, Index: >= 0 } || LastingValues.IsOne(symbol) && symbol.Parent is Symbol { Role: SymbolRole.Parameter, Parent: null }));
        return isOfCaller ? Fold.Make(Operator.And, condition, first) : condition;
    }
}
