using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Patterns as conditions; the getters and Deconstruct methods that they call are calls.</summary>
internal sealed partial class OperationLowering
{
    private Value LowerPattern(IPatternOperation pattern, Value input) => LowerPattern(pattern, input, pattern.InputType);

    /// <summary>Whether the value matches. The type is that of the variable: a number in an object matches only one of its own type.</summary>
    private Value LowerPattern(IPatternOperation pattern, Value input, ITypeSymbol? type)
    {
        switch (pattern)
        {
            case IDiscardPatternOperation:
                return Constant.True;
            case IConstantPatternOperation constant:
                var asked = Lower(constant.Value);
                return DoneAtStatus(input, asked, type) ?? LowerConstant(asked, constant.Value.Type, input, type);
            case INegatedPatternOperation negated:
                return Fold.Not(LowerPattern(negated.Pattern, input, type));
            case IBinaryPatternOperation binary:
                var left = LowerPattern(binary.LeftPattern, input, type);
                var right = LowerPattern(binary.RightPattern, input, type);
                return Capped(Fold.Make(binary.OperatorKind == BinaryOperatorKind.Or ? Operator.Or : Operator.And, left, right));
            case IRelationalPatternOperation relational:
                var bound = Lower(relational.Value);
                var number = relational.Value.Type;
                if (Numbers.IsPlain(type)) return Combine(relational.OperatorKind, input, bound, number, null, isChecked: false, isLifted: Numbers.IsNullable(type));
                var holds = Combine(relational.OperatorKind, As(input, number!), bound, number, null, isChecked: false, isLifted: false);
                return Capped(Fold.Make(Operator.And, Fold.Make(Operator.IsType, input, Constant.Of(number)), holds));
            case ITypePatternOperation ofType:
                return IsOfType(input, type, ofType.MatchedType);
            case IDeclarationPatternOperation declaration:
                Bind(pattern, declaration.DeclaredSymbol, declaration.MatchedType is { } matched ? Unboxed(input, type, matched) : input);
                return declaration.MatchesNull || declaration.MatchedType is null ? Constant.True : IsOfType(input, type, declaration.MatchedType);
            case IListPatternOperation list:
                return LowerList(list, Unboxed(input, type, list.NarrowedType));
            case ISlicePatternOperation slice:
                var member = slice.SliceSymbol is IPropertySymbol range ? range.GetMethod : slice.SliceSymbol as IMethodSymbol;
                var rest = member is null ? Fresh() : AddMember(slice, member, input, null);
                return slice.Pattern is null ? Constant.True : LowerPattern(slice.Pattern, rest);
            case IRecursivePatternOperation recursive:
                return LowerRecursive(recursive, input, type);
            default:
                LowerChildren(pattern);
                return Fresh();
        }
    }

    private Value LowerList(IListPatternOperation list, Value input)
    {
        Bind(list, list.DeclaredSymbol, input);
        if (list.LengthSymbol is IPropertySymbol { GetMethod: { } length }) AddMember(list, length, input, null);
        // Up to a slice the index is where the pattern stands; behind it the length decides.
        bool isCounted = list.IndexerSymbol is IPropertySymbol { Parameters: { Length: 1 } at } && at[0].Type.SpecialType == SpecialType.System_Int32;
        for (int i = 0; i < list.Patterns.Length; i++)
        {
            var sub = list.Patterns[i];
            isCounted &= sub is not ISlicePatternOperation;
            if (sub is IDiscardPatternOperation) continue;
            var part = input;
            if (sub is not ISlicePatternOperation)
            {
                Value index = isCounted ? Constant.Of(i) : Fresh();
                part = list.IndexerSymbol is IPropertySymbol { GetMethod: { } getter }
                    ? AddCall(list, getter, input, ImmutableArray.Create(index), IsVirtualCall(getter, null))
                    : Fresh();
            }

            LowerPattern(sub, part);
        }

        return Fresh();
    }

    private Value LowerRecursive(IRecursivePatternOperation recursive, Value input, ITypeSymbol? type)
    {
        var matches = IsOfType(input, type, recursive.MatchedType);
        input = Unboxed(input, type, recursive.MatchedType);
        Bind(recursive, recursive.DeclaredSymbol, input);
        if (recursive is { DeconstructSymbol: null, InputType: INamedTypeSymbol { IsTupleType: true } tuple } && !recursive.DeconstructionSubpatterns.IsEmpty)
        {
            return LowerTuplePattern(recursive, tuple, input);
        }

        var parts = recursive.DeconstructSymbol is IMethodSymbol deconstruct ? AddDeconstruct(recursive, deconstruct, input) : ImmutableArray<Symbol?>.Empty;
        int first = parts.Length - recursive.DeconstructionSubpatterns.Length;
        for (int i = 0; i < recursive.DeconstructionSubpatterns.Length; i++)
        {
            LowerPattern(recursive.DeconstructionSubpatterns[i], first >= 0 && parts[first + i] is { } part ? part : Fresh());
        }

        foreach (var sub in recursive.PropertySubpatterns)
        {
            Value part = sub.Member switch
            {
                IPropertyReferenceOperation { Property: var latch } when (LatchOf(latch, input) ?? LastingValues.Of(latch, input)) is { } lasting => lasting,
                IPropertyReferenceOperation { Property: var bundled } when Bundles.PartOf(bundled) is { } element => TupleValue.Element(input, element),
                IPropertyReferenceOperation { Property: { GetMethod: { } getter } property } =>
                    IsStored(property) && !SaysMore(getter) && !_store.Contracts.Of(getter).SpeaksOfEffects || AddGetter(sub, getter, input, recursive.NarrowedType) is null
                        ? new Symbol(SymbolRole.Field, 0, property.OriginalDefinition, input)
                        : Symbol.Result(_steps[_steps.Count - 1].Id),
                IFieldReferenceOperation field => ElementOf(field.Field) is { } item ? TupleValue.Element(input, item) : new Symbol(SymbolRole.Field, 0, field.Field.OriginalDefinition, input),
                _ => Fresh(),
            };
            matches = Capped(Fold.Make(Operator.And, matches, LowerPattern(sub.Pattern, part, sub.Member.Type)));
        }

        return recursive.DeconstructionSubpatterns.IsEmpty ? matches : Capped(Fold.Make(Operator.And, matches, Fresh()));
    }

    // Asked of what it was found to be: a sealed class has its own.
    private Value AddGetter(IOperation at, IMethodSymbol getter, Value input, ITypeSymbol type)
    {
        var result = AddCall(at, getter, input, ImmutableArray<Value>.Empty, IsVirtualCall(getter, null));
        ((CallStep)_steps[_steps.Count - 1]).ReceiverType = Numbers.Underlying(type) ?? type;
        return result;
    }

    private Value LowerTuplePattern(IRecursivePatternOperation recursive, INamedTypeSymbol tuple, Value input)
    {
        Value matches = Constant.True;
        for (int i = 0; i < recursive.DeconstructionSubpatterns.Length; i++)
        {
            var part = LowerPattern(recursive.DeconstructionSubpatterns[i], TupleValue.Element(input, new TupleElement(i, tuple.TupleElements.Length)), tuple.TupleElements[i].Type);
            matches = Capped(Fold.Make(Operator.And, part, matches));
        }

        return recursive.PropertySubpatterns.IsEmpty ? matches : Capped(Fold.Make(Operator.And, matches, Fresh()));
    }

    private Value LowerConstant(Value constant, ITypeSymbol? constantType, Value input, ITypeSymbol? type)
    {
        if (constant is not Constant { Item: { } item }) return constant is Constant ? Fold.Equal(input, constant) : Fresh();
        if (!Numbers.IsPlain(type))
        {
            // The text of a span is compared, and it may change.
            if (type is { IsRefLikeType: true } || constantType is null) return Fresh();
            return Fold.Equal(input, item is string ? constant : Constant.Of(new Boxed(constantType, item)));
        }

        return Numbers.IsBoolean(type) && !Numbers.IsNullable(type) ? Fold.SameCondition(input, constant) : Fold.Equal(input, constant);
    }

    /// <summary>Of a variable that can hold nothing else, only null is not of the type.</summary>
    private Value IsOfType(Value input, ITypeSymbol? type, ITypeSymbol matched)
    {
        if (type is null) return Fold.Make(Operator.IsType, input, Constant.Of(matched));
        if (Same(Numbers.Underlying(type), matched) && type.IsValueType) return Numbers.IsNullable(type) ? Fold.Not(Fold.Equal(input, Constant.Null)) : Constant.True;
        return IsAlways(type, matched) ? Fold.Not(Fold.Equal(input, Constant.Null)) : Fold.Make(Operator.IsType, input, Constant.Of(matched));
    }

    private Value Unboxed(Value input, ITypeSymbol? type, ITypeSymbol matched) =>
        matched.IsValueType && type is { IsValueType: false } and not ITypeParameterSymbol ? As(input, matched) : input;

    private void Bind(IOperation at, ISymbol? declared, Value input)
    {
        if (declared is ILocalSymbol local) Add(new AssignStep(_next++, at.Syntax.GetLocation(), PlaceOf(local), input, null));
    }
}
