// The free pages that one CPU keeps at hand, so that most allocations and frees need no shared lock.
// Context: any but NMI, preemption off. Locks: its own, which is only ever tried; what finds it taken goes to the zone. Draining takes it.
// Invariants: C1 the count is the sum of its lists; C2 below the limit after every free. Numbers as in Linux 6.1, mm/page_alloc.c.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Allocation;

internal sealed class CpuPageLists
{
    public const int LargestOrder = 3;
    private readonly SpinLock _lock;
    private readonly BuddyAllocator _buddy;
    private readonly PageDescriptors _pages;
    private readonly PageChain[] _lists = new PageChain[LargestOrder + 1];
    private int _count;
    private int _high;
    private int _batch = 1;
    private int _freeFactor;

    public CpuPageLists(Machine machine, BuddyAllocator buddy, PageDescriptors pages)
    {
        _lock = new SpinLock(machine, "&pcp->lock");
        _buddy = buddy;
        _pages = pages;
        for (var order = 0; order <= LargestOrder; order++) _lists[order] = new PageChain();
    }

    public int Count => Volatile.Read(ref _count);

    public void SetLimits(int high, int batch)
    {
        Volatile.Write(ref _high, high);
        Volatile.Write(ref _batch, batch);
    }

    /// <summary>The hottest block, or −1 if the list cannot be had.</summary>
    [Requires<PreemptOff>]
    public int TryAllocate(MachineTask task, int order)
    {
        if (!_lock.TryAcquire(task)) return -1;
        ref var list = ref _lists[order];
        _freeFactor >>= 1;
        if (list.Count == 0 && Volatile.Read(ref _high) != 0)
            _count += _buddy.TakeMany(task, ref list, order, _batch > 1 ? Math.Max(_batch >> order, 2) : 1) << order;

        var index = list.First;
        if (index >= 0)
        {
            list.Remove(_pages, index);
            _count -= 1 << order;
        }

        _lock.Release(task);
        return index;
    }

    /// <summary>Keeps a block. False if the list cannot be had, or keeps nothing.</summary>
    [Requires<PreemptOff>]
    public bool TryFree(MachineTask task, int index, int order)
    {
        if (Volatile.Read(ref _high) == 0 || !_lock.TryAcquire(task)) return false;
        _lists[order].AddFirst(_pages, index);
        _count += 1 << order;
        if (_count >= _high) _count -= _buddy.GiveBackMany(task, _lists, Math.Min(_count, HowManyBack(order)));
        _lock.Release(task);
        return true;
    }

    public void Drain(MachineTask task)
    {
        _lock.Acquire(task);
        if (_count != 0) _count -= _buddy.GiveBackMany(task, _lists, _count);
        _lock.Release(task);
    }

    public void AddBlocks(FrameTable table, List<(Pfn, int, bool)> blocks)
    {
        for (var order = 0; order <= LargestOrder; order++)
        {
            for (var index = _lists[order].First; index >= 0; index = _pages.Cold(index).Next) blocks.Add((table.PfnAt(index), order, true));
        }
    }

    // A burst of frees gives back more and more at a time, so that the zone's lock is taken less and less often.
    private int HowManyBack(int order)
    {
        if (_freeFactor != 0 && order != 0) return _count;
        if (_high < _batch) return 1;
        var most = Math.Max(_batch, _high - _batch);
        var wanted = _batch << _freeFactor;
        if (wanted < most) _freeFactor++;
        return Math.Clamp(wanted, _batch, most);
    }
}
