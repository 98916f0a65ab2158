using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What generic code leaves to the type arguments of its callers.</summary>
internal sealed partial class CalleeEffects
{
    /// <summary>A type that is told apart from others by type arguments which only a caller knows.</summary>
    private static bool IsOpen(ITypeSymbol? type) => type switch
    {
        ITypeParameterSymbol => true,
        INamedTypeSymbol named => named.TypeArguments.Any(IsOpen) || IsOpen(named.ContainingType),
        IArrayTypeSymbol array => IsOpen(array.ElementType),
        _ => false,
    };

    /// <summary>The member that is called, as the receiver's class has it: an interface or a base class does not know its type arguments.</summary>
    private IMethodSymbol AsReceived(CallStep call, BodyKey key, Site site)
    {
        if (!call.IsVirtual || key.Symbol.ContainingType is not { IsGenericType: true }) return call.Target;
        var type = site.Receiver is { } receiver ? ExactType(receiver, site.Alternative.Facts) : null;
        return AsIn(type ?? call.ReceiverType as INamedTypeSymbol, call.Target, key);
    }

    private static IMethodSymbol AsIn(INamedTypeSymbol? type, IMethodSymbol target, BodyKey key)
    {
        if (key.Symbol.ContainingType is not { IsGenericType: true } || SymbolEqualityComparer.Default.Equals(key.Symbol, target.OriginalDefinition)) return target;
        if (type is not { TypeKind: TypeKind.Class or TypeKind.Struct } || Implementations.InType(target, type) is not { } found) return target;
        var member = Implementations.Constructed(found.OriginalDefinition, type);
        return member.Arity > 0 && member.Arity == target.Arity ? member.Construct(target.TypeArguments.ToArray()) : member;
    }

    /// <summary>A delegate that invokes a member of a type argument.</summary>
    private void OfOpenGroup(IMethodSymbol target, ITypeParameterSymbol parameter, Contract place, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var call = new CallStep(-1, site.Location, target) { IsVirtual = true, ReceiverType = parameter, ConstrainedTo = parameter };
        var resolution = _session.Resolver.Resolve(call, _cancellation);
        site = site with { Receiver = null, Target = target };
        Declared(Silenced(resolution.Contract, place), Naming.Qualified(target), site, found, depth);
        foreach (var key in resolution.Bodies) OfBody(key, resolution.Contract.Over(place), site with { IsGeneric = true }, found, depth);
        if (!resolution.Contract.SaysAnything) OfOpenMember(call, site, target.ContainingType is { IsGenericType: true } through ? through : null, found);
    }

    private void OfOpenMember(CallStep call, Site site, INamedTypeSymbol? through, ImmutableArray<AppliedEffect>.Builder found)
    {
        var member = Entry(EffectKind.Deferred, Naming.Of(call.Target), site) with
        {
            Member = call.Target.OriginalDefinition,
            TypeParameter = call.ConstrainedTo,
            Through = through,
            Function = call.ConstrainedTo is null && through is not null && Judgement.IsParameter(site.Receiver) ? site.Receiver : null,
            Arguments = site.Arguments,
        };
        Apply(member, site, found);
    }

    private void OfTypeArgument(EffectEntry entry, ITypeParameterSymbol parameter, Site site, Site inner, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var argument = InCaller(parameter, site);
        if (entry.Member is not { } member)
        {
            OfMade(entry, argument, site, found, depth);
            return;
        }

        if (entry.Through is { } through) member = Implementations.MemberOf((INamedTypeSymbol)InCaller(through, site), member) ?? member;

        // What implements an interface of this compilation, or a class of it that is asked for, was judged where it is called, in what was entered there; of .NET's own, only the caller knows.
        if (!WellKnown.IsFramework(member.ContainingAssembly) || Implementations.BoundOf(parameter, member) is not null) inner = InLeft(entry, site, inner);
        if (argument is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } exact && exact.IsSealed | exact.IsValueType && Implementations.InType(member, exact) is { } method)
        {
            var resolution = _session.Resolver.Direct(method);
            inner = inner with { Target = Implementations.Constructed(method, exact), IsOther = true };
            var called = _session.Contracts.Of(member);
            var own = resolution.Contract;
            Declared(ReferenceEquals(own, called) ? own : AddedTo(called, own), Naming.Qualified(method), inner, found, depth);
            foreach (var key in resolution.Bodies) OfBody(key, own, inner, found, depth + 1);
            return;
        }

        if (argument is ITypeParameterSymbol outer)
        {
            Apply(entry with { TypeParameter = outer }, site, found);
            if (IsJudged(site, member)) OfAny(member, null, inner, found);
            return;
        }

        // Nothing overrides a member of an enumeration or a delegate; and what .NET's own types do for .NET's own members is known.
        if (argument is { TypeKind: TypeKind.Enum or TypeKind.Delegate }) return;
        if (WellKnown.IsFramework(member.ContainingAssembly) && argument is not INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: false })
        {
            if (FrameworkDisposal.Of(_session.Contracts, member, argument) is { } disposal) Declared(disposal, Naming.Qualified(member), inner, found, depth);
            return;
        }

        foreach (var candidate in _session.Bodies.Implementations.Of(member, argument as INamedTypeSymbol, _cancellation))
        {
            if (argument is INamedTypeSymbol { TypeKind: TypeKind.Class } known && !Implementations.MayBeRunBy(candidate, known)) continue;
            var resolution = _session.Resolver.Direct(candidate);
            inner = inner with { Target = AsIn(argument, member, candidate) };
            foreach (var key in resolution.Bodies) OfBody(key, resolution.Contract, inner, found, depth + 1);
        }
    }

    /// <summary>What runs for a member, with the type arguments that the type argument has itself: 'Cached&lt;Disk&gt;'.</summary>
    private static IMethodSymbol AsIn(ITypeSymbol? argument, IMethodSymbol member, IMethodSymbol candidate) => argument switch
    {
        INamedTypeSymbol { TypeKind: TypeKind.Interface } named => Implementations.MemberOf(named, member) ?? candidate,
        INamedTypeSymbol named => Implementations.Constructed(candidate, named),
        _ => candidate,
    };

    /// <summary>A member of 'IBackend&lt;T&gt;', where this body knows what T is: other backends are not meant.</summary>
    private void OfConstructed(EffectEntry entry, INamedTypeSymbol through, Site site, Site inner, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var closed = (INamedTypeSymbol)InCaller(through, site);
        var given = entry.Function?.Substitute(symbol => Replace(symbol, site));
        if (IsOpen(closed))
        {
            Apply(entry with { Through = closed, Function = Judgement.IsParameter(given) ? given : null }, site, found);
            if (IsJudged(site, entry.Member!)) OfAny(entry.Member!, closed, InLeft(entry, site, inner), found);
            return;
        }

        var member = Implementations.MemberOf(closed, entry.Member!) ?? entry.Member!;
        var resolution = _session.Resolver.Resolve(new CallTarget(member, closed, IsVirtual: true), _cancellation);
        inner = InLeft(entry, site, inner) with { Target = member };

        // An object that the callee was given runs what its class has.
        bool isOfGiven = given is not null && resolution.Bodies.Length > 1;
        if (isOfGiven) inner = inner with { Receiver = given };
        foreach (var key in resolution.Bodies)
        {
            if (isOfGiven && IsOfOtherType(IsOf(inner, key.Symbol.ContainingType), Known.Exactly(true), site.Alternative.Facts)) continue;
            if ((isOfGiven ? ChosenBy(inner, key, resolution) : inner) is { } chosen) OfBody(key, resolution.Contract, chosen, found, depth + 1);
        }
    }

    private static Site InLeft(EffectEntry entry, Site site, Site inner) =>
        inner with { Alternative = site.Alternative with { Depths = site.Alternative.Depths.Add(entry.Change.OnlyLeft()) } };

    /// <summary>Whether this body forbids anything here itself: what type arguments do that its callers know, it cannot leave to them.</summary>
    private bool IsJudged(Site site, IMethodSymbol member) =>
        !(site.Alternative.Depths.IsNone && _promised.Never.IsEmpty && !site.IsPromised) && !WellKnown.IsFramework(member.ContainingAssembly) && !_session.Contracts.Of(member).SaysAnything;

    /// <summary>
    /// What any of the implementations does by itself. What hangs on delegates or type arguments in turn is not followed: the ways multiply.
    /// No caller is told of it, so a summary does not wait for all these bodies: they would make one cycle of half the program.
    /// </summary>
    private void OfAny(IMethodSymbol member, INamedTypeSymbol? through, Site inner, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (!_isJudged)
        {
            HasLeftOut = true;
            return;
        }

        if (WasAsked(member, through, inner, found)) return;
        foreach (var candidate in _session.Bodies.Implementations.Of(member, through, _cancellation)) OfBody(BodyKey.Of(candidate), Contract.None, inner with { IsGeneric = true }, found, DelegateDepth + 1);
    }

    /// <summary>The type, as the type arguments of a call make it; what they do not tell stays open.</summary>
    private static ITypeSymbol InCaller(ITypeSymbol type, Site site)
    {
        switch (type)
        {
            case ITypeParameterSymbol { DeclaringMethod: { } method } parameter:
                return IsMeant(method, site.Target) ? site.Target!.TypeArguments[parameter.Ordinal] : type;
            case ITypeParameterSymbol { DeclaringType: { } declaring } parameter:
                for (var at = site.Target?.ContainingType; at is not null; at = at.BaseType)
                {
                    // What a nested type does is in terms of the types around it.
                    for (var around = at; around is not null; around = around.ContainingType)
                    {
                        if (SymbolEqualityComparer.Default.Equals(around.OriginalDefinition, declaring.OriginalDefinition)) return around.TypeArguments[parameter.Ordinal];
                    }
                }

                return site.Target?.ContainingType is { IsGenericType: true } called ? Through(called, declaring.OriginalDefinition, parameter) ?? type : type;
            case INamedTypeSymbol { IsGenericType: true } named:
                var definition = named.ConstructedFrom;
                if (named.ContainingType is { IsGenericType: true } outer && InCaller(outer, site) is INamedTypeSymbol container)
                {
                    foreach (var member in container.GetTypeMembers(named.Name, named.Arity)) definition = member;
                }

                return named.Arity == 0 ? definition : definition.Construct(named.TypeArguments.Select(argument => InCaller(argument, site)).ToArray());
            default: return type;
        }
    }

    /// <summary>Whether the method is the one that is called, or what runs for it.</summary>
    private static bool IsMeant(IMethodSymbol method, IMethodSymbol? target)
    {
        if (target is null || target.Arity != method.Arity) return false;
        if (method.MethodKind == MethodKind.LocalFunction) return target.MethodKind == MethodKind.LocalFunction && BodyKey.Of(method).Equals(BodyKey.Of(target));
        if (SymbolEqualityComparer.Default.Equals(method.OriginalDefinition, (target.ReducedFrom ?? target).OriginalDefinition)) return true;
        for (var at = method.OriginalDefinition.OverriddenMethod; at is not null; at = at.OverriddenMethod)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, target.OriginalDefinition)) return true;
        }

        return target.ContainingType.TypeKind == TypeKind.Interface
            && SymbolEqualityComparer.Default.Equals(Implementations.InType(target.OriginalDefinition, method.ContainingType)?.OriginalDefinition, method.OriginalDefinition);
    }

    /// <summary>A type parameter of an implementing class, where the call names a base class or an interface: 'Handler&lt;T&gt; : IHandler&lt;T&gt;'.</summary>
    private static ITypeSymbol? Through(INamedTypeSymbol called, INamedTypeSymbol declaring, ITypeParameterSymbol parameter)
    {
        for (var at = declaring.BaseType; at is not null; at = at.BaseType)
        {
            if (Given(at, called, parameter) is { } given) return given;
        }

        foreach (var implemented in declaring.AllInterfaces)
        {
            if (Given(implemented, called, parameter) is { } given) return given;
        }

        return null;
    }

    private static ITypeSymbol? Given(INamedTypeSymbol ancestor, INamedTypeSymbol called, ITypeParameterSymbol parameter)
    {
        if (!SymbolEqualityComparer.Default.Equals(ancestor.OriginalDefinition, called.OriginalDefinition)) return null;
        for (int i = 0; i < ancestor.TypeArguments.Length; i++)
        {
            if (SymbolEqualityComparer.Default.Equals(ancestor.TypeArguments[i], parameter)) return called.TypeArguments[i];
        }

        return null;
    }

    /// <summary>'new T()': a class allocates and a structure does not; the constructor of either runs.</summary>
    private void OfMade(EffectEntry entry, ITypeSymbol? argument, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var open = argument as ITypeParameterSymbol;
        if (open is not null) Apply(entry with { TypeParameter = open }, site, found);
        if (argument is not { IsValueType: true })
        {
            Apply(entry with { Effect = EffectKind.Allocate, TypeParameter = null }, site with { IsGeneric = open is not null }, found);
        }

        if (argument is not INamedTypeSymbol named) return;
        foreach (var constructor in named.InstanceConstructors)
        {
            if (!constructor.Parameters.IsEmpty) continue;
            var resolution = _session.Resolver.Direct(constructor);
            var inner = site with { Outer = Behind(site.Outer, entry) };
            Declared(resolution.Contract, Naming.Qualified(constructor), inner, found, depth);
            foreach (var key in resolution.Bodies) OfBody(key, resolution.Contract, inner, found, depth + 1);
        }
    }
}
