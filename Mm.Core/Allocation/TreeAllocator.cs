// The default allocator of a zone: free frames are bits in a tree of counters, with stacks of blocks for each CPU in front of it.
// Nothing is written into free pages or their descriptors. How it works: docs/allocator.md.
// Context: any but NMI; never sleeps. Locks: none; a CPU is at its stacks with preemption off and plain stores, and whoever empties them
// for it claims them first (CpuGate). Order: none. Invariants: T1–T5 of FrameTrees, and
//   T6 what a CPU has at hand counts as allocated below, and is at hand once.
// Lifetime: as long as its zone; its memory goes when nobody can reach it.
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

/// <summary>Free frames as bits under counters, with stacks for each CPU.</summary>
public sealed partial class TreeAllocator : IZoneAllocator
{
    private const int HugeOrder = 9;
    private const int TreeOrder = 12;

    /// <summary>Orders below this are taken several at a time.</summary>
    private const int SmallOrders = 4;

    /// <summary>A child with no more free frames than this is in use enough that what is freed there may be used again at once.</summary>
    private const int CrowdedForSingles = 128;
    private const int CrowdedForBlocks = 384;
    private readonly Machine _machine;
    private readonly FrameTable _table;
    private readonly TreeMemory _memory;
    private readonly FrameTrees<HardwareAtomics, StandardShape> _trees;
    private readonly uint _base;
    private readonly uint _begin;
    private readonly uint _end;

    /// <summary>Makes an allocator to which no page belongs yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="table">The descriptors, for reports.</param>
    /// <param name="first">The first frame of the zone.</param>
    /// <param name="count">How many frames it spans.</param>
    /// <exception cref="OutOfMemoryException">There is no room for its words.</exception>
    public TreeAllocator(Machine machine, FrameTable table, Pfn first, int count)
        : this(machine, table, first, count, null)
    {
    }

    internal TreeAllocator(Machine machine, FrameTable table, Pfn first, int count, Func<nuint, nuint, nint>? obtain)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _machine = machine;
        _table = table;

        // Frames are counted from where the first tree begins, so that a block's alignment is that of its number.
        _base = first.Number & ~((1u << TreeOrder) - 1);
        _begin = first.Number - _base;
        _end = _begin + (uint)count;
        var trees = (int)((_end + (1u << TreeOrder) - 1) >> TreeOrder);
        _memory = new TreeMemory(trees, trees * 8, trees * 64, machine.CpuCount, obtain);
        _trees = new FrameTrees<HardwareAtomics, StandardShape>(_memory, _begin, _end, machine.CpuCount);
    }

    /// <inheritdoc/>
    public int FreePages => _trees.Free;

    /// <inheritdoc/>
    public int CachedPages
    {
        get
        {
            var count = 0;
            for (var cpu = 0; cpu < _memory.Cpus; cpu++) count += AtHand(ref _memory.Cpu(cpu));
            return count;
        }
    }

    /// <summary>How many bytes it uses, those for each CPU included.</summary>
    public long MetadataBytes => _memory.Bytes;

    /// <inheritdoc/>
    public bool MarksFreePages => false;

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryAllocate(MachineTask task, int order, out Pfn first)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        task.EnterSection(PreemptBits.PreemptOffset);
        var cpu = task.State.CpuIndex;
        ref var at = ref _memory.Cpu(cpu);
        uint frame;
        if (order == 0 && CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            var count = at.Singles;
            if (count != 0)
            {
                frame = at.Single(count - 1);
                at.Singles = count - 1;
                if (RuntimeChecks.Enabled) at.Mark(frame) &= ~(1UL << (int)(frame & 63));
                CpuGate<HardwareAtomics>.Leave(ref at);
                task.LeaveSection(PreemptBits.PreemptOffset);
                first = new Pfn(_base + frame);
                return true;
            }

            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        var found = TryTake(ref at, cpu, order, out frame);
        task.LeaveSection(PreemptBits.PreemptOffset);
        first = found ? new Pfn(_base + frame) : default;
        GC.KeepAlive(this);
        return found;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The block does not lie in the zone, or the order is none. Nothing has changed.</exception>
    /// <exception cref="ArgumentException">The first page is not aligned to the size of the block. Nothing has changed.</exception>
    /// <exception cref="Diagnostics.TrapException">A page of it is free already, or it was never handed out as one block. Nothing has changed.</exception>
    [Never<Sleep>, Might<SpinOnLock>]
    public void Free(MachineTask task, Pfn first, int order)
    {
        var frame = first.Number - _base;
        if ((uint)order > FrameTable.MaximalOrder || frame < _begin || frame > _end - (1u << order) || (frame & ((1u << order) - 1)) != 0)
            Refuse(first, order);
        task.EnterSection(PreemptBits.PreemptOffset);
        ref var at = ref _memory.Cpu(task.State.CpuIndex);
        FreeOutcome outcome;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            if (order == 0 && (frame >> TreeOrder) + 1 == (uint)at.SinglesTree && at.Singles < at.MostSinglesNow)
            {
                var isKept = true;
                outcome = RuntimeChecks.Enabled ? TryMark(ref at, frame, 0, out isKept) : FreeOutcome.Freed;
                if (isKept)
                {
                    at.Single(at.Singles) = frame;
                    at.Singles++;
                }
            }
            else
            {
                outcome = TakeBack(ref at, frame, order);
            }

            CpuGate<HardwareAtomics>.Leave(ref at);
        }
        else
        {
            outcome = _trees.Release(frame, order);
        }

        task.LeaveSection(PreemptBits.PreemptOffset);
        if (outcome != FreeOutcome.Freed) _table.RefuseFree(first, "VM_BUG_ON_PAGE(PageBuddy(page))");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public bool HasBlock(int order) => _trees.HasBlock(order);

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void Drain(MachineTask task, int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)_memory.Cpus, nameof(cpu));
        if (RuntimeChecks.Enabled && task.InInterrupt) Diagnostics.TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        var spins = 0;
        while (true)
        {
            // In a section, so that the claim is short: whoever runs here now comes back before anybody else needs the CPU.
            task.EnterSection(PreemptBits.PreemptOffset);
            var drained = TryDrain(ref _memory.Cpu(cpu), cpu, isOwn: cpu == task.State.CpuIndex);
            task.LeaveSection(PreemptBits.PreemptOffset);
            if (drained) break;
            _machine.Scheduler.Pause(task, ref spins);
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void SetCacheLimits(int high, int batch)
    {
        // Half for single frames, an eighth for each kind of few; of larger blocks a CPU's share of a sixty-fourth of the zone.
        var share = (int)((_end - _begin) / (64u * (uint)_memory.Cpus));
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            ref var at = ref _memory.Cpu(cpu);
            at.GivingLimit = Math.Min(high / 8, 64);
            for (var order = 0; order < CpuFrames.Stacks; order++)
            {
                var pages = order == 0 ? high / 2 : order < SmallOrders ? high / 8 : high == 0 ? 0 : order == HugeOrder ? share : share / 5;
                at.Limit(order) = Math.Min(pages >> order, CpuFrames.CapacityOf(order));
            }
        }
    }

    [DoesNotReturn, MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(Pfn first, int order)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        var frame = first.Number - _base;
        if (frame < _begin || frame > _end - (1u << order))
            throw new ArgumentOutOfRangeException(nameof(first), $"The zone has pages {new Pfn(_base + _begin)} to {new Pfn(_base + _end - 1)}; {1 << order} pages from {first} on are not all among them.");
        throw new ArgumentException($"Page {first} is not aligned to a block of {1 << order} pages: free it as the blocks that it was allocated as.", nameof(first));
    }
}
