using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Code of which no exception can come: it does no more than moving values between variables.</summary>
internal static class QuietOperations
{
    /// <summary>Whether nothing in the region can throw, so that no handler of it ever runs.</summary>
    public static bool Fill(ControlFlowGraph graph, ControlFlowRegion region)
    {
        for (int ordinal = region.FirstBlockOrdinal; ordinal <= region.LastBlockOrdinal; ordinal++)
        {
            var block = graph.Blocks[ordinal];
            if (block.FallThroughSuccessor?.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow or ControlFlowBranchSemantics.Error) return false;
            if (block.BranchValue is { } value && !IsOne(value)) return false;
            foreach (var operation in block.Operations)
            {
                if (!IsOne(operation)) return false;
            }
        }

        return true;
    }

    private static bool IsOne(IOperation operation)
    {
        if (operation.ConstantValue.HasValue) return true;
        switch (operation)
        {
            case ILocalReferenceOperation { Local.IsRef: false } or IParameterReferenceOperation or IFlowCaptureReferenceOperation or IInstanceReferenceOperation or IDefaultValueOperation or IDiscardOperation: return true;
            case IExpressionStatementOperation { Operation: var statement }: return IsOne(statement);
            case IParenthesizedOperation { Operand: var inner }: return IsOne(inner);
            case IFlowCaptureOperation { Value: var captured }: return IsOne(captured);
            case IIsNullOperation { Operand: var tested }: return IsOne(tested);
            case IConversionOperation { OperatorMethod: null, IsChecked: false, Conversion: { IsImplicit: true, IsUserDefined: false }, Operand: var converted }: return IsOne(converted);
            case ISimpleAssignmentOperation { IsRef: false, Target: var target, Value: var value }:
                return target is ILocalReferenceOperation or IParameterReferenceOperation or IDiscardOperation && IsOne(target) && IsOne(value);
            case IUnaryOperation { OperatorMethod: null, IsChecked: false, Operand: var operand, Type.TypeKind: not TypeKind.Dynamic }: return IsOne(operand);
            case IBinaryOperation
            {
                OperatorMethod: null, IsChecked: false, LeftOperand: var left, RightOperand: var right, Type: { TypeKind: not TypeKind.Dynamic, SpecialType: not SpecialType.System_String },
                OperatorKind: not (BinaryOperatorKind.Divide or BinaryOperatorKind.IntegerDivide or BinaryOperatorKind.Remainder),
            }: return left.Type?.TypeKind != TypeKind.Dynamic && right.Type?.TypeKind != TypeKind.Dynamic && IsOne(left) && IsOne(right);
            default: return false;
        }
    }
}
