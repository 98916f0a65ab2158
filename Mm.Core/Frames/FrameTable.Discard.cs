// What host page states need of a descriptor: the number of the cache of a page, and the end of a page that the host has dropped.
// Context: that of the caller; nothing here waits. Invariants: DS1 a discarded page is never part of a compound one.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    /// <summary>The number of the cache that a page is in, 0 for none or an anonymous page.</summary>
    internal int CacheIdOf(Pfn page)
    {
        var mapping = Volatile.Read(ref Cold(page).Mapping);
        return (mapping & AnonymousMark) != 0 ? 0 : (int)(mapping >> 1);
    }

    internal void SetCacheId(Pfn page, int cache) => SetMapping(page, (long)cache << 1);

    /// <summary>The place of a page in its file, in pages.</summary>
    internal ulong IndexInCache(Pfn page) => (ulong)Volatile.Read(ref Cold(page).Index);

    internal void SetIndexInCache(Pfn page, ulong index) => Volatile.Write(ref Cold(page).Index, (long)index);

    /// <summary>Takes a reference to this very page, on its own count: a part of a compound page has none, and its head is not touched.</summary>
    [MustCheck]
    internal bool TryGetOwn(Pfn page) => TryGet(ref Hot(IndexOf(page)));

    /// <summary>Checks a discarded page at its last put. Its cache's number and its mark may stay, everything else is as at a free.</summary>
    /// <returns>False if its state is broken: it was reported and put in quarantine.</returns>
    [MustCheck]
    internal bool IsFitForDiscard(MachineTask task, Pfn page)
    {
        var cache = Cold(page).Mapping;
        Volatile.Write(ref Cold(page).Mapping, 0);
        var reason = WhyBad(page, PageFlags.CheckedAtFree, "PAGE_FLAGS_CHECK_AT_FREE flag(s) set");
        Volatile.Write(ref Cold(page).Mapping, cache);
        if (reason is null) return true;
        Quarantine(task, page, reason);
        return false;
    }

    /// <summary>The page is not discarded any more, and in no cache: it can be freed as any other.</summary>
    internal void EndDiscard(Pfn page)
    {
        _ = Clear(page, PageFlags.Discarded);
        Volatile.Write(ref Cold(page).Mapping, 0);
    }
}
