using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// The class of the object that a place holds for good, where it is seen being made: 'readonly ISink _sink = new RingSink()'. A place of
/// a class that is made of just that class says no more than its type.
/// </summary>
internal static class MadeTypes
{
    // Objects in objects, and methods that make them: beyond that, nothing is known.
    private const int Deepest = 4;

    /// <summary>The exact class of what is in the place; null where that is not seen.</summary>
    public static INamedTypeSymbol? In(BodyStore store, Symbol place, CancellationToken cancellation)
    {
        if (place is not { Role: SymbolRole.Field, Key: ISymbol member } || !IsOpen(KeptMembers.TypeOf(member))) return null;
        return store.MadeTypes.TryGetValue(place, out var known) ? known : store.MadeTypes.GetOrAdd(place, Find(store, place, cancellation));
    }

    /// <summary>
    /// Whom a call on the receiver names: of a member of .NET, what the class has for it that is seen being made. Members of this
    /// compilation are judged by all that implement them.
    /// </summary>
    public static CallTarget Named(BodyStore store, IMethodSymbol target, IOperation? receiver, bool isVirtual, CancellationToken cancellation)
    {
        if (receiver is null) return new CallTarget(target, null, isVirtual);
        var written = OperationLowering.Written(receiver);
        var type = written.Type ?? receiver.Type;
        if (!isVirtual || !IsOpen(type) || !WellKnown.IsFramework(target.ContainingAssembly) || PlaceOf(written) is not { } member || store.Contracts.Contexts.Regions.Forbid(EffectKind.VirtualCall)) return new CallTarget(target, type, isVirtual);
        if (In(store, new Symbol(SymbolRole.Field, 0, member.OriginalDefinition), cancellation) is not { } made) return new CallTarget(target, type, isVirtual);
        if (Implementations.InType(target, made) is not { IsAbstract: false } found) return new CallTarget(target, type, isVirtual);
        var exact = Implementations.Constructed(found.OriginalDefinition, made);
        if (exact.Arity != target.Arity) return new CallTarget(target, type, isVirtual);
        return new CallTarget(exact.Arity > 0 ? exact.Construct(target.TypeArguments.ToArray()) : exact, made, IsVirtual: false);
    }

    private static ISymbol? PlaceOf(IOperation receiver) => receiver switch
    {
        IFieldReferenceOperation { Field.IsReadOnly: true } field => field.Field,
        IPropertyReferenceOperation { Property: { SetMethod: null, IsVirtual: false, IsAbstract: false, IsOverride: false }, Arguments.IsEmpty: true } property => property.Property,
        _ => null,
    };

    private static INamedTypeSymbol? Find(BodyStore store, Symbol place, CancellationToken cancellation) =>
        KeptHandlers.ClassOf(store, KeptHandlers.MadeIn(store, place, Deepest, cancellation), cancellation) is { TypeKind: TypeKind.Class } made
        && IsClosed(made) && !SymbolEqualityComparer.Default.Equals(made, KeptMembers.TypeOf((ISymbol)place.Key!)) ? made : null;

    // Somebody else may be behind it than it says.
    private static bool IsOpen(ITypeSymbol? type) => type is { TypeKind: TypeKind.Interface } or { TypeKind: TypeKind.Class, IsSealed: false };

    // What type arguments are where the object was made, they need not be where it is used.
    private static bool IsClosed(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array) return IsClosed(array.ElementType);
        if (type is not INamedTypeSymbol named) return false;
        foreach (var argument in named.TypeArguments)
        {
            if (!IsClosed(argument)) return false;
        }

        return named.ContainingType is null || IsClosed(named.ContainingType);
    }
}
