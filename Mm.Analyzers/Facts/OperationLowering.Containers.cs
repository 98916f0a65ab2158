using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Delegates in arrays and collections: what goes into one, and what comes out. The elements of one are a class.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>The key of a value that stands in an array or a collection.</summary>
    public const string Element = "[]";

    // Beyond this many, what is passed is one of many.
    private const int ListLimit = 12;

    private ISymbol? _elementsOf;
    private ImmutableArray<Value>.Builder? _listed;
    private Dictionary<CommonForEachStatementSyntax, ListedValue>? _enumerated;

    // Containers in containers: their elements are one class with those around. Of deeper ones, nothing is known.
    private const int ContainerDepth = 2;

    /// <summary>An array or span of delegates, of tuples with delegates in them, or of such containers, or one of .NET's collections of such.</summary>
    internal static bool IsContainer(ITypeSymbol? type) => IsContainer(type, ContainerDepth);

    /// <summary>A container of containers.</summary>
    internal static bool IsNested(ITypeSymbol? type) => IsContainer(type) && !IsContainer(type, 0);

    private static bool IsContainer(ITypeSymbol? type, int depth)
    {
        if (type is IArrayTypeSymbol array) return HoldsFunction(array.ElementType, depth);
        if (type is not INamedTypeSymbol { IsGenericType: true, Name: not "KeyValuePair", ContainingNamespace: { } home } named) return false;
        if (IsSpan(named)) return HoldsFunction(named.TypeArguments[0], depth);
        while (home.ContainingNamespace is { IsGlobalNamespace: false } outer && outer.Name != "System") home = outer;
        if (home is not { Name: "Collections", ContainingNamespace.Name: "System" }) return false;
        foreach (var argument in named.TypeArguments)
        {
            if (HoldsFunction(argument, depth)) return true;
        }

        return false;
    }

    /// <summary>A delegate, a tuple with one in it, or a container of such.</summary>
    internal static bool HoldsFunction(ITypeSymbol? type) => HoldsFunction(type, ContainerDepth);

    private static bool HoldsFunction(ITypeSymbol? type, int depth)
    {
        if (IsFunction(type)) return true;
        if (type is not INamedTypeSymbol { IsGenericType: true }) return depth > 0 && IsContainer(type, depth - 1);
        var parts = Bundles.PartsOf(type);
        foreach (var part in parts)
        {
            if (IsFunction(part)) return true;
        }

        return parts.IsEmpty && depth > 0 && IsContainer(type, depth - 1);
    }

    /// <summary>The container of which a value is an element, or an element of an element; null where it is none.</summary>
    internal static Symbol? RootOf(Value value)
    {
        Symbol? root = null;
        while (value is Symbol { Role: SymbolRole.Fresh, Key: Element, Parent: { } container })
        {
            value = container is TupleValue { Items: { Length: 2 } at } ? at[0] : container;
            root = value as Symbol;
        }

        return root;
    }

    // 'table[i].Handler = f', of tuples.
    private ISymbol? TableBehind(IOperation target)
    {
        if (!IsFunction(target.Type)) return null;
        while (target is IFieldReferenceOperation { Field.ContainingType.IsTupleType: true, Instance: { } whole }) target = whole;
        return target is IArrayElementReferenceOperation { ArrayReference: var array } ? ContainerOf(array) : null;
    }

    private static bool IsSpan(INamedTypeSymbol type) => type is { Name: "Span" or "ReadOnlySpan", Arity: 1, ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>An argument. What is written out there, and by nobody else got hold of, is known by its elements.</summary>
    private Value LowerArgument(IArgumentOperation argument)
    {
        return IsContainer(argument.Parameter?.Type) ? LowerListed(argument.Value) : Lower(argument.Value);
    }

    private Value LowerListed(IOperation container)
    {
        var outer = _listed;
        _listed = ImmutableArray.CreateBuilder<Value>();
        var value = Lower(container);
        var listed = _listed;
        _listed = outer;
        return listed.Count is > 0 and <= ListLimit && SourcesOf(container) is { IsDefault: false, IsEmpty: true } ? new ListedValue(listed.ToImmutable()) : value;
    }

    /// <summary>What a loop goes over: a container that stands in its head is known by its elements.</summary>
    private Value LowerEnumerated(IInvocationOperation start, IOperation sequence)
    {
        var container = Unconverted(sequence);
        if (!start.IsImplicit || container is not (IArrayCreationOperation or { Syntax: CollectionExpressionSyntax }) || !IsContainer(container.Type)) return Lower(sequence);
        var value = LowerListed(sequence);
        if (value is ListedValue listed && (start.Syntax as CommonForEachStatementSyntax ?? start.Syntax.Parent as CommonForEachStatementSyntax) is { } loop)
        {
            _enumerated ??= new Dictionary<CommonForEachStatementSyntax, ListedValue>();
            _enumerated[loop] = listed;
        }

        return value;
    }

    // What the elements are made of are lists of their own.
    private Value LowerPart(IOperation element)
    {
        var listed = _listed;
        _listed = null;
        var value = Lower(element);
        _listed = listed;
        listed?.Add(value);
        return value;
    }

    /// <summary>The field, auto-property, local or parameter behind a container: what becomes an element of it is known by it.</summary>
    private ISymbol? ContainerOf(IOperation? operation)
    {
        if (operation is null || !IsContainer(Unconverted(operation).Type)) return null;
        return Unconverted(operation) switch
        {
            IFieldReferenceOperation field => field.Field.OriginalDefinition,
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            IInvocationOperation call => GiverOf(call.TargetMethod) ?? (ContainerCalled(call) is { } around && !IsCopying(call.TargetMethod) ? ContainerOf(around) : null),
            IPropertyReferenceOperation { Property.IsIndexer: true, Instance: var around } => ContainerOf(around),
            IPropertyReferenceOperation { Property: var kept } when IsStored(kept) => kept.OriginalDefinition,
            IPropertyReferenceOperation property => GiverOf(property.Property.GetMethod),
            IArrayElementReferenceOperation { ArrayReference: var around } => ContainerOf(around),
            IFlowCaptureReferenceOperation capture when _graph is not null => ContainerBehind(capture),
            _ => null,
        };
    }

    // What is built before it is stored, as its initializer asks.
    private ISymbol? ContainerBehind(IFlowCaptureReferenceOperation capture)
    {
        _captures ??= GraphCaptures.Of(_graph!);
        if (_captures.Sources.TryGetValue(capture.Id, out var source) && source is IFieldReferenceOperation or ILocalReferenceOperation or IPropertyReferenceOperation) return ContainerOf(source);
        if (_captures.Targets.TryGetValue(capture.Id, out var target)) return ContainerOf(target);
        return _captures.Returned.Contains(capture.Id) && !_key.IsNested ? _key.Method : null;
    }

    /// <summary>What is assigned to a property; by way of the indexer of a container it becomes an element.</summary>
    private void FlowInto(IPropertyReferenceOperation property, IOperation source, Value value)
    {
        _elementsOf = property.Property.IsIndexer ? ContainerOf(property.Instance) : null;
        Flow(source, value, _elementsOf is not null && property.Type is { } type ? type : property.Property);
        FlowParts(source, value, _elementsOf);
        _elementsOf = null;
    }

    private void FlowInto(IOperation source, Value value, ISymbol? container)
    {
        if (container is null) return;
        _elementsOf = container;
        if (source.Type is { } type) Flow(source, value, type);
        FlowParts(source, value, container);
        _elementsOf = null;
    }

    private Value LowerElement(IArrayElementReferenceOperation element)
    {
        if ((ConstantArrays.ElementOf(_store, element, _cancellation) ?? (Value?)CellOf(element)) is { } known) return known;
        if (element.Type is { Name: "Delegate" } && HandlersIn(element.ArrayReference) is { } handler)
        {
            foreach (var index in element.Indices) Lower(index);
            return handler;
        }

        var array = HoldsFunction(element.Type) && Unconverted(element.ArrayReference) is IArrayCreationOperation ? LowerListed(element.ArrayReference) : Lower(element.ArrayReference);
        Value? at = null;
        foreach (var index in element.Indices) at = Lower(index);
        if (IsSlice(element)) return Allocate(element, "new " + Describe(element.Type));

        // Which of the handlers in a table it is, the index tells.
        return at is not null && HoldsFunction(element.Type, 0) && element.ArrayReference is IFieldReferenceOperation { Field: var table } && HandlerTables.IsTable(table)
            ? new Symbol(SymbolRole.Fresh, _next++, Element, new TupleValue(ImmutableArray.Create(array, at)))
            : ElementOf(array);
    }

    /// <summary>'array[1..3]' is a new array.</summary>
    internal static bool IsSlice(IArrayElementReferenceOperation element) =>
        element.Indices.Length == 1 && element.Indices[0].Type is { Name: "Range", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    // Elements are one class: good enough to name a lock and to find who goes in, not to remember a value.
    private Symbol ElementOf(Value container) => new(SymbolRole.Fresh, _next++, Element, container is Symbol { Role: SymbolRole.Local, Key: ILocalSymbol local } && IsContainer(local.Type) ? Captured(local) : container);

    /// <summary>What a call takes out of a container of delegates: its result, or what it gives by reference.</summary>
    private Value TakeOut(IOperation at, IMethodSymbol target, IOperation? instance, Value? receiver, ImmutableArray<Symbol?> references, Value result)
    {
        if (receiver is null || ContainerOf(instance) is null) return result;
        var call = _steps[_steps.Count - 1] as CallStep;
        if (call is not null && IsHandedElements(target)) call.Element = ElementOf(receiver);
        foreach (var parameter in target.Parameters)
        {
            if (parameter.RefKind == RefKind.Out && HoldsFunction(parameter.Type) && references.Length > parameter.Ordinal && references[parameter.Ordinal] is { } place)
            {
                Add(new AssignStep(_next++, at.Syntax.GetLocation(), place, ElementBy(call, instance, receiver), null));
            }
        }

        return HoldsFunction(target.ReturnType) ? ElementBy(call, instance, receiver) : result;
    }

    // Which of the handlers in a dictionary it is, the key tells.
    private Symbol ElementBy(CallStep? call, IOperation? instance, Value receiver)
    {
        bool isOther = call is { Target: { Name: "GetValueOrDefault", Parameters.Length: > 2 } };
        if (call is null || isOther || instance is null || Unconverted(instance) is not IFieldReferenceOperation { Field: var table } || !HandlerTables.IsTable(table)) return ElementOf(receiver);
        foreach (var parameter in call.Target.OriginalDefinition.Parameters)
        {
            if (parameter.Type is not ITypeParameterSymbol { Name: "TKey" } || parameter.Ordinal >= call.Arguments.Length) continue;
            return new Symbol(SymbolRole.Fresh, _next++, Element, new TupleValue(ImmutableArray.Create(receiver, call.Arguments[parameter.Ordinal])));
        }

        return ElementOf(receiver);
    }

    /// <summary>The loop variable of 'foreach' over delegates, an element of the container or what an event has for handlers, and of one over a table of flags.</summary>
    private Value? LowerLoopElement(IPropertyReferenceOperation property)
    {
        if (property is { Property: { Name: "Value", ContainingType.Name: "KeyValuePair" }, Instance: ILocalReferenceOperation { Local: var pair } } && HoldsFunction(property.Type)) return ValueOfPair(pair);
        if (!property.IsImplicit || property.Property.Name != "Current") return null;
        if ((property.Syntax as CommonForEachStatementSyntax ?? property.Syntax.Parent as CommonForEachStatementSyntax) is not { } loop) return null;
        if (_enumerated is not null && _enumerated.TryGetValue(loop, out var listed)) return new Symbol(SymbolRole.Fresh, _next++, Element, listed);
        var model = _store.ModelOf(loop.SyntaxTree);
        switch (CopiedFrom(loop.Expression))
        {
            case var handlers when HandlersBehind(model, handlers) is { } raised:
                return PlaceNamed(model, raised);
            case var table when ConstantArrays.AnyElementOf(_store, model.GetSymbolInfo(table, _cancellation).Symbol, _cancellation) is { } any:
                return new Symbol(SymbolRole.Fresh, _next++, any);
            case var container when HoldsFunction(model.GetForEachStatementInfo(loop).ElementType): return ElementNamed(model, container);
            default: return null;
        }
    }

    // A pair of the dictionary that the loop goes over.
    private Symbol? ValueOfPair(ILocalSymbol pair)
    {
        if (pair.DeclaringSyntaxReferences.IsEmpty || pair.DeclaringSyntaxReferences[0].GetSyntax(_cancellation) is not ForEachStatementSyntax loop) return null;
        return ValueNamed(_store.ModelOf(loop.SyntaxTree), CopiedFrom(loop.Expression));
    }

    // What a dictionary gives for a key.
    private Symbol? ValueNamed(SemanticModel model, ExpressionSyntax map) =>
        model.GetTypeInfo(map, _cancellation).Type is INamedTypeSymbol { Arity: 2 } ? ElementNamed(model, map) : null;

    private Symbol? ElementNamed(SemanticModel model, ExpressionSyntax container)
    {
        while (container is ElementAccessExpressionSyntax access) container = access.Expression;
        return IsContainer(model.GetTypeInfo(container, _cancellation).Type) && PlaceNamed(model, container) is { } place ? ElementOf(place) : null;
    }

    private Symbol? PlaceNamed(SemanticModel model, ExpressionSyntax expression) => model.GetSymbolInfo(expression, _cancellation).Symbol switch
    {
        _ when expression is PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression, Operand: var operand } => PlaceNamed(model, operand),
        ILocalSymbol local => PlaceOf(local),
        IParameterSymbol parameter => PlaceOf(parameter),
        IMethodSymbol method when GiverOf(method) is { } giver => GivenBy(giver, _next++),
        IPropertySymbol { Name: "Value", ContainingType.Name: "KeyValuePair" } when expression is MemberAccessExpressionSyntax { Expression: var pair } && model.GetSymbolInfo(pair, _cancellation).Symbol is ILocalSymbol taken => ValueOfPair(taken),
        IPropertySymbol { IsStatic: var isShared } list when IsStored(list) && (isShared || expression is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax }) =>
            new Symbol(SymbolRole.Field, 0, list.OriginalDefinition, isShared ? null : Symbol.This),
        IPropertySymbol { GetMethod: var getter } when GiverOf(getter) is { } giver => GivenBy(giver, _next++),
        ISymbol { Kind: SymbolKind.Field or SymbolKind.Event, IsStatic: var isStatic } field when isStatic || expression is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } =>
            new Symbol(SymbolRole.Field, 0, field.OriginalDefinition, isStatic ? null : Symbol.This),
        _ => null,
    };
}
