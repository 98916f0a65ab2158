using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Models;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Models;

/// <summary>pfn_valid() as the experiment of 2008 had it: it walks the list of segments under a mutex (with the test put right).</summary>
internal sealed class MutexSegmentList(Machine machine, IMemoryModel boot) : IMemoryModel
{
    private readonly Mutex _mutex = new(machine, "dcss_lock");
    private readonly List<Segment> _segments = [];

    public ModelPhase Phase => boot.Phase;

    public Pfn Highest => new(uint.MaxValue);

    public bool PfnValid(MachineTask task, Pfn pfn) => boot.PfnValid(task, pfn) || PfnInSharedMemory(task, pfn);

    public bool PfnIsOnline(MachineTask task, Pfn pfn) => PfnValid(task, pfn);

    public bool PfnInLinearMap(MachineTask task, Pfn pfn) => boot.PfnInLinearMap(task, pfn);

    public bool PfnIsRam(MachineTask task, Pfn pfn) => boot.PfnIsRam(task, pfn);

    public Segment? SegmentOf(MachineTask task, Pfn pfn)
    {
        using (_mutex.Lock(task)) return _segments.Find(s => s.Contains(pfn));
    }

    public void Attach(MachineTask task, Segment segment)
    {
        using (_mutex.Lock(task)) _segments.Add(segment);
    }

    private bool PfnInSharedMemory(MachineTask task, Pfn pfn)
    {
        using (_mutex.Lock(task))
        {
            foreach (var segment in _segments)
            {
                if (segment.Contains(pfn)) return segment.HasPages;
            }

            return false;
        }
    }
}

/// <summary>The same under a spin lock, as Carsten Otte proposes in the next line.</summary>
internal sealed class SpinSegmentList(Machine machine)
{
    private readonly SpinLock _lock = new(machine, "dcss_lock");
    private readonly List<Segment> _segments = [];

    /// <summary>How often the lock was taken.</summary>
    public int Acquires { get; private set; }

    /// <summary>At how many segments was looked.</summary>
    public int Looks { get; private set; }

    public void Attach(MachineTask task, Segment segment)
    {
        using (_lock.Lock(task)) _segments.Add(segment);
    }

    public bool PfnInSharedMemory(MachineTask task, Pfn pfn)
    {
        using (_lock.Lock(task))
        {
            Acquires++;
            foreach (var segment in _segments)
            {
                Looks++;
                if (segment.Contains(pfn)) return segment.HasPages;
            }

            return false;
        }
    }
}
