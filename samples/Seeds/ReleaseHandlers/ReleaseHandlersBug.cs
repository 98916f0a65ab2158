// 2005, linux-mm, "page based page release handler": Kamezawa Hiroyuki wants to know who holds a page, so that memory can
// be removed from a running machine, and keeps a handler for each held page in a tree under a lock.
// In the mail the tree's nodes are allocated under the write lock, as the tree was made with GFP_KERNEL; every unlock
// switches interrupts on, whatever they were at the call; and one step from the mail the lock is kept over the handler.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.ReleaseHandlers.Bug;

/// <summary>Gives up a page. A handler may wait for I/O, so whoever calls it must be able to sleep.</summary>
[Might<Sleep>]
public delegate bool ReleasePage(Page page);

/// <summary>Who holds a page, and how to ask for it back.</summary>
public sealed class PageHolder(string name, ReleasePage release)
{
    public string Name => name;

    public ReleasePage Release => release;
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

public sealed class HolderRegistry
{
    private readonly ReadWriteSpinLock _holderLock = new();
    private readonly HolderTree _holders = new();

    public bool SetHolder(Page page, PageHolder holder)
    {
        using (_holderLock.WriteLockIrq())
            return _holders.Insert(page.Pfn, holder, GfpFlags.Kernel); // MM1003
    }

    public PageHolder? Find(Pfn pfn)
    {
        using (_holderLock.ReadLockIrq())
            return _holders.Find(pfn);
    }

    public bool Release(Page page)
    {
        using (_holderLock.WriteLockIrq())
        {
            PageHolder? holder = _holders.Find(page.Pfn);
            if (holder == null) return false;
            return holder.Release(page) && _holders.Delete(page.Pfn); // MM1001
        }
    }
}

public static class Diagnosis
{
    /// <summary>Interrupts are back on after the lookup, in the middle of a section that had them off.</summary>
    public static string? OwnerOf(HolderRegistry registry, Page page)
    {
        using (Interrupts.Save())
        {
            if (page.ReferenceCount == 0) return null;
            return registry.Find(page.Pfn)?.Name; // MM1007
        }
    }
}
