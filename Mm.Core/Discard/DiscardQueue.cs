// Pages that the host has dropped and the guest has freed. A fault that names one may still be on its way on some CPU, so none is used
// again before each CPU has been seen with interrupts on.
//
//   last put ─► list of the CPU ─(full, tick, reap)─► gathered ─► waiting for sign-off ─(all CPUs)─► free
//
// Context: adding anywhere but NMI (matrix row 112); sign-off in a hard interrupt (row 114); Reap in a task (row 113).
// Locks: "discard_list_lock", raw, interrupts off; nothing is freed and no CPU called under it. A CPU's list: interrupts off there.
// Invariants: DQ1 a queued page has no references and is marked; DQ2 a page is free only after each CPU signed off, later than it was gathered.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Discard;

/// <summary>Keeps discarded pages until no CPU can have a fault for them on its way.</summary>
public sealed partial class DiscardQueue : IReclaimer
{
    /// <summary>How many pages a CPU keeps before it hands them on.</summary>
    public const int LocalBatch = 14;

    private readonly Machine _machine;
    private readonly PageAllocator _pages;
    private readonly RawSpinLock _lock;
    private readonly PageChain[] _local;
    private readonly bool[] _isOffline;
    private readonly int[] _queued;
    private readonly int[] _mask;
    private PageChain _gathered = new();
    private PageChain _waiting = new();
    private int _missing;
    private long _waitingSince;
    private bool _isStallReported;
    private int _count;

    internal DiscardQueue(Machine machine, PageAllocator pages)
    {
        _machine = machine;
        _pages = pages;
        _lock = new RawSpinLock(machine, "discard_list_lock");
        _local = new PageChain[machine.CpuCount];
        for (var cpu = 0; cpu < _local.Length; cpu++) _local[cpu] = new PageChain();
        _isOffline = new bool[machine.CpuCount];
        _mask = new int[machine.CpuCount];
        _queued = new int[pages.Zones.Count];
    }

    /// <summary>How many pages are queued, wherever they stand.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many of them stand in lists of CPUs.</summary>
    public int LocalCount
    {
        get
        {
            var count = 0;
            for (var cpu = 0; cpu < _local.Length; cpu++) count += _local[cpu].Count;
            return count;
        }
    }

    /// <summary>How many are gathered.</summary>
    public int GatheredCount => _gathered.Count;

    /// <summary>How many wait for CPUs to sign off.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>After how long a CPU that does not sign off is reported.</summary>
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Frees what is queued, now: calls every CPU and waits for the answers. An empty queue calls nobody.</summary>
    /// <param name="task">The running task, holding no lock that an interrupt takes.</param>
    /// <returns>How many pages are free now.</returns>
    /// <remarks>Trap: <c>WARN_ON_ONCE(irqs_disabled() || in_interrupt())</c>; nothing is freed then.</remarks>
    [MustCheck, Might<CrossCall>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>]
    public int Reap(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (RuntimeChecks.Enabled && (task.IrqsDisabled || task.InInterrupt))
        {
            TrapTexts.ReportWarning(task, "WARN_ON_ONCE(irqs_disabled() || in_interrupt())");
            return 0;
        }

        if (Count == 0) return 0;
        if (LocalCount != 0) _machine.CrossCalls.CallEach(task, Collect);
        PageChain batch;
        using (_lock.LockIrqSave(task)) batch = TakeAllLocked();
        if (batch.Count == 0) return 0;

        // A second call: in the first, a CPU may have answered before a page was put on another CPU's list that answered later, and
        // have taken a fault for that page in between.
        _machine.CrossCalls.CallEach(task, Answer);
        return FreeAll(task, batch);
    }

    /// <inheritdoc/>
    public int Reclaim(MachineTask task, in ReclaimRequest request) => Reap(task);

    /// <inheritdoc/>
    public int CountReclaimable(Zone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        for (var i = 0; i < _queued.Length; i++)
        {
            if (_pages.Zones[i] == zone) return Volatile.Read(ref _queued[i]);
        }

        return 0;
    }

    /// <summary>Takes a page at its last put.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page: marked as discarded, without references.</param>
    [Never<Sleep>, ForbiddenIn<Nmi>, Might<SpinOnLock>]
    internal void Add(MachineTask task, Pfn page)
    {
        using (task.IrqsOff())
        {
            var cpu = task.CpuIndex;
            _local[cpu].AddLast(_pages.Pages.Descriptors, _pages.Pages.IndexOf(page));
            Interlocked.Increment(ref _queued[_pages.Pages.ZoneOf(page)]);
            Interlocked.Increment(ref _count);
            if (_local[cpu].Count < LocalBatch && !_isOffline[cpu]) return;
            using (_lock.LockIrqSave(task)) GatherLocked(cpu);
        }
    }

    [Requires<IrqOff>, Might<SpinOnLock>]
    private void Collect(MachineTask task, object? argument)
    {
        using (_lock.LockIrqSave(task)) GatherLocked(task.CpuIndex);
    }

    // Running at all is the answer: interrupts were on.
    private static void Answer(MachineTask task, object? argument)
    {
    }

    [Requires<RawSpinLockHeld>, Requires<IrqOff>]
    private void GatherLocked(int cpu)
    {
        var descriptors = _pages.Pages.Descriptors;
        ref var local = ref _local[cpu];
        while (local.First is >= 0 and var index)
        {
            local.Remove(descriptors, index);
            _gathered.AddLast(descriptors, index);
        }
    }

    [Requires<RawSpinLockHeld>, Requires<IrqOff>]
    private PageChain TakeAllLocked()
    {
        var descriptors = _pages.Pages.Descriptors;
        var all = _waiting;
        _waiting = new PageChain();
        while (_gathered.First is >= 0 and var index)
        {
            _gathered.Remove(descriptors, index);
            all.AddLast(descriptors, index);
        }

        _missing = 0;
        Array.Clear(_mask);
        return all;
    }

    [Might<SpinOnLock>]
    private int FreeAll(MachineTask task, PageChain batch)
    {
        var descriptors = _pages.Pages.Descriptors;
        for (var index = batch.First; index >= 0;)
        {
            var next = descriptors.Cold(index).Next;
            var page = _pages.Pages.PfnAt(index);
            _pages.Pages.EndDiscard(page);
            Interlocked.Decrement(ref _queued[_pages.Pages.ZoneOf(page)]);
            Interlocked.Decrement(ref _count);
            _pages.Release(task, page, 0);
            index = next;
        }

        return batch.Count;
    }
}
