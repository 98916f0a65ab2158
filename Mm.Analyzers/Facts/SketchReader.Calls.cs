using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Whom a body calls, by name or by what the language makes of its statements.</summary>
internal sealed partial class SketchReader
{
    private void AddCall(IMethodSymbol? target, ITypeSymbol? receiver, bool isVirtual)
    {
        if (target is null || !_isPlain) return;

        // A local function is read where it stands.
        if (target.MethodKind == MethodKind.LocalFunction) return;
        if (receiver is ITypeParameterSymbol || target.MethodKind == MethodKind.DelegateInvoke || IsGuard(target.ReturnType) || MayBeGuard(target, receiver))
        {
            _isPlain = false;
            return;
        }

        if (!_seen.Add((target, isVirtual ? receiver : null))) return;
        _calls.Add(new CallStep(_calls.Count, Location.None, target) { ReceiverType = receiver, IsVirtual = isVirtual });
    }

    // Behind an interface that only says 'disposable', it may be one.
    private bool MayBeGuard(IMethodSymbol target, ITypeSymbol? receiver) =>
        target is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true }
        && ((receiver ?? target.ContainingType) is not { } type || type is { TypeKind: TypeKind.Interface, Name: "IDisposable" or "IAsyncDisposable" } || IsGuard(type));

    private bool IsGuard(ITypeSymbol? type) => !_store.Contracts.ScopeOf(type).IsEmpty;

    private void AddOperator(IMethodSymbol? method, ITypeSymbol? constrainedTo)
    {
        Require(constrainedTo is null);
        if (method is not null) AddCall(method, null, isVirtual: false);
    }

    /// <summary>Members of a type that has something to initialise are used: its static constructor may run.</summary>
    private void UseType(INamedTypeSymbol? type)
    {
        if (type is null || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _owner.ContainingType?.OriginalDefinition) || !IsSource(type)) return;
        foreach (var constructor in type.OriginalDefinition.StaticConstructors) AddCall(constructor, null, isVirtual: false);
    }

    private void ReadCall(IInvocationOperation call)
    {
        var target = call.TargetMethod;
        Require(call.ConstrainedToType is null && target.ContainingType?.SpecialType is not (SpecialType.System_Delegate or SpecialType.System_MulticastDelegate)
            && !IsDelegate(call.Type));
        if (target.IsStatic) UseType(target.ContainingType);
        Read(call.Instance);
        foreach (var argument in call.Arguments) ReadArgument(argument);
        AddCall(target, TypeOf(call.Instance), OperationLowering.IsVirtualCall(target, call.Instance) && call.IsVirtual);
    }

    private static ITypeSymbol? TypeOf(IOperation? instance) => instance is null ? null : OperationLowering.Written(instance).Type ?? instance.Type;

    private void ReadArgument(IArgumentOperation argument)
    {
        Require(!argument.InConversion.IsUserDefined && !argument.OutConversion.IsUserDefined);
        if (IsDelegate(argument.Parameter?.Type))
        {
            Require(argument.Parameter!.RefKind == RefKind.None && IsKnownFunction(argument.Value) && _store.Contracts.OfDelegateType(argument.Parameter.Type).IsNone);
        }

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
        Require(_store.Contracts.OfDelegateType(creation.Type).IsNone);
        if (creation.Target is not IMethodReferenceOperation method)
        {
            Require(creation.Target is IAnonymousFunctionOperation);
            Read(creation.Target);
            return;
        }

        Require(method.ConstrainedToType is null);
        Read(method.Instance);
        if (method.Method.IsStatic) UseType(method.Method.ContainingType);
        AddCall(method.Method, TypeOf(method.Instance), OperationLowering.IsVirtualCall(method.Method, method.Instance) && method.IsVirtual);
    }

    private void ReadFunction(IMethodSymbol symbol, IBlockOperation? body)
    {
        _hasFunctions = true;
        Require(body is not null && !symbol.IsAsync && symbol.GetAttributes().IsEmpty && symbol.GetReturnTypeAttributes().IsEmpty);
        foreach (var parameter in symbol.Parameters) Require(parameter.GetAttributes().IsEmpty);
        Read(body);
    }

    private void ReadCreation(IObjectCreationOperation creation)
    {
        if (creation.Type is not INamedTypeSymbol type || IsGuard(type))
        {
            _isPlain = false;
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
        Require(IsOrdinaryPlace(field.Field, field.Type, isRead: field.Parent is not ISimpleAssignmentOperation assignment || assignment.Target != field));
        if (field.Field.IsStatic && !field.Field.IsConst) UseType(field.Field.ContainingType);
        Read(field.Instance);
    }

    private bool IsOrdinaryPlace(ISymbol place, ITypeSymbol? type, bool isRead) =>
        !IsGuard(type) && _store.Contracts.OfPlaceOnly(place).IsNone && (!isRead || !IsDelegate(type)) && _store.Contracts.OfDelegateType(type).IsNone;

    private void ReadProperty(IPropertyReferenceOperation property)
    {
        bool isWritten = property.Parent is ISimpleAssignmentOperation assignment && assignment.Target == property;
        Require(property.ConstrainedToType is null && IsOrdinaryPlace(property.Property, property.Type, !isWritten));
        if (property.Property.IsStatic) UseType(property.Property.ContainingType);
        Read(property.Instance);
        foreach (var argument in property.Arguments) ReadArgument(argument);
        var receiver = TypeOf(property.Instance);
        if (!isWritten) AddAccessor(property.Property.GetMethod, property.Instance, receiver);
        AddAccessor(property.Property.SetMethod, property.Instance, receiver);
    }

    private void AddAccessor(IMethodSymbol? accessor, IOperation? instance, ITypeSymbol? receiver)
    {
        if (accessor is not null) AddCall(accessor, receiver, OperationLowering.IsVirtualCall(accessor, instance));
    }

    private void ReadCompound(ICompoundAssignmentOperation compound)
    {
        Require(!IsDelegate(compound.Type) && !compound.InConversion.IsUserDefined && !compound.OutConversion.IsUserDefined);
        AddOperator(compound.OperatorMethod, compound.ConstrainedToType);
        _choosesFlags |= compound.Target is IParameterReferenceOperation;
        if (compound.Type?.SpecialType == SpecialType.System_String)
        {
            _allocates = true;
            Require(!HasOwnText(compound.Value));
        }

        ReadAll(compound);
    }

    private void ReadBinary(IBinaryOperation binary)
    {
        // 'a && b' of a type of ours asks its operators true and false as well.
        Require(!IsDelegate(binary.Type) && (binary.OperatorMethod is null || binary.OperatorKind is not (BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr)));
        AddOperator(binary.OperatorMethod, binary.ConstrainedToType);
        if (binary is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String })
        {
            _allocates = true;
            Require(!HasOwnText(binary.LeftOperand) && !HasOwnText(binary.RightOperand));
        }

        Read(binary.LeftOperand);
        Read(binary.RightOperand);
    }

    /// <summary>A part of a string whose text is made by code of ours.</summary>
    private bool HasOwnText(IOperation part)
    {
        while (part is IConversionOperation { OperatorMethod: null } conversion) part = conversion.Operand;
        return part.Type is { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.TypeParameter, SpecialType: SpecialType.None } type && (type is ITypeParameterSymbol || IsSource(type));
    }

    private void ReadConversion(IConversionOperation conversion)
    {
        var (from, to) = (conversion.Operand.Type, conversion.Type);
        AddOperator(conversion.OperatorMethod, conversion.ConstrainedToType);

        // What a variable of these types holds may be something that runs when it is enumerated, and now it can be.
        Require(to is not null && (!IsSequence(to) || from is not null && from.TypeKind is TypeKind.Array or TypeKind.Class or TypeKind.Struct && from.SpecialType != SpecialType.System_Object)
            && from?.IsTupleType != true && (!IsDelegate(to) || from is null || IsDelegate(from)));
        _allocates |= from is { IsValueType: true } && to is { IsReferenceType: true };
        Read(conversion.Operand);
    }

    private void ReadPattern(IRecursivePatternOperation pattern)
    {
        Require(pattern.DeconstructSymbol is null && pattern.DeconstructionSubpatterns.IsEmpty && IsOrdinary(pattern.MatchedType));
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
            foreach (var field in fields.InitializedFields) Require(IsOrdinaryPlace(field, field.Type, isRead: false));
        }
        else if (initializer is IPropertyInitializerOperation properties)
        {
            foreach (var property in properties.InitializedProperties) Require(IsOrdinaryPlace(property, property.Type, isRead: false));
        }

        Read(initializer.Value);
    }

    private void ReadUsing(IOperation operation)
    {
        if (operation is IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true })
        {
            _isPlain = false;
            return;
        }

        var resources = operation is IUsingOperation @using ? @using.Resources : ((IUsingDeclarationOperation)operation).DeclarationGroup;
        if (resources is IVariableDeclarationGroupOperation group)
        {
            foreach (var declaration in group.Declarations)
            {
                foreach (var variable in declaration.Declarators) AddDispose(variable.Symbol.Type);
            }
        }
        else
        {
            AddDispose(resources.Type);
        }

        _statements++;
        ReadAll(operation);
    }

    private void AddDispose(ITypeSymbol? type)
    {
        if (type is null || IsGuard(type) || OperationLowering.Member(type, "Dispose", 0) is not { } dispose)
        {
            _isPlain = false;
            return;
        }

        AddCall(dispose, type, OperationLowering.IsVirtualCall(dispose, null));
    }

    private void ReadLoop(IForEachLoopOperation loop)
    {
        _hasLoop = true;
        if (loop.IsAsynchronous || loop.Syntax is not CommonForEachStatementSyntax syntax || loop.LoopControlVariable is not IVariableDeclaratorOperation { Symbol.Type: { } element } || !IsOrdinary(element))
        {
            _isPlain = false;
            return;
        }

        var collection = OperationLowering.Written(loop.Collection).Type;
        if (collection is null or { TypeKind: TypeKind.Dynamic or TypeKind.Error })
        {
            _isPlain = false;
            return;
        }

        if (collection.TypeKind != TypeKind.Array && collection.SpecialType != SpecialType.System_String)
        {
            var info = _store.ModelOf(syntax.SyntaxTree).GetForEachStatementInfo(syntax);
            Require(info.GetEnumeratorMethod is { IsExtensionMethod: false } && !info.ElementConversion.IsUserDefined && !info.CurrentConversion.IsUserDefined);
            if (!_isPlain) return;
            var enumerator = info.GetEnumeratorMethod!.ReturnType;
            _allocates |= enumerator.TypeKind == TypeKind.Interface;
            AddCall(info.GetEnumeratorMethod, collection, OperationLowering.IsVirtualCall(info.GetEnumeratorMethod, null));
            foreach (var member in new[] { info.MoveNextMethod, info.CurrentProperty?.GetMethod, info.DisposeMethod })
            {
                if (member is not null) AddCall(member, enumerator, OperationLowering.IsVirtualCall(member, null));
            }
        }

        Read(loop.Collection);
        Read(loop.Body);
    }
}
