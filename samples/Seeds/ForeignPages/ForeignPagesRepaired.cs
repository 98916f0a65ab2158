// The repair: the pool takes a spin lock with interrupts saved, so the hook keeps its promise in every context.
// Both free paths go through the one hook, and its answer must be looked at ([MustCheck]).
// What needs the pool's mutex (growing it) happens elsewhere, where sleeping is allowed.
// The shared device calls one function that every architecture has; Xen's own sits behind it, in code that is Xen's.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.ForeignPages.Repaired;

/// <summary>Code that only runs on Xen.</summary>
public readonly struct XenArch : IContext;

/// <summary>Pages that the network back end lends to packets. They do not belong to the page allocator.</summary>
public sealed class PacketPool
{
    private readonly SpinLock _pagesLock = new();
    private readonly Mutex _growMutex = new();
    private readonly Stack<Page> _pages = new();

    public void GiveBack(Page page)
    {
        using (_pagesLock.LockIrqSave())
            _pages.Push(page);
    }

    public bool Grow(Pfn first)
    {
        using (_growMutex.Lock())
        {
            if (Slab.Allocate(64, GfpFlags.Kernel) == null) return false;
            GiveBack(new Page(first));
            return true;
        }
    }
}

public sealed class ArchHooks(PacketPool pool)
{
    /// <summary>Called at every final free. True: the architecture has taken the page, the allocator must stop.</summary>
    [Never<Sleep>, MustCheck]
    public bool FreePage(Page page)
    {
        if (!page.IsForeign) return false;
        pool.GiveBack(page);
        return true;
    }
}

public sealed class PageAllocator(Zone zone, ArchHooks hooks)
{
    public void Free(Page page)
    {
        if (hooks.FreePage(page)) return;
        using (zone.Lock.LockIrqSave())
            zone.AddFreeLocked(page);
    }

    public void FreeBatch(List<Page> pages)
    {
        using (zone.Lock.LockIrqSave())
        {
            for (int i = 0; i < pages.Count; i++)
            {
                if (!hooks.FreePage(pages[i]))
                    zone.AddFreeLocked(pages[i]);
            }
        }
    }
}

/// <summary>What an architecture does to map device memory.</summary>
public interface IDeviceMapper
{
    int RemapRange(ulong address, ulong frame, ulong size);
}

public sealed class XenDeviceMapper : IDeviceMapper
{
    [RunsIn<XenArch>]
    public int RemapRange(ulong address, ulong frame, ulong size) =>
        XenMemory.RemapIoRange(address, frame, size);
}

public static class XenMemory
{
    /// <summary>Maps device memory by machine frame numbers, which only Xen has.</summary>
    [Requires<XenArch>]
    public static int RemapIoRange(ulong address, ulong machineFrame, ulong size) => size == 0 ? -22 : 0;
}

/// <summary>The device /dev/mem, the same for all architectures.</summary>
public sealed class MemoryDevice(IDeviceMapper mapper)
{
    public int Map(ulong address, ulong frame, ulong size) => mapper.RemapRange(address, frame, size);
}
