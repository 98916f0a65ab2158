using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Arrays of handlers in locals that are only read: a constant index names the one that was written there.</summary>
internal sealed partial class OperationLowering
{
    // By local, how many elements it has.
    private Dictionary<ILocalSymbol, int>? _tables;

    /// <summary>What a local starts with; the elements of a table are remembered.</summary>
    private Value LowerInitial(ISimpleAssignmentOperation assignment)
    {
        if (assignment is not { Syntax: VariableDeclaratorSyntax declarator, Target: ILocalReferenceOperation { Local: { RefKind: RefKind.None, Type: IArrayTypeSymbol { Rank: 1 } type } local } }
            || !IsFunction(type.ElementType) || !IsOwn(local.ContainingSymbol) || !IsWrittenOut(declarator.Initializer?.Value) || !ConstantArrays.IsOnlyRead(declarator, _cancellation)) return Lower(assignment.Value);
        var outer = _listed;
        _listed = ImmutableArray.CreateBuilder<Value>();
        var value = Lower(assignment.Value);
        var elements = _listed;
        _listed = outer;
        (_tables ??= new Dictionary<ILocalSymbol, int>(SymbolEqualityComparer.Default))[local] = elements.Count;
        for (int i = 0; i < elements.Count; i++) Add(new AssignStep(_next++, assignment.Syntax.GetLocation(), Cell(local, i), elements[i], null));
        return value;
    }

    /// <summary>The handler under a constant index of such a table; null of all else.</summary>
    private Symbol? CellOf(IArrayElementReferenceOperation element) =>
        _tables is not null && element is { ArrayReference: ILocalReferenceOperation { Local: var local }, Indices: { Length: 1 } indices } && indices[0].ConstantValue is { HasValue: true, Value: int index }
            && _tables.TryGetValue(local, out int count) && index >= 0 && index < count ? Cell(local, index) : null;

    private static Symbol Cell(ILocalSymbol table, int index) => new(SymbolRole.Temporary, 0, (table, index));

    /// <summary>A parameter, or a local that starts as a new array, over which a loop goes; null of all else.</summary>
    public Value? WalkedOver(IOperation sequence) => sequence switch
    {
        IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => PlaceOf(parameter),
        ILocalReferenceOperation { Local: { RefKind: RefKind.None, DeclaringSyntaxReferences: { Length: 1 } declared } local } when declared[0].GetSyntax(_cancellation) is VariableDeclaratorSyntax
        {
            Initializer.Value: ArrayCreationExpressionSyntax or CollectionExpressionSyntax or InvocationExpressionSyntax { ArgumentList.Arguments.Count: 0, Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Empty" } }
        } => PlaceOf(local),
        _ => null,
    };

    private static bool IsWrittenOut(ExpressionSyntax? value)
    {
        switch (value)
        {
            case ArrayCreationExpressionSyntax { Initializer: not null } or ImplicitArrayCreationExpressionSyntax or InitializerExpressionSyntax: return true;
            case CollectionExpressionSyntax collection:
                foreach (var element in collection.Elements)
                {
                    if (element is not ExpressionElementSyntax) return false;
                }

                return true;
            default: return false;
        }
    }
}
