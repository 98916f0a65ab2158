// The repair has two halves. Whether a page is counted is a bit in the page-table entry, as Nick Piggin concludes, so the
// fast path asks nobody. And pfn_valid() reads an array that is never changed, only replaced: writers copy it under the
// mutex, where they may sleep; readers take no lock at all, and may call it in any context. That is Mm.Core's own
// SegmentListModel; here it is once more, small. The boot order is part of the signature: who asks too early does not compile.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mutex = Mm.Core.Locking.Mutex;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Seeds.PfnValid.Repaired;

/// <summary>From here on the segment list exists: a phase of the boot, entered once and never left.</summary>
public readonly struct SegmentListReady : IContext;

public sealed class SegmentList(Machine machine)
{
    private readonly Mutex _changeMutex = new(machine, "dcss_lock");
    private Segment[] _snapshot = [];

    public void Add(MachineTask task, Segment segment)
    {
        using (_changeMutex.Lock(task))
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
            FrameRange frames = segments[i].Frames;
            if (pfn.Number - frames.First.Number < (uint)frames.Count)
                return segments[i].HasPages;
        }

        return false;
    }
}

public sealed class ListedMemory(MemoryModel boot, SegmentList segments)
{
    [Enters<SegmentListReady>, Trusted("the list exists when this returns")]
    public void Initialise(MachineTask task)
    {
        boot.Initialise(task, new[] { Stage.BootMemory });
        segments.Add(task, Stage.Shared);
    }

    [Requires<SegmentListReady>, Never<Sleep>]
    public bool PfnValid(MachineTask task, Pfn pfn) => boot.PfnValid(task, pfn) || segments.PfnInSharedMemory(pfn);
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
            return entry.IsPresent ? VmNormalPage(task, entry) : null;
        }
    }

    private Pfn? VmNormalPage(MachineTask task, Pte entry)
    {
        if (entry.IsSpecial) return null;
        return memory.PfnValid(task, entry.Pfn) ? entry.Pfn : null;
    }
}

public static class Boot
{
    [Enters<SegmentListReady>]
    public static bool Start(MachineTask task, ListedMemory memory)
    {
        memory.Initialise(task);
        return memory.PfnValid(task, Stage.First);
    }
}
