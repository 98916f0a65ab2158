using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Operators, as C# computes them for the types of their operands.</summary>
internal sealed partial class OperationLowering
{
    private Value LowerUnary(IUnaryOperation unary, Value operand)
    {
        if (unary.OperatorMethod is { } method) return AddCall(unary, method, null, ImmutableArray.Create(operand), method.IsVirtual || method.IsAbstract);
        AddLookup(unary);
        if (unary.IsLifted) return Fresh();
        if (unary.OperatorKind == UnaryOperatorKind.Not) return Fold.Not(operand);
        if (unary.OperatorKind == UnaryOperatorKind.Plus) return operand;
        if (Numbers.WidthOf(unary.Type) is not { } width) return Fresh();
        var value = unary.OperatorKind switch
        {
            UnaryOperatorKind.BitwiseNegation when width is { IsSigned: false, Bits: < 64 } =>
                Fold.Make(Operator.Xor, operand, Constant.Of(unchecked((long)width.Mask))),
            UnaryOperatorKind.BitwiseNegation => Fold.Make(Operator.Complement, operand, null),
            UnaryOperatorKind.Minus => Wrapped(Fold.Make(Operator.Subtract, Constant.Zero, operand), width, unary.IsChecked),
            _ => null,
        };
        return value is null ? Fresh() : Capped(value);
    }

    /// <summary>An operator that assigns. One that is no static method changes the object it is called on.</summary>
    private Value AddOperator(IOperation at, IMethodSymbol method, params Value[] operands)
    {
        bool isVirtual = method.IsVirtual || method.IsAbstract || method.IsOverride;
        if (method.IsStatic) return AddCall(at, method, null, ImmutableArray.Create(operands), isVirtual);
        AddCall(at, method, operands[0], operands.Length > 1 ? ImmutableArray.Create(operands[1]) : ImmutableArray<Value>.Empty, isVirtual);
        return Fresh();
    }

    // Operators, conversions and parentheses nest as deeply as an expression has them: their first operands are walked, not descended.
    private Value LowerSpine(IOperation operation)
    {
        var spine = new Stack<IOperation>();
        var first = operation;
        while (FirstOperand(first) is { } inner)
        {
            spine.Push(first);
            first = inner;
            if (ConstantOf(first) is not null) break;
        }

        if (spine.Count == 0) return LowerLambdaConversion((IConversionOperation)operation);
        var value = Lower(first);
        while (spine.Count > 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            value = spine.Pop() switch
            {
                IBinaryOperation binary => LowerTerm(binary, value),
                IUnaryOperation unary => LowerUnary(unary, value),
                IConversionOperation conversion => LowerConversion(conversion, value),
                _ => value,
            };
        }

        return value;
    }

    private static IOperation? FirstOperand(IOperation operation) => operation switch
    {
        IBinaryOperation binary => FirstTerm(binary),
        IUnaryOperation unary => unary.Operand,
        IConversionOperation { Operand: not IFlowAnonymousFunctionOperation and var operand } => operand,
        IParenthesizedOperation parenthesized => parenthesized.Operand,
        _ => null,
    };

    private static IOperation FirstTerm(IBinaryOperation binary) => IsConcatenation(binary) ? Text(binary.LeftOperand) : binary.LeftOperand;

    /// <summary>One operator, whose left operand is lowered already.</summary>
    private Value LowerTerm(IBinaryOperation binary, Value left)
    {
        if (IsConcatenation(binary))
        {
            var first = Text(binary.LeftOperand);
            if (!IsConcatenation(first)) AddText(first, left, isFormatted: false);
            LowerText(binary.RightOperand);

            // However many parts, it is one string.
            return binary.Parent is { } around && IsConcatenation(around) ? Fresh() : Allocate(binary, "string concatenation");
        }

        int between = _steps.Count;
        var right = Lower(binary.RightOperand);
        if (binary is { Type.TypeKind: TypeKind.Delegate })
        {
            bool isRemoval = binary.OperatorKind == BinaryOperatorKind.Subtract;
            if (isRemoval) RemoveConversions(between);
            return Combined(binary, left, right, isRemoval);
        }

        left = Settled(left, binary.LeftOperand, between);
        if (binary.OperatorMethod is { } method && !WellKnownOperator(method) && !(binary.IsLifted && (left is Constant { Item: null } || right is Constant { Item: null })))
        {
            FlowOperand(method, 0, binary.LeftOperand, left);
            FlowOperand(method, 1, binary.RightOperand, right);
            return AddCall(binary, method, null, ImmutableArray.Create(left, right), method.IsVirtual || method.IsAbstract);
        }

        AddLookup(binary);
        return Combine(binary.OperatorKind, left, right, binary.LeftOperand.Type, binary.Type, binary.IsChecked, binary.IsLifted);
    }

    /// <summary>An operand as it was before the steps that come behind it: if one of them writes to it, it is remembered first.</summary>
    private Value Settled(Value operand, IOperation at, int steps)
    {
        if (operand is Constant) return operand;
        for (int i = steps; i < _steps.Count; i++)
        {
            if (!Writes(_steps[i], operand)) continue;
            int id = _next++;
            var kept = new Symbol(SymbolRole.Temporary, id);
            _steps.Insert(steps, new AssignStep(id, at.Syntax.GetLocation(), kept, operand, null));
            return kept;
        }

        return operand;
    }

    private static bool Writes(Step step, Value operand)
    {
        switch (step)
        {
            case AssignStep assign: return IsPartOf(assign.Place, operand);
            case CallStep call:
                foreach (var place in call.References)
                {
                    if (place is not null && IsPartOf(place, operand)) return true;
                }

                return false;
            default: return false;
        }
    }

    private static bool IsPartOf(Symbol place, Value value) =>
        value.Mentions(part => place.Role == SymbolRole.Field ? part.Role == SymbolRole.Field && Equals(part.Key, place.Key) : part.Equals(place));

    private static bool IsConcatenation(IOperation operation) => operation
        is IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, OperatorMethod: null, Type.SpecialType: SpecialType.System_String }
        or ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add, OperatorMethod: null, Type.SpecialType: SpecialType.System_String };

    // A part of a string is asked for its text and not boxed, although its conversion says object.
    private static IOperation Text(IOperation part) =>
        part is IConversionOperation { IsImplicit: true, OperatorMethod: null, Operand: { } inner } ? inner : part;

    private Value LowerText(IOperation part)
    {
        var asked = Text(part);
        var value = Lower(asked);
        if (!IsConcatenation(asked)) AddText(asked, value, isFormatted: false);
        return value;
    }

    // Comparisons of strings and delegates have no effect, and null tests on them are what the flow wants to see.
    private static bool WellKnownOperator(IMethodSymbol method) =>
        method.ContainingType.SpecialType is SpecialType.System_String or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate;

    private Value Combine(
        BinaryOperatorKind kind, Value left, Value right, ITypeSymbol? operandType, ITypeSymbol? resultType, bool isChecked, bool isLifted)
    {
        var value = kind switch
        {
            BinaryOperatorKind.Equals => Equality(left, right, operandType, isLifted),
            BinaryOperatorKind.NotEquals => Fold.Not(Equality(left, right, operandType, isLifted)),
            BinaryOperatorKind.LessThan => Order(Operator.Less, left, right, operandType, isLifted),
            BinaryOperatorKind.GreaterThan => Order(Operator.Less, right, left, operandType, isLifted),
            BinaryOperatorKind.LessThanOrEqual => Order(Operator.LessOrEqual, left, right, operandType, isLifted),
            BinaryOperatorKind.GreaterThanOrEqual => Order(Operator.LessOrEqual, right, left, operandType, isLifted),

            // With null among the operands the rules are others: (null & false) is false, (null & 0) is null.
            _ when isLifted => null,
            BinaryOperatorKind.And or BinaryOperatorKind.ConditionalAnd => Fold.Make(Operator.And, left, right),
            BinaryOperatorKind.Or or BinaryOperatorKind.ConditionalOr => Fold.Make(Operator.Or, left, right),
            BinaryOperatorKind.ExclusiveOr when Numbers.IsBoolean(resultType) => Fold.Not(Fold.SameCondition(left, right)),
            BinaryOperatorKind.ExclusiveOr => Fold.Make(Operator.Xor, left, right),
            _ when Numbers.WidthOf(resultType) is { } width => Computed(kind, left, right, width, isChecked),
            _ => null,
        };
        return value is null ? Fresh() : Capped(value);
    }

    private Value Equality(Value left, Value right, ITypeSymbol? type, bool isLifted)
    {
        if (DoneAtStatus(left, right, type) is { } done) return done;
        if (Numbers.IsFloating(type) && left is not Constant { Item: null } && right is not Constant { Item: null }) return Fold.Make(Operator.FloatEqual, left, right);
        return Numbers.IsBoolean(type) && !isLifted ? Fold.SameCondition(left, right) : Fold.Equal(left, right);
    }

    private static Value Order(Operator kind, Value left, Value right, ITypeSymbol? type, bool isLifted) =>
        Fold.Compare(kind, left, right, Numbers.WidthOf(type) ?? Width.Int64, !isLifted && !Numbers.IsNullable(type) && Numbers.WidthOf(type) is not null);

    private static Value? Computed(BinaryOperatorKind kind, Value left, Value right, Width width, bool isChecked)
    {
        var computing = Numbers.Promoted(width);
        var value = kind switch
        {
            BinaryOperatorKind.Add => Wrapped(Fold.Make(Operator.Add, left, right), computing, isChecked),
            BinaryOperatorKind.Subtract => Wrapped(Fold.Make(Operator.Subtract, left, right), computing, isChecked),
            BinaryOperatorKind.Multiply => Wrapped(Fold.Make(Operator.Multiply, left, right), computing, isChecked),
            BinaryOperatorKind.Divide when computing != Width.UInt64 => Fold.Make(Operator.Divide, left, right),
            BinaryOperatorKind.Remainder when computing != Width.UInt64 => Fold.Make(Operator.Remainder, left, right),
            BinaryOperatorKind.LeftShift => Fold.Narrow(Fold.Make(Operator.ShiftLeft, left, Count(right, computing)), computing),
            BinaryOperatorKind.RightShift => Fold.Make(computing == Width.UInt64 ? Operator.ShiftRightUnsigned : Operator.ShiftRight, left, Count(right, computing)),
            BinaryOperatorKind.UnsignedRightShift => Fold.Narrow(
                Fold.Make(Operator.ShiftRightUnsigned, Fold.Narrow(left, computing with { IsSigned = false }), Count(right, computing)), computing),
            _ => null,
        };
        return value is null || computing == width ? value : Wrapped(value, width, isChecked);
    }

    private static Value Count(Value count, Width width) => Fold.Make(Operator.And, count, Constant.Of(width.Bits - 1L));

    // Behind a checked operation the result is the exact one, or it is not reached.
    private static Value Wrapped(Value value, Width width, bool isChecked) => isChecked ? value : Fold.Narrow(value, width);

    private Value Capped(Value value) => value.Size > Value.Sizes.Limit ? Fresh() : value;
}
