using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Lowers operations of a control-flow graph to steps, and expressions to values. Calls, places and patterns: the other parts.</summary>
internal sealed partial class OperationLowering
{
    private readonly BodyStore _store;
    private readonly BodyKey _key;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<CaptureId, Symbol> _aliases = new();
    private readonly Dictionary<ILocalSymbol, Symbol> _references = new(SymbolEqualityComparer.Default);
    private readonly HashSet<BodyKey> _known = new();
    private ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private ControlFlowGraph? _graph;
    private GraphCaptures? _captures;
    private int _next;
    private int _made;

    public OperationLowering(BodyStore store, BodyKey key, CancellationToken cancellation)
    {
        _store = store;
        _key = key;
        _cancellation = cancellation;
    }

    public List<NestedFunction> Functions { get; } = new();

    public ImmutableHashSet<ISymbol> Shared { get; private set; } = ImmutableHashSet.Create<ISymbol>(SymbolEqualityComparer.Default);

    public bool Yields { get; private set; }

    public int StepCount => _next;

    /// <summary>Begins a block.</summary>
    public void Start(ControlFlowGraph? graph)
    {
        if (graph is not null && graph != _graph)
        {
            _graph = graph;
            _captures = null;
            AddLocalFunctions(graph);
        }
    }

    /// <summary>Ends a block: the steps lowered since the last one.</summary>
    public ImmutableArray<Step> Finish()
    {
        if (_made < _next) Add(new ConditionStep(_next++));
        var steps = _steps.ToImmutable();
        _steps.Clear();
        return steps;
    }

    public void LowerStatement(IOperation operation)
    {
        switch (operation)
        {
            case IExpressionStatementOperation { Operation: IInvocationOperation { IsImplicit: true, TargetMethod.MethodKind: MethodKind.Constructor } }:
                break; // Newer compilers show the base constructor that nobody wrote: LowerImpliedBaseCall has it already.
            case IExpressionStatementOperation { Operation: IInvocationOperation call }:
                LowerCall(call, isDropped: true);
                break;
            case IExpressionStatementOperation { Operation: IConversionOperation { Operand: IInvocationOperation call, IsImplicit: true } }:
                LowerCall(call, isDropped: true);
                break;
            case IExpressionStatementOperation { Operation: IAwaitOperation { Operation: IInvocationOperation { TargetMethod.ReturnType: INamedTypeSymbol { IsGenericType: true } } } await }:
                Lower(await);
                DropResult();
                break;
            case IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak } yield:
                Yields = true;
                if (yield.ReturnedValue is { } yielded) Lower(yielded);
                if (yield.Kind == OperationKind.YieldReturn) Add(new SuspendStep(_next++, yield.Syntax.GetLocation(), SuspendKind.Yield));
                break;
            default:
                Lower(operation);
                break;
        }
    }

    public Value Lower(IOperation operation)
    {
        // Expressions nest as deeply as their author likes; beyond the stack, nothing is known of the body.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        _cancellation.ThrowIfCancellationRequested();
        if (ConstantOf(operation) is { } constant) return constant;
        if (ZeroDurations.Is(operation)) return Constant.Zero;

        switch (operation)
        {
            case IExpressionStatementOperation statement: return Lower(statement.Operation);
            case IFieldReferenceOperation { Field: { Name: "Empty", ContainingType.SpecialType: SpecialType.System_String } }: return Constant.Of("");
            case IFieldReferenceOperation field when ReadOnlyValues.Of(_store, field.Field, _cancellation) is { } fixedValue: return fixedValue;
            case IFlowCaptureReferenceOperation reference when _capturedProperties.TryGetValue(reference.Id, out var captured):
                return Lower(captured);
            case IFieldReferenceOperation { Parent: IFlowCaptureOperation or IIsNullOperation or IBinaryOperation or IIsPatternOperation } field
                when ReadOnlyValues.IsMade(_store, field.Field, _cancellation) && LowerPlace(field) is { } filled:
                Add(new LearnStep(_next++, field.Syntax.GetLocation(), filled));
                return filled;
            case ILocalReferenceOperation or IParameterReferenceOperation or IInstanceReferenceOperation
                or IFlowCaptureReferenceOperation or IFieldReferenceOperation or IEventReferenceOperation:
                return LowerPlace(operation) ?? Fresh();
            case IPropertyReferenceOperation property: return LowerPropertyGet(property);
            case IImplicitIndexerReferenceOperation access: return LowerImplicitIndexer(access);
            case IArrayElementReferenceOperation element: return LowerElement(element);
            case IFlowCaptureOperation capture: return LowerCapture(capture);
            case ISimpleAssignmentOperation assignment: return LowerAssignment(assignment);
            case ICompoundAssignmentOperation compound: return LowerCompound(compound);
            case ICoalesceAssignmentOperation coalesce: return LowerChildren(coalesce);
            case IIncrementOrDecrementOperation increment: return LowerIncrement(increment);
            case IDeconstructionAssignmentOperation deconstruction: return LowerDeconstruction(deconstruction);
            case IEventAssignmentOperation subscription: return LowerSubscription(subscription);
            case IInvocationOperation call: return LowerCall(call, isDropped: false);
            case IObjectCreationOperation creation: return LowerCreation(creation);
            case IArrayInitializerOperation initializer:
                LowerElements(initializer.ElementValues);
                return Fresh();
            case ITypeParameterObjectCreationOperation creation:
                var made = LowerAllocation(creation, "new " + creation.Type?.Name);
                ((AllocateStep)_steps[_steps.Count - 1]).TypeParameter = creation.Type as ITypeParameterSymbol;
                return made;
            case IArrayCreationOperation creation:
                return Sized(creation, IsSharedEmptyArray(creation) || IsConstantSpan(creation) ? Fresh() : LowerAllocation(creation, "new " + Describe(creation.Type)), creation.DimensionSizes is { Length: 1 } sizes ? sizes[0].ConstantValue.Value as int? : null);
            case IAnonymousObjectCreationOperation creation: return LowerAnonymous(creation);
            case IDelegateCreationOperation creation: return LowerDelegate(creation);
            case IFlowAnonymousFunctionOperation function: return LowerLambda(function);
            case IMethodReferenceOperation method: return LowerMethodReference(method);
            case IConversionOperation or IUnaryOperation or IBinaryOperation or IParenthesizedOperation: return LowerSpine(operation);
            case ITupleOperation tuple: return LowerTuple(tuple);
            case ITupleBinaryOperation comparison: return LowerTupleComparison(comparison);
            case IIsNullOperation test: return Fold.Equal(Lower(test.Operand), Constant.Null);
            case IIsTypeOperation test:
                var isType = IsOfType(Lower(test.ValueOperand), test.ValueOperand.Type, test.TypeOperand);
                return test.IsNegated ? Fold.Not(isType) : isType;
            case IIsPatternOperation test: return LowerPattern(test.Pattern, Lower(test.Value), test.Value.Type);
            case IAwaitOperation await: return LowerAwait(await);
            case IInterpolatedStringOperation text: return LowerInterpolation(text);
            case IDefaultValueOperation value: return DefaultOf(value);
            case INameOfOperation or ITypeOfOperation or ISizeOfOperation or ILiteralOperation: return Fresh();
            case ICaughtExceptionOperation: return Fresh();
            case IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicObjectCreationOperation or IDynamicIndexerAccessOperation:
                return LowerUnknown(operation, "a dynamic call");
            case IFunctionPointerInvocationOperation call: return LowerPointerCall(call);
            case IAddressOfOperation { Reference: IMethodReferenceOperation method }: return LowerMethodReference(method);
            case IArgumentOperation argument: return Lower(argument.Value);
            case ITranslatedQueryOperation query: return Lower(query.Operation);
            case IWithOperation with: return LowerWith(with);
            case IInvalidOperation { IsImplicit: true, Syntax.Parent: LockStatementSyntax @lock } enter: return LowerLockEntry(enter, @lock);
            default: return operation.Syntax is CollectionExpressionSyntax || IsParamsCollection(operation) ? LowerCollection(operation) : LowerChildren(operation);
        }
    }

    private static Constant? ConstantOf(IOperation operation) =>
        operation.ConstantValue is { HasValue: true, Value: var constant }
        && operation is not (IFlowCaptureOperation or IConversionOperation { Operand: IFlowCaptureReferenceOperation })
        && (operation is IInterpolatedStringOperation || operation.Type?.TypeKind != TypeKind.Dynamic)
            ? Constant.Of(constant)
            : null;

    /// <summary>The operand of a throw: what it calls counts, what it allocates does not.</summary>
    public void LowerThrown(IOperation operand)
    {
        int before = _steps.Count;
        Lower(operand);
        TakeAsThrown(before);
    }

    private void TakeAsThrown(int from)
    {
        for (int i = _steps.Count - 1; i >= from; i--)
        {
            if (_steps[i] is AllocateStep) _steps.RemoveAt(i);
            else if (_steps[i] is CallStep call) call.IsThrown = true;
        }
    }

    // 'throw given ?? new Exception()' is evaluated in parts, before it is thrown.
    private static bool IsPartOfThrown(SyntaxNode syntax)
    {
        for (var at = syntax; at is ExpressionSyntax or ArgumentSyntax or ArgumentListSyntax or SwitchExpressionArmSyntax; at = at.Parent)
        {
            if (at is AnonymousFunctionExpressionSyntax) return false;
            if (at is ThrowExpressionSyntax || at.Parent is ThrowStatementSyntax) return true;
        }

        return false;
    }

    private Value LowerChildren(IOperation operation)
    {
        foreach (var child in operation.ChildOperations) Lower(child);
        return Fresh();
    }

    private Value LowerUnknown(IOperation operation, string what)
    {
        foreach (var child in operation.ChildOperations)
        {
            // 'target.Run()' is one call, not a read of 'target.Run' and a call of it.
            if (child is IDynamicMemberReferenceOperation && operation is IDynamicInvocationOperation) LowerChildren(child);
            else Lower(child);
        }

        Add(new UnknownStep(_next++, operation.Syntax.GetLocation(), what));
        return Fresh();
    }

    private Value LowerAllocation(IOperation operation, string what)
    {
        LowerChildren(operation);
        return Allocate(operation, what);
    }

    private Value Allocate(IOperation operation, string what, ITypeSymbol? made = null)
    {
        int id = _next++;
        Add(new AllocateStep(id, operation.Syntax.GetLocation(), what));
        return new Symbol(SymbolRole.Instance, id, made ?? operation.Type);
    }

    // A params call without arguments passes the one empty array that all share.
    private static bool IsSharedEmptyArray(IArrayCreationOperation creation) =>
        creation is { IsImplicit: true, DimensionSizes.Length: 1 } && creation.DimensionSizes[0].ConstantValue is { HasValue: true, Value: 0 };

    // A span over constants is one over the program's own data.
    private static bool IsConstantSpan(IArrayCreationOperation creation)
    {
        if (creation is not { Parent: IConversionOperation { Type: INamedTypeSymbol { Name: "ReadOnlySpan", ContainingNamespace.Name: "System" } }, Initializer: { } initializer }) return false;
        if (creation.Type is not IArrayTypeSymbol { ElementType.SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_Double }) return false;
        foreach (var element in initializer.ElementValues)
        {
            if (!element.ConstantValue.HasValue) return false;
        }

        return true;
    }

    private Value LowerWith(IWithOperation with)
    {
        var copied = Lower(with.Operand);
        if (with.CloneMethod is { } clone) AddCall(with, clone, copied, ImmutableArray<Value>.Empty, clone.IsVirtual || clone.IsAbstract);
        Lower(with.Initializer);
        return with.Type is { IsReferenceType: true } ? Allocate(with, "a copy of " + Describe(with.Type)) : Fresh();
    }

    // Spans live on the stack, unless what is spread into them decides how long they are; an empty array is shared.
    private Value LowerCollection(IOperation collection)
    {
        LowerElements(collection.ChildOperations);
        AddCollectionCalls(collection);
        var elements = collection.Syntax is CollectionExpressionSyntax expression ? expression.Elements : default;
        bool isShared = collection.Syntax is CollectionExpressionSyntax && elements.Count == 0 && collection.Type is { TypeKind: TypeKind.Array or TypeKind.Interface };
        bool isSpread = collection.Type is { IsRefLikeType: true } type && !_store.IsSource(type) && elements.Any(static element => element is SpreadElementSyntax);
        var made = (collection.Type is { IsReferenceType: true } && !isShared) || isSpread ? Allocate(collection, "a collection expression") : Fresh();
        return Sized(collection, made, collection.Syntax is CollectionExpressionSyntax && !elements.Any(static element => element is SpreadElementSyntax) ? elements.Count : null);
    }

    private Value LowerInterpolation(IInterpolatedStringOperation text)
    {
        // A FormattableString keeps its parts and asks them for their text when it is asked for its own.
        bool isKept = text.Parent is IInterpolatedStringHandlerCreationOperation
            or IConversionOperation { OperatorMethod: null, Type: { Name: "FormattableString" or "IFormattable", ContainingNamespace.Name: "System" } };
        foreach (var part in text.Parts)
        {
            if (isKept || part is not IInterpolationOperation hole)
            {
                Lower(part);
                continue;
            }

            AddText(hole.Expression, Lower(hole.Expression), isFormatted: true);
        }

        return Allocate(text, "an interpolated string");
    }

    private static Value? Known(ITypeSymbol? type) => type switch
    {
        { SpecialType: SpecialType.System_Boolean } => Constant.False,
        { TypeKind: TypeKind.Enum } => Constant.Zero,
        { IsReferenceType: true } => Constant.Null,
        { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } => Constant.Null,
        { SpecialType: >= SpecialType.System_SByte and <= SpecialType.System_UInt64 } => Constant.Zero,
        _ => ZeroDurations.IsDuration(type) ? Constant.Zero : null,
    };

    private Value DefaultOf(IOperation value)
    {
        if (Known(value.Type) is { } known) return known;
        var made = Fresh();
        AddDefaults(value, value.Type, made);
        return Sized(value, made, 0);
    }

    // That it is empty is worth knowing wherever it goes, how long it is to whom it is given.
    private Value Sized(IOperation at, Value made, int? size)
    {
        if (size is not { } count || count > 0 && at.Parent is not (IArgumentOperation or IConversionOperation { Parent: IArgumentOperation } or ISimpleAssignmentOperation { Syntax: VariableDeclaratorSyntax })) return made;
        if (LastingValues.LengthOf(at.Type, made) is { } length) Add(new AssignStep(_next++, at.Syntax.GetLocation(), length, Constant.Of(count), null) { IsFirst = true });
        return made;
    }

    /// <summary>What stands where nothing is evaluated.</summary>
    public Value Unknown() => Fresh();

    private Symbol Fresh() => new(SymbolRole.Fresh, _next++);

    private void Add(Step step)
    {
        step.MadeFrom = _made;
        step.MadeUntil = _made = _next;
        _steps.Add(step);
    }

    private static string Describe(ITypeSymbol? type) =>
        type?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "an object";
}
