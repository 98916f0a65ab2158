// An allocation step by step, where the short way (PageAllocator.HotPath.cs) does not do: flags, zones, watermarks, reserves.
// Context: that of Allocate. Locks: none. The slow path, for those who may sleep, stands in PageAllocator.SlowPath.cs.
using System;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    // Fewer late frames than this of another CPU are not worth a barrier where memory is short; at the end all of them are.
    private const int SettleAtLeast = 64;

    [MustCheck, Might<Sleep>(When = nameof(gfp), Has = Gfp.Block), Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private Pfn? AllocateLookingClosely(MachineTask task, Gfp gfp, int order)
    {
        Pages.CheckNotDisposed();
        if ((uint)order - 1 < CpuFrames.LargestOrder && (gfp & Gfp.Compound) == 0 && IsPlain(gfp) && !(RuntimeChecks.Enabled && task.InNmi))
        {
            if ((gfp & Gfp.Block) != 0) MightAllocate(task, gfp);
            return TryAllocateAtHand(task, order, out var block) ? block : AllocateTheLongWay(task, gfp, order);
        }

        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        if (GfpLattice.NeedsALook(gfp, order) && GfpLattice.Objection(gfp, order) is { } objection)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(order);
            TrapTexts.ReportWarning(task, objection);
            if (order > FrameTable.MaximalOrder || ((gfp & Gfp.NoFail) != 0 && (gfp & Gfp.Block) == 0)) return null;
            if ((gfp & Gfp.Block) != 0)
            {
                // The flags that the caller gave stay as they are here: what hangs on them is told to him.
                MightAllocate(task, gfp);
                return AllocateTheLongWay(task, gfp & ~Gfp.Harder, order);
            }
        }

        if ((gfp & Gfp.Block) != 0) MightAllocate(task, gfp);
        return AllocateTheLongWay(task, gfp, order);
    }

    [MustCheck, Might<Sleep>(When = nameof(gfp), Has = Gfp.Block), Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private Pfn? AllocateTheLongWay(MachineTask task, Gfp gfp, int order)
    {
        var preferred = PreferredZone(gfp);
        var page = Take(task, order, preferred, Watermark.Low, Reserve.None) ?? TakeBelowLow(task, gfp, order, preferred);
        if (page is null && (gfp & Gfp.Block) != 0) page = AllocateSlowly(task, gfp, order, preferred);
        if (page is { } found) Prepare(task, found, order, gfp);
        return page;
    }

    private static ZoneKind PreferredZone(Gfp gfp) =>
        (gfp & Gfp.Dma) != 0 ? ZoneKind.Dma : (gfp & Gfp.Movable) != 0 ? ZoneKind.Movable : ZoneKind.Normal;

    [Never<Sleep>]
    private Pfn? Take(MachineTask task, int order, ZoneKind preferred, Watermark mark, Reserve reserve)
    {
        for (var i = _zones.Length - 1; i >= 0; i--)
        {
            var zone = _zones[i];
            if (zone.Kind > preferred || !zone.HasPagesAbove(order, mark, reserve, preferred)) continue;
            while (zone.TryAllocate(task, order, out var page))
            {
                if (IsGood(task, page, order)) return page;
            }
        }

        return null;
    }

    [Never<Sleep>]
    private Pfn? TakeBelowLow(MachineTask task, Gfp gfp, int order, ZoneKind preferred)
    {
        // Perhaps only the counters are behind.
        var settled = false;
        foreach (var tree in _trees) settled |= tree is not null && tree.Settle(task, SettleAtLeast);
        if (settled && Take(task, order, preferred, Watermark.Low, Reserve.None) is { } page) return page;
        if ((gfp & Gfp.Wake) != 0) WakeBackground(task);
        return Take(task, order, preferred, Watermark.Min, ReserveOf(task, gfp));
    }
}
