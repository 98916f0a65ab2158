// 2008, linux-mm, VM_MIXEDMAP: Carsten Otte lets s390's pfn_valid() walk the list of shared segments, and reports what
// came of it to Nick Piggin: "it does'nt work because we need to grab a mutex in atomic". The kernel found out by running:
//     BUG: sleeping function called from invalid context at kernel/mutex.c:87
//     mutex_lock <- pfn_in_shared_memory <- vm_normal_page <- follow_page <- get_user_pages
// His point d): the list is also asked before it has been initialised. Here both are found while compiling.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Seeds.PfnValid.Bug;

/// <summary>From here on the segment list exists: a phase of the boot, entered once and never left.</summary>
public readonly struct SegmentListReady : IContext;

public sealed class SegmentList(Machine machine)
{
    private readonly Mutex _listMutex = new(machine, "dcss_lock");
    private readonly List<Segment> _segments = new();

    public void Add(MachineTask task, Segment segment)
    {
        using (_listMutex.Lock(task))
            _segments.Add(segment);
    }

    public bool PfnInSharedMemory(MachineTask task, Pfn pfn)
    {
        using (_listMutex.Lock(task))
        {
            for (int i = 0; i < _segments.Count; i++)
            {
                FrameRange frames = _segments[i].Frames;
                if (frames.First <= pfn && pfn < frames.First.Plus(frames.Count))
                    return _segments[i].HasPages;
            }

            return false;
        }
    }
}

/// <summary>pfn_valid() as it was in 2008: a function without a contract.</summary>
public sealed class ListedMemory(MemoryModel boot, SegmentList segments)
{
    [Enters<SegmentListReady>, Trusted("the list exists when this returns")]
    public void Initialise(MachineTask task)
    {
        boot.Initialise(task, new[] { Stage.BootMemory });
        segments.Add(task, Stage.Shared);
    }

    [Requires<SegmentListReady>]
    public bool PfnValid(MachineTask task, Pfn pfn) => boot.PfnValid(task, pfn) || segments.PfnInSharedMemory(task, pfn);
}

/// <summary>Walks page tables for code that wants the pages behind user addresses. Runs long after boot.</summary>
[RunsIn<SegmentListReady>]
public sealed class UserPages(Machine machine, MemoryMap map, ListedMemory memory)
{
    private readonly SpinLock _pageTableLock = new(machine, "mm->page_table_lock");

    public Pfn? Get(MachineTask task, VirtualAddress address)
    {
        using (map.Lock.Read(task))
            return FollowPage(task, address);
    }

    private Pfn? FollowPage(MachineTask task, VirtualAddress address)
    {
        using (_pageTableLock.Lock(task))
        {
            Pte entry = map.EntryOf(task, address);
            return entry.IsPresent ? VmNormalPage(task, entry) : null; // MM1001
        }
    }

    /// <summary>The page behind an entry, or null if there is none that is counted.</summary>
    private Pfn? VmNormalPage(MachineTask task, Pte entry) => memory.PfnValid(task, entry.Pfn) ? entry.Pfn : null;
}

public static class Boot
{
    [Enters<SegmentListReady>]
    public static bool Start(MachineTask task, ListedMemory memory)
    {
        bool firstFrameIsValid = memory.PfnValid(task, Stage.First); // MM1008
        memory.Initialise(task);
        return firstFrameIsValid;
    }
}

/// <summary>The same as a memory model of Mm.Core, whose PfnValid promises not to sleep: address spaces ask it under their locks.</summary>
public sealed class SharedSegmentsModel(MemoryModel boot, SegmentList segments) : IMemoryModel
{
    public ModelPhase Phase => boot.Phase;

    public Pfn Highest => new(uint.MaxValue);

    public bool PfnValid(MachineTask task, Pfn pfn) => boot.PfnValid(task, pfn) || segments.PfnInSharedMemory(task, pfn); // MM3001

    public bool PfnIsOnline(MachineTask task, Pfn pfn) => boot.PfnIsOnline(task, pfn);

    public bool PfnInLinearMap(MachineTask task, Pfn pfn) => boot.PfnInLinearMap(task, pfn);

    public Segment? SegmentOf(MachineTask task, Pfn pfn) => boot.SegmentOf(task, pfn);

    public bool PfnIsRam(MachineTask task, Pfn pfn) => boot.PfnIsRam(task, pfn);
}
