// The repair has two halves. Whether a page is counted is a bit in the page-table entry, as Nick Piggin concludes, so the
// fast path asks nobody. And pfn_valid() reads an array that is never changed, only replaced: writers copy it under the
// mutex, where they may sleep; readers take no lock at all, and may call it in any context.
// The boot order is part of the signature: what asks before the list is ready does not compile.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Seeds.Kernel;
using Mutex = Seeds.Kernel.Mutex;
using SpinLock = Seeds.Kernel.SpinLock;

namespace Seeds.PfnValid.Repaired;

/// <summary>From here on the segment list exists: a phase of the boot, entered once and never left.</summary>
public readonly struct SegmentListReady : IContext;

public readonly record struct Segment(Pfn First, Pfn Last);

public sealed class SegmentList
{
    private readonly Mutex _changeMutex = new();
    private Segment[] _snapshot = [];

    [Enters<SegmentListReady>, Trusted("the list exists when this returns")]
    public void Initialise() => Volatile.Write(ref _snapshot, []);

    public void Add(Segment segment)
    {
        using (_changeMutex.Lock())
        {
            Segment[] next = new Segment[_snapshot.Length + 1];
            Array.Copy(_snapshot, next, _snapshot.Length);
            next[_snapshot.Length] = segment;
            Volatile.Write(ref _snapshot, next);
        }
    }

    [Never<Sleep>]
    public bool PfnInSharedMemory(Pfn pfn)
    {
        Segment[] segments = Volatile.Read(ref _snapshot);
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i].First.Number <= pfn.Number && pfn.Number <= segments[i].Last.Number)
                return true;
        }

        return false;
    }
}

public sealed class MemoryModel(SegmentList segments, Pfn end)
{
    [Requires<SegmentListReady>, Never<Sleep>]
    public bool PfnValid(Pfn pfn) => pfn.Number < end.Number || segments.PfnInSharedMemory(pfn);
}

/// <summary>A page-table entry. <paramref name="IsSpecial"/> says that no counted page is behind it.</summary>
public readonly record struct PageTableEntry(Page Page, bool IsSpecial);

/// <summary>Walks page tables for code that wants the pages behind user addresses. Runs long after boot.</summary>
[RunsIn<SegmentListReady>]
public sealed class UserPages(MemoryModel memory)
{
    private readonly SpinLock _pageTableLock = new();
    private readonly RwSemaphore _mappings = new();
    private readonly Dictionary<ulong, PageTableEntry> _pageTable = new();

    public Page? Get(ulong address)
    {
        using (_mappings.Read())
            return FollowPage(address);
    }

    private Page? FollowPage(ulong address)
    {
        using (_pageTableLock.Lock())
            return _pageTable.TryGetValue(address, out PageTableEntry entry) ? VmNormalPage(entry) : null;
    }

    private Page? VmNormalPage(PageTableEntry entry)
    {
        if (entry.IsSpecial) return null;
        return memory.PfnValid(entry.Page.Pfn) ? entry.Page : null;
    }
}

public static class Boot
{
    [Enters<SegmentListReady>]
    public static bool Start(SegmentList segments, MemoryModel memory)
    {
        segments.Initialise();
        return memory.PfnValid(new Pfn(0));
    }
}
