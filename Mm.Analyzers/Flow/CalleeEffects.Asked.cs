using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What a body calls on an object that it was given, or on its own, runs what the class of that object has, and the class may be one of
/// another assembly. A build that records says so, and whoever calls across the border asks its own classes.
/// </summary>
internal sealed partial class CalleeEffects
{
    private void OfAsked(CallStep call, Resolution resolution, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (call.ConstrainedTo is not null || site.Receiver is not Symbol { Role: SymbolRole.Parameter, Parent: null } receiver || !_session.Resolver.IsAsked(call.Named, resolution)) return;
        Apply(Entry(EffectKind.Deferred, Naming.Of(call.Target), site) with { Function = receiver, Member = call.Target.OriginalDefinition }, site, found);
    }

    private void OfAskedMember(EffectEntry entry, IMethodSymbol member, Site site, Site inner, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var value = entry.Function!.Substitute(symbol => Replace(symbol, site));
        if (_session.Resolver.RecordsCalls && value is Symbol { Role: SymbolRole.Parameter, Parent: null }) Apply(entry with { Function = value }, site, found);

        // Of a callee in this compilation, the classes of this compilation were judged where it calls them.
        if (site.Target is { } callee && _session.Bodies.IsSource(callee)) return;
        var exact = ExactType(value, site.Alternative.Facts);
        var type = exact ?? (Equals(entry.Function, Symbol.This) ? site.ReceiverType as INamedTypeSymbol : null) ?? DeclaredTypeOf(value);
        foreach (var called in MembersOf(member, PassedAs(entry.Function, member, site) ?? type))
        {
            // What implements it in the class may still be overridden below.
            var target = type is { TypeKind: TypeKind.Class } && Implementations.InType(called, type) is { } inClass ? inClass : called;
            var resolution = exact is not null && Implementations.InType(called, exact) is { } method
                ? _session.Resolver.Direct(method)
                : _session.Resolver.Resolve(new CallTarget(target, type ?? called.ContainingType, IsVirtual: true), _cancellation);
            foreach (var key in resolution.Bodies)
            {
                if (!_session.Bodies.IsSource(key.Symbol) || _session.Bodies.Get(key, _cancellation) is { IsIterator: true }) continue;
                OfBody(key, resolution.Contract, inner with { Target = called, Receiver = value }, found, depth + 1);
            }
        }
    }

    // A generic callee says, with the type arguments of this call, for which of them it has asked.
    private static INamedTypeSymbol? PassedAs(Value asked, IMethodSymbol member, Site site) =>
        asked is Symbol { Index: >= 0 and var ordinal } && site.Target is { } callee && ordinal < callee.Parameters.Length
        && callee.Parameters[ordinal].Type is INamedTypeSymbol passed && SymbolEqualityComparer.Default.Equals(passed.OriginalDefinition, member.ContainingType) ? passed : null;

    private INamedTypeSymbol? DeclaredTypeOf(Value value) => value switch
    {
        Symbol { Role: SymbolRole.Parameter, Parent: null, Index: < 0 } => _body.Symbol.ContainingType,
        Symbol { Role: SymbolRole.Parameter, Parent: null, Index: var ordinal } when _body.Method is { } method && ordinal < method.Parameters.Length => method.Parameters[ordinal].Type,
        Symbol { Key: IFieldSymbol field } => field.Type,
        Symbol { Key: IPropertySymbol property } => property.Type,
        Symbol { Key: ILocalSymbol local } => local.Type,
        Symbol { Key: IParameterSymbol parameter } => parameter.Type,
        _ => null,
    } as INamedTypeSymbol;

    /// <summary>The member as the type has it: of an interface with type arguments, for each that the type implements.</summary>
    private static IEnumerable<IMethodSymbol> MembersOf(IMethodSymbol member, INamedTypeSymbol? type)
    {
        if (type is null || !member.ContainingType.IsGenericType) return new[] { member };
        var found = new List<IMethodSymbol>();
        foreach (var candidate in type.AllInterfaces.Insert(0, type))
        {
            if (SymbolEqualityComparer.Default.Equals(candidate.OriginalDefinition, member.ContainingType) && Implementations.MemberOf(candidate, member) is { } constructed) found.Add(constructed);
        }

        return found.Count > 0 ? found : new List<IMethodSymbol> { member };
    }
}
