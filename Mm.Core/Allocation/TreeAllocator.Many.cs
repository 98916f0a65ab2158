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
    private const int DescriptorsAhead = 8;

    /// <summary>Takes single pages from what the CPU has at hand, gives each its first reference, and counts them.</summary>
    /// <returns>How many: all that are wanted or at hand, or those before one whose descriptor is not as it must be.</returns>
    [MustCheck, Never<Sleep>]
    internal int AllocateAtHand(MachineTask task, FrameTable table, Span<Pfn> pages)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref _memory.Cpu(state.CpuIndex);
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
                if (RuntimeChecks.Enabled) at.Mark(frame) &= ~(1UL << (int)(frame & 63));
                pages[found] = page;
            }

            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        at.Taken += found;
        MachineTask.EndSection(task, ref state, before);
        GC.KeepAlive(this);
        return found;
    }

    /// <summary>Gives single pages back, and counts them. One that is refused does not keep back the others.</summary>
    [Never<Sleep>, Might<SpinOnLock>]
    internal void FreeCounted(MachineTask task, ReadOnlySpan<Pfn> pages)
    {
        Pfn? refused = null;
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref _memory.Cpu(state.CpuIndex);
        at.Given += pages.Length;
        var isEntered = CpuGate<HardwareAtomics>.TryEnter(ref at);
        foreach (var page in pages)
        {
            var frame = page.Number - _base;
            if (isEntered && TryKeep(ref at, frame)) continue;
            var outcome = isEntered ? TakeBackSingle(ref at, frame) : _trees.Release(frame, 0);
            if (outcome != FreeOutcome.Freed) refused ??= page;
        }

        if (isEntered) CpuGate<HardwareAtomics>.Leave(ref at);
        MachineTask.EndSection(task, ref state, before);
        if (refused is { } broken) _table.RefuseFree(broken, "VM_BUG_ON_PAGE(PageBuddy(page))");
        GC.KeepAlive(this);
    }
}
