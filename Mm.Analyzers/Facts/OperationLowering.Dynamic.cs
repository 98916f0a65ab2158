using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Operators and conversions that are looked up when the program runs: they may be anybody's.</summary>
internal sealed partial class OperationLowering
{
    internal static bool IsLookedUp(IOperation operation) => operation switch
    {
        IBinaryOperation { OperatorMethod: null } binary => IsDynamic(binary.LeftOperand) || IsDynamic(binary.RightOperand),
        IUnaryOperation { OperatorMethod: null } unary => IsDynamic(unary.Operand),
        ICompoundAssignmentOperation { OperatorMethod: null } compound => IsDynamic(compound.Target) || IsDynamic(compound.Value),
        IIncrementOrDecrementOperation { OperatorMethod: null } increment => IsDynamic(increment.Target),
        IConversionOperation { OperatorMethod: null, IsTryCast: false, Type: { TypeKind: not TypeKind.Dynamic, SpecialType: not SpecialType.System_Object } } conversion =>
            IsDynamic(conversion.Operand),
        _ => false,
    };

    private static bool IsDynamic(IOperation operation) => operation.Type is { TypeKind: TypeKind.Dynamic };

    // What is done with the result of a dynamic call is as unknown as the call, and said with it.
    private void AddLookup(IOperation operation)
    {
        if (!IsLookedUp(operation)) return;
        foreach (var operand in operation.ChildOperations)
        {
            if (IsUnknownAlready(operand)) return;
        }

        Add(new UnknownStep(_next++, operation.Syntax.GetLocation(), operation is IConversionOperation ? "a dynamic conversion" : "a dynamic operator"));
    }

    private static bool IsUnknownAlready(IOperation operand)
    {
        while (operand is IParenthesizedOperation or IConversionOperation { Type.TypeKind: TypeKind.Dynamic })
        {
            operand = operand is IParenthesizedOperation parenthesized ? parenthesized.Operand : ((IConversionOperation)operand).Operand;
        }

        return operand is IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicObjectCreationOperation or IDynamicIndexerAccessOperation
            || IsLookedUp(operand);
    }
}
