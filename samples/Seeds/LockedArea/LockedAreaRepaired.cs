// What the thread found: Andi Kleen's eager sync fills in the page tables when the area is made, Keir Fraser drops lock
// and unlock, and nothing is left to forget. That is Mm.Core's KernelRanges.Reserve, and Rings.Connect needs nothing else.
// A fault on a kernel address turned out to be harmless in any context, "apart from the fact that it required an email
// dialogue to work this out": KernelRanges.TryRead says so in one line that the compiler reads, [Never<Sleep>].
// Morton's option (a) for user memory, touch first, then go atomic and look again without faulting, is TryUse.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Vmalloc;

namespace Seeds.LockedArea.Repaired;

/// <summary>The function of the thread, with its effect on the caller written down, and its unlock told what it unlocks.</summary>
public sealed class VmAreas(KernelRanges ranges, MemoryMap loaded)
{
    [Enters<PreemptOff>]
    public void Lock(MachineTask task, KernelRange area)
    {
        task.PreemptDisable();
        for (int page = 0; page < area.PageCount; page++)
            _ = ranges.TryRead(task, loaded, area.Start.PlusPages(page), out _);
    }

    [Leaves<PreemptOff>]
    public void Unlock(MachineTask task, KernelRange area)
    {
        task.BugOn(area.HasEnded);
        task.PreemptEnable();
    }
}

public sealed class Rings(KernelRanges ranges, MemoryMap loaded)
{
    private readonly VmAreas _areas = new(ranges, loaded);
    private readonly byte[] _c = new byte[1];

    /// <summary>True in every address space, whoever runs.</summary>
    public bool Connect(MachineTask task, KernelRange ring) => ranges.IsLinked(task, loaded, ring.Start);

    public bool ConnectLocked(MachineTask task, KernelRange ring, bool ready)
    {
        _areas.Lock(task, ring);
        bool connected = ready && ranges.IsLinked(task, loaded, ring.Start);
        _areas.Unlock(task, ring);
        return connected;
    }

    public bool TryUse(MachineTask task, VirtualAddress address)
    {
        if (loaded.CopyFromUser(task, address, _c) != 0) return false;
        using (task.PreemptOff())
            return loaded.CopyFromUserNoFault(task, address, _c) == 0;
    }

    public void Drop(MachineTask task, KernelRange ring) => ranges.Free(task, ring);

    /// <summary>In an interrupt there is nothing to bring up to date: reserving has done it.</summary>
    [RunsIn<HardIrq>]
    public void OnInterrupt(MachineTask task, object? ring)
    {
        if (ring is KernelRange range)
            task.WarnOn(!ranges.IsLinked(task, loaded, range.Start));
    }
}
