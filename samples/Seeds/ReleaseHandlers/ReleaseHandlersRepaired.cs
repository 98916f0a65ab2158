// The repair: locks that put interrupts back to what they were, nodes allocated before the lock is taken or with flags
// that cannot sleep under it, and the handler called with no lock, as the mail had it.
// Between lookup and call the page is pinned and the entry marked, so that a second release finds it busy (the mail
// lets two callers run the handler at once); the entry is removed only if it is still the same.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.ReleaseHandlers.Repaired;

/// <summary>Gives up a page. A handler may wait for I/O, so whoever calls it must be able to sleep.</summary>
[Might<Sleep>]
public delegate bool ReleasePage(Page page);

/// <summary>Who holds a page, and how to ask for it back.</summary>
public sealed class PageHolder(string name, ReleasePage release)
{
    public string Name => name;

    public ReleasePage Release => release;

    public bool IsReleasing { get; set; }
}

/// <summary>A map from frame numbers to holders. Its nodes are allocated with the flags that it is given.</summary>
public sealed class HolderTree
{
    private readonly Dictionary<Pfn, PageHolder> _entries = new();

    public PageHolder? Find(Pfn pfn) => _entries.GetValueOrDefault(pfn);

    public bool Insert(Pfn pfn, PageHolder holder, GfpFlags gfp)
    {
        if (Slab.Allocate(576, gfp) == null) return false;
        return _entries.TryAdd(pfn, holder);
    }

    public bool Delete(Pfn pfn) => _entries.Remove(pfn);
}

public enum ReleaseResult
{
    Released,
    NoHolder,
    Busy,
    Refused,
}

public sealed class HolderRegistry
{
    private readonly ReadWriteSpinLock _holderLock = new();
    private readonly HolderTree _holders = new();

    public bool SetHolder(Page page, PageHolder holder)
    {
        using (_holderLock.WriteLockIrqSave())
            return _holders.Insert(page.Pfn, holder, GfpFlags.Atomic);
    }

    public PageHolder? Find(Pfn pfn)
    {
        using (_holderLock.ReadLockIrqSave())
            return _holders.Find(pfn);
    }

    public ReleaseResult Release(Page page)
    {
        PageHolder? holder;
        using (_holderLock.WriteLockIrqSave())
        {
            holder = _holders.Find(page.Pfn);
            if (holder == null) return ReleaseResult.NoHolder;
            if (holder.IsReleasing || !page.TryGetReference()) return ReleaseResult.Busy;
            holder.IsReleasing = true;
        }

        bool released = holder.Release(page);

        using (_holderLock.WriteLockIrqSave())
        {
            holder.IsReleasing = false;
            page.ReferenceCount--;
            if (released && ReferenceEquals(_holders.Find(page.Pfn), holder)) _holders.Delete(page.Pfn);
        }

        return released ? ReleaseResult.Released : ReleaseResult.Refused;
    }
}

public static class Diagnosis
{
    public static string? OwnerOf(HolderRegistry registry, Page page)
    {
        using (Interrupts.Save())
        {
            if (page.ReferenceCount == 0) return null;
            return registry.Find(page.Pfn)?.Name;
        }
    }
}
