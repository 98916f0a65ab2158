using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>Which lambdas and methods visibly flow into a delegate field that only its own type can write, or an event that only this compilation sees.</summary>
internal sealed class DelegateFlows
{
    private readonly BodyStore _bodies;
    private readonly ConcurrentDictionary<ISymbol, ImmutableArray<Value>> _flows = new(SymbolEqualityComparer.Default);

    public DelegateFlows(BodyStore bodies) => _bodies = bodies;

    /// <summary>All that flows in; default where that cannot be seen. Values are over the bodies that assign them.</summary>
    public ImmutableArray<Value> Into(ISymbol place, CancellationToken cancellation)
    {
        place = place.OriginalDefinition;
        if (_flows.TryGetValue(place, out var known)) return known;
        return _flows.GetOrAdd(place, Find(place, cancellation));
    }

    private ImmutableArray<Value> Find(ISymbol place, CancellationToken cancellation)
    {
        bool isReadOnly = place is IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null };
        bool isOwn = place is IEventSymbol || place is IFieldSymbol or IPropertySymbol && (isReadOnly || place.DeclaredAccessibility == Accessibility.Private);
        if (!isOwn || place.ContainingType is not { } type) return default;
        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, _bodies.Compilation.Assembly)) return default;

        // Whoever sees an event may subscribe: its handlers are known where all who see it are.
        if (place is IEventSymbol && IsSeenFromOutside(place)) return default;
        var found = ImmutableArray.CreateBuilder<Value>();
        var bodies = place is IEventSymbol && place.DeclaredAccessibility != Accessibility.Private
            ? MentioningBodies.Of(_bodies, NameIndex.SimpleName(place), cancellation)
            : BodiesOf(type, isReadOnly);
        foreach (var key in bodies)
        {
            if (!Collect(key, place, found, cancellation)) return default;
        }

        return found.ToImmutable();
    }

    private static bool IsSeenFromOutside(ISymbol symbol)
    {
        for (var at = symbol; at is not null and not INamespaceSymbol; at = at.ContainingSymbol)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal) return false;
        }

        return true;
    }

    /// <summary>The place itself, or an event that it overrides or implements.</summary>
    private static bool IsPlace(ISymbol target, ISymbol place)
    {
        if (SymbolEqualityComparer.Default.Equals(target, place)) return true;
        if (place is not IEventSymbol @event || target is not IEventSymbol || target.Name != place.Name) return false;
        for (var overridden = @event.OverriddenEvent; overridden is not null; overridden = overridden.OverriddenEvent)
        {
            if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, target)) return true;
        }

        foreach (var implemented in place.ContainingType.AllInterfaces)
        {
            foreach (var member in implemented.GetMembers(target.Name))
            {
                if (SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, target)
                    && SymbolEqualityComparer.Default.Equals(place.ContainingType.FindImplementationForInterfaceMember(member)?.OriginalDefinition, place)) return true;
            }
        }

        return false;
    }

    private bool Collect(BodyKey key, ISymbol place, ImmutableArray<Value>.Builder found, CancellationToken cancellation)
    {
        var pending = new Stack<BodyKey>();
        pending.Push(key);
        while (pending.Count > 0)
        {
            if (_bodies.Get(pending.Pop(), cancellation) is not { } body) continue;
            foreach (var function in body.Functions) pending.Push(function.Key);
            foreach (var block in body.Blocks)
            {
                foreach (var step in block.Steps)
                {
                    if (step is not ConvertStep { Place: { } target } convert) continue;
                    if (!IsPlace(target.OriginalDefinition, place)) continue;
                    switch (convert.Function)
                    {
                        case Symbol { Role: SymbolRole.Function } function: found.Add(function); break;
                        case Constant: break;
                        default: return false;
                    }
                }
            }
        }

        return true;
    }

    private static IEnumerable<BodyKey> BodiesOf(INamedTypeSymbol type, bool onlyConstructors)
    {
        foreach (var member in type.GetMembers())
        {
            switch (member)
            {
                case IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor:
                    yield return BodyKey.Of(constructor);
                    break;
                case IMethodSymbol method when !onlyConstructors && !method.IsAbstract:
                    yield return BodyKey.Of(method);
                    break;
                case IFieldSymbol or IPropertySymbol or IEventSymbol when !member.DeclaringSyntaxReferences.IsEmpty:
                    yield return BodyKey.Of(member);
                    break;
                case INamedTypeSymbol nested when !onlyConstructors:
                    foreach (var key in BodiesOf(nested, false)) yield return key;
                    break;
            }
        }
    }
}
