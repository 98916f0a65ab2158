using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Patterns as conditions; the getters and Deconstruct methods that they call are calls.</summary>
internal sealed partial class OperationLowering
{
    private Value LowerPattern(IPatternOperation pattern, Value input)
    {
        switch (pattern)
        {
            case IDiscardPatternOperation:
                return Constant.True;
            case IConstantPatternOperation constant:
                return Fold.Equal(input, Lower(constant.Value));
            case INegatedPatternOperation negated:
                return Fold.Not(LowerPattern(negated.Pattern, input));
            case IBinaryPatternOperation binary:
                return Combine(binary.OperatorKind, LowerPattern(binary.LeftPattern, input), LowerPattern(binary.RightPattern, input));
            case IRelationalPatternOperation relational:
                return Combine(relational.OperatorKind, input, Lower(relational.Value));
            case ITypePatternOperation type:
                return Fold.Make(Operator.IsType, input, Constant.Of(type.MatchedType));
            case IDeclarationPatternOperation declaration:
                Bind(pattern, declaration.DeclaredSymbol, input);
                return declaration.MatchesNull ? Constant.True : Fold.Make(Operator.IsType, input, Constant.Of(declaration.MatchedType));
            case IListPatternOperation list:
                return LowerList(list, input);
            case ISlicePatternOperation slice:
                var member = slice.SliceSymbol is IPropertySymbol range ? range.GetMethod : slice.SliceSymbol as IMethodSymbol;
                var rest = member is null ? Fresh() : AddMember(slice, member, input, null);
                return slice.Pattern is null ? Constant.True : LowerPattern(slice.Pattern, rest);
            case IRecursivePatternOperation recursive:
                return LowerRecursive(recursive, input);
            default:
                LowerChildren(pattern);
                return Fresh();
        }
    }

    private Value LowerList(IListPatternOperation list, Value input)
    {
        Bind(list, list.DeclaredSymbol, input);
        if (list.LengthSymbol is IPropertySymbol { GetMethod: { } length }) AddMember(list, length, input, null);
        foreach (var sub in list.Patterns)
        {
            if (sub is IDiscardPatternOperation) continue;
            var part = input;
            if (sub is not ISlicePatternOperation)
            {
                part = list.IndexerSymbol is IPropertySymbol { GetMethod: { } getter } ? AddMember(list, getter, input, null) : Fresh();
            }

            LowerPattern(sub, part);
        }

        return Fresh();
    }

    private Value LowerRecursive(IRecursivePatternOperation recursive, Value input)
    {
        Bind(recursive, recursive.DeclaredSymbol, input);
        if (recursive is { DeconstructSymbol: null, InputType: INamedTypeSymbol { IsTupleType: true } tuple } && !recursive.DeconstructionSubpatterns.IsEmpty)
        {
            return LowerTuplePattern(recursive, tuple, input);
        }

        Value matches = Fold.Not(Fold.Equal(input, Constant.Null));
        if (recursive.DeconstructSymbol is IMethodSymbol deconstruct)
        {
            AddCall(recursive, deconstruct, input, ImmutableArray<Value>.Empty, deconstruct.IsVirtual || deconstruct.IsAbstract);
        }

        foreach (var sub in recursive.DeconstructionSubpatterns) LowerPattern(sub, Fresh());
        foreach (var sub in recursive.PropertySubpatterns)
        {
            Value part = sub.Member switch
            {
                IPropertyReferenceOperation { Property: { GetMethod: { } getter } property } =>
                    IsFixed(property) || AddCall(sub, getter, input, ImmutableArray<Value>.Empty, getter.IsVirtual || getter.IsAbstract) is null
                        ? new Symbol(SymbolRole.Field, 0, property.OriginalDefinition, input)
                        : Symbol.Result(_steps[_steps.Count - 1].Id),
                IFieldReferenceOperation field => new Symbol(SymbolRole.Field, 0, field.Field.OriginalDefinition, input),
                _ => Fresh(),
            };
            matches = Combine(BinaryOperatorKind.And, matches, LowerPattern(sub.Pattern, part));
        }

        return recursive.DeconstructionSubpatterns.IsEmpty ? matches : Combine(BinaryOperatorKind.And, matches, Fresh());
    }

    private Value LowerTuplePattern(IRecursivePatternOperation recursive, INamedTypeSymbol tuple, Value input)
    {
        Value matches = Constant.True;
        for (int i = 0; i < recursive.DeconstructionSubpatterns.Length; i++)
        {
            var part = LowerPattern(recursive.DeconstructionSubpatterns[i], TupleValue.Element(input, new TupleElement(i, tuple.TupleElements.Length)));
            matches = Combine(BinaryOperatorKind.And, part, matches);
        }

        return recursive.PropertySubpatterns.IsEmpty ? matches : Combine(BinaryOperatorKind.And, matches, Fresh());
    }

    private void Bind(IOperation at, ISymbol? declared, Value input)
    {
        if (declared is ILocalSymbol local) Add(new AssignStep(_next++, at.Syntax.GetLocation(), PlaceOf(local), input, null));
    }
}
