using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Tuples: making, comparing, writing a part of one, and taking apart.</summary>
internal sealed partial class OperationLowering
{
    private Value LowerTuple(ITupleOperation tuple) => new TupleValue(tuple.Elements.Select(Lower).ToImmutableArray());

    private static TupleElement? ElementOf(IFieldSymbol field)
    {
        if (field.ContainingType is not { IsTupleType: true } type) return null;
        var item = field.CorrespondingTupleField ?? field;
        for (int i = 0; i < type.TupleElements.Length; i++)
        {
            // By name: the fields of a tuple that was written out are not those of its type.
            var element = type.TupleElements[i];
            if (element.Name == field.Name || (element.CorrespondingTupleField ?? element).Name == item.Name) return new TupleElement(i, type.TupleElements.Length);
        }

        return null;
    }

    /// <summary>Writing a part of a tuple writes the whole: the variable holds another tuple from there on.</summary>
    private static (Symbol Place, Value Value) WholeOf(Symbol place, Value value)
    {
        while (place is { Key: TupleElement element, Parent: Symbol whole })
        {
            value = TupleValue.Exchange(whole, element, value);
            place = whole;
        }

        return (place, value);
    }

    private Value LowerTupleComparison(ITupleBinaryOperation comparison)
    {
        var left = Lower(comparison.LeftOperand);
        var right = Lower(comparison.RightOperand);
        var equal = Compare(comparison, left, comparison.LeftOperand.Type, right, comparison.RightOperand.Type);
        return comparison.OperatorKind == BinaryOperatorKind.NotEquals ? Fold.Not(equal) : equal;
    }

    private Value Compare(ITupleBinaryOperation at, Value left, ITypeSymbol? leftType, Value right, ITypeSymbol? rightType)
    {
        if (leftType is INamedTypeSymbol { IsTupleType: true } a && rightType is INamedTypeSymbol { IsTupleType: true } b)
        {
            Value all = Constant.True;
            for (int i = 0; i < a.TupleElements.Length && i < b.TupleElements.Length; i++)
            {
                var element = new TupleElement(i, a.TupleElements.Length);
                var part = Compare(at, TupleValue.Element(left, element), a.TupleElements[i].Type, TupleValue.Element(right, element), b.TupleElements[i].Type);
                all = Capped(Fold.Make(Operator.And, part, all));
            }

            return all;
        }

        string name = at.OperatorKind == BinaryOperatorKind.NotEquals ? WellKnownMemberNames.InequalityOperatorName : WellKnownMemberNames.EqualityOperatorName;
        if (Comparison(name, leftType, rightType) is not { } method) return Equality(left, right, leftType, Numbers.IsNullable(leftType) || Numbers.IsNullable(rightType));
        bool isEquality = at.OperatorKind != BinaryOperatorKind.NotEquals;
        left = ConvertedBy(at, ConversionBetween(Underlying(leftType), method.Parameters[0].Type), left);
        right = ConvertedBy(at, ConversionBetween(Underlying(rightType), method.Parameters[1].Type), right);
        var result = Truth(at, method, AddCall(at, method, null, ImmutableArray.Create(left, right), isVirtual: false), isEquality);
        return isEquality ? result : Fold.Not(result);
    }

    /// <summary>The operator of ours that compares two parts; the operation does not name it.</summary>
    private IMethodSymbol? Comparison(string name, ITypeSymbol? left, ITypeSymbol? right)
    {
        IMethodSymbol? convertible = null;
        foreach (var type in new[] { left, right })
        {
            for (var holder = Underlying(type); holder is not null && _store.IsSource(holder); holder = holder.BaseType)
            {
                foreach (var method in holder.GetMembers(name).OfType<IMethodSymbol>())
                {
                    if (method.Parameters.Length != 2 || !Takes(method.Parameters[0], left) || !Takes(method.Parameters[1], right)) continue;
                    if (SymbolEqualityComparer.Default.Equals(method.Parameters[0].Type, left) && SymbolEqualityComparer.Default.Equals(method.Parameters[1].Type, right)) return method;
                    convertible ??= method;
                }
            }
        }

        return convertible;
    }

    private static ITypeSymbol? Underlying(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    private bool Takes(IParameterSymbol parameter, ITypeSymbol? type) =>
        Underlying(type) is { } given && _store.Compilation.ClassifyConversion(given, parameter.Type) is { Exists: true, IsImplicit: true };

    /// <summary>All values are there before the first target is written: '(a, b) = (b, a)' exchanges.</summary>
    private Value LowerDeconstruction(IDeconstructionAssignmentOperation deconstruction)
    {
        var model = _store.ModelOf(deconstruction.Syntax.SyntaxTree);
        var info = deconstruction.Syntax switch
        {
            AssignmentExpressionSyntax assignment => model.GetDeconstructionInfo(assignment),
            { Parent: ForEachVariableStatementSyntax loop } => model.GetDeconstructionInfo(loop),
            _ => default,
        };
        var parts = new List<(IOperation Target, Value Value)>();
        Distribute(deconstruction, deconstruction.Target, deconstruction.Value, info, parts);
        foreach (var (target, value) in parts) WritePart(deconstruction, target, value);
        return Fresh();
    }

    private void Distribute(IOperation at, IOperation target, IOperation source, DeconstructionInfo info, List<(IOperation Target, Value Value)> parts)
    {
        if (target is IDeclarationExpressionOperation declaration) target = declaration.Expression;
        if (target is ITupleOperation targets && Written(source) is ITupleOperation values && targets.Elements.Length == values.Elements.Length)
        {
            for (int i = 0; i < targets.Elements.Length; i++)
            {
                Distribute(at, targets.Elements[i], values.Elements[i], i < info.Nested.Length ? info.Nested[i] : default, parts);
            }

            return;
        }

        var lowered = Lower(source);
        var value = Keep(at, lowered);

        // A part that is written out shows its conversion itself.
        if (source is IConversionOperation { OperatorMethod: not null }) info = default;
        if (target is not ITupleOperation && DeclaredPlace(target) is { } place) Flow(source, lowered, place);
        TakeApart(at, target, value, source.Type, info, parts);
    }

    private void TakeApart(IOperation at, IOperation target, Value value, ITypeSymbol? type, DeconstructionInfo info, List<(IOperation Target, Value Value)> parts)
    {
        if (target is IDeclarationExpressionOperation declaration) target = declaration.Expression;
        if (target is not ITupleOperation targets)
        {
            parts.Add((target, ConvertedBy(at, info.Conversion?.MethodSymbol, value)));
            return;
        }

        var given = info.Method is { } method ? AddDeconstruct(at, method, value) : ImmutableArray<Symbol?>.Empty;
        for (int i = 0; i < targets.Elements.Length; i++)
        {
            bool isPart = info.Method is null && type is INamedTypeSymbol { IsTupleType: true } tuple && i < tuple.TupleElements.Length;
            var part = isPart ? Keep(at, TupleValue.Element(value, new TupleElement(i, targets.Elements.Length)))
                : info.Method is not null && given.Length - targets.Elements.Length is >= 0 and var first ? given[first + i] ?? Fresh() : Fresh();
            var partType = isPart ? ((INamedTypeSymbol)type!).TupleElements[i].Type : null;
            TakeApart(at, targets.Elements[i], part, partType, i < info.Nested.Length ? info.Nested[i] : default, parts);
        }
    }

    /// <summary>The parts that a Deconstruct method gives. An extension takes what it deconstructs as its first argument.</summary>
    private ImmutableArray<Symbol?> AddDeconstruct(IOperation at, IMethodSymbol method, Value value)
    {
        var arguments = ImmutableArray.CreateBuilder<Value>(method.Parameters.Length);
        var places = ImmutableArray.CreateBuilder<Symbol?>(method.Parameters.Length);
        foreach (var parameter in method.Parameters)
        {
            var place = parameter.RefKind == RefKind.Out ? new Symbol(SymbolRole.Temporary, 0, _next++) : null;
            places.Add(place);
            arguments.Add(place ?? value);
        }

        if (method.IsStatic) AddCall(at, method, null, arguments.ToImmutable(), isVirtual: false);
        else AddCall(at, method, value, arguments.ToImmutable(), method.IsVirtual || method.IsAbstract);
        ((CallStep)_steps[_steps.Count - 1]).References = places.ToImmutable();
        return TakeOutParts(at, method, value, places.ToImmutable());
    }

    /// <summary>The value as it is now, whatever its places hold later.</summary>
    private Value Keep(IOperation at, Value value)
    {
        if (value is Constant or Symbol { Role: SymbolRole.Function or SymbolRole.Fresh or SymbolRole.Result or SymbolRole.Instance, Parent: null or CalledValue { Receiver: null } }) return value;
        var kept = new Symbol(SymbolRole.Temporary, 0, _next);
        Add(new AssignStep(_next++, at.Syntax.GetLocation(), kept, value, null));
        return kept;
    }

    private void WritePart(IOperation at, IOperation target, Value value)
    {
        switch (target)
        {
            case IPropertyReferenceOperation property:
                var receiver = property.Instance is null ? null : Lower(property.Instance);
                WriteProperty(at, property, receiver, LowerArguments(property.Arguments, out _).Add(value), value);
                break;
            case IDiscardOperation:
                break;
            default:
                Write(at, target, LowerPlace(target), value, null);
                break;
        }
    }
}
