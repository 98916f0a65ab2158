using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Facts;

/// <summary>Which methods of this compilation a virtual or interface call may reach. Built once, when first asked.</summary>
internal sealed class Implementations
{
    private readonly Compilation _compilation;
    private Dictionary<ISymbol, List<IMethodSymbol>>? _overriders;
    private readonly object _gate = new();
    private readonly List<INamedTypeSymbol> _types = new();

    public Implementations(Compilation compilation) => _compilation = compilation;

    /// <summary>
    /// The bodies that a call of the method on a receiver of the type may run, in source order. Includes the method itself where it
    /// has a body.
    /// </summary>
    public ImmutableArray<IMethodSymbol> Of(IMethodSymbol method, ITypeSymbol? receiver, CancellationToken cancellation)
    {
        if (Exact(method, receiver) is { } exact) return ImmutableArray.Create(exact);
        method = method.OriginalDefinition;
        var table = Table(cancellation);

        // .NET's own interfaces are not in the table: on a receiver of ours it is what that has, or its subtypes, or those who implement it.
        if (method.ContainingType.TypeKind == TypeKind.Interface && Catalog.WellKnown.IsFramework(method.ContainingAssembly) && receiver is INamedTypeSymbol known)
        {
            if (known.TypeKind == TypeKind.Interface) return Implementing(known.OriginalDefinition, method);
            if (InType(method, known) is { } implemented) method = implemented;
        }

        var found = ImmutableArray.CreateBuilder<IMethodSymbol>();
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var pending = new Stack<IMethodSymbol>();
        pending.Push(method);
        var bound = receiver?.OriginalDefinition as INamedTypeSymbol;
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (!seen.Add(next)) continue;
            if (!next.IsAbstract && IsReachable(next, method, bound)) found.Add(next);
            if (!table.TryGetValue(next, out var overriders)) continue;
            for (int i = overriders.Count - 1; i >= 0; i--) pending.Push(overriders[i]);
        }

        return found.ToImmutable();
    }

    /// <summary>The classes of this compilation whose base class it is.</summary>
    public IEnumerable<INamedTypeSymbol> DerivedFrom(INamedTypeSymbol type, CancellationToken cancellation)
    {
        Table(cancellation);
        foreach (var candidate in _types)
        {
            if (SymbolEqualityComparer.Default.Equals(candidate.BaseType?.OriginalDefinition, type.OriginalDefinition)) yield return candidate;
        }
    }

    /// <summary>The one body that runs where the type of the receiver leaves no choice.</summary>
    public static IMethodSymbol? Exact(IMethodSymbol method, ITypeSymbol? receiver)
    {
        if (receiver is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } type) return null;
        if (!type.IsSealed && !type.IsValueType) return null;
        return InType(method, type);
    }

    /// <summary>The type of ours that a type parameter is bound to, where it has the member of one of .NET's own interfaces: who implements it can be seen.</summary>
    public static INamedTypeSymbol? BoundOf(ITypeParameterSymbol parameter, IMethodSymbol member)
    {
        if (member.ContainingType is not { TypeKind: TypeKind.Interface } declaring || !Catalog.WellKnown.IsFramework(member.ContainingAssembly)) return null;
        foreach (var constraint in parameter.ConstraintTypes)
        {
            if (constraint is ITypeParameterSymbol other && BoundOf(other, member) is { } found) return found;
            if (constraint is not INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: false } named) continue;
            foreach (var implemented in named.AllInterfaces)
            {
                if (SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, declaring.OriginalDefinition)) return named;
            }
        }

        return null;
    }

    /// <summary>What runs for a method when the object is exactly of the type.</summary>
    public static IMethodSymbol? InType(IMethodSymbol method, INamedTypeSymbol type)
    {
        if (method.ContainingType is { TypeKind: TypeKind.Interface })
        {
            var member = Construct(method, type) ?? method;
            if ((type.FindImplementationForInterfaceMember(member) as IMethodSymbol)?.OriginalDefinition is not { } implementation) return null;

            // What a base class implements, this one may override.
            bool isOpen = (implementation.IsVirtual || implementation.IsAbstract || implementation.IsOverride) && implementation.ContainingType.TypeKind == TypeKind.Class;
            return isOpen ? InType(implementation, type) ?? implementation : implementation;
        }

        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.OriginalDefinition.GetMembers(method.Name))
            {
                if (member is not IMethodSymbol candidate) continue;
                for (var root = candidate; root is not null; root = root.OverriddenMethod)
                {
                    if (SymbolEqualityComparer.Default.Equals(root.OriginalDefinition, method.OriginalDefinition)) return candidate;
                }
            }
        }

        return null;
    }

    /// <summary>The member as the type, with its type arguments, has or inherits it.</summary>
    public static IMethodSymbol Constructed(IMethodSymbol method, INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.GetMembers(method.Name))
            {
                if (SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, method)) return (IMethodSymbol)member;
            }
        }

        // The body stands in the interface, which has type arguments of its own.
        return method.ContainingType is { TypeKind: TypeKind.Interface, IsGenericType: true } ? Construct(method, type) ?? method : method;
    }

    // A type may implement an interface more than once: the one that is called comes first, or else one that is as good as it.
    private static IMethodSymbol? Construct(IMethodSymbol method, INamedTypeSymbol type)
    {
        IMethodSymbol? found = null;
        foreach (var implemented in type.AllInterfaces)
        {
            if (!SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, method.ContainingType.OriginalDefinition)) continue;
            bool isCalled = SymbolEqualityComparer.Default.Equals(implemented, method.ContainingType);
            if (found is not null && !isCalled) continue;
            found = MemberOf(implemented, method);
            if (isCalled) break;
        }

        return found;
    }

    /// <summary>The member, as a constructed type has it.</summary>
    public static IMethodSymbol? MemberOf(INamedTypeSymbol type, IMethodSymbol method)
    {
        foreach (var member in type.GetMembers(method.Name))
        {
            if (SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, method.OriginalDefinition)) return member as IMethodSymbol;
        }

        return null;
    }

    private static bool IsReachable(IMethodSymbol candidate, IMethodSymbol called, INamedTypeSymbol? receiver)
    {
        if (receiver is null || receiver.TypeKind != TypeKind.Class || receiver.SpecialType == SpecialType.System_Object) return true;
        var holder = candidate.ContainingType;

        // What the class has for the member of an interface hides what others have, and the body that the interface has itself.
        if (called.ContainingType is { TypeKind: TypeKind.Interface, IsGenericType: false } && InType(called, receiver) is { } own)
        {
            return DerivesFrom(holder, receiver) || SymbolEqualityComparer.Default.Equals(own.OriginalDefinition, candidate.OriginalDefinition);
        }

        return DerivesFrom(holder, receiver) || DerivesFrom(receiver, holder)
            || holder.TypeKind == TypeKind.Interface || called.ContainingType.TypeKind == TypeKind.Interface;
    }

    private ImmutableArray<IMethodSymbol> Implementing(INamedTypeSymbol receiver, IMethodSymbol method)
    {
        var found = ImmutableArray.CreateBuilder<IMethodSymbol>();
        foreach (var type in _types)
        {
            bool isOne = false;
            foreach (var implemented in type.AllInterfaces) isOne |= SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, receiver);
            if (isOne && InType(method, type) is { IsAbstract: false } body && !found.Contains(body)) found.Add(body);
        }

        return found.ToImmutable();
    }

    /// <summary>Whether an object of the class, or of one derived from it, may have the member.</summary>
    public static bool MayBeRunBy(IMethodSymbol candidate, INamedTypeSymbol type) =>
        candidate.ContainingType is { TypeKind: TypeKind.Interface } || DerivesFrom(candidate.ContainingType, type.OriginalDefinition) || DerivesFrom(type, candidate.ContainingType.OriginalDefinition);

    private static bool DerivesFrom(INamedTypeSymbol type, INamedTypeSymbol ancestor)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, ancestor)) return true;
        }

        return false;
    }

    private Dictionary<ISymbol, List<IMethodSymbol>> Table(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _overriders) is { } built) return built;
        lock (_gate)
        {
            if (_overriders is null) Volatile.Write(ref _overriders, Build(cancellation));
            return _overriders!;
        }
    }

    private Dictionary<ISymbol, List<IMethodSymbol>> Build(CancellationToken cancellation)
    {
        var table = new Dictionary<ISymbol, List<IMethodSymbol>>(SymbolEqualityComparer.Default);
        var seen = new HashSet<(IMethodSymbol, IMethodSymbol)>();
        void Add(IMethodSymbol declared, IMethodSymbol body)
        {
            declared = declared.OriginalDefinition;
            if (!table.TryGetValue(declared, out var bodies)) table.Add(declared, bodies = new List<IMethodSymbol>());
            if (seen.Add((declared, body))) bodies.Add(body);
        }

        var pending = new Stack<INamespaceOrTypeSymbol>();
        pending.Push(_compilation.Assembly.GlobalNamespace);
        while (pending.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = pending.Pop();
            var members = next.GetMembers();
            for (int i = members.Length - 1; i >= 0; i--)
            {
                if (members[i] is INamespaceOrTypeSymbol container) pending.Push(container);
            }

            if (next is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface } type) continue;
            foreach (var member in members)
            {
                if (member is not IMethodSymbol method) continue;
                if (method.OverriddenMethod is { } overridden) Add(overridden, method);
                foreach (var explicitly in method.ExplicitInterfaceImplementations) Add(explicitly, method);
            }

            if (type.TypeKind == TypeKind.Interface) continue;
            _types.Add(type);
            foreach (var implemented in type.AllInterfaces)
            {
                // .NET's own interfaces count as known: a call through them does not reach into this compilation.
                if (Catalog.WellKnown.IsFramework(implemented.ContainingAssembly)) continue;
                foreach (var member in implemented.GetMembers())
                {
                    if (member is IMethodSymbol declared && type.FindImplementationForInterfaceMember(declared) is IMethodSymbol body)
                    {
                        Add(declared, body.OriginalDefinition);
                    }
                }
            }
        }

        return table;
    }
}
