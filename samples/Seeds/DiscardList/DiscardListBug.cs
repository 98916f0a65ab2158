// 2005, linux-kernel, "Page host virtual assist": Martin Schwidefsky queues pages that the host has discarded, and frees
// them once every CPU has been seen with interrupts on, because a fault handler may still be looking at them.
// The patch lets go of the list's lock before it asks the other CPUs. Written the other way round it can hang: a CPU that
// waits for the lock with interrupts off never answers.
// The other bugs here are one slip away from the patch, or in its fault handler: a missing put_cpu_var, a lost guard.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Seeds.DiscardList.Bug;

public sealed class DiscardList(Machine machine, PageAllocator pages)
{
    private const int VectorSize = 14;

    private readonly SpinLock _discardLock = new(machine, "page_hva_discard_list_lock");
    private readonly List<Pfn> _discarded = new();
    private readonly PerCpu<List<Pfn>> _vectors = new(machine, static _ => new List<Pfn>());

    /// <summary>Queues a page. Returns early, with preemption off, as long as this CPU's vector is not full.</summary>
    public void Add(MachineTask task, Pfn page)
    {
        List<Pfn> vector = _vectors.Get(task);
        vector.Add(page);
        if (vector.Count < VectorSize)
            return; // MM2001
        using (_discardLock.LockIrqSave(task))
            _discarded.AddRange(vector);
        vector.Clear();
        _vectors.Put(task);
    }

    /// <summary>Frees what is queued. Called when memory is short.</summary>
    public int Shrink(MachineTask task)
    {
        using (_discardLock.LockIrqSave(task))
        {
            WaitUntilNobodyLooks(task); // MM1005
            int freed = _discarded.Count;
            foreach (Pfn page in _discarded) pages.Free(task, page);
            _discarded.Clear();
            return freed;
        }
    }

    private void WaitUntilNobodyLooks(MachineTask task) => machine.CrossCalls.CallOthers(task, static (_, _) => { });

    /// <summary>The second call spins on what the first left locked.</summary>
    public int Count(MachineTask task)
    {
        _discardLock.LockIrqSave(task); // MM2004
        return _discarded.Count;
    }
}

public sealed class DiscardFault(FrameTable frames)
{
    /// <summary>The host delivers the fault with interrupts off, and they must stay off until there is a reference.</summary>
    [RunsIn<IrqOff>]
    public void Handle(MachineTask task, Pfn page)
    {
        if (!frames.TryGet(page)) return;
        Discard(task, page); // MM1001
        frames.Put(task, page);
    }

    private void Discard(MachineTask task, Pfn page)
    {
        frames.Lock(task, page);
        frames.Set(page, PageFlags.Discarded);
        frames.Unlock(task, page);
    }
}
