// 2008, linux-mm, VM_MIXEDMAP: Carsten Otte lets s390's pfn_valid() walk the list of shared segments, and reports what
// came of it to Nick Piggin: "it does'nt work because we need to grab a mutex in atomic". The kernel found out by running:
//     BUG: sleeping function called from invalid context at kernel/mutex.c:87
//     mutex_lock <- pfn_in_shared_memory <- vm_normal_page <- follow_page <- get_user_pages
// His point d): the list is also asked before it has been initialised. Here both are found while compiling.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.PfnValid.Bug;

/// <summary>From here on the segment list exists: a phase of the boot, entered once and never left.</summary>
public readonly struct SegmentListReady : IContext;

public readonly record struct Segment(Pfn First, Pfn Last);

public sealed class SegmentList
{
    private readonly Mutex _listMutex = new();
    private readonly List<Segment> _segments = new();

    [Enters<SegmentListReady>, Trusted("the list exists when this returns")]
    public void Initialise() => _segments.Clear();

    public bool PfnInSharedMemory(Pfn pfn)
    {
        using (_listMutex.Lock())
        {
            for (int i = 0; i < _segments.Count; i++)
            {
                if (_segments[i].First.Number <= pfn.Number && pfn.Number <= _segments[i].Last.Number)
                    return true;
            }

            return false;
        }
    }
}

public sealed class MemoryModel(SegmentList segments, Pfn end)
{
    [Requires<SegmentListReady>]
    public bool PfnValid(Pfn pfn) => pfn.Number < end.Number || segments.PfnInSharedMemory(pfn);
}

/// <summary>Walks page tables for code that wants the pages behind user addresses. Runs long after boot.</summary>
[RunsIn<SegmentListReady>]
public sealed class UserPages(MemoryModel memory)
{
    private readonly SpinLock _pageTableLock = new();
    private readonly RwSemaphore _mappings = new();
    private readonly Dictionary<ulong, Page> _pageTable = new();

    public Page? Get(ulong address)
    {
        using (_mappings.Read())
            return FollowPage(address);
    }

    private Page? FollowPage(ulong address)
    {
        using (_pageTableLock.Lock())
        {
            Page? entry = _pageTable.GetValueOrDefault(address);
            return entry == null ? null : VmNormalPage(entry); // MM1001
        }
    }

    /// <summary>The page behind an entry, or null if there is none that is counted.</summary>
    private Page? VmNormalPage(Page entry) => memory.PfnValid(entry.Pfn) ? entry : null;
}

public static class Boot
{
    [Enters<SegmentListReady>]
    public static bool Start(SegmentList segments, MemoryModel memory)
    {
        bool firstFrameIsValid = memory.PfnValid(new Pfn(0)); // MM1008
        segments.Initialise();
        return firstFrameIsValid;
    }
}
