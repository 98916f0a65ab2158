// Whole blocks out of scattered free pages: what is in use in the block that has the least of it is moved elsewhere.
//
//   enough free pages? ─► which blocks hold only pages that can be moved, fewest first ─► isolate one ─► move its pages ─► drain
//     ─► end the isolation: the block is everybody's                                 failed? the next one, four in all ─► wait longer
//
// Context: a task. Locks: "mem_hotplug_lock", read and only tried, so that memory which is going is not also compacted; page locks, one
// at a time. Source: mm/compaction.c, 6.1, for when it is tried (compaction_suitable, defer_compaction). Linux lets two scanners meet in
// the middle of the zone; here a block is chosen, since free frames lie near each other anyway.
// Invariants: MC1 what is isolated is isolated no longer at the end; MC2 no page is moved into the block that is emptied.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Hotplug;

public sealed partial class MemoryHotplug : ICompactor
{
    private const int BlocksTried = 4;
    private const int LongestDeferral = 6;
    private readonly (int Order, int Shift, int Passed)[] _deferrals = new (int Order, int Shift, int Passed)[Enum.GetValues<ZoneKind>().Length];
    private long _compactions;

    /// <summary>How many blocks were made whole by moving pages.</summary>
    public long CompactedBlocks => Volatile.Read(ref _compactions);

    /// <summary>
    /// Makes a whole block of a zone by moving what is in use in it: pages of owners who said how (<see cref="SetMovable"/>). An allocation
    /// that finds no block, may sleep and may call into file systems does so itself.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="zone">The zone, of this allocator.</param>
    /// <param name="order">The order of the block.</param>
    /// <returns>
    /// True if there is one more, which somebody else may have taken by now. False if fewer pages are free than it takes, every block holds a
    /// page that cannot be moved, an owner refused, or memory is just being taken out or put in.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such order, or no such zone.</exception>
    [MustCheck, Might<Sleep>]
    public bool Compact(MachineTask task, Zone zone, int order)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        if (!IsOurs(zone)) throw new ArgumentOutOfRangeException(nameof(zone), zone.Kind, "The zone is another allocator's.");
        task.MightSleep();

        // Only tried: whoever takes memory out allocates, too, and may come here.
        if (zone.Allocator is not IBlockIsolation isolation || !_lock.TryAcquireRead(task)) return false;
        try
        {
            if (!HasRoom(zone, order)) return false;
            foreach (var (block, moves) in EmptiestBlocks(task, zone, order))
            {
                if (moves == 0)
                {
                    // Free, but for what CPUs have at hand.
                    _allocator.DrainAll(task);
                    return true;
                }

                if (!TryEmpty(task, isolation, block)) continue;
                Interlocked.Increment(ref _compactions);
                return true;
            }

            return false;
        }
        finally
        {
            _lock.ReleaseRead(task);
        }
    }

    [MustCheck, Might<Sleep>]
    bool ICompactor.TryCompact(MachineTask task, Zone zone, int order)
    {
        if (!HasRoom(zone, order)) return false;

        // After n failures in a row, 2^n requests of that order or a larger one pass. Racy: then one more or fewer.
        ref var deferral = ref _deferrals[(int)zone.Kind];
        if (deferral.Shift != 0 && order >= deferral.Order && ++deferral.Passed < 1 << deferral.Shift) return false;
        var compacted = Compact(task, zone, order);
        if (compacted) deferral = default;
        else deferral = (deferral.Shift == 0 ? order : Math.Min(order, deferral.Order), Math.Min(deferral.Shift + 1, LongestDeferral), 0);
        return compacted;
    }

    // What it takes is twice the block: the pages that move, and room for others meanwhile.
    private static bool HasRoom(Zone zone, int order) => zone.Allocator.FreePages > zone.Low + (2 << order);

    /// <summary>Blocks that are being emptied.</summary>
    /// <remarks>What was moved away is kept until the end: given back at once, it would be with the CPU, and the next page's new place.</remarks>
    private sealed record Emptying(FrameRange Blocks)
    {
        public List<Pfn> Left { get; } = [];

        public bool Contains(Pfn page) => page.Number - Blocks.First.Number < (uint)Blocks.Count;
    }

    private bool IsOurs(Zone zone)
    {
        foreach (var each in _allocator.Zones)
        {
            if (each == zone) return true;
        }

        return false;
    }

    // Isolation is by pageblocks: it may be more than the block, and nothing of the rest is moved.
    [MustCheck, Might<Sleep>]
    private bool TryEmpty(MachineTask task, IBlockIsolation isolation, FrameRange block)
    {
        const uint Unit = 1u << IBlockIsolation.BlockOrder;
        var isolated = new FrameRange(new Pfn(block.First.Number & ~(Unit - 1)), Math.Max(block.Count, (int)Unit));
        if (!isolation.TryIsolate(task, isolated)) return false;
        var emptying = new Emptying(isolated);
        try
        {
            for (var i = 0; i < block.Count; i++)
            {
                var page = block.First.Plus(i);
                if (Examine(page).Moves <= 0) continue;
                if (!TryMoveAway(task, page, Gfp.NoWait | Gfp.NoReserves | Gfp.NoWarn, emptying)) return false;
                emptying.Left.Add(page);
            }

            return true;
        }
        finally
        {
            foreach (var page in emptying.Left) _pages.Put(task, page);
            _allocator.DrainAll(task);
            isolation.EndIsolation(task, isolated);
        }
    }

    private List<(FrameRange Block, int Moves)> EmptiestBlocks(MachineTask task, Zone zone, int order)
    {
        const int Window = 1 << FrameTable.MaximalOrder;
        var best = new List<(FrameRange Block, int Moves)>(BlocksTried + 1);
        var moves = new int[Window >> order];
        var (begin, end) = (zone.First.Number, zone.First.Number + (ulong)zone.SpannedPages);
        for (ulong window = begin & ~(Window - 1u); window < end; window += Window)
        {
            CountMoves(moves, window, begin, end, order);
            for (var i = 0; i < moves.Length; i++)
            {
                if (moves[i] < 0) continue;
                Insert(best, new FrameRange(new Pfn((uint)window).Plus(i << order), 1 << order), moves[i]);
            }

            if (best.Count == BlocksTried && best[^1].Moves <= 1 << order >> 3) break;
            task.ConditionalReschedule();
        }

        return best;
    }

    private static void Insert(List<(FrameRange Block, int Moves)> best, FrameRange block, int moves)
    {
        var at = best.Count;
        while (at > 0 && best[at - 1].Moves > moves) at--;
        if (at == BlocksTried) return;
        best.Insert(at, (block, moves));
        if (best.Count > BlocksTried) best.RemoveAt(BlocksTried);
    }

    // How many pages must move for each block of a window; −1 where one cannot, or the block's pageblocks are not all of the zone. From the
    // window's beginning on, since nothing marks the rest of a block in use that is not compound.
    private void CountMoves(int[] moves, ulong window, ulong begin, ulong end, int order)
    {
        const ulong Unit = 1 << IBlockIsolation.BlockOrder;
        for (var i = 0; i < moves.Length; i++)
        {
            var block = window + ((ulong)i << order);
            var last = block + (1UL << order) - 1;
            moves[i] = (block & ~(Unit - 1)) < begin || (last | (Unit - 1)) >= end ? -1 : 0;
        }

        for (var frame = Math.Max(window, begin); frame < Math.Min(window + (ulong)(moves.Length << order), end);)
        {
            var (pages, its) = Examine(new Pfn((uint)frame));
            var at = (int)((frame - window) >> order);
            for (var i = at; i <= at + ((pages - 1) >> order) && i < moves.Length; i++)
            {
                if (moves[i] >= 0) moves[i] = its < 0 || pages >= 1 << order ? -1 : moves[i] + its;
            }

            frame += (ulong)pages;
        }
    }

    // How many pages begin here, and how many of them must move: none that are free, −1 where they cannot.
    private (int Pages, int Moves) Examine(Pfn page)
    {
        var order = _pages.OrderOf(page);
        var flags = _pages.Flags(page);
        if (IsNobodys(page) || (flags & PageFlags.Reserved) != 0 || _pages.TypeOf(page) == PageType.Offline || _pages.HeadOf(page) != page) return (1, -1);
        if (_pages.OwnerIdOf(page) is not 0 and var owner)
            return (1 << order, _movable[owner] is null || (order != 0 && (flags & PageFlags.Head) == 0) ? -1 : 1 << order);
        return _pages.ReferenceCount(page) == 0 ? (1, 0) : (1 << order, -1);
    }
}
