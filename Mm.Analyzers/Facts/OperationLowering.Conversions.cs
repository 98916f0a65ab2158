using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Conversions: which of them leave a value what it is.</summary>
internal sealed partial class OperationLowering
{
    // An expression tree describes a lambda and never calls it: it is an object, made anew each time.
    private Value LowerLambdaConversion(IConversionOperation conversion) =>
        conversion.OperatorMethod is null && conversion.Type?.TypeKind != TypeKind.Delegate
            ? Allocate(conversion, "an expression tree")
            : LowerConversion(conversion, Lower(conversion.Operand));

    private Value LowerConversion(IConversionOperation conversion, Value value)
    {
        if (conversion.OperatorMethod is { } convert)
        {
            FlowOperand(convert, 0, conversion.Operand, value);
            return AddCall(conversion, convert, null, ImmutableArray.Create(value), convert.IsVirtual || convert.IsAbstract);
        }

        AddLookup(conversion);
        bool boxes = conversion.Operand.Type is { IsValueType: true } from && conversion.Type is { IsReferenceType: true } && !from.IsRefLikeType
            && !conversion.Conversion.IsUserDefined && conversion.Operand.ConstantValue is not { HasValue: true, Value: null };
        if (boxes)
        {
            // What 'using' disposes is disposed where it is; the graphs of older compilers show a box that is never made.
            if (conversion.Parent is IInvocationOperation { IsImplicit: true, TargetMethod.Name: "Dispose" or "DisposeAsync" }) return value;
            var box = Allocate(conversion, "boxing of " + Describe(conversion.Operand.Type), conversion.Operand.Type);

            // A guard in a box is still the guard.
            if (!_store.Contracts.ScopeOf(conversion.Operand.Type).IsEmpty) return value;
            return Numbers.IsNullable(conversion.Operand.Type) ? As(value, conversion.Type!) : box;
        }

        if (value is Symbol number && Numbers.IsNullable(conversion.Type) && conversion.Operand.Type is { IsValueType: true } type && !Numbers.IsNullable(type))
        {
            Add(new LearnStep(_next++, conversion.Syntax.GetLocation(), number));
        }

        return Converted(conversion, value, conversion.Operand.Type, conversion.Type, conversion.IsChecked, IsTried(conversion));
    }

    // 'as' to a type that the operand always has tries nothing.
    private bool IsTried(IConversionOperation conversion) =>
        conversion is { IsTryCast: true, IsImplicit: false, Type: { } to, Operand.Type: { } from } && !IsAlways(from, to);

    private bool IsAlways(ITypeSymbol from, ITypeSymbol to) =>
        _store.Compilation.ClassifyCommonConversion(from, to) is { IsIdentity: true } or { IsImplicit: true, IsReference: true };

    private Value Converted(IOperation at, Value value, ITypeSymbol? from, ITypeSymbol? to, bool isChecked, bool isTried = false)
    {
        if (from is null || to is null || value is Constant { Item: null }) return value;

        // The graph enumerates a table of flags or tuples as if each were in a box.
        if (!from.IsValueType && (value is Symbol { Key: BitMask } || to.IsTupleType && value is Symbol { Role: SymbolRole.Fresh, Key: Element })) return value;
        if (from.IsTupleType && to is INamedTypeSymbol { IsTupleType: true } asTuple) return ConvertedTuple(at, value, (INamedTypeSymbol)from, asTuple, isChecked);
        if (isTried) return to.IsValueType ? As(value, to) : Capped(Fold.Make(Operator.TryCast, value, Constant.Of(to)));
        if (!from.IsValueType && !to.IsValueType || Same(Numbers.Underlying(from), Numbers.Underlying(to))) return value;
        var (source, target) = (Numbers.WidthOf(from), Numbers.WidthOf(to));
        if (source is { } given && target is { } asked)
        {
            if (isChecked || asked.Includes(given)) return value;
            return Numbers.IsNullable(from) && Numbers.IsNullable(to) ? As(value, to) : Capped(Fold.Narrow(value, asked));
        }

        // An address is the same, whatever it is said to point to.
        if (IsAddress(from) && IsAddress(to) && (from.TypeKind == TypeKind.Pointer || to.TypeKind == TypeKind.Pointer)) return value;

        // As wide as the machine's words: 32 bits at least, 64 at most.
        bool isWord = source is { } small && to.SpecialType == SpecialType.System_IntPtr && Width.Int32.Includes(small)
            || source is { } natural && to.SpecialType == SpecialType.System_UIntPtr && Width.UInt32.Includes(natural)
            || target is { Bits: 64 } && from.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr;
        return isWord || from.TypeKind == TypeKind.TypeParameter || to.TypeKind == TypeKind.TypeParameter ? value : As(value, to);
    }

    private static bool IsAddress(ITypeSymbol type) => type is { TypeKind: TypeKind.Pointer or TypeKind.FunctionPointer }
        or { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Int64 or SpecialType.System_UInt64 };

    private static bool Same(ITypeSymbol? left, ITypeSymbol? right) => SymbolEqualityComparer.Default.Equals(left, right);

    /// <summary>The value in another representation: always the same for the same value, and otherwise unknown.</summary>
    private Value As(Value value, ITypeSymbol type) => Capped(Fold.Make(Operator.Convert, value, Constant.Of(type)));
}
