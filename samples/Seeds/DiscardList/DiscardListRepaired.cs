// The repair: the list is taken over under its lock, the other CPUs are asked without it, as in the patch; every path puts
// the per-CPU vector back; and the fault handler only takes its reference with interrupts off, while the discard itself,
// which waits for the page lock, is queued to run where sleeping is allowed. Mm.Core's own DiscardQueue and PageStates do
// more: they reach every CPU's list, and need no list of the caller's.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Seeds.DiscardList.Repaired;

public sealed class DiscardList(Machine machine, PageAllocator pages)
{
    private const int VectorSize = 14;

    private readonly SpinLock _discardLock = new(machine, "page_hva_discard_list_lock");
    private readonly PerCpu<List<Pfn>> _vectors = new(machine, static _ => new List<Pfn>());
    private List<Pfn> _discarded = new();

    public void Add(MachineTask task, Pfn page)
    {
        List<Pfn> vector = _vectors.Get(task);
        vector.Add(page);
        if (vector.Count >= VectorSize)
        {
            using (_discardLock.LockIrqSave(task))
                _discarded.AddRange(vector);
            vector.Clear();
        }

        _vectors.Put(task);
    }

    public int Shrink(MachineTask task)
    {
        List<Pfn> taken;
        using (_discardLock.LockIrqSave(task))
        {
            taken = _discarded;
            _discarded = new List<Pfn>();
        }

        if (taken.Count == 0) return 0;
        WaitUntilNobodyLooks(task);
        foreach (Pfn page in taken) pages.Free(task, page);
        return taken.Count;
    }

    private void WaitUntilNobodyLooks(MachineTask task) => machine.CrossCalls.CallOthers(task, static (_, _) => { });

    public int Count(MachineTask task)
    {
        using (_discardLock.LockIrqSave(task))
            return _discarded.Count;
    }
}

/// <summary>Runs work later, in a task that may sleep.</summary>
public sealed class WorkQueue
{
    private readonly Queue<Action<MachineTask>> _work = new();

    public void Add([Deferred] Action<MachineTask> work) => _work.Enqueue(work);

    public void Run(MachineTask task)
    {
        while (_work.TryDequeue(out Action<MachineTask>? work)) work(task);
    }
}

public sealed class DiscardFault(FrameTable frames, WorkQueue later)
{
    [RunsIn<IrqOff>]
    public void Handle(MachineTask task, Pfn page)
    {
        if (!frames.TryGet(page)) return;
        later.Add(worker => Discard(worker, page));
    }

    private void Discard(MachineTask task, Pfn page)
    {
        frames.Lock(task, page);
        frames.Set(page, PageFlags.Referenced);
        frames.Unlock(task, page);
        frames.Put(task, page);
    }
}
