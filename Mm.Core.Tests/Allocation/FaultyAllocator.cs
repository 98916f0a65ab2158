using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Allocation;

/// <summary>What a <see cref="FaultyAllocator"/> does wrong.</summary>
public enum Fault
{
    None,

    /// <summary>After a drain, the page that was handed out last is handed out once more.</summary>
    HandsOutAgain,

    /// <summary>Of a block of order 3 or more, the upper half is lost when it is freed by the second CPU.</summary>
    LosesHalves,

    /// <summary>In an interrupt, a block of two pages begins at an odd one.</summary>
    Misaligns,

    /// <summary>When the limits change, a free page is counted twice.</summary>
    Miscounts,

    /// <summary>A page that is freed while two others are held is not found again.</summary>
    Hides,

    /// <summary>A drain leaves preemption off.</summary>
    LeavesPreemptionOff,

    /// <summary>A free in an interrupt warns of nothing.</summary>
    Warns,
}

/// <summary>An allocator that is right but for one fault, which shows in some programs only.</summary>
internal sealed class FaultyAllocator(IZoneAllocator inner, Fault fault) : IZoneAllocator
{
    private Pfn? _last;
    private bool _again;
    private int _miscount;
    private int _held;

    public int FreePages => inner.FreePages + _miscount;

    public int CachedPages => inner.CachedPages;

    public bool MarksFreePages => inner.MarksFreePages;

    public bool TryAllocate(MachineTask task, int order, out Pfn first)
    {
        if (fault == Fault.HandsOutAgain && order == 0 && _again && _last is { } last)
        {
            (first, _again) = (last, false);
            return true;
        }

        if (fault == Fault.Misaligns && order == 1 && task.InHardIrq && inner.TryAllocate(task, 2, out first))
        {
            first = first.Plus(1);
            return true;
        }

        if (!inner.TryAllocate(task, order, out first)) return false;
        _held++;
        if (order == 0) _last = first;
        return true;
    }

    public void Free(MachineTask task, Pfn first, int order)
    {
        _held--;
        if (_last == first) _last = null;
        if (fault == Fault.Warns && task.InHardIrq) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(1)");
        if (fault == Fault.Hides && _held == 2 && order == 0) return;
        if (fault == Fault.LosesHalves && order >= 3 && task.RawCpuIndex == 1) order--;
        inner.Free(task, first, order);
    }

    public bool HasBlock(int order) => inner.HasBlock(order);

    public int CountBlocks(int order) => inner.CountBlocks(order);

    public void Drain(MachineTask task, int cpu)
    {
        _again = true;
        inner.Drain(task, cpu);
        if (fault == Fault.LeavesPreemptionOff) task.PreemptDisable();
    }

    public void SetCacheLimits(int high, int batch)
    {
        if (fault == Fault.Miscounts) _miscount = 1;
        inner.SetCacheLimits(high, batch);
    }

    public IReadOnlyList<string> Validate() => inner.Validate();

    public IReadOnlyList<(Pfn First, int Order, bool Cached)> FreeBlocks() => inner.FreeBlocks();
}
