// The reference allocator: a binary buddy, as in Linux 6.1, with per-CPU lists in front (CpuPageLists).
// Context: any but NMI; never sleeps. Locks: the zone's lock, with interrupts off, innermost; under a CPU's list lock or alone.
// Invariants: Z1 a free block is aligned to its size; Z2 no two free buddies of one order; Z3 its first page has type Buddy and holds
//             its order, its other pages neither; Z4 the count is the sum of the blocks.
// Lifetime: as long as its zone.
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Allocation;

/// <summary>A binary buddy with per-CPU lists.</summary>
public sealed partial class BuddyAllocator : IZoneAllocator
{
    private const int Orders = FrameTable.MaximalOrder + 1;
    private readonly FrameTable _table;
    private readonly PageDescriptors _pages;
    private readonly int _begin;
    private readonly int _end;
    private readonly SpinLock _lock;
    private readonly PageChain[] _areas = new PageChain[Orders];
    private readonly CpuPageLists[] _cpus;
    private int _freePages;

    /// <summary>Makes an allocator to which no page belongs yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="table">The descriptors.</param>
    /// <param name="first">The first frame of the zone.</param>
    /// <param name="count">How many frames it spans.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">There are no descriptors for all of them.</exception>
    public BuddyAllocator(Machine machine, FrameTable table, Pfn first, int count)
    {
        System.ArgumentNullException.ThrowIfNull(machine);
        System.ArgumentNullException.ThrowIfNull(table);
        System.ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _table = table;
        _pages = table.Descriptors;
        _begin = table.IndexOf(first);
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan(count, table.Count - _begin);
        _end = _begin + count;
        _lock = new SpinLock(machine, "&zone->lock");
        _cpus = new CpuPageLists[machine.CpuCount];
        for (var cpu = 0; cpu < _cpus.Length; cpu++) _cpus[cpu] = new CpuPageLists(machine, this, _pages);
        for (var order = 0; order < Orders; order++) (_areas[order], _isolatedAreas[order]) = (new PageChain(), new PageChain());
        _isolatedBlocks = new bool[BlockOf(first.Plus(count - 1).Number) + 1];
    }

    /// <inheritdoc/>
    public int FreePages => Volatile.Read(ref _freePages);

    /// <inheritdoc/>
    public bool MarksFreePages => true;

    /// <inheritdoc/>
    public int CachedPages
    {
        get
        {
            var count = 0;
            foreach (var cpu in _cpus) count += cpu.Count;
            return count;
        }
    }

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryAllocate(MachineTask task, int order, out Pfn first)
    {
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        _table.CheckNotDisposed();
        var index = -1;
        if (order <= CpuPageLists.LargestOrder)
        {
            using (task.PreemptOff()) index = _cpus[task.CpuIndex].TryAllocate(task, order);
        }

        if (index < 0)
        {
            using (_lock.LockIrqSave(task)) index = TakeLocked(order);
        }

        first = index < 0 ? default : _table.PfnAt(index);
        return index >= 0;
    }

    /// <inheritdoc/>
    /// <exception cref="System.ArgumentOutOfRangeException">The block does not lie in the zone, or the order is none. Nothing has changed.</exception>
    /// <exception cref="System.ArgumentException">The first page is not aligned to the size of the block. Nothing has changed.</exception>
    [Never<Sleep>, Might<SpinOnLock>]
    public void Free(MachineTask task, Pfn first, int order)
    {
        var index = _table.IndexOf(first);
        if ((uint)order > FrameTable.MaximalOrder || index < _begin || index > _end - (1 << order) || (first.Number & ((1u << order) - 1)) != 0)
            ZoneBlocks.Refuse(_table.PfnAt(_begin), _table.PfnAt(_end - 1), first, order);
        var cached = false;
        if (order <= CpuPageLists.LargestOrder)
        {
            using (task.PreemptOff()) cached = _cpus[task.CpuIndex].TryFree(task, index, order);
        }

        if (cached) return;
        using (_lock.LockIrqSave(task)) GiveBackLocked(index, order);
    }

    /// <inheritdoc/>
    public bool HasBlock(int order)
    {
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        for (var o = order; o < Orders; o++)
        {
            if (_areas[o].Count != 0) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void Drain(MachineTask task, int cpu)
    {
        System.ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)_cpus.Length, nameof(cpu));
        if (RuntimeChecks.Enabled && task.InInterrupt) Diagnostics.TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        _table.CheckNotDisposed();
        _cpus[cpu].Drain(task);
    }

    /// <inheritdoc/>
    public void SetCacheLimits(int high, int batch)
    {
        foreach (var cpu in _cpus) cpu.SetLimits(high, batch);
    }

    /// <inheritdoc/>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<(Pfn First, int Order, bool Cached)> FreeBlocks()
    {
        _table.CheckNotDisposed();
        var blocks = new List<(Pfn, int, bool)>();
        for (var order = 0; order < Orders; order++)
        {
            for (var index = _areas[order].First; index >= 0; index = _pages.Cold(index).Next) blocks.Add((_table.PfnAt(index), order, false));
        }

        foreach (var cpu in _cpus) cpu.AddBlocks(_table, blocks);
        return blocks;
    }

    /// <summary>How many free blocks of an order there are.</summary>
    /// <param name="order">The order.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">There is no such order.</exception>
    public int BlockCount(int order)
    {
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        return _areas[order].Count;
    }

    int IZoneAllocator.CountBlocks(int order) => BlockCount(order);

    /// <summary>Takes several blocks under one hold of the lock, for a CPU's list.</summary>
    internal int TakeMany(MachineTask task, ref PageChain into, int order, int count)
    {
        var taken = 0;
        using (_lock.LockIrqSave(task))
        {
            for (; taken < count; taken++)
            {
                var index = TakeLocked(order);
                if (index < 0) break;
                into.AddLast(_pages, index);
            }
        }

        return taken;
    }

    /// <summary>Gives the coldest blocks of a CPU's lists back under one hold of the lock, until enough pages are.</summary>
    /// <returns>How many pages.</returns>
    internal int GiveBackMany(MachineTask task, PageChain[] from, int pages)
    {
        var given = 0;
        using (_lock.LockIrqSave(task))
        {
            for (var order = 0; given < pages; order = (order + 1) % from.Length)
            {
                var index = from[order].Last;
                if (index < 0) continue;
                from[order].Remove(_pages, index);
                GiveBackLocked(index, order);
                given += 1 << order;
            }
        }

        return given;
    }

    // The smallest block that is large enough; its upper halves go back, its lowest part goes out.
    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private int TakeLocked(int order)
    {
        for (var found = order; found < Orders; found++)
        {
            var index = _areas[found].First;
            if (index < 0) continue;
            RemoveLocked(index, found);
            while (found > order)
            {
                found--;
                AddLocked(index + (1 << found), found, atEnd: false);
            }

            return index;
        }

        return -1;
    }

    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private void GiveBackLocked(int index, int order)
    {
        var pfn = _table.PfnAt(index).Number;
        if (order > BlockOrder && (IsIsolated(pfn) || IsIsolated(pfn + (1u << BlockOrder))))
        {
            for (var i = 0; i < 1 << order; i += 1 << BlockOrder) GiveBackLocked(index + i, BlockOrder);
            return;
        }

        while (order < FrameTable.MaximalOrder && IsFreeLocked(pfn ^ (1u << order), order, out var buddy))
        {
            RemoveLocked(buddy, order);
            pfn &= ~(1u << order);
            order++;
        }

        // Where the next larger buddy is free, this block will soon be part of a larger one: it goes out last.
        var soon = order < FrameTable.MaximalOrder - 1
            && IsFreeLocked((pfn & ~(1u << order)) ^ (2u << order), order + 1, out _);
        AddLocked(_table.IndexOf(new Pfn(pfn)), order, soon);
    }

    [Requires<SpinLockHeld>]
    private bool IsFreeLocked(uint pfn, int order, out int index)
    {
        index = (int)(pfn - _table.First.Number);
        if (index < _begin || index + (1 << order) > _end) return false;
        if (order >= BlockOrder && (IsIsolated(pfn) || IsIsolated(pfn ^ (1u << order)))) return false;
        return _table.TypeOf(new Pfn(pfn)) == PageType.Buddy && _pages.Cold(index).Private == order && _pages.Hot(index).References == 0;
    }

    [Requires<SpinLockHeld>]
    private void AddLocked(int index, int order, bool atEnd)
    {
        _table.SetType(_table.PfnAt(index), PageType.Buddy);
        _pages.Cold(index).Private = order;
        var isIsolated = IsIsolated(_table.PfnAt(index).Number);
        ref var area = ref isIsolated ? ref _isolatedAreas[order] : ref _areas[order];
        if (atEnd) area.AddLast(_pages, index);
        else area.AddFirst(_pages, index);
        ref var count = ref isIsolated ? ref _isolatedPages : ref _freePages;
        Volatile.Write(ref count, count + (1 << order));
    }

    [Requires<SpinLockHeld>]
    private void RemoveLocked(int index, int order)
    {
        var isIsolated = IsIsolated(_table.PfnAt(index).Number);
        ref var area = ref isIsolated ? ref _isolatedAreas[order] : ref _areas[order];
        area.Remove(_pages, index);
        _pages.Cold(index).Private = 0;
        _table.SetType(_table.PfnAt(index), PageType.None);
        ref var count = ref isIsolated ? ref _isolatedPages : ref _freePages;
        Volatile.Write(ref count, count - (1 << order));
    }
}
