using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Finds the places where a body, or a declaration, copies a lock or guard that is a struct. A value that nobody else has, because it
/// comes out of 'new', out of a call or out of a variable that is not used again, is moved, not copied.
/// </summary>
internal sealed class LockCopies
{
    private readonly LockValues _locks;
    private readonly ISymbol _owner;
    private readonly ImmutableArray<IOperation> _roots;
    private readonly List<LockCopy> _found = new();

    private LockCopies(LockValues locks, ISymbol owner, ImmutableArray<IOperation> roots)
    {
        _locks = locks;
        _owner = owner;
        _roots = roots;
    }

    public static IReadOnlyList<LockCopy> InBody(LockValues locks, ISymbol owner, ImmutableArray<IOperation> roots, CancellationToken cancellation)
    {
        var copies = new LockCopies(locks, owner, roots);
        foreach (var root in roots)
        {
            foreach (var operation in root.DescendantsAndSelf())
            {
                cancellation.ThrowIfCancellationRequested();
                copies.Read(operation);
            }
        }

        return copies._found;
    }

    /// <summary>What the declaration of a field or method copies, whoever uses it.</summary>
    public static IEnumerable<LockCopy> InDeclaration(LockValues locks, ISymbol symbol)
    {
        switch (symbol)
        {
            case IFieldSymbol { IsReadOnly: true, IsImplicitlyDeclared: false } field when locks.Of(field.Type) is not LockValue.None and var value:
                yield return new LockCopy(field.Locations[0], field.Name, field.Type, value, CopyForm.ReadOnlyField);
                break;
            case IMethodSymbol { IsImplicitlyDeclared: false, IsOverride: false, ExplicitInterfaceImplementations.IsEmpty: true } method:
                foreach (var parameter in method.Parameters)
                {
                    if (IsCopy(locks, parameter)) yield return new LockCopy(parameter.Locations[0], parameter.Name, parameter.Type, locks.Of(parameter.OriginalDefinition.Type), CopyForm.Parameter);
                }

                break;
        }
    }

    private static bool IsCopy(LockValues locks, IParameterSymbol parameter) =>
        locks.Of(parameter.OriginalDefinition.Type) != LockValue.None && parameter is { RefKind: RefKind.None, IsImplicitlyDeclared: false } && !parameter.DeclaringSyntaxReferences.IsEmpty;

    private void Read(IOperation operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation or IArrayElementReferenceOperation
                or IInstanceReferenceOperation or IPropertyReferenceOperation or IInvocationOperation or IConversionOperation:
                if (_locks.Of(operation.Type) is not LockValue.None and var value && IsKept(operation, value)) ReadUse(operation, value);
                break;
            case IForEachLoopOperation { LoopControlVariable: IVariableDeclaratorOperation { Symbol: { RefKind: RefKind.None } variable } }:
                if (_locks.Of(variable.Type) is not LockValue.None and var item) _found.Add(new LockCopy(variable.Locations[0], variable.Name, variable.Type, item, CopyForm.Iteration));
                break;
            case IAnonymousFunctionOperation function:
                _found.AddRange(InDeclaration(_locks, function.Symbol));
                break;
            case ILocalFunctionOperation function:
                _found.AddRange(InDeclaration(_locks, function.Symbol));
                break;
        }
    }

    /// <summary>Whether the value stays where it is read from, so that whoever takes it has a second one.</summary>
    private bool IsKept(IOperation operation, LockValue value) => operation switch
    {
        IInvocationOperation call => call.TargetMethod.ReturnsByRef || call.TargetMethod.ReturnsByRefReadonly,
        IPropertyReferenceOperation property => property.Property.ReturnsByRef || property.Property.ReturnsByRefReadonly || GivesCopy(property.Property, value),
        IConversionOperation conversion => IsUnboxing(conversion),

        // What a call has just made is nowhere else.
        IFieldReferenceOperation { Field.ContainingType.IsTupleType: true, Instance: IInvocationOperation { TargetMethod: { ReturnsByRef: false, ReturnsByRefReadonly: false } } } => false,

        // The parameter itself is reported.
        IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => !IsCopy(_locks, parameter),
        _ => true,
    };

    // An own getter is reported where it returns the field. Of the property of a nullable, a guard comes out to be disposed of.
    private static bool GivesCopy(IPropertySymbol property, LockValue value)
    {
        if (property.IsAbstract) return true;
        if (property.DeclaringSyntaxReferences.IsEmpty) return value == LockValue.Lock;
        foreach (var member in property.ContainingType.GetMembers())
        {
            if (member is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property.OriginalDefinition)) return true;
        }

        return false;
    }

    private static bool IsUnboxing(IConversionOperation conversion) =>
        conversion is { OperatorMethod: null, Operand.Type.IsReferenceType: true, Type.IsValueType: true };

    private void ReadUse(IOperation operation, LockValue value)
    {
        var use = operation.Parent;
        while (use is IParenthesizedOperation) use = use.Parent;
        if (FormOf(operation, use) is { } form)
        {
            if (form == CopyForm.Argument && use is IArgumentOperation { Parameter: { } parameter } && IsCopy(_locks, parameter)) return;
            if (!IsMoved(operation, form)) Add(operation, value, form);
            return;
        }

        if (use is null || ReceiverOf(use) != operation) return;
        bool isTemporary = operation is IConversionOperation or IPropertyReferenceOperation { Property: { ReturnsByRef: false, ReturnsByRefReadonly: false } };
        string? member = use switch
        {
            IInvocationOperation { TargetMethod: { IsReadOnly: false, ContainingType.IsReferenceType: false } called } => called.Name,
            IInvocationOperation { ConstrainedToType: not null, TargetMethod: var called } => called.Name,
            IFieldReferenceOperation { Field: var part } when isTemporary && _locks.Of(part.Type) != LockValue.None => part.Name,
            _ => null,
        };
        if (member is not null && (isTemporary || IsReadOnly(operation))) Add(operation, value, CopyForm.Call, member);
    }

    private void Add(IOperation operation, LockValue value, CopyForm form, string member = "") =>
        _found.Add(new LockCopy(operation.Syntax.GetLocation(), operation.Syntax.ToString(), operation.Type!, value, form, member));

    /// <summary>How a use copies what it is given; null where it does not.</summary>
    private CopyForm? FormOf(IOperation operation, IOperation? use) => use switch
    {
        ISimpleAssignmentOperation { IsRef: false, Target: not IDiscardOperation } assignment when assignment.Value == operation => CopyForm.Variable,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.RefKind: RefKind.None } } => CopyForm.Variable,
        IFieldInitializerOperation or IPropertyInitializerOperation or IArrayInitializerOperation or IWithOperation => CopyForm.Variable,
        ITupleOperation tuple when !IsTarget(tuple) => CopyForm.Variable,
        IConditionalOperation { IsRef: false } choice when choice.Condition != operation => CopyForm.Variable,
        ISwitchExpressionArmOperation arm when arm.Value == operation => CopyForm.Variable,
        IArgumentOperation { Parameter.RefKind: RefKind.None } => CopyForm.Argument,
        IReturnOperation when !ReturnsReference(operation) => CopyForm.Return,
        IConversionOperation { OperatorMethod: not null } => CopyForm.Argument,
        IConversionOperation { Type.IsReferenceType: true } => CopyForm.Box,
        IConversionOperation { Type: INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } } => CopyForm.Variable,
        _ => null,
    };

    // 'var (guard, count) = ...' takes apart what stands on its right.
    private static bool IsTarget(IOperation tuple)
    {
        var at = tuple;
        while (at.Parent is ITupleOperation or IDeclarationExpressionOperation) at = at.Parent;
        return at.Parent is IDeconstructionAssignmentOperation split && split.Target == at;
    }

    private static IOperation? ReceiverOf(IOperation use)
    {
        var receiver = use switch
        {
            IInvocationOperation call => call.Instance,
            IFieldReferenceOperation field => field.Instance,
            _ => null,
        };
        while (receiver is IParenthesizedOperation inner) receiver = inner.Operand;
        return receiver;
    }

    private bool ReturnsReference(IOperation operation) =>
        FunctionAround(operation) is { } function ? function.ReturnsByRef || function.ReturnsByRefReadonly : _owner is IMethodSymbol { ReturnsByRef: true } or IMethodSymbol { ReturnsByRefReadonly: true };

    private static IMethodSymbol? FunctionAround(IOperation operation)
    {
        for (var around = operation.Parent; around is not null; around = around.Parent)
        {
            if (around is IAnonymousFunctionOperation lambda) return lambda.Symbol;
            if (around is ILocalFunctionOperation local) return local.Symbol;
        }

        return null;
    }

    /// <summary>A local or parameter gives up its value: nobody reads it afterwards.</summary>
    private bool IsMoved(IOperation operation, CopyForm form)
    {
        ISymbol? variable = operation switch
        {
            // At the end of its scope, 'using' uses it once more.
            ILocalReferenceOperation { Local: { RefKind: RefKind.None, IsStatic: false, IsUsing: false } local } => local,
            IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => parameter,
            _ => null,
        };
        if (variable is null) return false;
        if (form == CopyForm.Return) return true;
        if (form == CopyForm.Box) return false;
        for (var around = operation.Parent; around is not null; around = around.Parent)
        {
            bool repeats = around is ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation;
            if (repeats && !IsDeclaredIn(variable, around)) return false;
        }

        foreach (var root in _roots)
        {
            foreach (var other in root.DescendantsAndSelf())
            {
                bool isSame = other switch
                {
                    ILocalReferenceOperation reference => SymbolEqualityComparer.Default.Equals(reference.Local, variable),
                    IParameterReferenceOperation reference => SymbolEqualityComparer.Default.Equals(reference.Parameter, variable),
                    _ => false,
                };
                if (isSame && other.Syntax.SpanStart > operation.Syntax.SpanStart) return false;
            }
        }

        return true;
    }

    private static bool IsDeclaredIn(ISymbol variable, IOperation around)
    {
        foreach (var declared in variable.DeclaringSyntaxReferences)
        {
            if (declared.SyntaxTree == around.Syntax.SyntaxTree && around.Syntax.Span.Contains(declared.Span)) return true;
        }

        return false;
    }

    /// <summary>Whether a call of a member must not change the place, so that the compiler makes a copy to call it on.</summary>
    private bool IsReadOnly(IOperation? place) => place switch
    {
        IParenthesizedOperation inner => IsReadOnly(inner.Operand),

        // In source, the field itself is reported.
        IFieldReferenceOperation { Field: { IsReadOnly: true } field } => field.DeclaringSyntaxReferences.IsEmpty,
        IFieldReferenceOperation { Instance: { Type.IsValueType: true } instance } => IsReadOnly(instance),

        // 'in' and 'ref readonly'.
        IParameterReferenceOperation { Parameter.RefKind: not (RefKind.None or RefKind.Ref or RefKind.Out) } => true,
        ILocalReferenceOperation { Local.RefKind: RefKind.In } => true,
        IInstanceReferenceOperation => _owner is IMethodSymbol { IsReadOnly: true },
        IInvocationOperation call => call.TargetMethod.ReturnsByRefReadonly,
        IPropertyReferenceOperation property => property.Property.ReturnsByRefReadonly,
        _ => false,
    };
}
