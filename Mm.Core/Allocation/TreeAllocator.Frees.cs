// How pages come back: to the stacks of the CPU where they are worth keeping, and otherwise to the trees.
// Context and invariants: those of TreeAllocator.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

/// <summary>What came of the last put of a page.</summary>
internal enum PlainPut
{
    /// <summary>There is something special about the page, or the CPU cannot be at its stacks: nothing has changed.</summary>
    Nothing,

    /// <summary>Nobody refers to it any more, and it is to be given back: <see cref="TreeAllocator.EndFree"/>.</summary>
    Put,

    /// <summary>It is with the CPU.</summary>
    Kept,
}

public sealed partial class TreeAllocator
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The block does not lie in the zone, or the order is none. Nothing has changed.</exception>
    /// <exception cref="ArgumentException">The first page is not aligned to the size of the block. Nothing has changed.</exception>
    /// <exception cref="Diagnostics.TrapException">A page of it is free already, or it was never handed out as one block. Nothing has changed.</exception>
    [Never<Sleep>, Might<SpinOnLock>]
    public void Free(MachineTask task, Pfn first, int order)
    {
        if (order == 0) FreeSingle(task, first);
        else FreeBlock(task, first, order, passed: 0);
    }

    [Never<Sleep>, Might<SpinOnLock>]
    private void FreeBlock(MachineTask task, Pfn first, int order, int passed)
    {
        var frame = first.Number - _base;
        if ((uint)order > FrameTable.MaximalOrder || frame < _begin || frame > _end - (1u << order) || (frame & ((1u << order) - 1)) != 0)
            Refuse(first, order);
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        at.Given += passed;
        FreeOutcome outcome;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            outcome = TakeBack(ref at, ref frame, order);
            CpuGate<HardwareAtomics>.Leave(ref at);
        }
        else
        {
            outcome = _trees.Release(frame, order);
        }

        MachineTask.EndSection(task, ref state, before);
        if (outcome != FreeOutcome.Freed) _table.RefuseFree(first, "VM_BUG_ON_PAGE(PageBuddy(page))");
        GC.KeepAlive(this);
    }

    /// <summary>Gives a single page back that nobody refers to, and counts it.</summary>
    [Never<Sleep>, Might<SpinOnLock>]
    internal void FreeCounted(MachineTask task, Pfn page)
    {
        if (page.Number - _base - _begin >= _end - _begin) Refuse(page, 0);
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        at.Given++;
        var kept = CpuGate<HardwareAtomics>.TryEnter(ref at);
        if (kept)
        {
            kept = TryTakeBack(ref at, page);
            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        if (kept) MachineTask.EndSection(task, ref state, before);
        else EndFree(task, before, page, wasInUse: true);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Gives the last reference to a single page back together with the page, and counts it, if there is nothing special about it. In a
    /// section, not in an NMI.
    /// </summary>
    [MustCheck, Never<Sleep>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PlainPut PutPlain(ref CpuFrames at, FrameTable table, Pfn page, uint flagsOfZone)
    {
        if (!CpuGate<HardwareAtomics>.TryEnter(ref at)) return PlainPut.Nothing;
        var outcome = PlainPut.Nothing;
        if (table.TryPutLastPlain(page, flagsOfZone))
        {
            at.Given++;
            outcome = TryTakeBack(ref at, page) ? PlainPut.Kept : PlainPut.Put;
        }

        CpuGate<HardwareAtomics>.Leave(ref at);
        GC.KeepAlive(this);
        return outcome;
    }

    /// <summary>The same, in a section of its own.</summary>
    /// <returns>False if nothing has changed.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    internal bool TryFreePlain(MachineTask task, FrameTable table, Pfn page, uint flagsOfZone)
    {
        ref var state = ref task.State;
        var outcome = MachineTask.TryBeginSection(ref state, out var before) ? PutPlain(ref StacksOf(ref state), table, page, flagsOfZone) : PlainPut.Nothing;
        if (outcome == PlainPut.Put) EndFree(task, before, page, wasInUse: true);
        else MachineTask.EndSection(task, ref state, before);
        return outcome != PlainPut.Nothing;
    }

    /// <summary>The same of a block of several pages.</summary>
    /// <returns>False if there is something special, or the CPU cannot be at its stacks: nothing has changed.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    internal bool TryFreePlain(MachineTask task, FrameTable table, Pfn first, int order)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        ref var at = ref StacksOf(ref state);
        var isPut = false;
        var outcome = FreeOutcome.Freed;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            isPut = table.TryPutLastPlainOfBlock(first);
            if (isPut)
            {
                at.Given++;
                var frame = first.Number - _base;
                if (!TryKeep(ref at, frame, order)) outcome = TakeBack(ref at, ref frame, order);
            }

            CpuGate<HardwareAtomics>.Leave(ref at);
        }

        MachineTask.EndSection(task, ref state, before);
        if (outcome != FreeOutcome.Freed) _table.RefuseFree(first, "VM_BUG_ON_PAGE(PageBuddy(page))");
        GC.KeepAlive(this);
        return isPut;
    }

    /// <summary>Waits until no CPU is where it was at its stacks. Any context: none of them waits for anybody there.</summary>
    [Trusted("waits for a few instructions of other CPUs, which take no lock")]
    internal void AwaitPlainPuts()
    {
        HardwareAtomics.BarrierEverywhere();
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            for (var spins = 1; !CpuGate<HardwareAtomics>.HasLeft(ref _memory.Cpu(cpu)); spins++)
            {
                if (spins % 16 != 0) Thread.SpinWait(8);
                else Thread.Yield();
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>Gives a block of several pages back that nobody refers to, and counts it.</summary>
    [Never<Sleep>, Might<SpinOnLock>]
    internal void FreeCounted(MachineTask task, Pfn first, int order) => FreeBlock(task, first, order, passed: 1);

    [Never<Sleep>, Might<SpinOnLock>]
    private void FreeSingle(MachineTask task, Pfn page)
    {
        if (page.Number - _base - _begin >= _end - _begin) Refuse(page, 0);
        EndFree(task, MachineTask.BeginSection(task, ref task.State), page, wasInUse: false);
        GC.KeepAlive(this);
    }

    /// <summary>The rest of a free of a single page that nobody refers to: looks closely at it, and ends the section that the caller has begun.</summary>
    [Never<Sleep>, Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    internal void EndFree(MachineTask task, int before, Pfn page, bool wasInUse)
    {
        ref var state = ref task.State;
        ref var at = ref StacksOf(ref state);
        var frame = page.Number - _base;
        FreeOutcome outcome;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            outcome = TakeBackSingle(ref at, ref frame, wasInUse);
            CpuGate<HardwareAtomics>.Leave(ref at);
        }
        else
        {
            outcome = _trees.Release(frame, 0);
        }

        MachineTask.EndSection(task, ref state, before);
        if (outcome != FreeOutcome.Freed) _table.RefuseFree(new Pfn(_base + frame), "VM_BUG_ON_PAGE(PageBuddy(page))");
    }
}
