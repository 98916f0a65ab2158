using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Holders;

/// <summary>page_holder_ops of the patch.</summary>
internal sealed record SeedHolderOps(string Name, Func<MachineTask, Pfn, int>? Release);

/// <summary>
/// The "page release handler" patch for memory hot-remove as it was posted (linux-mm, 2006): an rwlock taken with interrupts off
/// unconditionally, a radix tree whose root may block, and results that are 0, 1, an error, or whatever a handler returns. A test double.
/// </summary>
internal sealed class SeedHolders(Machine machine)
{
    public const int Eexist = -17;
    private readonly ReadWriteSpinLock _lock = new(machine, "zone->page_holder_lock");
    private readonly Dictionary<Pfn, SeedHolderOps?> _tree = [];

    /// <summary>True as posted: the root mask is GFP_KERNEL, and the tree allocates by it, whatever was preloaded.</summary>
    public bool RootMayBlock { get; init; }

    /// <summary>What other CPUs do between two lock sections.</summary>
    public Action? Between { get; set; }

    /// <summary>What the preload returns; it must be 0 for preemption to be off afterwards.</summary>
    public int PreloadResult { get; set; }

    public List<string> Messages { get; } = [];

    public int Nodes => _tree.Count;

    public int PageSetHold(MachineTask task, Pfn page, SeedHolderOps? ops, bool overwrite)
    {
        if (IsPageHeld(task, page) && !overwrite)
        {
            Messages.Add($"page {page} is already held by {ops?.Name}, overwritten");
            return 1;
        }

        Between?.Invoke();

        // radix_tree_preload(GFP_KERNEL)
        task.MightSleep();
        if (PreloadResult != 0) return PreloadResult;
        task.PreemptDisable();
        _lock.AcquireWriteIrq(task);
        var result = Insert(task, page, ops);
        _lock.ReleaseWriteIrq(task);
        task.PreemptEnable();
        return result;
    }

    public int PageUnsetHold(MachineTask task, Pfn page)
    {
        _lock.AcquireWriteIrq(task);
        var removed = _tree.Remove(page);
        _lock.ReleaseWriteIrq(task);
        return removed ? 0 : 1;
    }

    public bool IsPageHeld(MachineTask task, Pfn page) => Lookup(task, page) is not null;

    public string? PageOwner(MachineTask task, Pfn page) => Lookup(task, page)?.Name;

    public int PageRelease(MachineTask task, Pfn page)
    {
        if (Lookup(task, page)?.Release is not { } release) return 1;
        Between?.Invoke();
        var result = release(task, page);
        if (result != 0) return result;
        PageUnsetHold(task, page);
        return 0;
    }

    private SeedHolderOps? Lookup(MachineTask task, Pfn page)
    {
        _lock.AcquireReadIrq(task);
        _tree.TryGetValue(page, out var ops);
        _lock.ReleaseReadIrq(task);
        return ops;
    }

    private int Insert(MachineTask task, Pfn page, SeedHolderOps? ops)
    {
        if (RootMayBlock) task.MightSleep();
        return _tree.TryAdd(page, ops) ? 0 : Eexist;
    }
}
