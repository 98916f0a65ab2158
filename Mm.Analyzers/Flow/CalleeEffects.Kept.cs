using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Delegates that objects were made with. What is invoked through a table that the caller has given, or that belongs to the object it
/// has called, hangs on the function being the one in there: a caller who knows the table leaves the others aside.
/// </summary>
internal sealed partial class CalleeEffects
{
    // Of larger tables, every handler counts for every index.
    private const int TableLimit = 32;

    private void OfFlows(Symbol function, Summaries.SeenFlows flows, string name, Site site, Summaries.EffectEntry? outer, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        bool isOfMany = flows.Values.Length > 1 || !flows.IsAll;
        bool isForGood = isOfMany && IsKeptChain(function);
        bool isKept = isForGood || isOfMany && IsSet(function);
        var told = isForGood ? HandlersIn(function, site) : default;
        foreach (var flow in flows.Values)
        {
            var chosen = site;
            if (!told.IsDefault && flow is Symbol { Role: SymbolRole.Function, Key: BodyKey other } && !told.Contains(other)) continue;
            if (isKept && flow is Symbol { Role: SymbolRole.Function, Key: BodyKey key } && HandlerCondition.Of(function, key, Judgement.HasReceiver(_body)) is { } condition)
            {
                if (site.Alternative.Facts.Learn(condition, Known.Exactly(true)) is not { } facts) continue;
                chosen = site with { Alternative = site.Alternative with { Facts = facts } };
            }

            OfFunction(flow, Contract.None, name, chosen, outer, found, depth + 1);
        }
    }

    /// <summary>A handler out of a table: the one at the index; where that is not known, each on the condition that it is the one. False where the table is none.</summary>
    private bool OfTable(Value table, Value index, Contract place, string name, Site site, Summaries.EffectEntry? outer, ImmutableArray<AppliedEffect>.Builder found, int depth, TupleElement? column = null)
    {
        if (table is not Symbol { Role: SymbolRole.Field, Key: IFieldSymbol field } holder) return false;
        var handlers = HandlerTables.Of(_session.Bodies, field, _cancellation);
        if (handlers.IsEmpty || handlers.Length > TableLimit) return false;
        var known = site.Alternative.Facts.Of(index);
        bool isExact = known is { IsExact: true };
        if (isExact && !HandlerTables.IsMap(field) && !(known.Exact is long at && at >= 0 && at < handlers.Length)) return false;
        foreach (var entry in handlers)
        {
            if (!isExact && HandlerAt(entry.Handler, column) is null) return false;
        }

        foreach (var entry in handlers)
        {
            if (site.Alternative.Facts.Assume(Fold.Equal(index, entry.Key), true) is not { } facts) continue;
            if (HandlerAt(entry.Handler, column) is not { } handler) return false;
            if (handler is Symbol { Role: SymbolRole.Function, Parent: { } own } bound && own.Equals(Symbol.This)) handler = bound.On(holder.Parent ?? own);
            OfFunction(handler, place, name, isExact ? site : site with { Alternative = site.Alternative with { Facts = facts } }, outer, found, depth + 1);
        }

        return true;
    }

    private static Value? HandlerAt(Value? row, TupleElement? column) =>
        column is null ? row : row is TupleValue && TupleValue.Element(row, column) is var part and (Constant or Symbol { Role: SymbolRole.Function }) ? part : null;

    // Where no context is held, the callers are asked.
    private ImmutableArray<BodyKey> HandlersIn(Symbol place, Site site) =>
        site.Alternative.Depths.Entries.IsEmpty ? default : MadeObjects.HandlersIn(_session.Bodies, place, _body.Symbol, _cancellation);

    /// <summary>A delegate that others set, of an object which callers know and nothing replaces.</summary>
    private bool IsSet(Symbol place)
    {
        if (place is not { Role: SymbolRole.Field, Index: 0, Key: ISymbol member, Parent: Symbol holder } || !SettableMembers.Is(_session.Bodies, member, _cancellation)) return false;
        return holder is { Role: SymbolRole.Parameter or SymbolRole.Captured, Parent: null } || holder.Role == SymbolRole.Field && IsKeptChain(holder);
    }

    private bool IsKeptChain(Symbol place)
    {
        for (Value? at = place; at is Symbol { Role: SymbolRole.Field, Key: var member } field; at = field.Parent)
        {
            if (member is not ISymbol kept || !KeptMembers.IsKept(_session.Bodies, kept, _cancellation)) return false;
        }

        return true;
    }

    /// <summary>Whether the table that the callee works with holds the function of which it speaks; null where this body does not know it.</summary>
    private bool? IsInPlace(Symbol place, BodyKey function, Site site)
    {
        var held = InSite(place, site);
        if (held is Symbol { Role: SymbolRole.Field } kept) held = KeptHandlers.Of(_session.Bodies, kept, _cancellation) ?? kept;
        return held switch
        {
            Symbol { Role: SymbolRole.Field } open => !IsKeptChain(open) || HandlersIn(open, site) is not { IsDefault: false } told || told.Contains(function) ? null : false,
            Constant => false,
            Symbol { Role: SymbolRole.Function, Key: BodyKey key } => key.Equals(function),
            CombinedValue several => IsAmong(several, function),
            _ => null,
        };
    }

    private static bool? IsAmong(CombinedValue several, BodyKey function)
    {
        bool isSeen = true;
        foreach (var part in several.Parts)
        {
            if (part is not Symbol { Role: SymbolRole.Function, Key: BodyKey key }) isSeen = false;
            else if (key.Equals(function)) return true;
        }

        return isSeen ? false : null;
    }

    /// <summary>A delegate that the object keeps which callers have called or given, and that is made where nobody sees it: who has made this one may be among them.</summary>
    private bool IsOfGiven(Value function) =>
        function is Symbol { Role: SymbolRole.Field, Key: ISymbol member, Parent: Symbol { Role: SymbolRole.Parameter, Parent: null } holder } place
        && (holder.Index >= 0 || Judgement.HasReceiver(_body)) && (KeptMembers.IsKept(_session.Bodies, member, _cancellation) || IsSet(place));

    private void Ask(Symbol function, string name, Site site, ImmutableArray<AppliedEffect>.Builder found) =>
        Apply(Entry(EffectKind.Deferred, name, site) with { Function = function, Arguments = site.Arguments }, site with { IsOpen = true }, found);

    /// <summary>What such a delegate does, where this body has made the object. Objects in objects are left: the callee has said that it does not know.</summary>
    private void OfKept(Symbol kept, Summaries.EffectEntry entry, Site site, Site inner, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        var held = InSite(kept, site);
        if (held is Symbol { Role: SymbolRole.Field, Parent: Symbol { Role: SymbolRole.Field } } inside) held = KeptHandlers.Of(_session.Bodies, inside, _cancellation) ?? held;
        if (held is Constant or CombinedValue or Symbol { Role: SymbolRole.Function }) OfFunction(held, Contract.None, entry.Witness.Last.Name, inner, entry, found, depth + 1);
        else if (IsOfGiven(held)) Ask((Symbol)held, entry.Witness.Last.Name, inner, found);
    }
}
