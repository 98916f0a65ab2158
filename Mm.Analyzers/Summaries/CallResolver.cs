using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>What a call may run: the contract of the declaration that is called, and the bodies behind it.</summary>
internal sealed record Resolution(Contract Contract, ImmutableArray<BodyKey> Bodies)
{
    /// <summary>Nothing is known of what runs.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Of a call that leaves it to the object what runs: the declaration that is called.</summary>
    public IMethodSymbol? Dispatched { get; init; }

    /// <summary>A member of .NET's libraries: known, and its delegate arguments are invoked before it returns.</summary>
    public bool IsFramework { get; init; }
}

/// <summary>Resolves calls to contracts and bodies.</summary>
internal sealed class CallResolver
{
    private readonly BodyStore _bodies;
    private readonly RecordedSummaries _recorded;
    private readonly ConcurrentDictionary<(ISymbol Target, ISymbol? Receiver), Resolution> _virtual = new(PairComparer.Instance);
    private readonly ConcurrentDictionary<ISymbol, Resolution> _direct = new(SymbolEqualityComparer.Default);

    public CallResolver(BodyStore bodies, RecordedSummaries recorded)
    {
        _bodies = bodies;
        _recorded = recorded;
    }

    /// <summary>Callers in other assemblies will be asked what their own classes do where a call leaves the choice to the object.</summary>
    public bool RecordsCalls { get; init; }

    /// <summary>Whether a class of another assembly may be what the call runs: then that assembly is asked. What is declared is taken at its word.</summary>
    public bool IsAsked(CallTarget call, Resolution resolution) =>
        RecordsCalls && call.IsVirtual && !resolution.Contract.SaysAnything && call.Method is { IsStatic: false, ContainingType: { IsSealed: false, TypeKind: TypeKind.Interface or TypeKind.Class } }
        && !WellKnown.IsFramework(call.Method.ContainingAssembly) && IsSeenFromOutside(call.Method);

    private static bool IsSeenFromOutside(ISymbol symbol)
    {
        for (var at = symbol; at is not null and not INamespaceSymbol; at = at.ContainingSymbol)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal) return false;
        }

        return true;
    }

    public Resolution Resolve(CallStep call, CancellationToken cancellation) => Resolve(call.Named, cancellation);

    public Resolution Resolve(CallTarget call, CancellationToken cancellation)
    {
        var target = call.Method.ReducedFrom ?? call.Method;
        if (target.MethodKind == MethodKind.LocalFunction)
        {
            var key = BodyKey.Of(target);
            var contract = _bodies.Contracts.Of(target);
            return new Resolution(contract, contract.IsTrusted ? ImmutableArray<BodyKey>.Empty : ImmutableArray.Create(key));
        }

        var constructed = target.ConstructedFrom;
        target = target.OriginalDefinition;
        if (FrameworkDisposal.IsOne(target, call.ReceiverType)) return OfDisposal(target, call.ReceiverType!);
        if (InheritedMember.Of(_bodies.Contracts, target, call.ReceiverType) is { } inherited) return External(target, inherited);
        if (!call.IsVirtual) return Direct(target);
        var type = call.ReceiverType is ITypeParameterSymbol parameter ? Implementations.BoundOf(parameter, target) ?? call.ReceiverType : call.ReceiverType;
        var receiver = type?.OriginalDefinition;
        var through = Closed(call.Method.ContainingType);
        ISymbol called = through is null ? target : call.Method.ConstructedFrom;
        if (_virtual.TryGetValue((called, receiver), out var known)) return known;
        return _virtual.GetOrAdd((called, receiver), ResolveVirtual(target, through is null ? target : constructed, type, through, cancellation));
    }

    /// <summary>Whether a member called on an object of the class, or exactly of it, may run one of the bodies.</summary>
    public bool MayRun(Dispatch dispatch, INamedTypeSymbol receiver, bool isExact, CancellationToken cancellation)
    {
        var target = dispatch.Target;
        if (isExact)
        {
            return Implementations.InType(target, receiver) is not { } exact || dispatch.Bodies.Contains(exact.OriginalDefinition, SymbolEqualityComparer.Default);
        }

        INamedTypeSymbol? through = null;
        for (INamedTypeSymbol? at = receiver; at is not null && through is null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, target.ContainingType.OriginalDefinition)) through = Closed(at);
        }

        foreach (var method in _bodies.Implementations.Of(target, receiver, cancellation))
        {
            if (MayImplement(method, target, through) && dispatch.Bodies.Contains(method.OriginalDefinition, SymbolEqualityComparer.Default)) return true;
        }

        return false;
    }

    /// <summary>A type with type arguments that are all known: 'IHandler&lt;Login&gt;' is not implemented by a handler of logouts.</summary>
    private static INamedTypeSymbol? Closed(INamedTypeSymbol? type)
    {
        if (type is not { TypeKind: TypeKind.Interface or TypeKind.Class, IsGenericType: true }) return null;
        return IsClosed(type) ? type : null;
    }

    private static bool IsClosed(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol named) return false;
        foreach (var argument in named.TypeArguments)
        {
            if (!IsClosed(argument)) return false;
        }

        return named.ContainingType is null || IsClosed(named.ContainingType);
    }

    /// <summary>Whether some choice of type arguments may make one of the other: one inherits from the other, as far as definitions say.</summary>
    private static bool MayMatch(ITypeSymbol left, ITypeSymbol right) =>
        left is not INamedTypeSymbol || right is not INamedTypeSymbol || IsA(left, right) || IsA(right, left);

    internal static bool IsA(ITypeSymbol type, ITypeSymbol ancestor)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, ancestor.OriginalDefinition)) return true;
        }

        foreach (var implemented in type.AllInterfaces)
        {
            if (SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, ancestor.OriginalDefinition)) return true;
        }

        return false;
    }

    private bool MayImplement(IMethodSymbol method, IMethodSymbol target, INamedTypeSymbol? through)
    {
        if (through is null) return true;
        bool isOther = false;
        foreach (var implemented in through.TypeKind == TypeKind.Interface ? method.ContainingType.AllInterfaces : BasesOf(method.ContainingType))
        {
            if (!SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, through.OriginalDefinition)) continue;
            bool may = through.TypeKind != TypeKind.Interface || IsBehind(method, target, implemented);
            if (Closed(implemented) is not null) may &= _bodies.Compilation.HasImplicitConversion(implemented, through);
            else for (int i = 0; i < through.TypeArguments.Length; i++) may &= MayMatch(implemented.TypeArguments[i], through.TypeArguments[i]);
            if (may) return true;
            isOther = true;
        }

        return !isOther;
    }

    /// <summary>Whether the method is what its type has for the member of one of the interfaces that it implements more than once.</summary>
    private static bool IsBehind(IMethodSymbol method, IMethodSymbol target, INamedTypeSymbol implemented)
    {
        if (Implementations.MemberOf(implemented, target) is not { } member || method.ContainingType.FindImplementationForInterfaceMember(member) is not IMethodSymbol found) return true;
        for (var at = method; at is not null; at = at.OverriddenMethod)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, found.OriginalDefinition)) return true;
        }

        return false;
    }

    private static ImmutableArray<INamedTypeSymbol> BasesOf(INamedTypeSymbol type)
    {
        var bases = ImmutableArray.CreateBuilder<INamedTypeSymbol>();
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType) bases.Add(at);
        return bases.ToImmutable();
    }

    /// <summary>What runs when the method is called exactly, without dispatch.</summary>
    public Resolution Direct(IMethodSymbol target)
    {
        target = target.OriginalDefinition;
        return _direct.TryGetValue(target, out var known) ? known : _direct.GetOrAdd(target, ResolveDirect(target));
    }

    private Resolution OfDisposal(IMethodSymbol target, ITypeSymbol receiver)
    {
        var key = (target, receiver.OriginalDefinition);
        if (_virtual.TryGetValue(key, out var known)) return known;
        return _virtual.GetOrAdd(key, External(target, FrameworkDisposal.Of(_bodies.Contracts, target, receiver)!));
    }

    private Resolution ResolveDirect(IMethodSymbol target)
    {
        var contract = _bodies.Contracts.Of(target);
        if (contract.IsTrusted) return new Resolution(contract, ImmutableArray<BodyKey>.Empty);
        if (!_bodies.IsSource(target)) return External(target, contract);
        var definition = target.PartialImplementationPart ?? target;
        if (definition.IsExtern || definition.IsAbstract)
        {
            return new Resolution(contract, ImmutableArray<BodyKey>.Empty) { IsUnknown = !contract.SaysAnything };
        }

        return new Resolution(contract, ImmutableArray.Create(BodyKey.Of(target)));
    }

    private Resolution ResolveVirtual(IMethodSymbol target, IMethodSymbol called, ITypeSymbol? receiver, INamedTypeSymbol? through, CancellationToken cancellation)
    {
        var contract = _bodies.Contracts.Of(target);
        if (contract.IsTrusted) return new Resolution(contract, ImmutableArray<BodyKey>.Empty);
        bool isSource = _bodies.IsSource(target);

        // A call through one of .NET's own interfaces or base classes counts as known, unless the receiver is one of ours.
        if (!isSource && WellKnown.IsFramework(target.ContainingAssembly) && receiver is not INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: false })
        {
            return External(target, contract);
        }

        var bodies = ImmutableArray.CreateBuilder<BodyKey>();
        foreach (var method in _bodies.Implementations.Of(called, receiver, cancellation))
        {
            if (!MayImplement(method, target, through)) continue;
            if (_bodies.IsSource(method)) bodies.Add(BodyKey.Of(method));
            else if (Implementations.Exact(target, receiver) is not null) AddRecorded(BodyKey.Of(method), bodies);
        }

        bool isKnown = !isSource && _recorded.Knows(target);
        if (isKnown && Implementations.Exact(target, receiver) is null)
        {
            // What the other assembly's build has seen of overrides and implementations, or else the member's own body.
            if (!AddRecorded(BodyKey.OfDispatch(target), bodies)) AddRecorded(BodyKey.Of(target), bodies);
        }

        if (bodies.Count == 0 && !isSource && !isKnown) return External(target, contract);
        var dispatched = Implementations.Exact(target, receiver) is null ? target : null;
        if (isKnown) return new Resolution(contract, bodies.ToImmutable()) { Dispatched = dispatched };
        return new Resolution(contract, bodies.ToImmutable()) { Dispatched = dispatched, IsUnknown = bodies.Count == 0 && !contract.SaysAnything };
    }

    private bool AddRecorded(BodyKey key, ImmutableArray<BodyKey>.Builder bodies)
    {
        if (_recorded.Find(key) is null) return false;
        bodies.Add(key);
        return true;
    }

    private Resolution External(IMethodSymbol target, Contract contract)
    {
        if (_recorded.Knows(target))
        {
            var own = BodyKey.Of(target);
            return new Resolution(contract, _recorded.Find(own) is null ? ImmutableArray<BodyKey>.Empty : ImmutableArray.Create(own));
        }

        bool isFramework = WellKnown.IsFramework(target.ContainingAssembly);
        return new Resolution(contract, ImmutableArray<BodyKey>.Empty)
        {
            IsFramework = isFramework,
            IsUnknown = !isFramework && !contract.SaysAnything && contract.Parameters.IsEmpty,
        };
    }

    private sealed class PairComparer : System.Collections.Generic.IEqualityComparer<(ISymbol Target, ISymbol? Receiver)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((ISymbol Target, ISymbol? Receiver) x, (ISymbol Target, ISymbol? Receiver) y) =>
            SymbolEqualityComparer.Default.Equals(x.Target, y.Target) && SymbolEqualityComparer.Default.Equals(x.Receiver, y.Receiver);

        public int GetHashCode((ISymbol Target, ISymbol? Receiver) pair) =>
            unchecked((SymbolEqualityComparer.Default.GetHashCode(pair.Target) * 31) + SymbolEqualityComparer.Default.GetHashCode(pair.Receiver));
    }
}
