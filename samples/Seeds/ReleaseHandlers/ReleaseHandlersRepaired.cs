// The repair: locks that put interrupts back to what they were, nodes allocated with flags that cannot sleep under them,
// and the handler called with no lock, as the mail had it. Between lookup and call the page is pinned and the entry marked,
// so that a second release finds it busy (the mail lets two callers run the handler at once); the entry is removed only if
// it is still the same. Mm.Core's own Holders do this without a lock for the lookup: Removal asks them.
using System.Collections.Generic;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Seeds.ReleaseHandlers.Repaired;

/// <summary>Who holds a page, and how to ask for it back. A handler may wait for I/O, as its type says.</summary>
public sealed class PageHolderOps(string name, ReleaseHandler release)
{
    public string Name => name;

    public ReleaseHandler Release => release;

    public bool IsReleasing { get; set; }
}

/// <summary>A map from frame numbers to holders. Its nodes are allocated with the flags that it is given.</summary>
public sealed class HolderTree(PageAllocator pages)
{
    private readonly Dictionary<Pfn, (PageHolderOps Holder, Pfn Node)> _entries = new();

    public PageHolderOps? Find(Pfn page) => _entries.TryGetValue(page, out var entry) ? entry.Holder : null;

    public bool Insert(MachineTask task, Pfn page, PageHolderOps holder, Gfp gfp)
    {
        if (_entries.ContainsKey(page) || pages.Allocate(task, gfp) is not { } node) return false;
        _entries.Add(page, (holder, node));
        return true;
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
        using (_holderLock.WriteIrqSave(task))
            return _holders.Insert(task, page, holder, Gfp.Atomic);
    }

    public PageHolderOps? Find(MachineTask task, Pfn page)
    {
        using (_holderLock.ReadIrqSave(task))
            return _holders.Find(page);
    }

    public ReleaseOutcome Release(MachineTask task, Pfn page)
    {
        PageHolderOps? holder;
        using (_holderLock.WriteIrqSave(task))
        {
            holder = _holders.Find(page);
            if (holder is null) return ReleaseOutcome.NoHolder;
            if (holder.IsReleasing || !pages.Pages.TryGet(page)) return ReleaseOutcome.Busy;
            holder.IsReleasing = true;
        }

        bool isReleased = holder.Release(task, page) == ReleaseAnswer.Released;

        using (_holderLock.WriteIrqSave(task))
        {
            holder.IsReleasing = false;
            if (isReleased && ReferenceEquals(_holders.Find(page), holder)) _holders.Delete(task, page);
        }

        pages.Pages.Put(task, page);
        return isReleased ? ReleaseOutcome.Released : ReleaseOutcome.Failed;
    }
}

public static class Diagnosis
{
    public static string? OwnerOf(MachineTask task, HolderRegistry registry, FrameTable frames, Pfn page)
    {
        using (task.IrqsOff())
        {
            if (frames.ReferenceCount(page) == 0) return null;
            return registry.Find(task, page)?.Name;
        }
    }
}

/// <summary>The same by what Mm.Core has.</summary>
public sealed class Removal(PageAllocator pages)
{
    public bool Hold(MachineTask task, Pfn page, PageHolder holder) => pages.Holders.SetHold(task, page, holder).Succeeded;

    public string? OwnerOf(MachineTask task, Pfn page)
    {
        using (task.IrqsOff())
            return pages.Holders.HolderOf(page)?.Name;
    }

    public ReleaseOutcome Release(MachineTask task, Pfn page) => pages.Holders.Release(task, page);
}
