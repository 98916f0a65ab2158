// Page frames and the zone that they are allocated from: as much of them as the stories need.
using System;
using System.Collections.Generic;

namespace Seeds.Kernel;

/// <summary>A page frame number.</summary>
public readonly record struct Pfn(ulong Number);

[Flags]
public enum PageFlags
{
    None = 0,
    Locked = 1 << 0,
    Reserved = 1 << 1,
    Foreign = 1 << 2,
    Discarded = 1 << 3,
}

/// <summary>The descriptor of one page frame.</summary>
public sealed class Page(Pfn pfn)
{
    public Pfn Pfn { get; } = pfn;

    public PageFlags Flags { get; set; }

    public int ReferenceCount { get; set; }

    public bool IsForeign => (Flags & PageFlags.Foreign) != 0;

    public bool IsDiscarded => (Flags & PageFlags.Discarded) != 0;

    /// <summary>Takes a reference unless the page has none left, which is the only safe way to do it from a bare frame number.</summary>
    public bool TryGetReference()
    {
        if (ReferenceCount == 0) return false;
        ReferenceCount++;
        return true;
    }
}

/// <summary>A range of page frames with one lock and one list of free pages.</summary>
public sealed class Zone
{
    private readonly Stack<Page> _freePages = new();

    public SpinLock Lock { get; } = new();

    /// <summary>Puts a page on the free list. The caller holds the zone lock.</summary>
    public void AddFreeLocked(Page page) => _freePages.Push(page);
}
