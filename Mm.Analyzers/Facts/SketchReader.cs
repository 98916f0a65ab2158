using System.Collections.Generic;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Reads the sketch of a body off its operations. Knows the harmless kinds; whatever is not among them makes the body unclear, and then
/// the graph decides. So it may be ignorant, but must never call a body plain that does more than it says.
/// </summary>
internal sealed partial class SketchReader
{
    // A number or text that comes out of so many statements is followed by nobody.
    private const int LongBody = 12;

    private readonly BodyStore _store;
    private readonly ISymbol _owner;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<(ISymbol Target, ISymbol? Receiver)> _seen = new(PairComparer.Instance);
    private readonly List<CallStep> _calls = new();
    private bool _isPlain = true;
    private bool _isListed = true;
    private bool _allocates;
    private bool _hasFunctions;
    private bool _choosesFlags;
    private bool _hasLoop;
    private bool _throws;
    private int _statements;

    private SketchReader(BodyStore store, ISymbol owner, CancellationToken cancellation)
    {
        _store = store;
        _owner = owner;
        _cancellation = cancellation;
    }

    public static Sketch Of(BodyStore store, ISymbol owner, CancellationToken cancellation)
    {
        if (owner is IMethodSymbol { IsImplicitlyDeclared: true, ContainingType.IsRecord: true }) return Sketch.Unclear;
        if (owner is IMethodSymbol whole && Contracts.IsSynchronized(whole)) return Sketch.Unclear;
        var roots = BodySource.RootsOf(store, owner, cancellation);
        if (roots.IsDefault) return Sketch.Unclear;
        var reader = new SketchReader(store, owner, cancellation);
        if (owner is IMethodSymbol method)
        {
            reader.Follow(!method.IsAsync && !IsDelegate(method.ReturnType));
            reader.Require(!IsDelegate(method.ReturnType)
                || store.Contracts.OfDelegateType(method.ReturnType).IsNone && store.Contracts.OfPlaceOnly(method.AssociatedSymbol ?? method).IsNone);
        }

        if (owner is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            && OperationLowering.ImpliedBase(constructor, cancellation) is { } implied) reader.AddCall(implied, null, isVirtual: false);
        foreach (var root in roots)
        {
            reader.Read(root);
            if (!reader._isListed) return Sketch.Unclear;
        }

        return new Sketch
        {
            IsPlain = reader._isPlain,
            IsListed = true,
            Calls = reader._calls.ToImmutableArray(),
            Allocates = reader._allocates,
            HasFunctions = reader._hasFunctions,
            ChoosesFlags = reader._choosesFlags,
            IsOpaque = reader.IsOpaque(),
            Asserts = reader._throws && IsGivenCondition(owner),
            Completes = roots.IsEmpty || Completes(roots[roots.Length - 1]),
        };
    }

    private static bool IsGivenCondition(ISymbol owner)
    {
        if (owner is not IMethodSymbol method) return false;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Type.SpecialType == SpecialType.System_Boolean) return true;
        }

        return false;
    }

    private bool IsOpaque()
    {
        if (_owner is not IMethodSymbol method) return true;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind is RefKind.Ref or RefKind.Out) return false;
        }

        return method.ReturnsVoid
            || (_hasLoop || _statements >= LongBody)
                && method is { ReturnsByRef: false, ReturnsByRefReadonly: false, ReturnType: { TypeKind: not TypeKind.Enum, SpecialType: >= SpecialType.System_SByte and <= SpecialType.System_String } };
    }

    /// <summary>Whether control may come behind a statement, or leave by a return.</summary>
    private static bool Completes(IOperation? operation) => operation switch
    {
        IMethodBodyOperation method => Completes((IOperation?)method.BlockBody ?? method.ExpressionBody),
        IConstructorBodyOperation constructor => Completes((IOperation?)constructor.BlockBody ?? constructor.ExpressionBody),
        IBlockOperation block => CompletesAll(block),
        IThrowOperation => false,
        IExpressionStatementOperation { Operation: IThrowOperation } => false,
        IConditionalOperation choice => choice.WhenFalse is null || Completes(choice.WhenTrue) || Completes(choice.WhenFalse),
        IWhileLoopOperation { Condition: null or { ConstantValue: { HasValue: true, Value: true } } } => false,
        IForLoopOperation { Condition: null or { ConstantValue: { HasValue: true, Value: true } } } => false,
        ITryOperation guarded => Completes(guarded.Body) && (guarded.Finally is null || Completes(guarded.Finally)),
        IBranchOperation { BranchKind: BranchKind.GoTo } => false,
        _ => true,
    };

    private static bool CompletesAll(IBlockOperation block)
    {
        foreach (var statement in block.Operations)
        {
            if (statement is IReturnOperation { Kind: OperationKind.Return, ReturnedValue: not IThrowOperation }) return true;
            if (!Completes(statement)) return false;
        }

        return true;
    }

    private void ReadAll(IOperation operation)
    {
        foreach (var child in operation.ChildOperations)
        {
            if (!_isListed) return;
            Read(child);
        }
    }

    private void Read(IOperation? operation)
    {
        if (operation is null || !_isListed) return;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (operation)
        {
            case ILiteralOperation or INameOfOperation or ITypeOfOperation or ISizeOfOperation or IDefaultValueOperation or IInstanceReferenceOperation
                or IDiscardOperation or IEmptyOperation or IConditionalAccessInstanceOperation or IDiscardPatternOperation
                or ITypePatternOperation or IInterpolatedStringTextOperation or IBranchOperation:
                break;
            case IExpressionStatementOperation or IVariableDeclarationGroupOperation or IConditionalOperation or IThrowOperation:
                _statements++;
                _throws |= operation is IThrowOperation;
                ReadAll(operation);
                break;
            case IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak } or IDynamicInvocationOperation or IDynamicMemberReferenceOperation
                or IDynamicIndexerAccessOperation or IDynamicObjectCreationOperation or IFunctionPointerInvocationOperation:
                Follow(false);
                ReadAll(operation);
                break;
            case IReturnOperation { Kind: OperationKind.Return }:
            case IMethodBodyOperation or IConstructorBodyOperation or IBlockOperation or IVariableDeclarationOperation or IVariableDeclaratorOperation
                or IVariableInitializerOperation or IParenthesizedOperation or IConstantPatternOperation or IRelationalPatternOperation or IBinaryPatternOperation
                or INegatedPatternOperation or IIsPatternOperation or IIsTypeOperation or ICoalesceAssignmentOperation
                or IConditionalAccessOperation or ISwitchOperation or ISwitchCaseOperation or ICaseClauseOperation or ISwitchExpressionOperation
                or ISwitchExpressionArmOperation or ILabeledOperation or ITryOperation or ICatchClauseOperation or ITupleOperation
                or IArrayInitializerOperation or IDeclarationExpressionOperation or ITranslatedQueryOperation or IObjectOrCollectionInitializerOperation:
                ReadAll(operation);
                break;
            case IForLoopOperation or IWhileLoopOperation:
                _hasLoop = true;
                ReadAll(operation);
                break;
            case IAwaitOperation awaited: ReadAwait(awaited); break;
            case ILockOperation @lock: ReadLock(@lock); break;
            case IEventReferenceOperation reference:
                ReadPlace(reference.Event, reference.Type, isRead: true);
                Read(reference.Instance);
                break;
            case IEventAssignmentOperation assignment: ReadEvent(assignment); break;
            case IDeconstructionAssignmentOperation { Syntax: AssignmentExpressionSyntax deconstruction }:
                AddDeconstruction(_store.ModelOf(deconstruction.SyntaxTree).GetDeconstructionInfo(deconstruction));
                ReadAll(operation);
                break;
            case IForEachLoopOperation loop: ReadLoop(loop); break;
            case IUsingOperation or IUsingDeclarationOperation: ReadUsing(operation); break;
            case ISymbolInitializerOperation and (IFieldInitializerOperation or IPropertyInitializerOperation): ReadInitializer((ISymbolInitializerOperation)operation); break;
            case ILocalReferenceOperation local: Require(IsFree(local.Type)); break;
            case IDeclarationPatternOperation pattern: Follow(IsOrdinary(pattern.MatchedType)); break;
            case IRecursivePatternOperation pattern: ReadPattern(pattern); break;
            case ICoalesceOperation coalesce:
                AddOperator(coalesce.ValueConversion.MethodSymbol, null);
                ReadAll(coalesce);
                break;
            case IParameterReferenceOperation parameter: ReadParameter(parameter); break;
            case IFieldReferenceOperation field: ReadField(field); break;
            case IArrayElementReferenceOperation element:
                Follow(IsOrdinary(element.Type));
                Require(IsFree(element.Type));
                _allocates |= OperationLowering.IsSlice(element);
                ReadAll(element);
                break;
            case IPropertyReferenceOperation property: ReadProperty(property); break;
            case IInvocationOperation call: ReadCall(call); break;
            case IObjectCreationOperation creation: ReadCreation(creation); break;
            case IMemberInitializerOperation member:
                Read(member.InitializedMember);
                Read(member.Initializer);
                break;
            case IArrayCreationOperation array:
                _allocates = true;
                ReadAll(array);
                break;
            case IAnonymousObjectCreationOperation creation:
                _allocates = true;
                foreach (var part in creation.Initializers) Read(part is ISimpleAssignmentOperation { Value: { } value } ? value : part);
                break;
            case IDelegateCreationOperation creation: ReadDelegate(creation); break;
            case IAnonymousFunctionOperation function: ReadFunction(function.Symbol, function.Body); break;
            case ILocalFunctionOperation function: ReadFunction(function.Symbol, function.Body); break;
            case ISimpleAssignmentOperation assignment:
                Follow(assignment.Target is not IFieldReferenceOperation and not IPropertyReferenceOperation || !IsDelegate(assignment.Type) || IsKnownFunction(assignment.Value));
                _choosesFlags |= assignment.Target is IParameterReferenceOperation { Type.TypeKind: TypeKind.Enum };
                Read(assignment.Target);
                Read(assignment.Value);
                break;
            case ICompoundAssignmentOperation compound: ReadCompound(compound); break;
            case IIncrementOrDecrementOperation increment:
                AddOperator(increment.OperatorMethod, increment.ConstrainedToType);
                ReadAll(increment);
                break;
            case IUnaryOperation unary:
                AddOperator(unary.OperatorMethod, unary.ConstrainedToType);
                Read(unary.Operand);
                break;
            case IBinaryOperation binary: ReadBinary(binary); break;
            case IConversionOperation conversion: ReadConversion(conversion); break;
            case IInterpolatedStringOperation text:
                _allocates = true;
                ReadAll(text);
                break;
            case IInterpolationOperation hole:
                AddText(hole.Expression, isFormatted: true);
                ReadAll(hole);
                break;
            case IWithOperation { Initializer: { } initializer } with:
                Require(with.Type is not INamedTypeSymbol { IsReferenceType: true, IsRecord: true } record || OperationLowering.WrittenCopyOf(record) is null);
                Follow(false);
                Read(with.Operand);
                Read(initializer);
                break;
            case IRangeOperation or IUtf8StringOperation:
                ReadAll(operation);
                break;
            default:
                if (operation.Syntax is CollectionExpressionSyntax || OperationLowering.IsParamsCollection(operation))
                {
                    ReadCollection(operation);
                    break;
                }

                if (operation.Syntax is StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax)
                {
                    ReadAll(operation);
                    break;
                }

                Require(false);
                break;
        }
    }

    /// <summary>Without it, a call may be missing from the list.</summary>
    private void Require(bool isClear)
    {
        _isListed &= isClear;
        _isPlain &= isClear;
    }

    /// <summary>Without it, something runs that is no call of this body: a delegate, or a sequence that was made elsewhere.</summary>
    private void Follow(bool isKnown) => _isPlain &= isKnown;

    /// <summary>It is no delegate of a type that says something.</summary>
    private bool IsFree(ITypeSymbol? type) => _store.Contracts.OfDelegateType(type).IsNone;

    // What such a variable holds was put there by somebody else: a delegate, or something that runs when it is enumerated.
    private static bool IsOrdinary(ITypeSymbol? type) => type is not null && !IsDelegate(type) && !IsSequence(type);

    private static bool IsDelegate(ITypeSymbol? type) =>
        type is { TypeKind: TypeKind.Delegate or TypeKind.FunctionPointer or TypeKind.Dynamic } or { SpecialType: SpecialType.System_Delegate or SpecialType.System_MulticastDelegate };

    private static bool IsSequence(ITypeSymbol type) =>
        type is { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IEnumerator" or "IAsyncEnumerable" or "IAsyncEnumerator" };

    private sealed class PairComparer : IEqualityComparer<(ISymbol Target, ISymbol? Receiver)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((ISymbol Target, ISymbol? Receiver) x, (ISymbol Target, ISymbol? Receiver) y) =>
            SymbolEqualityComparer.Default.Equals(x.Target, y.Target) && SymbolEqualityComparer.Default.Equals(x.Receiver, y.Receiver);

        public int GetHashCode((ISymbol Target, ISymbol? Receiver) pair) => SymbolEqualityComparer.Default.GetHashCode(pair.Target);
    }
}
