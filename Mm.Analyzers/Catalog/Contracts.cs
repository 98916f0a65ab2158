using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// The contract of every symbol of one compilation. The nearer annotation wins: member over what it overrides or implements,
/// over its type, over its assembly; catalogue and annotation files speak where attributes are silent.
/// </summary>
internal sealed class Contracts
{
    private static readonly Contract s_withoutTransition = new() { Never = ImmutableHashSet.Create(EffectKind.Sleep, EffectKind.Allocate) };

    private readonly AttributeReader _attributes;
    private readonly AnnotationTable _annotations;
    private readonly ConcurrentDictionary<ISymbol, Contract> _methods = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, Contract> _places = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, ImmutableArray<ContextKind>> _scopes = new(SymbolEqualityComparer.Default);

    public Contracts(ContextTable contexts, AnnotationTable annotations)
    {
        Contexts = contexts;
        _attributes = new AttributeReader(contexts);
        _annotations = annotations;
        Locks = new LockValues(this);
    }

    public LockValues Locks { get; }

    public ContextTable Contexts { get; }

    /// <summary>The whole contract of a method, accessor or constructor. Lambdas and local functions: only their own attributes.</summary>
    public Contract Of(IMethodSymbol method)
    {
        method = Definition(method);
        return _methods.TryGetValue(method, out var known) ? known : _methods.GetOrAdd(method, Read(method));
    }

    /// <summary>What a method says itself, by its own attributes.</summary>
    public Contract OwnOf(IMethodSymbol method) => ReadOwn(Definition(method));

    /// <summary>What a method overrides or implements, nearest first.</summary>
    public static ImmutableArray<IMethodSymbol> BasesOf(IMethodSymbol method)
    {
        method = Definition(method);
        var overridden = method.OverriddenMethod?.OriginalDefinition;
        if (method.ExplicitInterfaceImplementations.IsEmpty && method.ContainingType is null or { AllInterfaces.IsEmpty: true })
        {
            return overridden is null ? ImmutableArray<IMethodSymbol>.Empty : ImmutableArray.Create(overridden);
        }

        var bases = ImmutableArray.CreateBuilder<IMethodSymbol>();
        if (overridden is not null) bases.Add(overridden);
        bases.AddRange(InterfaceMembers.ImplementedBy(method));
        return bases.ToImmutable();
    }

    /// <summary>The property that is certainly true once this one has been seen true; null for most properties.</summary>
    public IPropertySymbol? LatchOf(IPropertySymbol property) => _annotations.LatchOf(property);

    /// <summary>The contract of a delegate type.</summary>
    public Contract OfDelegateType(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Delegate } named ? OfPlaceItself(named.OriginalDefinition) : Contract.None;

    /// <summary>The contract of a field, property, event or local that holds a delegate: its own over that of its type.</summary>
    public Contract OfPlace(ISymbol place, ITypeSymbol type) =>
        OfPlaceItself(place.OriginalDefinition).Over(OfDelegateType(type));

    /// <summary>The contract of a delegate-typed parameter: its own over that of its type.</summary>
    public Contract OfParameter(IMethodSymbol method, IParameterSymbol parameter)
    {
        Of(method).Parameters.TryGetValue(parameter.Ordinal, out var own);
        return (own ?? Contract.None).Over(OfDelegateType(parameter.Type));
    }

    /// <summary>The contract of the place alone, without that of the delegate type.</summary>
    public Contract OfPlaceOnly(ISymbol place) => place switch
    {
        IParameterSymbol { ContainingSymbol: IMethodSymbol method } parameter =>
            Of(method).Parameters.TryGetValue(parameter.Ordinal, out var own) ? own : Contract.None,
        IMethodSymbol factory => Of(factory).Result ?? Contract.None,
        _ => OfPlaceItself(place.OriginalDefinition),
    };

    /// <summary>The contract of a value that was read from a place, or has a delegate type.</summary>
    public Contract OfOrigin(ISymbol? place, ITypeSymbol? type) =>
        place is null ? OfDelegateType(type) : OfPlaceOnly(place).Over(OfDelegateType(type));

    /// <summary>The contexts that hold from the call that returns an instance until its Dispose; empty for most types.</summary>
    public ImmutableArray<ContextKind> ScopeOf(ITypeSymbol? type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable) type = nullable.TypeArguments[0];
        if (type is not INamedTypeSymbol { SpecialType: SpecialType.None, TypeKind: TypeKind.Struct or TypeKind.Class or TypeKind.Interface } named)
        {
            return ImmutableArray<ContextKind>.Empty;
        }

        var definition = named.OriginalDefinition;
        if (_scopes.TryGetValue(definition, out var known)) return known;
        var scopes = _attributes.ReadScope(definition);
        if (scopes.IsEmpty) scopes = _annotations.ScopeOf(definition);

        // A derived guard is one, too.
        return _scopes.GetOrAdd(definition, scopes.IsEmpty && definition.TypeKind == TypeKind.Class ? ScopeOf(definition.BaseType) : scopes);
    }

    /// <summary>The effects that no member of one of .NET's classes has on an object of that class, inherited ones included.</summary>
    public ImmutableHashSet<EffectKind> NeverOf(INamedTypeSymbol type) => _annotations.NeverOf(type.OriginalDefinition);

    private static IMethodSymbol Definition(IMethodSymbol method)
    {
        if (method.MethodKind is MethodKind.LambdaMethod or MethodKind.LocalFunction) return method.OriginalDefinition;
        method = method.ReducedFrom ?? method;
        method = method.OriginalDefinition;
        return method.PartialDefinitionPart ?? method;
    }

    private Contract Read(IMethodSymbol method)
    {
        var contract = ReadDeclared(method);
        if (!Contexts.Regions.IsAny) return contract;
        foreach (var region in RegionsOf(method))
        {
            if (Contexts.Regions.ContextOf(region) is { } context) contract = contract with { RunsIn = contract.RunsIn.Add(context) };
        }

        return contract;
    }

    private static IEnumerable<Region> RegionsOf(IMethodSymbol method)
    {
        if (method.IsAsync || method.PartialImplementationPart is { IsAsync: true }) yield return Region.Async;
        if (method.MethodKind == MethodKind.Destructor) yield return Region.Finalizer;
        foreach (var attribute in method.IsStatic ? method.GetAttributes() : ImmutableArray<AttributeData>.Empty)
        {
            if (attribute.AttributeClass is { Name: "UnmanagedCallersOnlyAttribute", ContainingNamespace: { Name: "InteropServices" } }) yield return Region.Callback;
        }
    }

    private Contract ReadDeclared(IMethodSymbol method)
    {
        var own = ReadOwn(method);
        if (method.MethodKind is MethodKind.LambdaMethod or MethodKind.LocalFunction) return own;
        var inherited = Inherited(method);
        own = own.SaysAnything ? own.Keeping(inherited).WithOwnership(inherited) : own.Over(inherited).WithOwnership(inherited);
        own = own.Over(_annotations.Of(method));
        if (SuppressesTransition(method)) own = own.Over(s_withoutTransition);
        if (IsSynchronized(method) && !own.Mentions(EffectKind.Sleep)) own = own with { Might = own.Might.Add(new EffectClause(EffectKind.Sleep, null)) };
        return own.Over(FromContainers(method));
    }

    // [SuppressGCTransition] promises that the native function neither blocks nor calls back: breaking it stops the whole process.
    private static bool SuppressesTransition(IMethodSymbol method)
    {
        if (!method.IsExtern) return false;
        foreach (var attribute in method.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "SuppressGCTransitionAttribute", ContainingNamespace: { Name: "InteropServices" } }) return true;
        }

        return false;
    }

    // [MethodImpl(MethodImplOptions.Synchronized)] is a lock around the body.
    public static bool IsSynchronized(IMethodSymbol method) => (method.MethodImplementationFlags & System.Reflection.MethodImplAttributes.Synchronized) != 0;

    private Contract ReadOwn(IMethodSymbol method)
    {
        var contract = _attributes.ReadMethod(method);
        if (method.PartialImplementationPart is { } implementation) contract = contract.Over(_attributes.ReadMethod(implementation));
        if (method.AssociatedSymbol is not IPropertySymbol property) return contract;
        var onProperty = _attributes.Read(property);
        if (onProperty.IsNone) return contract;
        bool holdsDelegate = property.Type.TypeKind == TypeKind.Delegate;
        if (holdsDelegate)
        {
            // Effects on a property of delegate type speak of the delegate, not of the accessors.
            onProperty = onProperty with { Might = ImmutableArray<EffectClause>.Empty, Never = ImmutableHashSet<EffectKind>.Empty };
        }

        if (method.MethodKind == MethodKind.PropertySet) onProperty = onProperty with { Tests = null };
        return contract.Over(onProperty);
    }

    /// <summary>What its bases say together. Never is stricter than Might: whoever owes both keeps the promise.</summary>
    private Contract Inherited(IMethodSymbol method)
    {
        var inherited = Contract.None;
        foreach (var declared in BasesOf(method))
        {
            var contract = (SpeaksForItself(method, declared) ? OfProject(declared) : Of(declared)) with { IsTrusted = false };
            var might = inherited.Might.RemoveAll(clause => contract.Never.Contains(clause.Effect) && !contract.Might.Contains(clause));
            inherited = (inherited with { Might = might }).Over(contract);
            inherited = inherited with { Never = inherited.Never.Union(contract.Never) };
        }

        return inherited;
    }

    // The catalogue says what .NET's implementation of a member does. That is no promise, and an override that can be seen, or that the
    // catalogue knows by its own name, does what it does: reading from a stream waits, reading from a stream in memory does not.
    private static bool SpeaksForItself(IMethodSymbol method, IMethodSymbol declared) =>
        WellKnown.IsFramework(declared.ContainingAssembly)
        && (WellKnown.IsFramework(method.ContainingAssembly) || !method.DeclaringSyntaxReferences.IsEmpty && !method.IsAbstract);

    /// <summary>What the project's own files say of a member of .NET, or of what it overrides in turn.</summary>
    private Contract OfProject(IMethodSymbol declared)
    {
        var said = _annotations.Of(declared, isFromProject: true);
        foreach (var farther in BasesOf(declared)) said = said.Over(OfProject(farther));
        return said;
    }

    /// <summary>What the type and the assembly around a member say: it reaches members, initialisers and the lambdas in them.</summary>
    public Contract FromContainers(ISymbol member)
    {
        var type = ExtensionBlocks.Outside(member.ContainingType);
        if (type is null || type.TypeKind == TypeKind.Delegate) return Contract.None;
        var onType = OfPlaceItself(type.OriginalDefinition);
        if (type.ContainingAssembly is { } assembly)
        {
            var onAssembly = OfPlaceItself(assembly);
            if (!onAssembly.IsNone) onType = onType.Over(new Contract { Never = onAssembly.Never });
        }

        return onType.IsNone ? Contract.None : new Contract
        {
            Might = onType.Might,
            Never = onType.Never,
            RunsIn = onType.RunsIn,
            Requires = onType.Requires,
            IsTrusted = onType.IsTrusted,
        };
    }

    private Contract OfPlaceItself(ISymbol symbol) =>
        _places.TryGetValue(symbol, out var known) ? known : _places.GetOrAdd(symbol, ReadPlace(symbol));

    // Annotation files speak of delegate types too.
    private Contract ReadPlace(ISymbol symbol)
    {
        var contract = _attributes.Read(symbol);
        if (symbol is INamedTypeSymbol { DelegateInvokeMethod: { } invoke }) return contract.Over(_annotations.Of(invoke));

        // A property or event that holds a delegate promises what those promise that it overrides or implements.
        var accessor = symbol switch
        {
            IPropertySymbol { Type.TypeKind: TypeKind.Delegate } property => property.GetMethod ?? property.SetMethod,
            IEventSymbol @event => @event.AddMethod,
            _ => null,
        };
        if (accessor is null) return contract;
        foreach (var declared in BasesOf(accessor))
        {
            if (declared.AssociatedSymbol is { } place) contract = contract.Over(OfPlaceItself(place.OriginalDefinition));
        }

        return contract;
    }
}
