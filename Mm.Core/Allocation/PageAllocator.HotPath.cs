// What most calls are: one page from what the CPU has at hand, and a page without anything special back to there. Whatever is not quite
// like that goes the long way, which does the same step by step and says what is wrong.
// Context: that of Allocate and Free. One section, in which the CPU is at its stacks, for the stack, the descriptor and the count; no locked
// instruction, and no call that comes back, so that nothing has to be kept for afterwards. Invariants: those of PageAllocator; HP1 the
// short way hands out and takes back exactly what the long way would.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    // Flags that ask for another zone, for something to be done to the page, or that are looked at one by one. NoFail and Harder are
    // among these only together with others; apart, they matter where nothing is at hand.
    private const Gfp LongWay = Gfp.NoFail | Gfp.Harder | Gfp.Movable | Gfp.Dma | Gfp.Zero;

    // By the number of the zone, where it has trees.
    private readonly TreeAllocator?[] _trees;

    // The zone with which an allocation begins that asks for none, what hands out its pages, and what the flags of these say of it. All
    // zones have trees, or none; under a host (PageAllocator.Discard.cs) no page goes the short way.
    private Zone? _plainZone;
    private TreeAllocator? _plain;
    private uint _plainFlags;
    private bool _freesPlain;

    /// <summary>Allocates 2ⁿ pages that follow each other.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="gfp">What it may do to find memory.</param>
    /// <param name="order">The binary logarithm of the number of pages, 0 to <see cref="FrameTable.MaximalOrder"/>.</param>
    /// <returns>The first page, aligned to the size of the block, with one reference; null if there is none.</returns>
    /// <remarks>Traps: those of sleeping, with <see cref="Gfp.Block"/>; the kernel's warnings of flags that make no sense together.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The order is negative.</exception>
    [MustCheck, Might<Sleep>(When = nameof(gfp), Has = Gfp.Block), Might<SpinOnLock>]
    public Pfn? Allocate(MachineTask task, Gfp gfp, int order = 0)
    {
        if (order == 0 && IsPlain(gfp) && _plain is { HasSinglesToSpare: true } tree && ((gfp & Gfp.Block) == 0 || task.MayClearlySleep))
        {
            ref var state = ref task.State;
            if (!MachineTask.TryBeginSection(ref state, out var before) || !tree.TryTakePlain(ref tree.StacksOf(ref state), Pages, out var page))
                return AllocateAfter(task, before, gfp);
            return MachineTask.TryEndSection(ref state, before) ? page : Delivered(task, page);
        }

        return AllocateLookingClosely(task, gfp, order);
    }

    /// <summary>
    /// Gives the caller's reference to a block back. If it was the last, the pages are free; if others refer to the first page of a
    /// block that is not compound, the rest is free and the first page goes with its last reference.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The first page.</param>
    /// <param name="order">The order with which it was allocated.</param>
    /// <exception cref="TrapException">The page is free, or its block has another order: nothing has changed.</exception>
    [Might<SpinOnLock>]
    public void Free(MachineTask task, Pfn page, int order = 0)
    {
        if (order == 0 && _plain is { } tree && Pages.Contains(page))
        {
            ref var state = ref task.State;
            var outcome = MachineTask.TryBeginSection(ref state, out var before) ? tree.PutPlain(ref tree.StacksOf(ref state), Pages, page, _plainFlags) : PlainPut.Nothing;
            if (outcome == PlainPut.Kept) MachineTask.EndSection(task, ref state, before);
            else if (outcome == PlainPut.Put) tree.EndFree(task, before, page, wasInUse: true);
            else FreeAfter(task, before, page);
            return;
        }

        FreeTheLongWay(task, page, order);
    }

    /// <summary>The same as <see cref="Free"/> of a page that has nothing special about it, of any zone.</summary>
    /// <returns>False if it has: nothing has changed.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    private bool TryPutPlain(MachineTask task, Pfn page) =>
        _freesPlain && Pages.MayPutLastPlain(page, out var zone) && _trees[zone]!.TryFreePlain(task, Pages, page, FrameTable.FlagsOfZone(zone));

    [MustCheck, Might<Sleep>(When = nameof(gfp), Has = Gfp.Block), Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private Pfn? AllocateAfter(MachineTask task, int section, Gfp gfp)
    {
        MachineTask.EndSection(task, ref task.State, section);
        return AllocateLookingClosely(task, gfp, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Pfn? Delivered(MachineTask task, Pfn page)
    {
        task.Deliver();
        return page;
    }

    [Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeAfter(MachineTask task, int section, Pfn page)
    {
        MachineTask.EndSection(task, ref task.State, section);
        FreeTheLongWay(task, page, 0);
    }

    private void FindThePlainWay()
    {
        for (var i = _zones.Length - 1; i >= 0 && _plain is null; i--)
        {
            if (_zones[i].Kind <= ZoneKind.Normal) (_plainZone, _plain, _plainFlags) = (_zones[i], _trees[i], FrameTable.FlagsOfZone(i));
        }

        _freesPlain = _trees[0] is not null;
    }

    private void CloseTheShortWay()
    {
        Volatile.Write(ref _plain, null);
        Volatile.Write(ref _freesPlain, false);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlain(Gfp gfp) => (gfp & LongWay) == 0 || gfp == Gfp.Atomic;

    // The same of a block.
    [MustCheck, Never<Sleep>]
    private bool TryAllocateAtHand(MachineTask task, int order, out Pfn first)
    {
        first = default;
        if (_plain is not { } tree || !_plainZone!.HasPagesAbove(order, Watermark.Low, Reserve.None, ZoneKind.Normal)) return false;
        return tree.TryAllocateAtHand(task, Pages, order, out first);
    }

    /// <summary>Takes a page that nobody refers to and that has no flags, no owner and no order. False if it is not such a page.</summary>
    [MustCheck, Never<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReleasePlain(MachineTask task, Pfn page)
    {
        if (!_freesPlain || !Pages.IsPlain(page, out var zone)) return false;
        _trees[zone]!.FreeCounted(task, page);
        return true;
    }
}
