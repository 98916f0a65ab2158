using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>What runs without a call of it: an iterator where it is enumerated, a static constructor at the first use of its type.</summary>
internal sealed partial class CalleeEffects
{
    /// <summary>An iterator runs where one of .NET's members enumerates it, which is what they do with it.</summary>
    private void OfEnumeration(Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (site.Receiver is { } receiver) OfIterator(receiver, site, found, 0, isOpen: site.Target?.Name is "GetEnumerator" or "GetAsyncEnumerator");
        for (int i = 0; i < site.Arguments.Length; i++)
        {
            bool isOpen = site.Target is { } target && i < target.Parameters.Length
                && target.Parameters[i].Type is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IAsyncEnumerable" };
            OfIterator(site.Arguments[i], site, found, 0, isOpen);
        }
    }

    private void OfIterator(Value value, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth, bool isOpen)
    {
        switch (value)
        {
            case Symbol { Role: SymbolRole.Iterator, Key: BodyKey key }:
                OfBody(key, Contract.None, site with { Arguments = ImmutableArray<Value>.Empty }, found, depth);
                break;
            case Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured, Index: >= 0 } when isOpen:
                // Whether it is an iterator, the caller knows.
                var open = Entry(EffectKind.Deferred, site.Target is null ? "enumeration" : Naming.Of(site.Target), site);
                Apply(open with { Function = new Symbol(SymbolRole.Iterator, 0, null, value) }, site with { IsOpen = true }, found);
                break;
        }
    }

    // Allocations and the hidden lock of a first use do not count.
    private static bool CountsAtFirstUse(EffectKind effect) =>
        effect.Equals(EffectKind.Sleep) || effect.Equals(EffectKind.Fault) || effect.Equals(EffectKind.CrossCall);
}
