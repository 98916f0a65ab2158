// Many single pages in one section, the descriptors asked for ahead.
// Context and invariants: those of one page.
using System;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator
{
    private const int DescriptorsAhead = 16;

    /// <summary>Takes single pages from what the CPU has at hand, gives each its first reference, and counts them.</summary>
    /// <returns>How many: all that are wanted or at hand, or those before one whose descriptor is not as it must be.</returns>
    [MustCheck, Never<Sleep>]
    internal int AllocateAtHand(MachineTask task, FrameTable table, Span<Pfn> pages)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        var found = 0;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            for (; found < pages.Length && at.Singles != 0; found++)
            {
                var top = at.Singles - 1;
                if (top >= DescriptorsAhead) table.Prefetch(new Pfn(_base + at.Single(top - DescriptorsAhead)));
                var frame = at.Single(top);
                var page = new Pfn(_base + frame);
                if (!table.TryPublishPlain(page)) break;
                at.Singles = top;
                pages[found] = page;
            }

            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        at.Taken += found;
        MachineTask.EndSection(task, ref state, before);
        GC.KeepAlive(this);
        return found;
    }

    /// <summary>Gives the last references to single pages back together with the pages, and counts them, as long as there is nothing special about them.</summary>
    /// <returns>How many. The next one lies elsewhere, or is not such a page.</returns>
    /// <remarks>One that is refused does not keep back the others.</remarks>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    internal int FreePlain(MachineTask task, FrameTable table, ReadOnlySpan<Pfn> pages)
    {
        Pfn? refused = null;
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        var count = 0;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            for (var i = 0; i < Math.Min(DescriptorsAhead, pages.Length); i++) table.Prefetch(pages[i]);
            for (; count < pages.Length; count++)
            {
                if (count + DescriptorsAhead < pages.Length) table.Prefetch(pages[count + DescriptorsAhead]);
                var page = pages[count];
                var frame = page.Number - _base;
                if (frame - _begin >= _end - _begin || !table.TryPutLastPlain(page)) break;
                if (!TryTakeBack(ref at, page) && TakeBackSingle(ref at, ref frame, wasInUse: true) != FreeOutcome.Freed) refused ??= new Pfn(_base + frame);
            }

            at.Given += count;
            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        MachineTask.EndSection(task, ref state, before);
        if (refused is { } broken) _table.RefuseFree(broken, "VM_BUG_ON_PAGE(PageBuddy(page))");
        GC.KeepAlive(this);
        return count;
    }
}
