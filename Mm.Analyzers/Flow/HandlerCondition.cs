using System.Collections.Generic;
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
    public static bool IsPortable(KeyValuePair<Value, Known> condition, bool hasReceiver)
    {
        var place = condition.Key switch
        {
            Operation { Kind: Operator.IsType, Left: Symbol kept, Right: Constant { Item: BodyKey } } => kept,
            Operation { Kind: Operator.IsType, Left: Symbol { Role: SymbolRole.Field } part, Right: Constant { Item: INamedTypeSymbol } } => part,
            Symbol asked when IsAsked(asked, condition.Value) => asked,
            _ => null,
        };
        return place is not null && PortableSize.Holds(condition.Key) && Named(place, hasReceiver) is not null;
    }

    /// <summary>Whether a handler was given at all: 'if (ops.Poll != null)', of a table that never changes.</summary>
    public static bool IsAsked(Value condition, Known known)
    {
        if (condition is not Symbol { Role: SymbolRole.Field, Parent: not null, Key: IFieldSymbol { Type.TypeKind: TypeKind.Delegate } or IPropertySymbol { Type.TypeKind: TypeKind.Delegate } }) return false;
        for (Value? at = condition; at is Symbol { Role: SymbolRole.Field } field; at = field.Parent)
        {
            if (field.Key is not (IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } or IParameterSymbol)) return false;
        }

        return known.EqualTo(null) is not null;
    }

    // The field of a field of a parameter or of the object, by a name that is the same wherever it is read: it never changes.
    private static Symbol? Named(Symbol place, bool hasReceiver)
    {
        if (place is { Role: SymbolRole.Parameter, Parent: null }) return place.Index >= 0 || hasReceiver ? place : null;
        if (place is { Role: SymbolRole.Captured, Parent: null }) return place;
        if (place is not { Role: SymbolRole.Field, Parent: Symbol parent } || Named(parent, hasReceiver) is not { } holder) return null;
        return new Symbol(SymbolRole.Field, 0, place.Key, holder);
    }
}
