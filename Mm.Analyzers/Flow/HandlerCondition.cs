using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>"The delegate in this place is that function": on what an effect hangs that came through a table which the caller knows.</summary>
internal static class HandlerCondition
{
    /// <summary>The condition on a delegate that an object keeps which callers know; null where they cannot tell.</summary>
    public static Value? Of(Symbol place, BodyKey function, bool hasReceiver) =>
        Named(place, hasReceiver) is { } named ? Fold.Make(Operator.IsType, named, Constant.Of(function)) : null;

    public static bool Is(Value condition, out Symbol place, out BodyKey function)
    {
        if (condition is Operation { Kind: Operator.IsType, Left: Symbol kept, Right: Constant { Item: BodyKey invoked } })
        {
            (place, function) = (kept, invoked);
            return true;
        }

        (place, function) = (Symbol.This, null!);
        return false;
    }

    /// <summary>"The object in this place is of that class": of a part of an object, which callers may have made it with.</summary>
    public static Value? OfPart(Symbol place, INamedTypeSymbol type, bool hasReceiver) =>
        place.Role == SymbolRole.Field && Named(place, hasReceiver) is { } named ? Fold.Make(Operator.IsType, named, Constant.Of(type)) : null;

    /// <summary>Whether callers can make something of the condition.</summary>
    public static bool IsPortable(Value condition, bool hasReceiver) => PortableSize.Holds(condition)
        && condition is Operation { Kind: Operator.IsType, Left: Symbol place, Right: Constant { Item: var item } } && (item is BodyKey || item is INamedTypeSymbol && place.Role == SymbolRole.Field) && Named(place, hasReceiver) is not null;

    // The field of a field of a parameter or of the object, by a name that is the same wherever it is read: it never changes.
    private static Symbol? Named(Symbol place, bool hasReceiver)
    {
        if (place is { Role: SymbolRole.Parameter, Parent: null }) return place.Index >= 0 || hasReceiver ? place : null;
        if (place is not { Role: SymbolRole.Field, Parent: Symbol parent } || Named(parent, hasReceiver) is not { } holder) return null;
        return new Symbol(SymbolRole.Field, 0, place.Key, holder);
    }
}
