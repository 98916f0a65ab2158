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
    private bool HasReceiver => !_body.IsNested && _body.Method is { MethodKind: not MethodKind.Constructor };

    private void OfFlows(Symbol function, ImmutableArray<Value> flows, string name, Site site, Summaries.EffectEntry? outer, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        bool isKept = flows.Length > 1 && IsKeptChain(function);
        var told = isKept ? HandlersIn(function, site) : default;
        foreach (var flow in flows)
        {
            var chosen = site;
            if (!told.IsDefault && flow is Symbol { Role: SymbolRole.Function, Key: BodyKey other } && !told.Contains(other)) continue;
            if (isKept && flow is Symbol { Role: SymbolRole.Function, Key: BodyKey key } && HandlerCondition.Of(function, key, HasReceiver) is { } condition)
            {
                if (site.Alternative.Facts.Learn(condition, Known.Exactly(true)) is not { } facts) continue;
                chosen = site with { Alternative = site.Alternative with { Facts = facts } };
            }

            OfFunction(flow, Contract.None, name, chosen, outer, found, depth + 1);
        }
    }

    // Where no context is held, the callers are asked.
    private ImmutableArray<BodyKey> HandlersIn(Symbol place, Site site) =>
        site.Alternative.Depths.Entries.IsEmpty ? default : MadeObjects.HandlersIn(_session.Bodies, place, _body.Symbol, _cancellation);

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
            _ => null,
        };
    }
}
