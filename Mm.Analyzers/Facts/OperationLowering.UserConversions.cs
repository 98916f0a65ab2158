using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Conversions of ours that nobody writes: of a part of a tuple, around an operator, of what a comparison answers.</summary>
internal sealed partial class OperationLowering
{
    private Value ConvertedBy(IOperation at, IMethodSymbol? conversion, Value value) =>
        conversion is null ? value : AddCall(at, conversion, null, ImmutableArray.Create(value), conversion.IsVirtual || conversion.IsAbstract);

    private IMethodSymbol? ConversionBetween(ITypeSymbol? from, ITypeSymbol? to) =>
        from is null || to is null || Same(from, to) ? null : _store.Compilation.ClassifyConversion(from, to).MethodSymbol;

    private Value ConvertedTuple(IOperation at, Value tuple, INamedTypeSymbol from, INamedTypeSymbol to, bool isChecked)
    {
        int count = from.TupleElements.Length;
        var converted = tuple;
        for (int i = 0; i < count && i < to.TupleElements.Length; i++)
        {
            var element = new TupleElement(i, count);
            var item = TupleValue.Element(tuple, element);
            var (given, asked) = (from.TupleElements[i].Type, to.TupleElements[i].Type);
            var result = ConversionBetween(given, asked) is { } conversion ? ConvertedBy(at, conversion, item) : Converted(at, item, given, asked, isChecked);
            if (!result.Equals(item)) converted = TupleValue.Exchange(converted, element, result);
        }

        return Capped(converted);
    }

    /// <summary>What a comparison of parts answers, as a truth: by a conversion, or else by what '==' asks for a false and '!=' for a true part.</summary>
    private Value Truth(IOperation at, IMethodSymbol comparison, Value answer, bool isEquality)
    {
        var type = comparison.ReturnType;
        if (type.SpecialType == SpecialType.System_Boolean) return answer;
        if (_store.Compilation.ClassifyConversion(type, _store.Compilation.GetSpecialType(SpecialType.System_Boolean)) is { IsImplicit: true, MethodSymbol: { } conversion }) return ConvertedBy(at, conversion, answer);
        if (Member(type, isEquality ? WellKnownMemberNames.FalseOperatorName : WellKnownMemberNames.TrueOperatorName, 1) is not { } decided) return answer;
        var holds = ConvertedBy(at, decided, answer);
        return isEquality ? Fold.Not(holds) : holds;
    }

    /// <summary>A number that '++' makes of a value of ours, and the way back, where the type has no such operator itself.</summary>
    private void AddStepConversions(IIncrementOrDecrementOperation increment, Value value)
    {
        if (!IsConvertedToStep(_store, increment)) return;
        for (var type = Underlying(increment.Target.Type); type is not null; type = type.BaseType)
        {
            foreach (var member in type.GetMembers(WellKnownMemberNames.ImplicitConversionName))
            {
                if (member is not IMethodSymbol { ReturnType: { SpecialType: >= SpecialType.System_Char and <= SpecialType.System_Double } number } conversion) continue;
                ConvertedBy(increment, ConversionBetween(number, increment.Target.Type), ConvertedBy(increment, conversion, value));
                return;
            }
        }
    }

    internal static bool IsConvertedToStep(BodyStore store, IIncrementOrDecrementOperation increment) =>
        increment.OperatorMethod is null && Underlying(increment.Target.Type) is INamedTypeSymbol { TypeKind: TypeKind.Struct or TypeKind.Class } type && store.IsSource(type);
}
