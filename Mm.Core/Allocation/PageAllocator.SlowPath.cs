// An allocation that the free lists did not serve, and that may sleep. The order of Linux 6.1, mm/page_alloc.c:__alloc_pages_slowpath:
//
//   wake the background ─► costly, or not to be moved? compact ─► reserves ─► (frees memory itself? stop) ─► reclaim, then drain, then compact
//     ─► NoRetry? costly? stop ─► again, ≤ 16 times without progress
//     ─► last resort: one look at the high mark, OnOom ─► again while that helps ─► NoFail? from the reserve, for ever ─► nothing
//
// Context: a task that may sleep. Locks: "oom_lock", a mutex that is only tried; "fs_reclaim", a class without a lock, around reclaim and
// compaction. Invariants: SL1 no reclaim and no compaction within either; SL2 reclaimers see what flags, scopes and nothing else allow.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    /// <summary>The largest order that an ordinary allocation does not give up on.</summary>
    public const int CostlyOrder = 3;

    private const int MaximalIdleRounds = 16;
    private const int ReclaimAtLeast = 32;
    private static readonly System.TimeSpan Tick = System.TimeSpan.FromMilliseconds(1);
    private IReclaimer[] _reclaimers = [];
    private long _stalls;
    private long _reclaimed;
    private long _oomCalls;
    private ICompactor? _compactor;

    /// <summary>How many times an allocation had to reclaim.</summary>
    public long Stalls => Volatile.Read(ref _stalls);

    /// <summary>How many pages reclaimers say they have freed.</summary>
    public long ReclaimedPages => Volatile.Read(ref _reclaimed);

    /// <summary>How many times the handler of last resort was asked.</summary>
    public long OomCalls => Volatile.Read(ref _oomCalls);

    /// <summary>From now on asks a reclaimer, after those that came before it.</summary>
    /// <param name="reclaimer">The reclaimer.</param>
    public void AddReclaimer(IReclaimer reclaimer)
    {
        System.ArgumentNullException.ThrowIfNull(reclaimer);
        IReclaimer[] before;
        do before = _reclaimers;
        while (Interlocked.CompareExchange(ref _reclaimers, [.. before, reclaimer], before) != before);
    }

    /// <summary>Asks a reclaimer no more; a call that has begun goes on.</summary>
    /// <param name="reclaimer">The reclaimer.</param>
    public void RemoveReclaimer(IReclaimer reclaimer)
    {
        IReclaimer[] before;
        do before = _reclaimers;
        while (Interlocked.CompareExchange(ref _reclaimers, System.Array.FindAll(before, other => other != reclaimer), before) != before);
    }

    /// <summary>What the flags allow here, and what is checked before anything is allocated: the kernel's might_alloc.</summary>
    [Might<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MightAllocate(MachineTask task, Gfp gfp)
    {
        task.MightSleep();
        if (RuntimeChecks.Enabled && task.Locks.Count != 0) CheckReclaimOrder(task, gfp);
    }

    private static Gfp ScopedTo(MachineTask task, Gfp gfp)
    {
        var flags = task.Memory;
        if ((flags & MemoryFlags.WithoutIo) != 0) return gfp & ~(Gfp.Io | Gfp.FileSystem);
        return (flags & MemoryFlags.WithoutFileSystem) != 0 ? gfp & ~Gfp.FileSystem : gfp;
    }

    // Who frees memory may use all of it. An interrupt is not the task that it interrupts; a soft interrupt on its behalf is.
    private static Reserve ReserveOf(MachineTask task, Gfp gfp)
    {
        var reserve = (gfp & Gfp.High) != 0 ? Reserve.High : Reserve.None;
        if ((gfp & Gfp.Harder) != 0) reserve |= Reserve.Harder;
        if ((gfp & Gfp.NoReserves) != 0) return reserve;
        if ((gfp & Gfp.AllReserves) != 0 || (task.IsFreeingMemory && (task.InServingSoftIrq || !task.InInterrupt))) return Reserve.All;
        return task.IsOomVictim && !task.InInterrupt ? reserve | Reserve.OomVictim : reserve;
    }

    [Might<Sleep>]
    private Pfn? AllocateSlowly(MachineTask task, Gfp flags, int order, ZoneKind preferred)
    {
        var gfp = ScopedTo(task, flags);
        var (idle, assumed, mustNotFail) = (0, 0, 0);
        var isHardToFind = order > CostlyOrder || (gfp & Gfp.Movable) == 0;
        if (isHardToFind && CompactFor(task, gfp, order, preferred) && Take(task, order, preferred, Watermark.Min, ReserveOf(task, gfp)) is { } whole) return whole;
        while (true)
        {
            var reserve = ReserveOf(task, gfp);
            if (Take(task, order, preferred, Watermark.Min, reserve) is { } page) return page;
            if (!task.IsFreeingMemory)
            {
                var progress = ReclaimDirectly(task, gfp, order, preferred);
                if (Take(task, order, preferred, Watermark.Min, reserve) is { } reclaimed) return reclaimed;
                DrainAll(task);
                if (Take(task, order, preferred, Watermark.Min, reserve) is { } drained) return drained;
                var compacted = CompactFor(task, gfp, order, preferred);
                if (compacted && Take(task, order, preferred, Watermark.Min, reserve) is { } made) return made;
                if ((gfp & Gfp.NoRetry) == 0 && (order <= CostlyOrder || (gfp & Gfp.RetryMayFail) != 0))
                {
                    idle = progress > 0 && order <= CostlyOrder ? 0 : idle + 1;
                    if (idle <= MaximalIdleRounds && (compacted || IsWithinReach(order, preferred, reserve)))
                    {
                        task.ConditionalReschedule();
                        continue;
                    }

                    var goesOn = TryLastResort(task, gfp, order, preferred, ref assumed, out var last);
                    if (last is not null) return last;
                    var hasDoneAll = task.IsOomVictim && ((reserve & Reserve.OomVictim) != 0 || (gfp & Gfp.NoReserves) != 0);
                    if (goesOn && !hasDoneAll)
                    {
                        idle = 0;
                        continue;
                    }
                }
            }

            if ((gfp & Gfp.NoFail) == 0) return null;
            if (RuntimeChecks.Enabled && task.IsFreeingMemory && mustNotFail == 0) TrapTexts.ReportWarning(task, "WARN_ON_ONCE_GFP(current->flags & PF_MEMALLOC, gfp_mask)");
            if (Take(task, order, preferred, Watermark.Min, reserve | Reserve.High) is { } promised) return promised;
            if (++mustNotFail > _noFailRounds) TrapTexts.ReportBug(task, "nofail deadlock: an allocation must not fail, and nothing is left");
            task.SleepFor(Tick);
        }
    }

    [MustCheck, Might<Sleep>]
    private int ReclaimDirectly(MachineTask task, Gfp gfp, int order, ZoneKind preferred)
    {
        Interlocked.Increment(ref _stalls);
        var target = System.Math.Max(ReclaimAtLeast, 1 << order);
        var reclaimed = 0;
        for (var i = _zones.Length - 1; i >= 0 && reclaimed < target; i--)
        {
            if (_zones[i].Kind > preferred) continue;
            reclaimed += ReclaimFrom(task, new ReclaimRequest(_zones[i], target - reclaimed, order, GfpLattice.CapabilitiesOf(gfp), IsBackground: false));
        }

        return reclaimed;
    }

    [MustCheck, Might<Sleep>]
    private int ReclaimFrom(MachineTask task, ReclaimRequest request)
    {
        var reclaimed = 0;
        EnterReclaim(task, request.Capabilities);
        try
        {
            using (task.AllocateFromReserves())
            {
                foreach (var reclaimer in Volatile.Read(ref _reclaimers))
                {
                    reclaimed += System.Math.Max(0, reclaimer.Reclaim(task, request with { Target = request.Target - reclaimed }));
                    if (reclaimed >= request.Target) break;
                }
            }
        }
        finally
        {
            task.Locks.Remove(_reclaimClass);
        }

        Interlocked.Add(ref _reclaimed, reclaimed);
        return reclaimed;
    }

    internal void SetCompactor(ICompactor compactor) => Volatile.Write(ref _compactor, compactor);

    // Who moves pages is not told what he may do: he may do all.
    [MustCheck, Might<Sleep>]
    private bool CompactFor(MachineTask task, Gfp gfp, int order, ZoneKind preferred)
    {
        if (order == 0 || task.IsFreeingMemory || (gfp & Gfp.Kernel) != Gfp.Kernel || Volatile.Read(ref _compactor) is not { } compactor) return false;
        EnterReclaim(task, gfp);
        try
        {
            using (task.AllocateFromReserves())
            {
                for (var i = _zones.Length - 1; i >= 0; i--)
                {
                    if (_zones[i].Kind <= preferred && compactor.TryCompact(task, _zones[i], order)) return true;
                }
            }
        }
        finally
        {
            task.Locks.Remove(_reclaimClass);
        }

        return false;
    }

    // Whether reclaiming everything would be enough.
    private bool IsWithinReach(int order, ZoneKind preferred, Reserve reserve)
    {
        foreach (var zone in _zones)
        {
            if (zone.Kind > preferred) continue;
            long available = zone.Allocator.FreePages;
            foreach (var reclaimer in Volatile.Read(ref _reclaimers)) available += reclaimer.CountReclaimable(zone);
            if (zone.IsAbove(available, order, zone.Min, reserve, preferred)) return true;
        }

        return false;
    }

    /// <summary>The last resort. False if the allocation cannot go on.</summary>
    [Might<Sleep>]
    private bool TryLastResort(MachineTask task, Gfp gfp, int order, ZoneKind preferred, ref int assumed, out Pfn? page)
    {
        page = null;
        if (!_oom.TryAcquire(task))
        {
            // Somebody else is at it, and will have freed something.
            task.SleepFor(Tick);
            return true;
        }

        try
        {
            // One more look, at the high mark: it only succeeds where somebody has given much memory up meanwhile.
            page = Take(task, order, preferred, Watermark.High, Reserve.None);
            if (page is not null) return true;
            if (order > CostlyOrder || (gfp & Gfp.RetryMayFail) != 0 || preferred < ZoneKind.Normal) return false;
            var goesOn = false;
            if ((gfp & Gfp.FileSystem) == 0)
            {
                // Others may reclaim what this one must not. The kernel assumes that for ever; here it is assumed for a while.
                if (++assumed > _noFailRounds) return false;
                goesOn = true;
            }
            else if (_onOom is { } handler)
            {
                Interlocked.Increment(ref _oomCalls);
                using (task.AllocateFromReserves()) goesOn = handler(task, gfp, order) == OomOutcome.Killed;
            }

            if ((gfp & Gfp.NoFail) != 0) page = Take(task, order, preferred, Watermark.Min, Reserve.All);
            if (goesOn && page is null) task.SleepFor(Tick);
            return goesOn;
        }
        finally
        {
            _oom.Release(task);
        }
    }

    // "fs_reclaim" is no lock, but a reclaimer that waits for a lock whose holder waits for memory deadlocks as if it were one.
    private void EnterReclaim(MachineTask task, Gfp capabilities, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (!RuntimeChecks.Enabled || (capabilities & Gfp.FileSystem) == 0) return;
        task.Machine.LockOrder.Check(task, _reclaimClass, _reclaimClass, default, file, line);
        task.Locks.Push(_reclaimClass, _reclaimClass, false, false, LockOrder.ContextOf(task), file, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckReclaimOrder(MachineTask task, Gfp gfp, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if ((ScopedTo(task, gfp) & Gfp.FileSystem) == 0 || task.IsFreeingMemory) return;
        task.Machine.LockOrder.Check(task, _reclaimClass, _reclaimClass, default, file, line);
    }
}
