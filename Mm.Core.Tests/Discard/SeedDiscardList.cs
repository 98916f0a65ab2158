using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Discard;

/// <summary>
/// The patch "page host virtual assist, 5/6: discarded page list" (linux-kernel, December 2005) as it was posted: a vector of 14 pages for
/// each CPU, kept with preemption off only, a global list under a plain spin lock, and shrink_discards. Beside it the repairs of later
/// versions where they have errata of their own. The pages behind it are those of a real allocator. A test double.
/// </summary>
internal sealed class SeedDiscardList(Machine machine, PageAllocator pages)
{
    public const int PagevecSize = 14;
    private readonly SpinLock _lock = new(machine, "page_hva_discard_list_lock");
    private readonly List<Pfn> _list = [];
    private readonly Pagevec[] _vectors = Create(machine.CpuCount);

    /// <summary>How many times other CPUs were called.</summary>
    public int Broadcasts { get; private set; }

    /// <summary>What happens between the read of a vector's count and its write.</summary>
    public Action? Between { get; set; }

    public int Listed => _list.Count;

    public int InVectorOf(int cpu) => _vectors[cpu].Count;

    /// <summary>The block in free_hot_cold_page: get_cpu_var, pagevec_add, and when it is full, all of it to the list.</summary>
    public bool FreeHotColdPage(MachineTask task, Pfn page)
    {
        if ((pages.Pages.Flags(page) & PageFlags.Discarded) == 0) return false;
        using (task.PreemptOff())
        {
            ref var vector = ref _vectors[task.CpuIndex];
            var count = vector.Count;
            Between?.Invoke();
            vector.Pages[count] = page;
            vector.Count = count + 1;
            if (vector.Count < PagevecSize) return true;
            using (_lock.Lock(task)) _list.AddRange(vector.Pages.AsSpan(0, vector.Count));
            vector.Count = 0;
        }

        return true;
    }

    /// <summary>The third and later versions: local_irq_disable before, local_irq_enable after.</summary>
    public void FreeHotColdPageOfVersion3(MachineTask task, Pfn page)
    {
        task.IrqDisable();
        using (_lock.LockIrqSave(task)) _list.Add(page);
        task.IrqEnable();
    }

    /// <summary>void shrink_discards(struct scan_control *): what it frees, nobody hears of.</summary>
    public void ShrinkDiscards(MachineTask task)
    {
        Pfn[] batch;
        using (_lock.Lock(task)) batch = TakeAll();
        if (batch.Length == 0) return;
        Broadcasts++;
        machine.CrossCalls.CallOthers(task, static (_, _) => { });
        Free(task, batch);
    }

    /// <summary>The third version: the lists of the CPUs are collected in the call, which the caller's own CPU is not part of.</summary>
    public void ShrinkDiscardsOfVersion3(MachineTask task)
    {
        machine.CrossCalls.CallOthers(task, (here, _) =>
        {
            ref var vector = ref _vectors[here.CpuIndex];
            using (_lock.LockIrqSave(here)) _list.AddRange(vector.Pages.AsSpan(0, vector.Count));
            vector.Count = 0;
        });
        Pfn[] batch;
        using (_lock.LockIrqSave(task)) batch = TakeAll();
        Free(task, batch);
    }

    /// <summary>A reader who copies the patch and keeps the lock.</summary>
    public void ShrinkDiscardsUnderTheLock(MachineTask task)
    {
        using (_lock.LockIrqSave(task)) machine.CrossCalls.CallOthers(task, static (_, _) => { });
    }

    private Pfn[] TakeAll()
    {
        Pfn[] batch = [.. _list];
        _list.Clear();
        return batch;
    }

    private void Free(MachineTask task, Pfn[] batch)
    {
        foreach (var page in batch)
        {
            pages.Pages.EndDiscard(page);
            pages.Release(task, page, 0);
        }
    }

    private static Pagevec[] Create(int cpus)
    {
        var all = new Pagevec[cpus];
        for (var i = 0; i < cpus; i++) all[i].Pages = new Pfn[PagevecSize + 1];
        return all;
    }

    private struct Pagevec
    {
        public Pfn[] Pages;
        public int Count;
    }
}
