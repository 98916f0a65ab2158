using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Vmalloc;

namespace Mm.Core.Tests.Vmalloc;

/// <summary>
/// The patch "Allocate and free vmalloc areas" (linux-kernel, February 2007) as it was posted, over the page tables of Mm.Core in the
/// regime of x86-32: alloc_vm_area makes tables in the master tree only, and lock_vm_area brings them into the tree that is loaded by
/// touching each page with preemption off. The size of an area includes its guard page, as get_vm_area adds one. A test double.
/// </summary>
internal sealed class SeedVmAreas
{
    private readonly KernelRanges _ranges;

    public SeedVmAreas(KernelRanges ranges)
    {
        ranges.IsLazy = true;
        _ranges = ranges;
    }

    /// <summary>How many pages were touched.</summary>
    public int Touches { get; private set; }

    /// <summary>How many of the touches ended in the exception table, with EFAULT.</summary>
    public int Faults { get; private set; }

    public KernelRange AllocVmArea(MachineTask task, int pages) => _ranges.Reserve(task, pages + 1)!;

    public void FreeVmArea(MachineTask task, KernelRange area) => _ranges.Release(task, area);

    public void LockVmArea(MachineTask task, KernelRange area, MemoryMap loaded)
    {
        task.PreemptDisable();
        for (var page = 0; page < area.PageCount; page++)
        {
            Touches++;
            if (!_ranges.TryRead(task, loaded, area.Start.PlusPages(page), out _)) Faults++;
        }
    }

    public void UnlockVmArea(MachineTask task, KernelRange area) => task.PreemptEnable();

    /// <summary>The same as a scope that knows its area.</summary>
    public Scope Locked(MachineTask task, KernelRange area, MemoryMap loaded)
    {
        LockVmArea(task, area, loaded);
        return new Scope(task, area);
    }

    internal sealed class Scope(MachineTask task, KernelRange locked)
    {
        public void Unlock(KernelRange area)
        {
            task.BugOn(area != locked);
            task.PreemptEnable();
        }
    }
}
