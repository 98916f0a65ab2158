// 2007, linux-kernel, "Allocate and free vmalloc areas": Jeremy Fitzhardinge's lock_vm_area() switches preemption off,
// then touches each page of the area so that the fault handler fills in the page tables of the current process.
// Andrew Morton: that cannot work with preemption compiled in, the handler sees in_atomic() and gives up.
// The function also returns with preemption off, which neither its name nor its signature says.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Vmalloc;

namespace Seeds.LockedArea.Bug;

/// <summary>Kernel addresses, and the address space through whose tables they are touched.</summary>
public sealed class VmAreas(MemoryMap loaded)
{
    private readonly byte[] _c = new byte[1];

    /// <summary>Makes the area accessible in the address space that is loaded, until it is unlocked.</summary>
    public void Lock(MachineTask task, KernelRange area)
    {
        task.PreemptDisable();
        for (int page = 0; page < area.PageCount; page++)
            _ = loaded.CopyFromUser(task, area.Start.PlusPages(page), _c); // MM1002
    } // MM2001

    public void Unlock(MachineTask task, KernelRange area)
    {
        task.PreemptEnable(); // MM2002
    }
}

public sealed class Rings(KernelRanges ranges, MemoryMap loaded, VmAreas areas)
{
    private readonly byte[] _c = new byte[1];

    /// <summary>The same touch, two calls below the one who switched preemption off.</summary>
    public void Map(MachineTask task, KernelRange ring)
    {
        using (task.PreemptOff())
            TouchAll(task, ring); // MM1002
    }

    private void TouchAll(MachineTask task, KernelRange ring)
    {
        for (int page = 0; page < ring.PageCount; page++)
            TouchPage(task, ring.Start.PlusPages(page));
    }

    private void TouchPage(MachineTask task, VirtualAddress address) => _ = loaded.CopyFromUser(task, address, _c);

    /// <summary>With faults off the touches are harmless, and useless. Who sleeps after Lock has not read its body.</summary>
    public void Drop(MachineTask task, KernelRange ring)
    {
        using (task.DisablePageFaults())
            areas.Lock(task, ring);
        ranges.Free(task, ring); // MM1001
        areas.Unlock(task, ring);
    }

    /// <summary>The early return forgets to unlock. Nothing in the name of Lock warned its author.</summary>
    public bool Connect(MachineTask task, KernelRange ring, bool ready)
    {
        task.PreemptDisable();
        if (!ready) return false; // MM2001
        task.PreemptEnable();
        return ring.PageCount != 0;
    }

    /// <summary>The cure that Andi Kleen names, vmalloc_sync_all(), in the wrong place: it takes pgd_lock, which is no lock for interrupts.</summary>
    [RunsIn<HardIrq>]
    public void OnInterrupt(MachineTask task, object? ring)
    {
        if (ring is KernelRange range)
            ranges.Synchronise(task, range.Start, range.PageCount); // MM1007
    }
}
