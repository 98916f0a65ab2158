using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>What the language makes of statements: loops, locks, awaits, disposals, texts, collections.</summary>
internal sealed partial class SketchReader
{
    /// <summary>A member that the compiler calls on a receiver of the type.</summary>
    private void AddImplied(IMethodSymbol? member, ITypeSymbol? receiver) =>
        AddCall(member, receiver, member is not null && OperationLowering.IsVirtualCall(member, null));

    /// <summary>A part of a string whose text may be made by code of ours.</summary>
    private void AddText(IOperation part, bool isFormatted)
    {
        while (part is IConversionOperation { OperatorMethod: null } conversion) part = conversion.Operand;
        Follow(part.Type is not ITypeParameterSymbol);
        if (part.Type is not INamedTypeSymbol { SpecialType: SpecialType.None } type || OperationLowering.TextOf(_store, type, isFormatted) is not { } method) return;
        Follow(false);
        AddCall(method, type, isVirtual: true);
    }

    private void ReadAwait(IAwaitOperation awaited)
    {
        Follow(false);
        Read(awaited.Operation);
        if (awaited.Syntax is not AwaitExpressionSyntax syntax)
        {
            Require(false);
            return;
        }

        var info = _store.ModelOf(syntax.SyntaxTree).GetAwaitExpressionInfo(syntax);
        Require(info.IsDynamic || info.GetAwaiterMethod is not null);
        AddImplied(info.GetAwaiterMethod, awaited.Operation.Type);
        AddCall(info.IsCompletedProperty?.GetMethod, null, isVirtual: false);
        AddCall(OperationLowering.ContinuationOf(_store, info.GetAwaiterMethod?.ReturnType), null, isVirtual: false);
        AddCall(info.GetResultMethod, null, isVirtual: false);
    }

    private void ReadLock(ILockOperation @lock)
    {
        Follow(false);
        ReadAll(@lock);
        var type = @lock.LockedValue.Type;
        bool isMonitor = type is not { Name: "Lock", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };
        var entered = isMonitor ? _store.Compilation.GetTypeByMetadataName("System.Threading.Monitor") : type as INamedTypeSymbol;
        Require(entered is not null);
        if (entered is null) return;
        foreach (var member in entered.GetMembers())
        {
            if (member is IMethodSymbol { Name: "Enter" or "Exit" or "EnterScope" } method) AddCall(method, null, isVirtual: false);
        }
    }

    private void ReadEvent(IEventAssignmentOperation assignment)
    {
        Follow(false);
        ReadAll(assignment);
        if (assignment.EventReference is not IEventReferenceOperation { Event: { } target } reference)
        {
            Require(false);
            return;
        }

        AddAccessor(assignment.Adds ? target.AddMethod : target.RemoveMethod, reference.Instance);
    }

    private void AddDeconstruction(DeconstructionInfo info)
    {
        AddImplied(info.Method, null);
        AddOperator(info.Conversion?.MethodSymbol, null);
        foreach (var nested in info.Nested) AddDeconstruction(nested);
    }

    private void ReadCollection(IOperation collection)
    {
        Follow(false);
        Require(collection.Type is { } type && !_store.IsSource(type));
        foreach (var element in collection.ChildOperations)
        {
            // A part that is spread shows what is spread as its only child.
            if (element.Syntax is not SpreadElementSyntax spread)
            {
                Read(element);
                continue;
            }

            Require(_store.ModelOf(spread.SyntaxTree).GetTypeInfo(spread.Expression, _cancellation).Type is { } enumerated && IsSpreadPlainly(enumerated, collection.Type));
            ReadAll(element);
        }
    }

    // Elements of the same type, and nothing of ours in between.
    private bool IsSpreadPlainly(ITypeSymbol enumerated, ITypeSymbol? collection) =>
        (enumerated is IArrayTypeSymbol || !_store.IsSource(enumerated)) && OperationLowering.ElementType(enumerated) is { } element
        && SymbolEqualityComparer.Default.Equals(element, OperationLowering.ElementType(collection));

    private void ReadUsing(IOperation operation)
    {
        if (operation is IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true })
        {
            Require(false);
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
            Require(false);
            return;
        }

        AddImplied(dispose, type);
    }

    private void ReadLoop(IForEachLoopOperation loop)
    {
        _hasLoop = true;
        if (loop.IsAsynchronous || loop.Syntax is not CommonForEachStatementSyntax syntax)
        {
            Require(false);
            return;
        }

        if (syntax is ForEachVariableStatementSyntax deconstruction) AddDeconstruction(_store.ModelOf(syntax.SyntaxTree).GetDeconstructionInfo(deconstruction));
        Follow(loop.LoopControlVariable is IVariableDeclaratorOperation { Symbol.Type: { } element } && IsOrdinary(element));
        var collection = OperationLowering.Written(loop.Collection).Type;
        if (collection is null or { TypeKind: TypeKind.Dynamic or TypeKind.Error })
        {
            Require(false);
            return;
        }

        var info = _store.ModelOf(syntax.SyntaxTree).GetForEachStatementInfo(syntax);
        if (collection.TypeKind == TypeKind.Array || collection.SpecialType == SpecialType.System_String)
        {
            AddOperator(info.ElementConversion.MethodSymbol, null);
            _allocates |= info.ElementConversion.IsBoxing;
        }
        else
        {
            Require(info.GetEnumeratorMethod is not null);
            if (!_isListed) return;
            Follow(!info.GetEnumeratorMethod!.IsExtensionMethod);
            AddOperator(info.ElementConversion.MethodSymbol, null);
            AddOperator(info.CurrentConversion.MethodSymbol, null);
            var enumerator = info.GetEnumeratorMethod!.ReturnType;
            _allocates |= enumerator.TypeKind == TypeKind.Interface;
            AddImplied(info.GetEnumeratorMethod, collection);
            foreach (var member in new[] { info.MoveNextMethod, info.CurrentProperty?.GetMethod, info.DisposeMethod })
            {
                AddImplied(member, enumerator);
            }
        }

        Read(loop.Collection);
        Read(loop.Body);
    }
}
