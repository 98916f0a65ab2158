using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>Whom a body calls by name, and what it reads and makes.</summary>
internal sealed partial class SketchReader
{
    private void AddCall(IMethodSymbol? target, ITypeSymbol? receiver, bool isVirtual)
    {
        if (target is null || !_isListed) return;

        // A local function is read where it stands.
        if (target.MethodKind == MethodKind.LocalFunction) return;
        if (receiver is ITypeParameterSymbol)
        {
            // Whoever implements the member: more than the caller's type arguments will say.
            Follow(false);
            receiver = null;
            isVirtual = OperationLowering.IsVirtualCall(target, null);
        }

        Require(!IsGuard(target.ReturnType) && !(WellKnown.IsDisposal(target) && IsGuard(receiver ?? target.ContainingType)));
        Follow(target.MethodKind != MethodKind.DelegateInvoke && !(WellKnown.IsDisposal(target) && MayBeGuard(receiver ?? target.ContainingType)));
        if (target.MethodKind == MethodKind.DelegateInvoke)
        {
            Require(IsFree(target.ContainingType));
            return;
        }

        if (!_isListed) return;
        if (!_seen.Add((target, isVirtual ? receiver : null))) return;
        if (target is { IsStatic: true, MethodKind: not MethodKind.StaticConstructor } or { MethodKind: MethodKind.Constructor }) UseType(target.ContainingType);
        _calls.Add(new CallTarget(target, receiver, isVirtual));
    }

    // Behind an interface that only says 'disposable', there may be one.
    private static bool MayBeGuard(ITypeSymbol? type) => type is null or { TypeKind: TypeKind.Interface, Name: "IDisposable" or "IAsyncDisposable" };

    private bool IsGuard(ITypeSymbol? type)
    {
        if (type is not INamedTypeSymbol { IsTupleType: true } tuple) return !_store.Contracts.ScopeOf(type).IsEmpty;
        foreach (var part in tuple.TupleElements)
        {
            if (IsGuard(part.Type)) return true;
        }

        return false;
    }

    private void AddOperator(IMethodSymbol? method, ITypeSymbol? constrainedTo)
    {
        Require(constrainedTo is null);
        if (method is not null) AddCall(method, null, isVirtual: false);
    }

    /// <summary>Members of a type that has something to initialise are used: its static constructor may run.</summary>
    private void UseType(INamedTypeSymbol? type)
    {
        if (type is null || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _owner.ContainingType?.OriginalDefinition) || !_store.IsSource(type)) return;
        foreach (var constructor in type.OriginalDefinition.StaticConstructors) AddCall(constructor, null, isVirtual: false);
    }

    private void ReadCall(IInvocationOperation call)
    {
        var target = call.TargetMethod;
        _allocates |= OperationLowering.IsBoxed(call.Instance, target);
        Require(call.ConstrainedToType is null && IsFree(call.Type));
        Follow(target.ContainingType?.SpecialType is not (SpecialType.System_Delegate or SpecialType.System_MulticastDelegate) && !IsDelegate(call.Type));
        Read(call.Instance);
        foreach (var argument in call.Arguments) ReadArgument(argument);
        if (OperationLowering.IsFormatting(_store, call)) AddText(call.Arguments[0].Value, isFormatted: true);
        AddNamed(target, call.Instance, OperationLowering.IsVirtualCall(target, call.Instance) && call.IsVirtual);
    }

    private void AddNamed(IMethodSymbol target, IOperation? instance, bool isVirtual)
    {
        var named = MadeTypes.Named(_store, target, instance, isVirtual, _cancellation);
        AddCall(named.Method, named.ReceiverType, named.IsVirtual);
    }

    private static ITypeSymbol? TypeOf(IOperation? instance) => instance is null ? null : OperationLowering.Written(instance).Type ?? instance.Type;

    private void ReadArgument(IArgumentOperation argument)
    {
        AddOperator(argument.InConversion.MethodSymbol, null);
        AddOperator(argument.OutConversion.MethodSymbol, null);
        if (IsDelegate(argument.Parameter?.Type))
        {
            Require(IsFree(argument.Parameter!.Type));
            Follow(argument.Parameter.RefKind == RefKind.None && IsKnownFunction(argument.Value));
        }

        Require(argument.Parameter is not { RefKind: RefKind.Out, Type: var handedOut } || !IsGuard(handedOut));
        _choosesFlags |= IsOwnFlags(argument.Parameter?.Type) && argument.Value is not IParameterReferenceOperation
            || argument.Parameter is { RefKind: not RefKind.None } && argument.Value is IParameterReferenceOperation;
        Read(argument.Value);
    }

    /// <summary>Flags such as the body itself is given.</summary>
    private bool IsOwnFlags(ITypeSymbol? type)
    {
        if (type is not { TypeKind: TypeKind.Enum } || _owner is not IMethodSymbol method) return false;
        foreach (var parameter in method.Parameters)
        {
            if (SymbolEqualityComparer.Default.Equals(parameter.Type, type)) return true;
        }

        return false;
    }

    /// <summary>A lambda, a method group, null, or a local, which got its value here.</summary>
    private static bool IsKnownFunction(IOperation value)
    {
        while (value is IConversionOperation { OperatorMethod: null } conversion) value = conversion.Operand;
        return value is IDelegateCreationOperation or IAnonymousFunctionOperation or ILocalReferenceOperation or ILiteralOperation or IDefaultValueOperation;
    }

    private void ReadDelegate(IDelegateCreationOperation creation)
    {
        _allocates = true;
        Require(IsFree(creation.Type));
        if (creation.Target is not IMethodReferenceOperation method)
        {
            Follow(creation.Target is IAnonymousFunctionOperation);
            Read(creation.Target);
            return;
        }

        Require(method.ConstrainedToType is null);
        Read(method.Instance);
        AddCall(method.Method, TypeOf(method.Instance), OperationLowering.IsVirtualCall(method.Method, method.Instance) && method.IsVirtual);
    }

    private void ReadFunction(IMethodSymbol symbol, IBlockOperation? body)
    {
        _hasFunctions = true;
        Follow(!symbol.IsAsync);
        Require(body is not null && AreOrdinary(symbol.GetAttributes()) && AreOrdinary(symbol.GetReturnTypeAttributes()));
        foreach (var parameter in symbol.Parameters) Require(AreOrdinary(parameter.GetAttributes()));
        Read(body);
    }

    private static bool AreOrdinary(ImmutableArray<AttributeData> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.AttributeClass is not { ContainingNamespace: { } space } || space is { Name: "Contexts", ContainingNamespace.Name: "Mm" } or { Name: "InteropServices" }) return false;
        }

        return true;
    }

    private void ReadCreation(IObjectCreationOperation creation)
    {
        if (creation.Type is not INamedTypeSymbol type || IsGuard(type))
        {
            Require(false);
            return;
        }

        _allocates |= type.IsReferenceType;
        UseType(type);
        foreach (var argument in creation.Arguments) ReadArgument(argument);
        AddCall(creation.Constructor, null, isVirtual: false);
        Read(creation.Initializer);
    }

    private void ReadField(IFieldReferenceOperation field)
    {
        ReadPlace(field.Field, field.Type, isRead: field.Parent is not ISimpleAssignmentOperation assignment || assignment.Target != field);
        if (field.Field.IsStatic && !field.Field.IsConst) UseType(field.Field.ContainingType);
        Read(field.Instance);
    }

    private void ReadParameter(IParameterReferenceOperation parameter)
    {
        Require(!IsGuard(parameter.Type) && IsFree(parameter.Type));
        Follow(IsOrdinary(parameter.Type));
    }

    private void ReadPlace(ISymbol place, ITypeSymbol? type, bool isRead)
    {
        Require(!IsGuard(type) && _store.Contracts.OfPlaceOnly(place).IsNone && IsFree(type));
        Follow(!isRead || !IsDelegate(type));
    }

    private void ReadProperty(IPropertyReferenceOperation property)
    {
        bool isWritten = property.Parent is ISimpleAssignmentOperation assignment && assignment.Target == property;
        Require(property.ConstrainedToType is null);
        ReadPlace(property.Property, property.Type, !isWritten);
        Follow(isWritten || !LazyCreation.IsOne(property));
        Read(property.Instance);
        foreach (var argument in property.Arguments) ReadArgument(argument);
        if (!isWritten || property.Property.ReturnsByRef) AddAccessor(property.Property.GetMethod, property.Instance);
        AddAccessor(property.Property.SetMethod, property.Instance);
    }

    private void AddAccessor(IMethodSymbol? accessor, IOperation? instance)
    {
        if (accessor is not null) AddNamed(accessor, instance, OperationLowering.IsVirtualCall(accessor, instance));
    }

    private void ReadCompound(ICompoundAssignmentOperation compound)
    {
        Follow(!IsDelegate(compound.Type) && !OperationLowering.IsLookedUp(compound));
        AddOperator(compound.InConversion.MethodSymbol, null);
        AddOperator(compound.OutConversion.MethodSymbol, null);
        AddOperator(compound.OperatorMethod, compound.ConstrainedToType);
        _choosesFlags |= compound.Target is IParameterReferenceOperation;
        if (compound.Type?.SpecialType == SpecialType.System_String)
        {
            _allocates = true;
            AddText(compound.Value, isFormatted: false);
        }

        ReadAll(compound);
    }

    private void ReadBinary(IBinaryOperation binary)
    {
        // 'a && b' of a type of ours asks its operators true and false as well.
        Follow(!IsDelegate(binary.Type) && !OperationLowering.IsLookedUp(binary));
        Require(binary.OperatorMethod is null || binary.OperatorKind is not (BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr));
        AddOperator(binary.OperatorMethod, binary.ConstrainedToType);
        if (binary is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String })
        {
            _allocates = true;
            AddText(binary.LeftOperand, isFormatted: false);
            AddText(binary.RightOperand, isFormatted: false);
        }

        Read(binary.LeftOperand);
        Read(binary.RightOperand);
    }

    private void ReadConversion(IConversionOperation conversion)
    {
        var (from, to) = (conversion.Operand.Type, conversion.Type);
        AddOperator(conversion.OperatorMethod, conversion.ConstrainedToType);
        Require(from?.IsTupleType != true || to?.IsTupleType != true || conversion.Conversion.IsIdentity);

        // What a variable of these types holds may be something that runs when it is enumerated, and now it can be.
        Follow(to is not null && (!IsSequence(to) || from is not null && from.TypeKind is TypeKind.Array or TypeKind.Class or TypeKind.Struct && from.SpecialType != SpecialType.System_Object)
            && from?.IsTupleType != true && (!IsDelegate(to) || from is null || IsDelegate(from)) && !OperationLowering.IsLookedUp(conversion));
        _allocates |= from is { IsValueType: true } && to is { IsReferenceType: true } || conversion.Operand is IAnonymousFunctionOperation;
        Read(conversion.Operand);
    }

    private void ReadPattern(IRecursivePatternOperation pattern)
    {
        Require(pattern.DeconstructSymbol is null && pattern.DeconstructionSubpatterns.IsEmpty);
        Follow(IsOrdinary(pattern.MatchedType));
        foreach (var part in pattern.PropertySubpatterns)
        {
            Read(part.Member);
            Read(part.Pattern);
        }
    }

    private void ReadInitializer(ISymbolInitializerOperation initializer)
    {
        if (initializer is IFieldInitializerOperation fields)
        {
            foreach (var field in fields.InitializedFields) ReadPlace(field, field.Type, isRead: false);
        }
        else if (initializer is IPropertyInitializerOperation properties)
        {
            foreach (var property in properties.InitializedProperties) ReadPlace(property, property.Type, isRead: false);
        }

        Read(initializer.Value);
    }
}
