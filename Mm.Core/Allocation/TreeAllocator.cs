// The default allocator of a zone: free frames are bits in a tree of counters, with stacks of blocks for each CPU in front of it.
// Nothing is written into free pages or their descriptors. How it works: docs/allocator.md.
// Context: any but NMI; never sleeps. Locks: none; a CPU is at its stacks with preemption off and plain stores, and whoever empties them
// for it claims them first (CpuGate). Order: none. Invariants: T1–T5 of FrameTrees, and
//   T6 what a CPU has at hand counts as allocated below, and is at hand once.
// Lifetime: as long as its zone; its memory goes when nobody can reach it.
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
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
    private readonly TreePointers _words;
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
        _words = _memory.Pointers;
        _trees = new FrameTrees<HardwareAtomics, StandardShape>(_memory, _begin, _end, machine.CpuCount);
    }

    /// <inheritdoc/>
    public int FreePages
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)Volatile.Read(ref _words.Free);
    }

    /// <summary>How many pages stay when single ones are taken at the low mark. The zone says so.</summary>
    internal int MarkOfSingles { get; set; }

    /// <summary>Whether a single page may be taken at the low mark.</summary>
    internal bool HasSinglesToSpare
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FreePages > MarkOfSingles;
    }

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
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        if (order != 0 || !TryPopSingle(ref at, out var frame))
        {
            var found = TryTake(ref at, state.CpuIndex, order, out frame);
            MachineTask.EndSection(task, ref state, before);
            first = found ? new Pfn(_base + frame) : default;
            GC.KeepAlive(this);
            return found;
        }

        MachineTask.EndSection(task, ref state, before);
        first = new Pfn(_base + frame);
        return true;
    }

    /// <summary>The stacks of the CPU that runs the task, for who is in a section.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref CpuFrames StacksOf(ref ExecutionState state) => ref _words.Cpu(state.CpuIndex);

    /// <summary>Takes a single page from what the CPU has at hand, gives it its first reference, and counts it. In a section, not in an NMI.</summary>
    /// <returns>False if there is none at hand, or its descriptor is not as it must be, or the CPU cannot be at its stacks: then nothing has changed.</returns>
    [MustCheck, Never<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakePlain(ref CpuFrames at, FrameTable table, out Pfn page)
    {
        page = default;
        if (!CpuGate<HardwareAtomics>.TryEnter(ref at)) return false;

        // One that is not as it must be stays where it is: the long way finds it there, and says what is wrong.
        var top = at.Singles - 1;
        if (top >= 0)
        {
            page = new Pfn(_base + at.Single(top));
            if (table.TryPublishPlain(page))
            {
                at.Singles = top;
                at.Taken++;
                CpuGate<HardwareAtomics>.Leave(ref at);
                GC.KeepAlive(this);
                return true;
            }
        }

        CpuGate<HardwareAtomics>.Leave(ref at);
        GC.KeepAlive(this);
        return false;
    }

    /// <summary>The same of a block of several pages, which begins and ends the section itself.</summary>
    [MustCheck, Never<Sleep>]
    internal bool TryAllocateAtHand(MachineTask task, FrameTable table, int order, out Pfn first)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        var (found, frame) = (false, 0u);
        if (at.Count(order) != 0 && CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            // The descriptors are looked at before anybody could come between, so that a block that is not as it must be stays where it is.
            found = at.Count(order) != 0 && table.TryPublishPlain(new Pfn(_base + at.Stack(order)[at.Count(order) - 1]), order);
            if (found) frame = Pop(ref at, order);
            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        if (found) at.Taken++;
        MachineTask.EndSection(task, ref state, before);
        first = new Pfn(_base + frame);
        return found;
    }

    /// <summary>How many blocks the page allocator has taken (0) or given back (1) in one step. Racy.</summary>
    internal long CountOf(int which)
    {
        long sum = 0;
        for (var cpu = 0; cpu < _memory.Cpus; cpu++) sum += which == 0 ? Volatile.Read(ref _memory.Cpu(cpu).Taken) : Volatile.Read(ref _memory.Cpu(cpu).Given);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryPopSingle(ref CpuFrames at, out uint frame)
    {
        frame = 0;
        if (!CpuGate<HardwareAtomics>.TryEnter(ref at)) return false;
        var count = at.Singles - 1;
        if (count >= 0)
        {
            frame = at.Single(count);
            at.Singles = count;
        }

        CpuGate<HardwareAtomics>.Leave(ref at);
        return count >= 0;
    }

    /// <inheritdoc/>
    public bool HasBlock(int order)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        return _trees.HasBlock(order);
    }

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
            at.LeavingLimit = Math.Min(high / 8, CpuFrames.MostLeaving);
            at.WaitingLimit = high == 0 ? 0 : share;
            for (var order = 0; order < CpuFrames.Stacks; order++)
            {
                var pages = order == 0 ? high / 2 : order < SmallOrders ? high / 8 : high == 0 ? 0 : order == HugeOrder ? share : share / 5;
                at.Limit(order) = Math.Min(pages >> order, CpuFrames.CapacityOf(order));
            }
        }
    }

    [DoesNotReturn, MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(Pfn first, int order) => ZoneBlocks.Refuse(new Pfn(_base + _begin), new Pfn(_base + _end - 1), first, order);
}
