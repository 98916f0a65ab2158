using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Calls, written and implied; delegates; lambdas and local functions.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>The base constructor that a constructor calls without saying so.</summary>
    public void LowerImpliedBaseCall(IMethodSymbol constructor, Location location)
    {
        if (ImpliedBase(constructor, _cancellation) is not { } implied) return;
        UseType(location, implied.ContainingType);
        Add(new CallStep(_next++, location, implied) { Receiver = Symbol.This, IsImplicit = true, Result = Fresh() });
    }

    internal static IMethodSymbol? ImpliedBase(IMethodSymbol constructor, System.Threading.CancellationToken cancellation)
    {
        if (constructor.IsStatic || constructor.ContainingType is not { TypeKind: TypeKind.Class, BaseType: { } baseType }) return null;
        if (baseType.SpecialType == SpecialType.System_Object) return null;
        var declaration = (constructor.PartialImplementationPart ?? constructor).DeclaringSyntaxReferences is { IsEmpty: false } references ? references[0].GetSyntax(cancellation) : null;
        bool isWritten = declaration switch
        {
            ConstructorDeclarationSyntax { Initializer: not null } => true,
            TypeDeclarationSyntax { BaseList.Types: { Count: > 0 } bases } => bases[0] is PrimaryConstructorBaseTypeSyntax,
            _ => false,
        };
        if (isWritten) return null;
        foreach (var candidate in baseType.InstanceConstructors)
        {
            if (candidate.Parameters.All(static parameter => parameter.IsOptional || parameter.IsParams)) return candidate.OriginalDefinition;
        }

        return null;
    }

    private Value LowerCall(IInvocationOperation call, bool isDropped)
    {
        var target = call.TargetMethod;
        if (ConditionalCalls.IsOmitted(call, target))
        {
            LowerOmitted(call);
            return Fresh();
        }

        if (target.MethodKind == MethodKind.DelegateInvoke) return LowerInvoke(call);
        if (IsArrayEnumeration(call)) return call.Instance is { } enumerated ? LowerEnumerated(call, enumerated) : LowerChildren(call);
        if (LowerCombination(call) is { } combined) return combined;
        if (LowerAtomic(call) is { } taken) return taken;
        if (target is { Name: "HasFlag", ContainingType.SpecialType: SpecialType.System_Enum } && call.Instance is not null)
        {
            // The compiler boxes both, the runtime neither.
            var (flags, asked) = (Unconverted(call.Instance), Unconverted(call.Arguments[0].Value));
            var value = Lower(flags);
            var mask = Lower(asked);
            return Same(flags.Type, asked.Type) && Numbers.WidthOf(flags.Type) is not null ? Capped(Fold.Equal(Fold.Make(Operator.And, value, mask), mask)) : Fresh();
        }

        if (target is { Name: "ReferenceEquals", IsStatic: true, ContainingType.SpecialType: SpecialType.System_Object }
            && call.Arguments.All(static argument => Unconverted(argument.Value).Type is null or { IsReferenceType: true }))
        {
            return Capped(Fold.Equal(Lower(call.Arguments[0].Value), Lower(call.Arguments[1].Value)));
        }

        if (call.Instance is { } nullable && Numbers.IsNullable(nullable.Type))
        {
            if (target.Name == "GetValueOrDefault") return LowerValueOrDefault(call, nullable);
            if (target.Name == "get_HasValue") return Fold.Not(Fold.Equal(Lower(nullable), Constant.Null));
        }

        if (call.Instance is null && ExtensionOf(target) is { } extension) return LowerExtension(call, extension);
        var receiver = call.Instance is null ? null : target.Name == "GetEnumerator" ? LowerEnumerated(call, call.Instance) : Lower(call.Instance);
        if (IsBoxed(call.Instance, target)) Allocate(call, "boxing of " + Describe(call.Instance!.Type));
        var arguments = LowerArguments(call.Arguments, out var references);
        var container = ContainerCalled(call);
        FlowArguments(call.Arguments, arguments, ContainerOf(container));
        if (target.ContainingType?.TypeKind == TypeKind.Interface && call.IsImplicit && target.Name == "GetEnumerator")
        {
            Allocate(call, "enumeration through an interface");
        }

        if (target is { Name: "<Clone>$", ContainingType.IsReferenceType: true })
        {
            Allocate(call, "a copy of " + Describe(target.ContainingType));
            AddCopy(call, target.ContainingType, receiver ?? Fresh());
        }

        var result = AddCall(call, target, receiver, arguments, IsVirtualCall(target, call.Instance) && call.IsVirtual, call.Instance);
        var step = (CallStep)_steps[_steps.Count - 1];
        step.References = references;
        step.IsResultDropped = isDropped;
        if (target is { Name: "GetAwaiter", Parameters.IsEmpty: true } && receiver is not null) NoteAwaiter(call, receiver, result);
        if (IsMadeComplete(target)) NoteComplete(call, result);
        if (target is { Name: "<Clone>$", ContainingType.IsReferenceType: true } && receiver is not null && WrittenCopyOf(target.ContainingType) is null) AddCopied(call, target.ContainingType, receiver, result);
        if (IsFormatting(_store, call)) AddText(call.Arguments[0].Value, arguments[0], isFormatted: true);
        if (target is { Name: "Empty", IsStatic: true, ContainingType.SpecialType: SpecialType.System_Array }) Sized(call, result, 0);
        if (Bundles.IsMaking(target)) return new TupleValue(call.Type!.IsReferenceType ? arguments.Add(result) : arguments);
        if (IsContainer(call.Type) && GiverOf(target) is { } giver) return GivenBy(giver, step.Id);
        return LastingValues.Of(target, arguments) ?? TakeOut(call, target, container, receiver ?? (container is null ? null : arguments[0]), references, result);
    }

    // What a structure has only inherited is called on a box of it.
    internal static bool IsBoxed(IOperation? instance, IMethodSymbol target) =>
        instance?.Type is INamedTypeSymbol { IsValueType: true, IsRefLikeType: false }
        && target is { Name: "GetType" or "ToString", ContainingType.SpecialType: SpecialType.System_Object or SpecialType.System_ValueType };

    // The compiler asks for it only where it has tested.
    private Value LowerValueOrDefault(IInvocationOperation call, IOperation nullable)
    {
        var value = Lower(nullable);
        if (call.IsImplicit) return value;
        var otherwise = call.Arguments.IsEmpty ? Known(Numbers.Underlying(nullable.Type)) ?? Fresh() : Lower(call.Arguments[0].Value);
        return Capped(Fold.Make(Operator.Coalesce, value, otherwise));
    }

    private Value AddCall(
        IOperation at, IMethodSymbol target, Value? receiver, ImmutableArray<Value> arguments, bool isVirtual, IOperation? instance = null)
    {
        if (target.IsStatic || target.MethodKind == MethodKind.Constructor) UseType(at, target.ContainingType);
        if (receiver is not null && instance is not null && IsFunction(instance.Type) && ExtensionBlocks.ReceiverOf(target) is { } place) Flow(instance, receiver, place);
        int id = _next++;
        var result = Symbol.Result(id);
        var named = MadeTypes.Named(_store, target, instance, isVirtual, _cancellation);
        Add(new CallStep(id, CallLocation(at), named.Method)
        {
            Receiver = receiver,
            ReceiverType = named.ReceiverType,
            ConstrainedTo = target.ContainingType is { TypeKind: TypeKind.Interface or TypeKind.Class or TypeKind.Struct } ? ConstrainedType(at, instance) as ITypeParameterSymbol : null,
            Arguments = arguments,
            IsVirtual = named.IsVirtual,
            IsImplicit = at.IsImplicit,
            IsThrown = IsLaterPart(at, target),
            IsDirect = at is IInvocationOperation written && SequenceUse.IsDirect(written),
            Result = result,
            ResultType = target.ReturnType,
        });
        return result;
    }

    private static ITypeSymbol? ConstrainedType(IOperation at, IOperation? instance) => at switch
    {
        _ when instance is not null => Written(Unconverted(instance)).Type,
        IInvocationOperation call => call.ConstrainedToType,
        IBinaryOperation binary => binary.ConstrainedToType,
        IUnaryOperation unary => unary.ConstrainedToType,
        ICompoundAssignmentOperation compound => compound.ConstrainedToType,
        IIncrementOrDecrementOperation increment => increment.ConstrainedToType,
        IConversionOperation conversion => conversion.ConstrainedToType,
        IPropertyReferenceOperation property => property.ConstrainedToType,
        _ => null,
    };

    // The implied calls of using, lock and foreach carry the whole statement as syntax; the report stands on its head.
    private static Location CallLocation(IOperation at) => at.Syntax switch
    {
        UsingStatementSyntax @using when at.IsImplicit => ((SyntaxNode?)@using.Expression ?? @using.Declaration ?? (SyntaxNode)@using).GetLocation(),
        LockStatementSyntax @lock => @lock.Expression.GetLocation(),
        CommonForEachStatementSyntax @foreach => @foreach.Expression.GetLocation(),
        BlockSyntax block => block.CloseBraceToken.GetLocation(),
        { Parent: CommonForEachStatementSyntax loop } and not StatementSyntax => loop.Expression.GetLocation(),
        _ => at.Syntax.GetLocation(),
    };

    private static IOperation Unconverted(IOperation operation)
    {
        while (operation is IConversionOperation { OperatorMethod: null } conversion && conversion.IsImplicit) operation = conversion.Operand;
        return operation;
    }

    // A cast to a base type or interface changes nothing about what the receiver is.
    internal static IOperation Written(IOperation operation)
    {
        while (operation is IConversionOperation { OperatorMethod: null, Conversion: { IsImplicit: true, IsUserDefined: false } } conversion) operation = conversion.Operand;
        return operation;
    }

    // foreach over an array or string shows interface calls that the compiler never makes.
    private static bool IsArrayEnumeration(IInvocationOperation call) =>
        call.IsImplicit && call.Syntax is CommonForEachStatementSyntax or ExpressionSyntax
        && call.IsImplicit && call.TargetMethod.Name == "GetEnumerator"
        && call.Instance is not null && Unconverted(call.Instance).Type is { } type
        && (type.TypeKind == TypeKind.Array || type.SpecialType == SpecialType.System_String);

    internal static bool IsVirtualCall(IMethodSymbol target, IOperation? instance) =>
        (target.IsVirtual || target.IsAbstract || target.IsOverride && !target.IsSealed || target.ContainingType?.TypeKind == TypeKind.Interface)
        && !(instance is IInstanceReferenceOperation { Syntax: BaseExpressionSyntax });

    private Value LowerInvoke(IInvocationOperation call)
    {
        var instance = call.Instance!;
        var function = Lower(instance);
        var arguments = LowerArguments(call.Arguments, out _);
        FlowArguments(call.Arguments, arguments);
        int id = _next++;
        Add(new InvokeStep(id, call.Syntax.GetLocation(), function, instance.Type!, DeclaredPlace(instance)) { Arguments = arguments });
        return Symbol.Result(id);
    }

    /// <summary>A call through a function pointer is that of a delegate which only static methods go into.</summary>
    private Value LowerPointerCall(IFunctionPointerInvocationOperation call)
    {
        var function = Lower(call.Target);
        var arguments = LowerArguments(call.Arguments, out _);
        int id = _next++;
        Add(new InvokeStep(id, call.Syntax.GetLocation(), function, call.Target.Type!, DeclaredPlace(call.Target)) { Arguments = arguments });
        return Symbol.Result(id);
    }

    private ISymbol? DeclaredPlace(IOperation operation) => Unconverted(operation) switch
    {
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation property => property.Property,
        IEventReferenceOperation @event => @event.Event,
        IParameterReferenceOperation parameter => parameter.Parameter,
        ILocalReferenceOperation local => local.Local,
        IInvocationOperation call => call.TargetMethod,
        IFlowCaptureReferenceOperation capture => CapturedPlace(capture),
        _ => null,
    };

    // 'hook?.Invoke()' captures the field first: its contract is still that of the field.
    private ISymbol? CapturedPlace(IFlowCaptureReferenceOperation reference)
    {
        _captures ??= GraphCaptures.Of(_graph!);
        return _captures.Sources.TryGetValue(reference.Id, out var source) ? DeclaredPlace(source) : null;
    }

    private ImmutableArray<Value> LowerArguments(ImmutableArray<IArgumentOperation> arguments, out ImmutableArray<Symbol?> references)
    {
        references = ImmutableArray<Symbol?>.Empty;
        if (arguments.IsEmpty) return ImmutableArray<Value>.Empty;
        var values = new Value[arguments.Length];
        var places = new Symbol?[arguments.Length];
        var ends = new int[arguments.Length];
        int start = _steps.Count;
        for (int i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            int ordinal = argument.Parameter is { } parameter && parameter.Ordinal < values.Length ? parameter.Ordinal : i;
            bool byReference = argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out;
            var place = byReference ? ReferencePlace(argument.Value) : null;
            if (place is { Key: TupleElement })
            {
                // Whatever comes back is written into the tuple before the call: nothing is known of it either way.
                var (whole, value) = WholeOf(place, Fresh());
                Add(new AssignStep(_next++, argument.Syntax.GetLocation(), whole, value, whole.Key as ISymbol));
                place = null;
            }

            places[ordinal] = place;
            values[ordinal] = place ?? LowerArgument(argument);
            ends[i] = _steps.Count;
        }

        // From the last on: what is put between steps moves those behind it.
        for (int i = arguments.Length - 2; i >= 0 && _steps.Count > start; i--)
        {
            int ordinal = arguments[i].Parameter is { } parameter && parameter.Ordinal < values.Length ? parameter.Ordinal : i;
            if (places[ordinal] is null && ends[i] < _steps.Count) values[ordinal] = Settled(values[ordinal], arguments[i], ends[i]);
        }

        for (int i = 0; i < values.Length; i++) values[i] ??= Fresh();
        references = ImmutableArray.Create(places);
        return ImmutableArray.Create(values);
    }

    private Symbol? ReferencePlace(IOperation argument) => argument switch
    {
        IDeclarationExpressionOperation { Expression: var declared } => ReferencePlace(declared),

        // A guard that nobody takes is held all the same.
        IDiscardOperation { Type: { } type } when !_store.Contracts.ScopeOf(type).IsEmpty => new Symbol(SymbolRole.Temporary, 0, _next++),
        _ => LowerPlace(argument),
    };

    private void FlowArguments(ImmutableArray<IArgumentOperation> arguments, ImmutableArray<Value> values, ISymbol? container = null)
    {
        var outer = _elementsOf;
        foreach (var argument in arguments)
        {
            if (argument.Parameter is not { RefKind: not RefKind.Out } parameter) continue;
            if (!IsFunction(parameter.Type))
            {
                if (container is not null && parameter.OriginalDefinition.Type is ITypeParameterSymbol) FlowParts(argument.Value, values[parameter.Ordinal], container);
                continue;
            }

            _elementsOf = parameter.OriginalDefinition.Type is ITypeParameterSymbol ? container : null;
            Flow(argument.Value, values[parameter.Ordinal], parameter);
        }

        _elementsOf = outer;
    }

    private Value LowerCreation(IObjectCreationOperation creation)
    {
        var arguments = LowerArguments(creation.Arguments, out var references);
        FlowArguments(creation.Arguments, arguments);
        if (creation.Type is not INamedTypeSymbol type) return Fresh();
        if (type.IsTupleType && arguments.Length == type.TupleElements.Length && arguments.Length > 1) return new TupleValue(arguments);
        if (!arguments.IsEmpty && Bundles.PartsOf(type).Length == arguments.Length) return Bundled(creation, arguments);
        UseType(creation, type);
        int id = _next++;
        var instance = new Symbol(SymbolRole.Instance, id, type);
        if (type.IsReferenceType) Add(new AllocateStep(_next++, creation.Syntax.GetLocation(), "new " + Describe(type)));
        if (type.IsValueType && creation.Constructor is null or { IsImplicitlyDeclared: true, Parameters.IsEmpty: true }) AddDefaults(creation, type, instance);
        if (creation.Constructor is { } constructor)
        {
            Add(new CallStep(id, creation.Syntax.GetLocation(), constructor)
            {
                Receiver = instance,
                ReceiverType = type,
                Arguments = arguments,
                References = references,
                Result = instance,
                ResultType = type,
                IsOfInitializer = creation.Syntax.Parent is EqualsValueClauseSyntax
                {
                    Parent: PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax }
                },
            });
            AddStores(creation, constructor, instance, arguments);
            if (IsMadeComplete(constructor)) NoteComplete(creation, instance);
        }

        if (creation.Initializer is { } initializer) Lower(initializer);
        return instance;
    }

    private Value LowerLambda(IFlowAnonymousFunctionOperation function)
    {
        var key = BodyKey.Of(function.Symbol);
        if (_graph is not null && _known.Add(key))
        {
            _store.AddNested(key, _graph.GetAnonymousFunctionControlFlowGraphInScope(function, _cancellation));
            Functions.Add(new NestedFunction(key, EndLocations.HeadOf(function.Syntax)));
            Shared = Capturing.AddWritten(Shared, _store, function.Syntax, _cancellation);
        }

        return new Symbol(SymbolRole.Function, 0, key);
    }

    private void UseType(IOperation at, INamedTypeSymbol? type) => UseType(at.Syntax.GetLocation(), type);

    private void UseType(Location location, INamedTypeSymbol? type)
    {
        if (type is null || type.StaticConstructors.IsEmpty || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _key.Symbol.ContainingType?.OriginalDefinition)) return;
        if (!_store.IsSource(type)) return;
        Add(new TypeUseStep(_next++, location, type.OriginalDefinition));
    }

    private void AddLocalFunctions(ControlFlowGraph graph)
    {
        foreach (var function in graph.LocalFunctions)
        {
            var key = BodyKey.Of(function);
            if (!_known.Add(key) || function.DeclaringSyntaxReferences.IsEmpty) continue;
            _store.AddNested(key, graph.GetLocalFunctionControlFlowGraphInScope(function, _cancellation));
            var syntax = function.DeclaringSyntaxReferences[0].GetSyntax(_cancellation);
            Functions.Add(new NestedFunction(key, EndLocations.HeadOf(syntax)));
            Shared = Capturing.AddWritten(Shared, _store, syntax, _cancellation);
        }
    }
}
