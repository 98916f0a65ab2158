// Tells a host which blocks are free, later and in batches, so that no free has to: mm/page_reporting.c of Linux 6.1.
//
//   fill: isolate blocks that are wholly free and not marked ─► report, no lock of the allocator held ─► drain: mark, end the isolation ─► idle
//
// Context: a task. Locks: mem_hotplug_lock (read) → "page_reporting_mutex"; the zone's inside each step, never over a report.
// Invariants: PR1 a block is reported only while it is isolated, so that nobody gets a page of it; PR2 a mark means: reported, and no page
//             of the block handed out since; PR3 what was isolated is given back, however the report ends.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Hotplug;
using Mm.Core.Physical;
using Mm.Core.Zones;
using Mutex = Mm.Core.Locking.Mutex;

namespace Mm.Core.Discard;

/// <summary>Gets free blocks: the host may take their memory until it returns, and they read as anything afterwards.</summary>
/// <param name="task">The running task.</param>
/// <param name="blocks">Blocks of 2 MiB, isolated as long as the call takes.</param>
/// <returns>False if the host could not be told: the blocks will be reported again.</returns>
[Might<Sleep>]
public delegate bool FreeBlockReport(MachineTask task, ReadOnlySpan<FrameRange> blocks);

/// <summary>Reports free blocks of an allocator to a host.</summary>
public sealed class PageReporting
{
    /// <summary>How many blocks a report has at most.</summary>
    public const int Capacity = 32;

    private const int BlockFrames = 1 << IBlockIsolation.BlockOrder;
    private readonly PageAllocator _allocator;
    private readonly FreeBlockReport _report;
    private readonly MemoryHotplug? _hotplug;
    private readonly Mutex _mutex;
    private readonly FrameRange[] _batch = new FrameRange[Capacity];

    // One bit for each block, from the first that begins in the allocator's frames.
    private readonly uint[] _marks;

    /// <summary>Makes the reporting of an allocator, which has none yet. Nothing is reported by itself.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="allocator">The allocator.</param>
    /// <param name="report">Who is told.</param>
    /// <param name="hotplug">The allocator's hotplug, if it has one: memory stays where it is while it is reported.</param>
    /// <exception cref="InvalidOperationException">The allocator's blocks are reported already.</exception>
    public PageReporting(Machine machine, PageAllocator allocator, FreeBlockReport report, MemoryHotplug? hotplug = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(allocator);
        ArgumentNullException.ThrowIfNull(report);
        (_allocator, _report, _hotplug) = (allocator, report, hotplug);
        _mutex = new Mutex(machine, "page_reporting_mutex");
        _marks = new uint[(((allocator.Pages.Count - 1) >> IBlockIsolation.BlockOrder) >> 5) + 2];
        allocator.UseReporting(this);
    }

    /// <summary>How many blocks have been reported.</summary>
    public long ReportedBlocks { get; private set; }

    /// <summary>Looks for blocks that are free and not reported, and reports them.</summary>
    /// <param name="task">The running task.</param>
    /// <returns>How many blocks were reported.</returns>
    [Might<Sleep>]
    public int Report(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        _hotplug?.GetOnlineMemory(task);
        try
        {
            using (_mutex.Lock(task))
            {
                var reported = 0;
                foreach (var zone in _allocator.Zones)
                {
                    if (zone.Allocator is IBlockIsolation isolation) reported += ReportZone(task, zone, isolation);
                }

                ReportedBlocks += reported;
                return reported;
            }
        }
        finally
        {
            _hotplug?.PutOnlineMemory(task);
        }
    }

    /// <summary>Reports again and again, for a task of its own. The kernel waits two seconds.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="period">How long it waits between two looks.</param>
    /// <param name="cancel">Ends it.</param>
    [Might<Sleep>]
    public void Run(MachineTask task, TimeSpan period, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        while (!cancel.IsCancellationRequested)
        {
            _ = Report(task);
            task.SleepFor(period);
        }
    }

    /// <summary>True if a block was reported and nothing of it has been handed out since.</summary>
    /// <param name="page">A page of the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is no page of the allocator.</exception>
    public bool IsReported(Pfn page)
    {
        _ = _allocator.Pages.IndexOf(page);
        var block = BlockOf(page);
        return (Volatile.Read(ref _marks[block >> 5]) & (1u << block)) != 0;
    }

    /// <summary>Pages were handed out: their blocks have to be reported anew.</summary>
    internal void NoteAllocated(Pfn page, int order)
    {
        for (var rest = 1 << order; rest > 0; rest -= BlockFrames, page = page.Plus(BlockFrames))
        {
            if (IsReported(page)) Interlocked.And(ref _marks[BlockOf(page) >> 5], ~(1u << BlockOf(page)));
        }
    }

    private int BlockOf(Pfn page) => (int)((page.Number >> IBlockIsolation.BlockOrder) - (_allocator.Pages.First.Number >> IBlockIsolation.BlockOrder));

    [MustCheck, Might<Sleep>]
    private int ReportZone(MachineTask task, Zone zone, IBlockIsolation isolation)
    {
        var (reported, count) = (0, 0);
        var end = zone.First.Number + (uint)zone.SpannedPages;
        for (var first = (zone.First.Number + BlockFrames - 1) & ~(BlockFrames - 1u); first + BlockFrames <= end; first += BlockFrames)
        {
            var block = new FrameRange(new Pfn(first), BlockFrames);
            if (IsReported(block.First) || !LooksFree(block)) continue;

            // A full batch may be missing above the low mark for as long as the host takes.
            if (count == 0 && !zone.IsAbove(zone.Allocator.FreePages, 0, zone.Low + (Capacity * BlockFrames), Reserve.None, ZoneKind.Normal)) break;
            if (!TryTake(task, isolation, block)) continue;
            _batch[count++] = block;
            if (count < Capacity) continue;
            reported += Drain(task, isolation, count);
            count = 0;
            task.ConditionalReschedule();
        }

        return count == 0 ? reported : reported + Drain(task, isolation, count);
    }

    // A glance that takes nothing from anybody: most blocks in use are passed over by it.
    private bool LooksFree(FrameRange block)
    {
        var pages = _allocator.Pages;
        for (var i = 0; i < block.Count; i++)
        {
            var page = block.First.Plus(i);
            if (pages.ReferenceCount(page) != 0 || pages.TypeOf(page) is not (PageType.None or PageType.Buddy)) return false;
        }

        return true;
    }

    // What is free but in a cache of a CPU, or queued, or on its way to somebody, makes the block less than whole.
    [MustCheck, Might<SpinOnLock>]
    private static bool TryTake(MachineTask task, IBlockIsolation isolation, FrameRange block)
    {
        if (!isolation.TryIsolate(task, block)) return false;
        if (isolation.CountFree(task, block) == block.Count) return true;
        isolation.EndIsolation(task, block);
        return false;
    }

    [MustCheck, Might<Sleep>]
    private int Drain(MachineTask task, IBlockIsolation isolation, int count)
    {
        var isTold = false;
        try
        {
            isTold = _report(task, _batch.AsSpan(0, count));
        }
        finally
        {
            for (var i = 0; i < count; i++)
            {
                // While nobody can get a page of it: who gets one afterwards takes the mark away.
                var block = BlockOf(_batch[i].First);
                if (isTold) Interlocked.Or(ref _marks[block >> 5], 1u << block);
                isolation.EndIsolation(task, _batch[i]);
            }
        }

        return isTold ? count : 0;
    }
}
