using System.Collections.Concurrent;
using System.Collections.Immutable;
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

    /// <summary>A member of .NET's libraries: known, and its delegate arguments are invoked before it returns.</summary>
    public bool IsFramework { get; init; }
}

/// <summary>Resolves calls to contracts and bodies.</summary>
internal sealed class CallResolver
{
    private readonly BodyStore _bodies;
    private readonly ConcurrentDictionary<(ISymbol Target, ISymbol? Receiver), Resolution> _virtual = new(PairComparer.Instance);
    private readonly ConcurrentDictionary<ISymbol, Resolution> _direct = new(SymbolEqualityComparer.Default);

    public CallResolver(BodyStore bodies) => _bodies = bodies;

    public Resolution Resolve(CallStep call, CancellationToken cancellation)
    {
        var target = call.Target.ReducedFrom ?? call.Target;
        if (target.MethodKind == MethodKind.LocalFunction)
        {
            var key = BodyKey.Of(target);
            var contract = _bodies.Contracts.Of(target);
            return new Resolution(contract, contract.IsTrusted ? ImmutableArray<BodyKey>.Empty : ImmutableArray.Create(key));
        }

        target = target.OriginalDefinition;
        if (!call.IsVirtual) return Direct(target);
        var receiver = call.ReceiverType?.OriginalDefinition;
        if (_virtual.TryGetValue((target, receiver), out var known)) return known;
        return _virtual.GetOrAdd((target, receiver), ResolveVirtual(target, call.ReceiverType, cancellation));
    }

    /// <summary>What runs when the method is called exactly, without dispatch.</summary>
    public Resolution Direct(IMethodSymbol target)
    {
        target = target.OriginalDefinition;
        return _direct.TryGetValue(target, out var known) ? known : _direct.GetOrAdd(target, ResolveDirect(target));
    }

    private Resolution ResolveDirect(IMethodSymbol target)
    {
        var contract = _bodies.Contracts.Of(target);
        if (contract.IsTrusted) return new Resolution(contract, ImmutableArray<BodyKey>.Empty);
        if (!IsSource(target)) return External(target, contract);
        var definition = target.PartialImplementationPart ?? target;
        if (definition.IsExtern || definition.IsAbstract)
        {
            return new Resolution(contract, ImmutableArray<BodyKey>.Empty) { IsUnknown = !contract.SaysAnything };
        }

        return new Resolution(contract, ImmutableArray.Create(BodyKey.Of(target)));
    }

    private Resolution ResolveVirtual(IMethodSymbol target, ITypeSymbol? receiver, CancellationToken cancellation)
    {
        var contract = _bodies.Contracts.Of(target);
        if (contract.IsTrusted) return new Resolution(contract, ImmutableArray<BodyKey>.Empty);
        bool isSource = IsSource(target);

        // A call through one of .NET's own interfaces or base classes counts as known, unless the receiver is one of ours.
        if (!isSource && WellKnown.IsFramework(target.ContainingAssembly) && receiver is not INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: false })
        {
            return External(target, contract);
        }

        var bodies = ImmutableArray.CreateBuilder<BodyKey>();
        foreach (var method in _bodies.Implementations.Of(target, receiver, cancellation))
        {
            if (IsSource(method)) bodies.Add(BodyKey.Of(method));
        }

        if (bodies.Count == 0 && !isSource) return External(target, contract);
        return new Resolution(contract, bodies.ToImmutable()) { IsUnknown = bodies.Count == 0 && !contract.SaysAnything };
    }

    private static Resolution External(IMethodSymbol target, Contract contract)
    {
        bool isFramework = WellKnown.IsFramework(target.ContainingAssembly);
        return new Resolution(contract, ImmutableArray<BodyKey>.Empty)
        {
            IsFramework = isFramework,
            IsUnknown = !isFramework && !contract.SaysAnything && contract.Parameters.IsEmpty,
        };
    }

    private bool IsSource(IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, _bodies.Compilation.Assembly);

    private sealed class PairComparer : System.Collections.Generic.IEqualityComparer<(ISymbol Target, ISymbol? Receiver)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((ISymbol Target, ISymbol? Receiver) x, (ISymbol Target, ISymbol? Receiver) y) =>
            SymbolEqualityComparer.Default.Equals(x.Target, y.Target) && SymbolEqualityComparer.Default.Equals(x.Receiver, y.Receiver);

        public int GetHashCode((ISymbol Target, ISymbol? Receiver) pair) =>
            unchecked((SymbolEqualityComparer.Default.GetHashCode(pair.Target) * 31) + SymbolEqualityComparer.Default.GetHashCode(pair.Receiver));
    }
}
