// The repair: the pool takes a spin lock with interrupts saved, so the hook keeps its promise in every context.
// Both free paths go through the one funnel, PageAllocator.Release, which asks the page's owner. What needs the pool's
// mutex (growing it) happens elsewhere, where sleeping is allowed. The shared device calls one function that every
// architecture has; Xen's own sits behind it, in code that is Xen's.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Seeds.ForeignPages.Repaired;

/// <summary>Code that only runs on Xen.</summary>
public readonly struct XenArch : IContext;

/// <summary>Pages that the network back end lends to packets. They do not belong to the page allocator.</summary>
public sealed class PacketPool(Machine machine, PageAllocator pages)
{
    private readonly SpinLock _pagesLock = new(machine, "netback pages");
    private readonly Mutex _growMutex = new(machine, "netback pool");
    private readonly Stack<Pfn> _pages = new();

    public int Count => _pages.Count;

    public void GiveBack(MachineTask task, Pfn page)
    {
        using (_pagesLock.LockIrqSave(task))
            _pages.Push(page);
    }

    /// <summary>One page more, which is the owner's from now on.</summary>
    public Pfn? Grow(MachineTask task, PageOwner owner)
    {
        using (_growMutex.Lock(task))
        {
            if (pages.Allocate(task, Gfp.Kernel) is not { } page) return null;
            pages.Owners.SetOwner(task, page, owner);
            return page;
        }
    }
}

public sealed class ArchHooks(PacketPool pool)
{
    /// <summary>Called at every final free of a foreign page, wherever that is.</summary>
    [Never<Sleep>]
    public PageFate FreePage(MachineTask task, Pfn page, int order)
    {
        pool.GiveBack(task, page);
        return PageFate.Taken;
    }
}

public sealed class NetworkDriver(Machine machine, PageAllocator pages)
{
    private readonly SpinLock _ringLock = new(machine, "netfront ring");

    public void Drop(MachineTask task, Pfn page)
    {
        using (_ringLock.LockIrqSave(task))
            pages.Free(task, page);
    }

    public void DropMany(MachineTask task, Pfn[] dropped)
    {
        using (_ringLock.LockIrqSave(task))
            pages.FreeMany(task, dropped);
    }
}

/// <summary>What an architecture does to map device memory.</summary>
public interface IDeviceMapper
{
    MapResult Remap(MachineTask task, MemoryMap map, Vma area, ulong frame, ulong bytes);
}

public sealed class NativeDeviceMapper : IDeviceMapper
{
    public MapResult Remap(MachineTask task, MemoryMap map, Vma area, ulong frame, ulong bytes) =>
        map.RemapIo(task, area, area.Start, new IoPfn(space: 0, (uint)frame), bytes);
}

public sealed class XenDeviceMapper(XenMemory memory) : IDeviceMapper
{
    [RunsIn<XenArch>]
    public MapResult Remap(MachineTask task, MemoryMap map, Vma area, ulong frame, ulong bytes) =>
        memory.RemapIoRange(task, map, area, new MachinePfn((uint)frame), bytes);
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
public sealed class MemoryDevice(IDeviceMapper mapper)
{
    public MapResult Map(MachineTask task, MemoryMap map, Vma area, ulong frame, ulong bytes) => mapper.Remap(task, map, area, frame, bytes);
}
