// 2005, linux-mm, "page based page release handler": Kamezawa Hiroyuki wants to know who holds a page, so that memory can
// be removed from a running machine, and keeps a handler for each held page in a tree under a lock.
// In the mail the tree's nodes are allocated under the write lock, as the tree was made with GFP_KERNEL; every unlock
// switches interrupts on, whatever they were at the call; and one step from the mail the lock is kept over the handler.
using System.Collections.Generic;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Seeds.ReleaseHandlers.Bug;

/// <summary>Who holds a page, and how to ask for it back: page_holder_ops. A handler may wait for I/O, as its type says.</summary>
public sealed class PageHolderOps(string name, ReleaseHandler release)
{
    public string Name => name;

    public ReleaseHandler Release => release;
}

/// <summary>A map from frame numbers to holders. Its nodes are allocated with the flags that it is given.</summary>
public sealed class HolderTree(PageAllocator pages)
{
    private readonly Dictionary<Pfn, (PageHolderOps Holder, Pfn Node)> _entries = new();

    public PageHolderOps? Find(Pfn page) => _entries.TryGetValue(page, out var entry) ? entry.Holder : null;

    public bool Insert(MachineTask task, Pfn page, PageHolderOps holder, Gfp gfp)
    {
        if (pages.Allocate(task, gfp) is not { } node) return false;
        return _entries.TryAdd(page, (holder, node));
    }

    public bool Delete(MachineTask task, Pfn page)
    {
        if (!_entries.Remove(page, out var entry)) return false;
        pages.Free(task, entry.Node);
        return true;
    }
}

public sealed class HolderRegistry(Machine machine, PageAllocator pages)
{
    private readonly ReadWriteSpinLock _holderLock = new(machine, "zone->page_holder_lock");
    private readonly HolderTree _holders = new(pages);

    public bool SetHolder(MachineTask task, Pfn page, PageHolderOps holder)
    {
        _holderLock.AcquireWriteIrq(task);
        bool isSet = _holders.Insert(task, page, holder, Gfp.Kernel); // MM1003
        _holderLock.ReleaseWriteIrq(task);
        return isSet;
    }

    public bool TrySetHolder(MachineTask task, Pfn page, PageHolderOps holder)
    {
        _holderLock.AcquireWriteIrq(task);
        bool isSet = _holders.Insert(task, page, holder, Gfp.Atomic);
        _holderLock.ReleaseWriteIrq(task);
        return isSet;
    }

    public PageHolderOps? Find(MachineTask task, Pfn page)
    {
        _holderLock.AcquireReadIrq(task);
        PageHolderOps? holder = _holders.Find(page);
        _holderLock.ReleaseReadIrq(task);
        return holder;
    }

    public bool Release(MachineTask task, Pfn page)
    {
        _holderLock.AcquireWriteIrq(task);
        PageHolderOps? holder = _holders.Find(page);
        bool isReleased = holder is not null && holder.Release(task, page) == ReleaseAnswer.Released; // MM1001
        isReleased = isReleased && _holders.Delete(task, page);
        _holderLock.ReleaseWriteIrq(task);
        return isReleased;
    }
}

public static class Diagnosis
{
    /// <summary>Interrupts are back on after the lookup, in the middle of a section that had them off.</summary>
    public static string? OwnerOf(MachineTask task, HolderRegistry registry, FrameTable frames, Pfn page)
    {
        using (task.IrqsOff())
        {
            if (frames.ReferenceCount(page) == 0) return null;
            return registry.Find(task, page)?.Name; // MM1007
        }
    }
}
