using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Variables, fields and properties: reading and writing.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>The place that an operation names, or null where it names none.</summary>
    private Symbol? LowerPlace(IOperation operation)
    {
        switch (operation)
        {
            case IParenthesizedOperation parenthesized: return LowerPlace(parenthesized.Operand);
            case ILocalReferenceOperation local: return PlaceOf(local.Local);
            case IParameterReferenceOperation parameter: return PlaceOf(parameter.Parameter);
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }: return Symbol.This;
            case IFlowCaptureReferenceOperation reference:
                return _aliases.TryGetValue(reference.Id, out var alias) ? alias : new Symbol(SymbolRole.Temporary, 0, reference.Id);
            case IFieldReferenceOperation field:
                UseType(field, field.Field.IsStatic && !field.Field.IsConst ? field.Field.ContainingType : null);
                return FieldOf(field.Instance, field.Field);
            case IEventReferenceOperation @event: return FieldOf(@event.Instance, @event.Event);
            case IConversionOperation { OperatorMethod: null, Operand: var operand } conversion
                when conversion.IsImplicit: return LowerPlace(operand);
            default: return null;
        }
    }

    private Symbol FieldOf(IOperation? instance, ISymbol member)
    {
        NoteReference(instance);
        return new(SymbolRole.Field, 0, member is IFieldSymbol field && ElementOf(field) is { } element ? element : member.OriginalDefinition, instance is null ? null : Lower(instance));
    }

    private Symbol PlaceOf(ILocalSymbol local) =>
        local.IsRef && _references.TryGetValue(local, out var target) ? target
        : IsOwn(local.ContainingSymbol) ? new Symbol(SymbolRole.Local, 0, local) : Captured(local);

    private Symbol PlaceOf(IParameterSymbol parameter)
    {
        if (parameter.ContainingSymbol is INamedTypeSymbol) return Symbol.Extended;
        if (IsOwn(parameter.ContainingSymbol)) return Symbol.Parameter(parameter.Ordinal);
        return parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } && !_key.IsNested
            ? new Symbol(SymbolRole.Field, 0, parameter, Symbol.This) // captured by a primary constructor
            : Captured(parameter);
    }

    /// <summary>A constant or a parameter with which a counter starts; null of all else.</summary>
    internal Value? StartOf(ExpressionSyntax start) => _store.ModelOf(start.SyntaxTree).GetOperation(start, _cancellation) switch
    {
        { ConstantValue: { HasValue: true, Value: var constant } } => Constant.Of(constant),
        IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => PlaceOf(parameter),
        _ => null,
    };

    // Symbols of enclosing variables are equal in every body of one tree, because all share its semantic model.
    private static Symbol Captured(ISymbol variable) => new(SymbolRole.Captured, 0, variable);

    private bool IsOwn(ISymbol? container) =>
        !_key.IsNested
            ? container is not IMethodSymbol { MethodKind: MethodKind.LambdaMethod or MethodKind.LocalFunction }
                && (container is not IMethodSymbol method || BodyKey.Of(method).Equals(_key) || _key.Method is null)
            : container is IMethodSymbol own && BodyKey.Of(own).Equals(_key);

    private Value LowerCapture(IFlowCaptureOperation capture)
    {
        if (capture.Value is IPropertyReferenceOperation or IImplicitIndexerReferenceOperation && IsWrittenThrough(capture))
        {
            _capturedProperties[capture.Id] = capture.Value;
            return Fresh();
        }

        // A capture of a variable or field may be written through later; a capture of a value is read.
        if (LowersToVariable(capture.Value) && IsWrittenThrough(capture) && LowerPlace(capture.Value) is { } place)
        {
            _aliases[capture.Id] = place;
            return place;
        }

        int before = _steps.Count;
        var value = Lower(capture.Value);
        if (_steps.Count > before && IsPartOfThrown(capture.Syntax)) TakeAsThrown(before);
        if (value is Symbol { Role: SymbolRole.Result } && IsFunction(capture.Value.Type)) _results[capture.Value] = value;
        if (IsCopyOfWith(capture)) value = Copied(capture, value, capture.Value.Type, null, isChanged: true);
        Add(new AssignStep(_next++, capture.Syntax.GetLocation(), new Symbol(SymbolRole.Temporary, 0, capture.Id), value, null));
        return value;
    }

    private static bool LowersToVariable(IOperation value) =>
        value is ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation;

    private bool IsWrittenThrough(IFlowCaptureOperation capture)
    {
        _captures ??= GraphCaptures.Of(_graph!);
        return _captures.Written.Contains(capture.Id);
    }

    private Value LowerAssignment(ISimpleAssignmentOperation assignment)
    {
        if (Captured(assignment.Target) is IImplicitIndexerReferenceOperation access)
        {
            var indexed = LowerIndexed(access);
            var element = Lower(assignment.Value);
            FlowInto(assignment.Value, element, ContainerOf(access.Instance));
            WriteImplicitIndexer(assignment, access, indexed);
            return element;
        }

        if (Captured(assignment.Target) is IPropertyReferenceOperation property)
        {
            var receiver = property.Instance is null ? null : Lower(property.Instance);
            var arguments = LowerArguments(property.Arguments, out _);
            FlowArguments(property.Arguments, arguments);
            _elementsOf = ContainerOf(property.Property.IsIndexer ? property.Instance : property);
            var assigned = Lower(assignment.Value);
            FlowInto(property, assignment.Value, assigned);
            WriteProperty(assignment, property, receiver, arguments.Add(assigned), assigned);
            if (IsContainer(assignment.Value.Type) && _steps[_steps.Count - 1] is AssignStep stored) stored.ElementsOf = SourcesOf(assignment.Value);
            return assigned;
        }

        if (assignment.Target is IDiscardOperation) return Lower(assignment.Value);
        if (assignment is { IsRef: true, Target: ILocalReferenceOperation { Local: var alias } } && LowersToVariable(assignment.Value)
            && LowerPlace(assignment.Value) is { } referenced && !IsReassigned(alias))
        {
            return _references[alias] = referenced;
        }

        var place = LowerPlace(assignment.Target);
        if (place is null) Lower(assignment.Target);
        _elementsOf = ContainerOf(assignment.Target);
        var value = LowerInitial(assignment);
        _elementsOf = null;
        if (!assignment.IsRef) value = Copied(assignment, value, assignment.Value.Type, place);
        if (assignment.Target is ILocalReferenceOperation { Local: { IsFixed: true } pinned }) AddPin(assignment, pinned, assignment.Value, value);
        Write(assignment, assignment.Target, place, value, assignment.Value);
        return place is not null && (IsPartOf(place, value) || MutableStruct(assignment.Type) is not null) ? place : value;
    }

    // 'r = ref other' anywhere: what the local stands for hangs on the path.
    private bool IsReassigned(ILocalSymbol alias)
    {
        if (alias.DeclaringSyntaxReferences.IsEmpty) return true;
        var declaration = alias.DeclaringSyntaxReferences[0].GetSyntax(_cancellation);
        SyntaxNode body = declaration;
        while (body.Parent is { } around and not MemberDeclarationSyntax) body = around;
        foreach (var node in body.DescendantNodes())
        {
            if (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: var name }, Right: RefExpressionSyntax } && name == alias.Name) return true;
        }

        return false;
    }

    private void Write(IOperation at, IOperation target, Symbol? place, Value value, IOperation? source)
    {
        var variable = target switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            IFieldReferenceOperation field => field.Field,
            IEventReferenceOperation @event => @event.Event,
            IFlowCaptureReferenceOperation capture => CapturedPlace(capture),
            IArrayElementReferenceOperation element => Plain(element.Type),
            _ => null,
        };
        if (target is IArrayElementReferenceOperation { ArrayReference: var array }) _elementsOf = ContainerOf(array);
        if (source is not null && variable is not null) Flow(source, value, variable);
        else if (source is not null) FlowParts(source, value, _elementsOf);
        if (source is not null && target is IFieldReferenceOperation && TableBehind(target) is { } table)
        {
            _elementsOf = table;
            Flow(source, value, target.Type!);
        }

        _elementsOf = null;
        if (place is { Key: TupleElement })
        {
            (place, value) = WholeOf(place, value);
            variable = place.Key as ISymbol;
        }

        if (place is not null) Add(new AssignStep(_next++, at.Syntax.GetLocation(), place, value, variable) { ElementsOf = source is not null && IsContainer(source.Type) ? SourcesOf(source) : default });
        else if (target is IImplicitIndexerReferenceOperation access) WriteImplicitIndexer(at, access, LowerPlace(access.Instance) ?? Fresh());
    }

    private Value LowerCompound(ICompoundAssignmentOperation compound)
    {
        if (Captured(compound.Target) is IImplicitIndexerReferenceOperation access) return UpdateImplicitIndexer(compound, access);
        int before = _steps.Count;
        if (Captured(compound.Target) is IPropertyReferenceOperation property)
        {
            var now = LowerPropertyGet(property, out var indices);
            int then = _steps.Count;
            var part = Lower(compound.Value);
            if (IsRemoval(compound)) RemoveConversions(before);
            else Flow(compound.Value, part, property.Property);
            var asked = ConvertedBy(compound, compound.InConversion.MethodSymbol, Fresh());
            var computed = compound.OperatorMethod is { } onProperty ? AddOperator(compound, onProperty, asked, part)
                : !IsStored(property.Property) ? Fresh()
                : compound.Value.Type?.TypeKind == TypeKind.Delegate ? Combined(compound, Settled(now, compound.Target, then), part, IsRemoval(compound))
                : Compound(compound, Settled(now, compound.Target, then), part);
            computed = ConvertedBy(compound, compound.OutConversion.MethodSymbol, computed);
            WriteProperty(compound, property, property.Instance is null ? null : LowerPlace(property.Instance), indices.Add(computed), computed, isAsked: true);
            return IsStored(property.Property) ? new Symbol(SymbolRole.Field, 0, property.Property.OriginalDefinition, property.Instance is null ? null : LowerPlace(property.Instance)) : computed;
        }

        var place = LowerPlace(compound.Target);
        if (place is null) Lower(compound.Target);
        int between = _steps.Count;
        var operand = IsConcatenation(compound) ? LowerText(compound.Value) : Lower(compound.Value);
        var old = place is null ? null : Settled(place, compound.Target, between);
        AddLookup(compound);
        if (compound.OperatorMethod is { } used) FlowOperand(used, used.Parameters.Length - 1, compound.Value, operand);
        var converted = ConvertedBy(compound, compound.InConversion.MethodSymbol, place ?? Fresh());
        Value value = compound.OperatorMethod is { } method && !WellKnownOperator(method)
            ? AddOperator(compound, method, converted, operand)
            : old is null ? Fresh() : Compound(compound, old, operand);
        if (compound is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String }) Allocate(compound, "string concatenation");
        if (compound.Value.Type?.TypeKind == TypeKind.Delegate)
        {
            if (IsRemoval(compound)) RemoveConversions(before);
            else if (DeclaredPlace(compound.Target) is { } combined) Flow(compound.Value, operand, combined);
            value = Combined(compound, place ?? Fresh(), operand, IsRemoval(compound));
        }

        value = ConvertedBy(compound, compound.OutConversion.MethodSymbol, value);
        Write(compound, compound.Target, place, value, null);

        // Read after the write, the operation would be applied twice.
        return place is not null && IsPartOf(place, value) ? place : value;
    }

    // The operand is converted to the type of the operation, and the result back to that of the target.
    private Value Compound(ICompoundAssignmentOperation compound, Value old, Value operand)
    {
        var type = compound.Target.Type;
        bool isShift = compound.OperatorKind is BinaryOperatorKind.LeftShift or BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift;
        bool isNumber = isShift || Numbers.WidthOf(type) is not { } width || Numbers.WidthOf(compound.Value.Type) is { } other && Numbers.Promoted(width).Includes(other);
        return isNumber ? Combine(compound.OperatorKind, old, operand, type, type, compound.IsChecked, compound.IsLifted) : Fresh();
    }

    private Value LowerIncrement(IIncrementOrDecrementOperation increment)
    {
        if (increment.Target is IPropertyReferenceOperation property)
        {
            var now = LowerPropertyGet(property, out var indices);
            if (increment.OperatorMethod is { } onProperty) AddOperator(increment, onProperty, now);
            AddStepConversions(increment, now);
            var next = Fresh();
            WriteProperty(increment, property, property.Instance is null ? null : LowerPlace(property.Instance), indices.Add(next), next, isAsked: true);
            return Fresh();
        }

        var place = LowerPlace(increment.Target);
        if (place is null)
        {
            var read = Lower(increment.Target);
            if (increment.OperatorMethod is { } onOther) AddOperator(increment, onOther, read);
            AddStepConversions(increment, read);
            if (increment.Target is IImplicitIndexerReferenceOperation access) WriteImplicitIndexer(increment, access, LowerPlace(access.Instance) ?? Fresh());
            return Fresh();
        }

        AddLookup(increment);
        AddStepConversions(increment, place);
        if (increment.OperatorMethod is { } method)
        {
            Write(increment, increment.Target, place, AddOperator(increment, method, place), null);
            return Fresh();
        }

        // The old value of a postfix operator is gone once the step has run, so it is remembered.
        Symbol old = place;
        if (increment.IsPostfix && increment.Parent is not IExpressionStatementOperation)
        {
            int id = _next++;
            old = new Symbol(SymbolRole.Temporary, id);
            Add(new AssignStep(id, increment.Syntax.GetLocation(), old, place, null));
        }

        var kind = increment.Kind == OperationKind.Increment ? BinaryOperatorKind.Add : BinaryOperatorKind.Subtract;
        var value = Combine(kind, place, Constant.Of(1L), increment.Type, increment.Type, increment.IsChecked, increment.IsLifted);
        Write(increment, increment.Target, place, value, null);
        return old;
    }

    private Value LowerPropertyGet(IPropertyReferenceOperation property) => LowerPropertyGet(property, out _);

    private Value LowerPropertyGet(IPropertyReferenceOperation property, out ImmutableArray<Value> arguments)
    {
        arguments = ImmutableArray<Value>.Empty;
        var getter = property.Property.GetMethod;
        var receiver = property.Instance is null ? null : Lower(property.Instance);
        if (receiver is not null && property.Property.ContainingType.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
        {
            // Behind 'Value' it is not null.
            return property.Property.Name == "HasValue" ? Fold.Not(Fold.Equal(receiver, Constant.Null)) : receiver;
        }

        arguments = LowerArguments(property.Arguments, out _);
        FlowArguments(property.Arguments, arguments);
        if (getter is null) return Fresh();
        if (receiver is null) UseType(property, property.Property.ContainingType);
        if (receiver is not null && LatchOf(property.Property, receiver) is { } latched) return latched;
        Value? made = null;
        if (LazyCreation.Of(_store, property, _key, _cancellation) is { } lazy)
        {
            made = lazy.Factory is not null && IsFunction(property.Type) ? Symbol.Result(_next) : Fresh();
            if (lazy.Factory is { } factory) Add(new InvokeStep(_next++, property.Syntax.GetLocation(), factory, lazy.FactoryType, null));
            if (!lazy.IsLocked) return made;
        }

        if (LowerLoopElement(property) is { } element) return element;
        if (receiver is not null && Bundles.PartOf(property.Property) is { } bundled) return TupleValue.Element(receiver, bundled);
        if (property is { Instance: null, Property: { Name: "Empty", ContainingType: var span } } && IsSpan(span)) return Sized(property, Fresh(), 0);
        var result = AddCall(property, getter, receiver, arguments, IsVirtualCall(getter, property.Instance), property.Instance);
        if (receiver is null && IsMadeComplete(getter)) NoteComplete(property, result);
        if (property.Property.IsIndexer) result = TakeOut(property, getter, property.Instance, receiver, ImmutableArray<Symbol?>.Empty, result);
        if (made is Symbol { Role: SymbolRole.Result }) return made;
        if (LastingValues.Of(property.Property, receiver) is { } lasting && !SaysMore(getter)) return lasting;
        if (IsContainer(property.Type) && !IsStored(property.Property) && GiverOf(getter) is { } giver) return GivenBy(giver, _next++);
        if (!IsStored(property.Property) || SaysMore(getter)) return result;
        return (IsFixed(property.Property) ? ReadOnlyValues.Of(_store, property.Property, _cancellation) : null)
            ?? (Value)new Symbol(SymbolRole.Field, 0, property.Property.OriginalDefinition, receiver);
    }

    /// <summary>What a property says that, once true, stays true, or that is true only where such a one is.</summary>
    private Value? LatchOf(IPropertySymbol property, Value receiver)
    {
        if (_store.Contracts.LatchOf(property) is not { } latch) return null;
        var done = new Symbol(SymbolRole.Field, 0, latch, receiver);
        return SymbolEqualityComparer.Default.Equals(latch, property.OriginalDefinition) ? done : Fold.Make(Operator.And, done, Fresh());
    }

    // A property with a contract is what its contract says.
    private bool SaysMore(IMethodSymbol accessor) => _store.Contracts.Of(accessor) is { } contract && (contract.SpeaksOfContexts || contract.Family is not null || contract.Result is not null);

    /// <summary>A get-only auto-property: what is known of it holds through the body.</summary>
    private static bool IsFixed(IPropertySymbol property) => property.SetMethod is null && IsStored(property);

    /// <summary>An auto-property that nothing can override is a field with another name.</summary>
    internal static bool IsStored(IPropertySymbol property)
    {
        if (property.IsVirtual || property.IsAbstract || property.IsOverride || property.IsIndexer || property.IsExtern || property.ContainingType is not { TypeKind: TypeKind.Class or TypeKind.Struct }) return false;
        return !property.DeclaringSyntaxReferences.IsEmpty && property.DeclaringSyntaxReferences[0].GetSyntax() switch
        {
            ParameterSyntax => true,
            PropertyDeclarationSyntax { AccessorList.Accessors: var accessors } declaration => IsAuto(declaration, accessors),
            _ => false,
        };
    }

    private static bool IsAuto(PropertyDeclarationSyntax declaration, SyntaxList<AccessorDeclarationSyntax> accessors)
    {
        foreach (var accessor in accessors)
        {
            if (accessor is not { Body: null, ExpressionBody: null }) return false;
        }

        return !declaration.Modifiers.Any(SyntaxKind.PartialKeyword);
    }

    /// <param name="at">What writes it.</param>
    /// <param name="property">The property or indexer.</param>
    /// <param name="receiver">The object.</param>
    /// <param name="arguments">The indices, and the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="isAsked">The accessor that gives the place has been called.</param>
    private void WriteProperty(IOperation at, IPropertyReferenceOperation property, Value? receiver, ImmutableArray<Value> arguments, Value value, bool isAsked = false)
    {
        if (property.Property.SetMethod is { } setter)
        {
            AddCall(at, setter, receiver, arguments, IsVirtualCall(setter, property.Instance), property.Instance);
            if (!at.Syntax.IsKind(SyntaxKind.SimpleAssignmentExpression) && _steps[_steps.Count - 1] is CallStep call) call.ReadAt = property.Syntax.GetLocation();
            if (!IsStored(property.Property)) return;
            NoteReference(property.Instance);
            Add(new AssignStep(_next++, at.Syntax.GetLocation(), new Symbol(SymbolRole.Field, 0, property.Property.OriginalDefinition, receiver), value, property.Property));
        }
        else
        {
            // A get-only property assigned in its constructor, or one that returns by reference and is asked for the place.
            if (!isAsked && property.Property is { ReturnsByRef: true, GetMethod: { } getter }) AddCall(property, getter, receiver, arguments.RemoveAt(arguments.Length - 1), IsVirtualCall(getter, property.Instance), property.Instance);
            var place = new Symbol(SymbolRole.Field, 0, property.Property.OriginalDefinition, receiver);
            Add(new AssignStep(_next++, at.Syntax.GetLocation(), place, value, property.Property));
        }
    }
}
