// 2004, linux-kernel, "arch_free_page return value": Ian Pratt (Xen) lets an architecture take a page at its final free.
// Dave Hansen and Jeff Dike doubt it: the hook swipes pages from under the allocator, and nobody says what it may do there.
// The last reference can go under any lock, so the hook must never sleep; here the architecture's own pool takes a mutex.
// William Lee Irwin adds: io_remap_page_range() differs between architectures, and drivers/char/mem.c is shared by all.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.ForeignPages.Bug;

/// <summary>Code that only runs on Xen.</summary>
public readonly struct XenArch : IContext;

/// <summary>Pages that the network back end lends to packets. They do not belong to the page allocator.</summary>
public sealed class PacketPool
{
    private readonly Mutex _poolMutex = new();
    private readonly Stack<Page> _pages = new();

    public void GiveBack(Page page)
    {
        using (_poolMutex.Lock())
            _pages.Push(page);
    }
}

public sealed class ArchHooks(PacketPool pool)
{
    /// <summary>Called at every final free. True: the architecture has taken the page, the allocator must stop.</summary>
    [Never<Sleep>]
    public bool FreePage(Page page)
    {
        if (!page.IsForeign) return false;
        pool.GiveBack(page); // MM3003
        return true;
    }
}

public sealed class PageAllocator(Zone zone, ArchHooks hooks, PacketPool pool)
{
    /// <summary>Trusts the promise of the hook: the fault is in the hook, and reported there only.</summary>
    public void Free(Page page)
    {
        using (zone.Lock.LockIrqSave())
        {
            if (hooks.FreePage(page)) return;
            zone.AddFreeLocked(page);
        }
    }

    /// <summary>A second free path that forgot the hook and goes to the pool by itself.</summary>
    public void FreeBatch(List<Page> pages)
    {
        using (zone.Lock.LockIrqSave())
        {
            for (int i = 0; i < pages.Count; i++)
            {
                if (pages[i].IsForeign)
                    pool.GiveBack(pages[i]); // MM1001
                else
                    zone.AddFreeLocked(pages[i]);
            }
        }
    }
}

public static class XenMemory
{
    /// <summary>Maps device memory by machine frame numbers, which only Xen has.</summary>
    [Requires<XenArch>]
    public static int RemapIoRange(ulong address, ulong machineFrame, ulong size) => size == 0 ? -22 : 0;
}

/// <summary>The device /dev/mem, the same for all architectures.</summary>
public static class MemoryDevice
{
    public static int Map(ulong address, ulong frame, ulong size) =>
        XenMemory.RemapIoRange(address, frame, size); // MM1008
}
