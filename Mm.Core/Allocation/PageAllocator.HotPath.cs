// What most calls are: one page from what the CPU has at hand, and a page without anything special back to there. Whatever is not quite
// like that goes the long way, which does the same step by step and says what is wrong.
// Context: that of Allocate and Free. One section for the stack, the descriptor and the count. Invariants: those of PageAllocator; HP1 the
// short way hands out and takes back exactly what the long way would.
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    // Flags that ask for another zone, for something to be done to the page, or that are looked at one by one. NoFail and Harder are
    // among these only together with others; apart, they matter where nothing is at hand.
    private const Gfp LongWay = Gfp.NoFail | Gfp.Harder | Gfp.Movable | Gfp.Dma | Gfp.Zero;

    // By the number of the zone, where it has trees; the zone that ordinary allocations begin with; both null otherwise.
    private readonly TreeAllocator?[] _trees;
    private readonly Zone? _ordinary;

    /// <summary>The zone with which an allocation begins that asks for none, if its pages stand under trees.</summary>
    private Zone? FindOrdinaryZone()
    {
        for (var i = _zones.Length - 1; i >= 0; i--)
        {
            if (_zones[i].Kind <= ZoneKind.Normal) return _trees[i] is null ? null : _zones[i];
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOrdinary(MachineTask task, Gfp gfp) =>
        ((gfp & LongWay) == 0 || gfp == Gfp.Atomic) && (!RuntimeChecks.Enabled || !task.InNmi);

    // One page of the ordinary zone, if it is above its low mark, has one at hand on this CPU, and the page is as it must be.
    [MustCheck, Never<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAllocateAtHand(MachineTask task, out Pfn page)
    {
        page = default;
        if (_ordinary is not { } zone || !zone.HasSinglesToSpare || _isUnderHost) return false;
        return zone.Tree!.TryAllocateAtHand(task, Pages, out page);
    }

    // The same of a block.
    [MustCheck, Never<Sleep>]
    private bool TryAllocateAtHand(MachineTask task, int order, out Pfn first)
    {
        first = default;
        if (_ordinary is not { } zone || _isUnderHost || !zone.HasPagesAbove(order, Watermark.Low, Reserve.None, ZoneKind.Normal)) return false;
        return zone.Tree!.TryAllocateAtHand(task, Pages, order, out first);
    }

    // Whether a page with nothing special about it goes straight to its zone's trees: all zones have them, or none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MayFreePlain(MachineTask task) => _trees[0] is not null && !_isUnderHost && (!RuntimeChecks.Enabled || !task.InNmi);

    // The same at the last put of a page that has nothing special about it.
    [Never<Sleep>, Might<SpinOnLock>]
    private void ReleasePlain(MachineTask task, Pfn page, int zone)
    {
        if (_trees[zone] is { } tree && !_isUnderHost) tree.FreeCounted(task, page);
        else ReleaseTheLongWay(task, page, 0);
    }

    /// <summary>Takes a page that nobody refers to and that has no flags, no owner and no order. False if it is not such a page.</summary>
    [MustCheck, Never<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReleasePlain(MachineTask task, Pfn page)
    {
        if (!Pages.IsPlain(page, out var zone) || _trees[zone] is not { } tree || _isUnderHost) return false;
        tree.FreeCounted(task, page);
        return true;
    }
}
