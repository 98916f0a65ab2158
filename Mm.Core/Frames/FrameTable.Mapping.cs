// Whose page a mapped page is: an anonymous one is marked in its mapping word, bit 0, as in the kernel.
// Context: the page table lock that covers a mapping of the page. Invariants: MP1 a page that no entry maps is not marked.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    private const long AnonymousMark = 1;

    /// <summary>True if a page belongs to the memory maps that map it, and to no file.</summary>
    /// <param name="page">The page.</param>
    public bool IsAnonymous(Pfn page) => (Volatile.Read(ref Cold(page).Mapping) & AnonymousMark) != 0;

    /// <summary>What a page belongs to, as its descriptor has it: a mark, the number of a cache, 0 for nothing.</summary>
    internal void SetMapping(Pfn page, long mapping)
    {
        if (mapping != 0) Expose(page);
        Volatile.Write(ref Cold(page).Mapping, mapping);
    }

    /// <summary>Maps a page for the first time, and marks it as anonymous. Nobody else knows it yet, so nothing has to be atomic.</summary>
    internal void MapFirst(Pfn page)
    {
        ref var cold = ref Cold(page);
        if (cold.MapCountOrType != -1) ReportBug(page, "VM_BUG_ON_PAGE(page_mapcount(page) != 0)");
        ref var flags = ref Hot(IndexOf(page)).Flags;
        Volatile.Write(ref flags, flags | Exposed);
        Volatile.Write(ref cold.Mapping, AnonymousMark);
        Volatile.Write(ref cold.MapCountOrType, 0);
    }

    /// <summary>Counts a mapping less. An anonymous page that has none any more is just a page: who still holds it does not care.</summary>
    /// <returns>True if it was the last.</returns>
    [MustCheck]
    internal bool RemoveMappingAndTest(Pfn page)
    {
        ref var count = ref Cold(page).MapCountOrType;
        if (Volatile.Read(ref count) < 0) ReportBug(page, "VM_BUG_ON_PAGE(page_mapcount(page) == 0)");
        if (Interlocked.Decrement(ref count) >= 0) return false;
        if (IsAnonymous(page)) Volatile.Write(ref Cold(page).Mapping, 0);
        return true;
    }
}
