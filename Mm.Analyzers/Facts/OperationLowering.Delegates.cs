using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Delegates: how one is made, and the places to which it goes.</summary>
internal sealed partial class OperationLowering
{
    // Delegates that a call gives which stands in an arm: 'first ? Make() : Rest'.
    private readonly Dictionary<IOperation, Value> _results = new();

    private Value LowerDelegate(IDelegateCreationOperation creation)
    {
        var function = Lower(creation.Target);
        if (creation.Type is { } type && !_store.Contracts.OfDelegateType(type).IsNone) AddConversion(creation, function, type, null);
        if (function is Symbol { Role: SymbolRole.Function, Key: BodyKey { IsLambda: true } lambda })
        {
            if (Capturing.IsCapturing(_store, lambda, _cancellation)) Allocate(creation, "a capturing lambda");
        }
        else if (creation.Target is IMethodReferenceOperation { Method: { } method, Instance: var bound } && !(method.IsStatic && bound is null))
        {
            Allocate(creation, "a delegate");
        }

        return function;
    }

    private Value LowerMethodReference(IMethodReferenceOperation reference)
    {
        var receiver = reference.Instance is null ? null : Lower(reference.Instance);

        // The Invoke method of a delegate does what the delegate does.
        if (receiver is not null && reference.Method.MethodKind == MethodKind.DelegateInvoke) return receiver;
        if (reference.Instance is null) UseType(reference, reference.Method.ContainingType);

        return FunctionOf(reference, receiver);
    }

    /// <summary>The method that a delegate invokes, with the type arguments that it is given here.</summary>
    private static Symbol FunctionOf(IMethodReferenceOperation reference, Value? receiver)
    {
        var method = reference.Method;
        var key = BodyKey.Of(method);

        // A local function has what is around it, whatever the compiler shows as its object.
        if (method.MethodKind == MethodKind.LocalFunction)
        {
            return new Symbol(SymbolRole.Function, 0, key, method.IsGenericMethod ? new CalledValue(method, null, null, ImmutableArray<Value>.Empty) : null);
        }

        var type = reference.Instance is { } instance ? Written(instance).Type ?? instance.Type : reference.ConstrainedToType;
        bool isGeneric = method.IsGenericMethod || method.ContainingType is { IsGenericType: true } || type is ITypeParameterSymbol or INamedTypeSymbol { IsGenericType: true };
        return new Symbol(SymbolRole.Function, 0, key, isGeneric ? new CalledValue(method, type, receiver, ImmutableArray<Value>.Empty) : receiver);
    }

    private Value LowerSubscription(IEventAssignmentOperation subscription)
    {
        int before = _steps.Count;
        var handler = Lower(subscription.HandlerValue);
        if (!subscription.Adds) RemoveConversions(before);
        if (subscription.EventReference is not IEventReferenceOperation { Event: { } @event } reference) return handler;
        if (subscription.Adds) Flow(subscription.HandlerValue, handler, @event);
        var accessor = subscription.Adds ? @event.AddMethod : @event.RemoveMethod;
        var receiver = reference.Instance is null ? null : Lower(reference.Instance);
        if (accessor is not null) AddCall(subscription, accessor, receiver, ImmutableArray.Create(handler), IsVirtualCall(accessor, reference.Instance), reference.Instance);
        if (receiver is not null && !receiver.Equals(Symbol.This) && SettableMembers.Is(_store, @event, _cancellation))
        {
            var place = new Symbol(SymbolRole.Field, 0, @event.OriginalDefinition, receiver);
            Add(new AssignStep(_next++, subscription.Syntax.GetLocation(), place, subscription.Adds ? CombinedValue.Combine(place, handler) : CombinedValue.Remove(place, handler), @event));
        }

        return handler;
    }

    /// <summary>A returned delegate goes to the contract of the result.</summary>
    public void LowerReturn(IOperation value, ref Value? result)
    {
        if (result is null || _key.Method is not { } method || !IsFunction(value.Type)) return;
        AddConversion(value, result, value.Type!, method is { MethodKind: MethodKind.PropertyGet, AssociatedSymbol: { } property } ? property : method);
    }

    /// <summary>Elements of a new array or collection: whoever takes them out knows no more than their type says.</summary>
    private void LowerElements(IEnumerable<IOperation> elements)
    {
        foreach (var element in elements)
        {
            if (TryLowerSpread(element)) continue;
            var value = LowerPart(element);
            if (Plain(element.Type) is { } place) Flow(element, value, place);
            else FlowParts(element, value, _elementsOf);
        }
    }

    /// <summary>A place without annotations of its own, known by its type alone.</summary>
    private static ISymbol? Plain(ITypeSymbol? type) => IsFunction(type) ? type : null;

    /// <summary>A delegate goes to a declared place: what the place promises is checked there.</summary>
    private void Flow(IOperation source, Value value, ISymbol place)
    {
        if (IsFunction(source.Type)) AddConversion(source, value, source.Type!, place);
    }

    /// <summary>A delegate is an operand of an operator of ours.</summary>
    private void FlowOperand(IMethodSymbol method, int ordinal, IOperation operand, Value value)
    {
        if (ordinal < method.Parameters.Length && IsFunction(method.Parameters[ordinal].Type)) Flow(operand, value, method.Parameters[ordinal]);
    }

    /// <summary>A delegate type, or that of a function pointer.</summary>
    private static bool IsFunction(ITypeSymbol? type) => type?.TypeKind is TypeKind.Delegate or TypeKind.FunctionPointer;

    private void AddConversion(IOperation source, Value value, ITypeSymbol type, ISymbol? place)
    {
        var inner = SourceOf(source);
        if (inner is IFlowCaptureReferenceOperation merged && ArmsOf(merged) is { Count: > 0 } arms)
        {
            foreach (var arm in arms) AddConversion(arm, ValueOf(arm), type, place);
            return;
        }

        if (inner.ConstantValue is { HasValue: true, Value: null } or { HasValue: false } && inner is IDefaultValueOperation) return;
        bool isMade = inner is IFlowAnonymousFunctionOperation || inner is IMethodReferenceOperation { Method.MethodKind: not MethodKind.DelegateInvoke };
        var origin = inner is IMethodReferenceOperation { Instance: { } called } && !isMade ? Unconverted(called) : inner;
        Add(new ConvertStep(_next++, inner is IFlowAnonymousFunctionOperation ? EndLocations.HeadOf(inner.Syntax) : inner.Syntax.GetLocation(), value, type)
        {
            Place = place,
            Elements = place is ITypeSymbol or IParameterSymbol ? _elementsOf : null,
            Origin = isMade ? null : DeclaredPlace(origin),
            OriginType = isMade ? null : origin.Type,
            IsUnread = isMade && inner is IMethodReferenceOperation && place is ILocalSymbol local && !IsRead(local),
        });
    }

    private bool IsRead(ILocalSymbol local)
    {
        if (local.DeclaringSyntaxReferences.IsEmpty) return true;
        var scope = local.DeclaringSyntaxReferences[0].GetSyntax(_cancellation).FirstAncestorOrSelf<SyntaxNode>(static node => node is BlockSyntax or SwitchSectionSyntax or CompilationUnitSyntax);
        if (scope is null) return true;
        foreach (var node in scope.DescendantNodes())
        {
            if (node is not IdentifierNameSyntax name || name.Identifier.ValueText != local.Name) continue;
            if (node.Parent is not AssignmentExpressionSyntax assignment || assignment.Left != node || !assignment.IsKind(SyntaxKind.SimpleAssignmentExpression)) return true;
        }

        return false;
    }

    /// <summary>The lambda, method or value that is converted, under everything that hands it on as it is.</summary>
    private static IOperation SourceOf(IOperation source)
    {
        while (true)
        {
            switch (source)
            {
                case IConversionOperation { OperatorMethod: null } conversion when conversion.IsImplicit || conversion.Operand.Type is null || IsFunction(conversion.Operand.Type):
                    source = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized: source = parenthesized.Operand; break;
                case IDelegateCreationOperation creation: source = creation.Target; break;
                case ISimpleAssignmentOperation assignment: source = assignment.Value; break;
                case IAddressOfOperation { Reference: IMethodReferenceOperation method }: return method;
                default: return source;
            }
        }
    }

    /// <summary>The arms of a conditional, switch or null-coalescing expression, each of which goes to the place.</summary>
    private List<IOperation> ArmsOf(IFlowCaptureReferenceOperation reference)
    {
        var arms = new List<IOperation>();
        foreach (var block in _graph!.Blocks)
        {
            foreach (var operation in block.Operations)
            {
                if (operation is IFlowCaptureOperation capture && capture.Id.Equals(reference.Id)) arms.Add(capture.Value);
            }
        }

        return arms;
    }

    // The arm has been evaluated on its own path: here it is only named again.
    private Value ValueOf(IOperation arm) => SourceOf(arm) switch
    {
        IFlowAnonymousFunctionOperation lambda => new Symbol(SymbolRole.Function, 0, BodyKey.Of(lambda.Symbol)),
        IMethodReferenceOperation { Method.MethodKind: not MethodKind.DelegateInvoke } method => FunctionOf(method, null),
        ILocalReferenceOperation local => PlaceOf(local.Local),
        IParameterReferenceOperation parameter => PlaceOf(parameter.Parameter),
        IFieldReferenceOperation field => PartOf(field.Instance, field.Field),
        IPropertyReferenceOperation { Arguments.IsEmpty: true } property when IsStored(property.Property) => PartOf(property.Instance, property.Property),
        { ConstantValue: { HasValue: true, Value: null } } => Constant.Null,
        _ => _results.TryGetValue(arm, out var result) ? result : Fresh(),
    };

    private Symbol PartOf(IOperation? instance, ISymbol member) => new(SymbolRole.Field, 0, member.OriginalDefinition, instance switch
    {
        null => null,
        IInstanceReferenceOperation => Symbol.This,
        IFlowCaptureReferenceOperation capture => new Symbol(SymbolRole.Temporary, 0, capture.Id),
        _ => ValueOf(instance),
    });

    /// <summary>'a + b' and 'a - b' of delegates: a new one, which invokes the parts.</summary>
    private Value Combined(IOperation at, Value left, Value right, bool isRemoval)
    {
        Allocate(at, "a combined delegate");
        return isRemoval ? CombinedValue.Remove(left, right) : CombinedValue.Combine(left, right);
    }

    /// <summary>Delegate.Combine and its like, which are what the operators call.</summary>
    private Value? LowerCombination(IInvocationOperation call)
    {
        if (call.TargetMethod is not { ContainingType.SpecialType: SpecialType.System_Delegate, IsStatic: true, Name: "Combine" or "Remove" or "RemoveAll" } target) return null;
        var parts = new List<Value>();
        foreach (var argument in call.Arguments)
        {
            if (argument.Value is IArrayCreationOperation { Initializer: { } written }) parts.AddRange(written.ElementValues.Select(Lower));
            else if (argument.Value.Type is { TypeKind: TypeKind.Array }) return null;
            else parts.Add(Lower(argument.Value));
        }

        return parts.Count == 0 ? Constant.Null : parts.Skip(1).Aggregate(parts[0], (all, part) => Combined(call, all, part, target.Name != "Combine"));
    }

    private static bool IsRemoval(ICompoundAssignmentOperation compound) =>
        compound.OperatorKind == BinaryOperatorKind.Subtract && compound.Type?.TypeKind == TypeKind.Delegate;

    // What is taken out of a place does not go to it.
    private void RemoveConversions(int from)
    {
        for (int i = _steps.Count - 1; i >= from; i--)
        {
            if (_steps[i] is ConvertStep) _steps.RemoveAt(i);
        }
    }
}
