using System;
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
    private readonly HashSet<(ISymbol Target, ISymbol? Receiver)> _seen;
    private readonly List<CallTarget> _calls;
    private bool _isPlain = true;
    private bool _isListed = true;
    private bool _allocates;
    private bool _hasFunctions;
    private bool _choosesFlags;
    private bool _hasLoop;
    private bool _throws;
    private int _statements;

    private SketchReader(BodyStore store, ISymbol owner, Lists lists, CancellationToken cancellation)
    {
        _store = store;
        _owner = owner;
        _cancellation = cancellation;
        (_seen, _calls) = (lists.Seen, lists.Calls);
    }

    public static Sketch Of(BodyStore store, ISymbol owner, CancellationToken cancellation)
    {
        if (owner is IMethodSymbol { IsImplicitlyDeclared: true, ContainingType.IsRecord: true }) return Sketch.Unclear;
        if (owner is IMethodSymbol whole && Contracts.IsSynchronized(whole)) return Sketch.Unclear;
        var roots = BodySource.RootsOf(store, owner, cancellation);
        if (roots.IsDefault) return Sketch.Unclear;
        var lists = Lists.Take();
        var reader = new SketchReader(store, owner, lists, cancellation);
        if (owner is IMethodSymbol method)
        {
            reader.Follow(!method.IsAsync && !IsDelegate(method.ReturnType));
            reader.Require(!IsDelegate(method.ReturnType)
                || store.Contracts.OfDelegateType(method.ReturnType).IsNone && store.Contracts.OfPlaceOnly(method.AssociatedSymbol ?? method).IsNone);
        }

        if (owner is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            && OperationLowering.ImpliedBase(constructor, cancellation) is { } implied) reader.AddCall(implied, null, isVirtual: false);
        foreach (var root in roots) reader.Read(root);
        var sketch = !reader._isListed ? Sketch.Unclear : new Sketch
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
        lists.GiveBack();
        return sketch;
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
        switch (operation.Kind)
        {
            case OperationKind.Literal or OperationKind.NameOf or OperationKind.TypeOf or OperationKind.SizeOf or OperationKind.DefaultValue or OperationKind.InstanceReference
                or OperationKind.Discard or OperationKind.Empty or OperationKind.ConditionalAccessInstance or OperationKind.DiscardPattern
                or OperationKind.TypePattern or OperationKind.InterpolatedStringText or OperationKind.Branch:
                break;
            case OperationKind.ExpressionStatement or OperationKind.VariableDeclarationGroup or OperationKind.Conditional or OperationKind.Throw:
                _statements++;
                _throws |= operation.Kind == OperationKind.Throw;
                ReadAll(operation);
                break;
            case OperationKind.YieldReturn or OperationKind.YieldBreak or OperationKind.DynamicInvocation or OperationKind.DynamicMemberReference
                or OperationKind.DynamicIndexerAccess or OperationKind.DynamicObjectCreation or OperationKind.FunctionPointerInvocation:
                Follow(false);
                ReadAll(operation);
                break;
            case OperationKind.Return or OperationKind.MethodBody or OperationKind.ConstructorBody or OperationKind.Block or OperationKind.VariableDeclaration or OperationKind.VariableDeclarator
                or OperationKind.VariableInitializer or OperationKind.Parenthesized or OperationKind.ConstantPattern or OperationKind.RelationalPattern or OperationKind.BinaryPattern
                or OperationKind.NegatedPattern or OperationKind.IsPattern or OperationKind.IsType or OperationKind.CoalesceAssignment
                or OperationKind.ConditionalAccess or OperationKind.Switch or OperationKind.SwitchCase or OperationKind.CaseClause or OperationKind.SwitchExpression
                or OperationKind.SwitchExpressionArm or OperationKind.Labeled or OperationKind.Try or OperationKind.CatchClause or OperationKind.Tuple
                or OperationKind.ArrayInitializer or OperationKind.DeclarationExpression or OperationKind.TranslatedQuery or OperationKind.ObjectOrCollectionInitializer
                or OperationKind.Range or OperationKind.Utf8String:
                ReadAll(operation);
                break;
            case OperationKind.Loop when operation is IForEachLoopOperation loop: ReadLoop(loop); break;
            case OperationKind.Loop:
                _hasLoop = true;
                ReadAll(operation);
                break;
            case OperationKind.Await: ReadAwait((IAwaitOperation)operation); break;
            case OperationKind.Lock: ReadLock((ILockOperation)operation); break;
            case OperationKind.EventReference:
                var reference = (IEventReferenceOperation)operation;
                ReadPlace(reference.Event, reference.Type, isRead: true);
                Read(reference.Instance);
                break;
            case OperationKind.EventAssignment: ReadEvent((IEventAssignmentOperation)operation); break;
            case OperationKind.DeconstructionAssignment when operation.Syntax is AssignmentExpressionSyntax deconstruction:
                AddDeconstruction(_store.ModelOf(deconstruction.SyntaxTree).GetDeconstructionInfo(deconstruction));
                ReadAll(operation);
                break;
            case OperationKind.Using or OperationKind.UsingDeclaration: ReadUsing(operation); break;
            case OperationKind.FieldInitializer or OperationKind.PropertyInitializer: ReadInitializer((ISymbolInitializerOperation)operation); break;
            case OperationKind.LocalReference: Require(IsFree(operation.Type)); break;
            case OperationKind.DeclarationPattern: Follow(IsOrdinary(((IDeclarationPatternOperation)operation).MatchedType)); break;
            case OperationKind.RecursivePattern: ReadPattern((IRecursivePatternOperation)operation); break;
            case OperationKind.Coalesce:
                AddOperator(((ICoalesceOperation)operation).ValueConversion.MethodSymbol, null);
                ReadAll(operation);
                break;
            case OperationKind.ParameterReference: ReadParameter((IParameterReferenceOperation)operation); break;
            case OperationKind.FieldReference: ReadField((IFieldReferenceOperation)operation); break;
            case OperationKind.ArrayElementReference:
                Follow(IsOrdinary(operation.Type));
                Require(IsFree(operation.Type));
                _allocates |= OperationLowering.IsSlice((IArrayElementReferenceOperation)operation);
                ReadAll(operation);
                break;
            case OperationKind.PropertyReference: ReadProperty((IPropertyReferenceOperation)operation); break;
            case OperationKind.Invocation: ReadCall((IInvocationOperation)operation); break;
            case OperationKind.ObjectCreation: ReadCreation((IObjectCreationOperation)operation); break;
            case OperationKind.MemberInitializer:
                var member = (IMemberInitializerOperation)operation;
                Read(member.InitializedMember);
                Read(member.Initializer);
                break;
            case OperationKind.ArrayCreation or OperationKind.InterpolatedString:
                _allocates = true;
                ReadAll(operation);
                break;
            case OperationKind.AnonymousObjectCreation:
                _allocates = true;
                foreach (var part in ((IAnonymousObjectCreationOperation)operation).Initializers) Read(part is ISimpleAssignmentOperation { Value: { } value } ? value : part);
                break;
            case OperationKind.DelegateCreation: ReadDelegate((IDelegateCreationOperation)operation); break;
            case OperationKind.AnonymousFunction:
                var lambda = (IAnonymousFunctionOperation)operation;
                ReadFunction(lambda.Symbol, lambda.Body);
                break;
            case OperationKind.LocalFunction:
                var function = (ILocalFunctionOperation)operation;
                ReadFunction(function.Symbol, function.Body);
                break;
            case OperationKind.SimpleAssignment:
                var assignment = (ISimpleAssignmentOperation)operation;
                Follow(assignment.Target is not IFieldReferenceOperation and not IPropertyReferenceOperation || !IsDelegate(assignment.Type) || IsKnownFunction(assignment.Value));
                _choosesFlags |= assignment.Target is IParameterReferenceOperation { Type.TypeKind: TypeKind.Enum };
                Read(assignment.Target);
                Read(assignment.Value);
                break;
            case OperationKind.CompoundAssignment: ReadCompound((ICompoundAssignmentOperation)operation); break;
            case OperationKind.Increment or OperationKind.Decrement:
                var increment = (IIncrementOrDecrementOperation)operation;
                AddOperator(increment.OperatorMethod, increment.ConstrainedToType);
                Follow(!OperationLowering.IsLookedUp(increment));
                Require(!OperationLowering.IsConvertedToStep(_store, increment));
                ReadAll(increment);
                break;
            case OperationKind.Unary:
                var unary = (IUnaryOperation)operation;
                AddOperator(unary.OperatorMethod, unary.ConstrainedToType);
                Follow(!OperationLowering.IsLookedUp(unary));
                Read(unary.Operand);
                break;
            case OperationKind.Binary: ReadBinary((IBinaryOperation)operation); break;
            case OperationKind.Conversion: ReadConversion((IConversionOperation)operation); break;
            case OperationKind.Interpolation:
                AddText(((IInterpolationOperation)operation).Expression, isFormatted: true);
                ReadAll(operation);
                break;
            case OperationKind.With when operation is IWithOperation { Initializer: { } initializer } with:
                Require(with.Type is not INamedTypeSymbol { IsReferenceType: true, IsRecord: true } record || OperationLowering.WrittenCopyOf(record) is null);
                Follow(false);
                AddImplied(with.CloneMethod, with.Operand.Type);
                Read(with.Operand);
                Read(initializer);
                break;
            default: ReadOther(operation); break;
        }
    }

    private void ReadOther(IOperation operation)
    {
        if (operation.Syntax is CollectionExpressionSyntax || OperationLowering.IsParamsCollection(operation)) ReadCollection(operation);
        else if (operation.Syntax is StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax) ReadAll(operation);
        else Require(false);
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

    /// <summary>What a reader gathers in; each thread keeps one for its next body.</summary>
    private sealed class Lists
    {
        private const int Kept = 256;

        [ThreadStatic]
        private static Lists? t_spare;

        public HashSet<(ISymbol Target, ISymbol? Receiver)> Seen { get; } = new(PairComparer.Instance);

        public List<CallTarget> Calls { get; } = new();

        public static Lists Take()
        {
            var lists = t_spare ?? new Lists();
            t_spare = null;
            return lists;
        }

        public void GiveBack()
        {
            if (Calls.Capacity > Kept) return;
            Seen.Clear();
            Calls.Clear();
            t_spare = this;
        }
    }

    private sealed class PairComparer : IEqualityComparer<(ISymbol Target, ISymbol? Receiver)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((ISymbol Target, ISymbol? Receiver) x, (ISymbol Target, ISymbol? Receiver) y) =>
            SymbolEqualityComparer.Default.Equals(x.Target, y.Target) && SymbolEqualityComparer.Default.Equals(x.Receiver, y.Receiver);

        public int GetHashCode((ISymbol Target, ISymbol? Receiver) pair) => SymbolEqualityComparer.Default.GetHashCode(pair.Target);
    }
}
