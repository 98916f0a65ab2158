// 2004, linux-kernel, "arch_free_page return value": Ian Pratt (Xen) lets an architecture take a page at its final free.
// Dave Hansen and Jeff Dike doubt it: the hook swipes pages from under the allocator, and nobody says what it may do there.
// The last reference can go under any lock, so the hook must never sleep; here the architecture's own pool takes a mutex.
// William Lee Irwin adds: io_remap_page_range() differs between architectures, and drivers/char/mem.c is shared by all.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Seeds.ForeignPages.Bug;

/// <summary>Code that only runs on Xen.</summary>
public readonly struct XenArch : IContext;

/// <summary>Pages that the network back end lends to packets. They do not belong to the page allocator.</summary>
public sealed class PacketPool(Machine machine)
{
    private readonly Mutex _poolMutex = new(machine, "netback pool");
    private readonly Stack<Pfn> _pages = new();

    public void GiveBack(MachineTask task, Pfn page)
    {
        using (_poolMutex.Lock(task))
            _pages.Push(page);
    }
}

public sealed class ArchHooks(PacketPool pool)
{
    /// <summary>Called at every final free of a foreign page, wherever that is.</summary>
    [Never<Sleep>]
    public PageFate FreePage(MachineTask task, Pfn page, int order)
    {
        pool.GiveBack(task, page); // MM3003
        return PageFate.Taken;
    }
}

/// <summary>A driver that drops packets in the middle of its interrupt handling.</summary>
public sealed class NetworkDriver(Machine machine, PageAllocator pages, PacketPool pool)
{
    private readonly SpinLock _ringLock = new(machine, "netfront ring");

    /// <summary>Trusts the promise of the hook: the fault is in the hook, and reported there only.</summary>
    public void Drop(MachineTask task, Pfn page)
    {
        using (_ringLock.LockIrqSave(task))
            pages.Free(task, page);
    }

    /// <summary>A second free path that forgot the hook and goes to the pool by itself.</summary>
    public void DropMany(MachineTask task, List<Pfn> dropped)
    {
        using (_ringLock.LockIrqSave(task))
        {
            for (int i = 0; i < dropped.Count; i++)
                pool.GiveBack(task, dropped[i]); // MM1001
        }
    }
}

public sealed class XenMemory(bool isXenDomain)
{
    /// <summary>Maps device memory by machine frame numbers, which only Xen has.</summary>
    [Requires<XenArch>]
    public MapResult RemapIoRange(MachineTask task, MemoryMap map, Vma area, MachinePfn first, ulong bytes)
    {
        task.BugOn(!isXenDomain);
        return map.RemapIo(task, area, area.Start, first.ToIo(), bytes);
    }
}

/// <summary>The device /dev/mem, the same for all architectures.</summary>
public sealed class MemoryDevice(XenMemory memory)
{
    public MapResult Map(MachineTask task, MemoryMap map, Vma area, ulong frame, ulong bytes) =>
        memory.RemapIoRange(task, map, area, new MachinePfn((uint)frame), bytes); // MM1008
}
