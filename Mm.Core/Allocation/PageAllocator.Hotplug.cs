// What removing and adding memory needs of the allocator: the CPUs' caches off for a zone, and its size changed.
// Context: a task (matrix row 14). Locks: "pcp_batch_high_lock", a mutex that is held as long as the caches are off.
// Invariants: PH1 while it is held nobody else changes the limits. Source: mm/page_alloc.c:zone_pcp_disable, 6.1.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    internal PhysicalMemory? Memory => _memory;

    /// <summary>Switches the CPUs' caches of a zone off and empties them, until <see cref="EnableCaches"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="zone">The zone.</param>
    [Might<Sleep>]
    public void DisableCaches(MachineTask task, Zone zone)
    {
        System.ArgumentNullException.ThrowIfNull(zone);
        _cacheLimits.Acquire(task);
        zone.AreCachesOff = true;
        zone.Allocator.SetCacheLimits(0, 1);
        DrainAll(task);
    }

    /// <summary>Switches the caches on again.</summary>
    /// <param name="task">The running task, which switched them off.</param>
    /// <param name="zone">The zone.</param>
    [Might<Sleep>]
    public void EnableCaches(MachineTask task, Zone zone)
    {
        System.ArgumentNullException.ThrowIfNull(zone);
        task.MightSleep();
        zone.AreCachesOff = false;
        zone.ResetCacheLimits(_machine.CpuCount);
        _cacheLimits.Release(task);
    }

    internal Zone ZoneAt(Pfn page) => ZoneOf(page);

    /// <summary>A zone has more or fewer pages now: watermarks and reserves follow.</summary>
    internal void Resize(Zone zone, int pages)
    {
        zone.Resize(pages);
        var total = 0;
        foreach (var each in _zones) total += each.ManagedPages;
        if (total != 0) SetWatermarks(_options, total);
    }
}
