// What lies between a CPU's stacks and the trees: filling, giving back, emptying, and finding the last frames in others' stacks.
// Context: preemption off; the CPU is entered, or claimed, where a method takes its frames by reference.
// A stack is filled from a tree that the CPU has reserved, and takes back frames of that tree only: so the frames that are used over
// and over lie close together, and sparse parts of memory are left alone until they are free as a whole.
using System;
using System.Numerics;
using System.Threading;
using Mm.Core.Contexts;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator
{
    private bool TryTake(ref CpuFrames at, int cpu, int order, out uint frame)
    {
        frame = 0;
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            var found = order < CpuFrames.SmallOrders ? TryTakeSmall(ref at, cpu, order, out frame)
                : order == HugeOrder ? TryTakeHuge(ref at, out frame)
                : _trees.TryTake(order, order < HugeOrder ? at.BlocksTree - 1 : -1, out frame);
            CpuGate<HardwareAtomics>.Leave(ref at);
            if (found) return true;
        }
        else if (_trees.TryTake(order, -1, out frame))
        {
            return true;
        }

        // What is free lies with the CPUs, or what they have breaks larger blocks up.
        for (var other = 0; other < _memory.Cpus; other++)
        {
            ref var their = ref _memory.Cpu(other);
            if (AtHand(ref their) != 0) _ = TryDrain(ref their, other, isOwn: other == cpu);
        }

        return _trees.TryTake(order, -1, out frame);
    }

    private bool TryTakeSmall(ref CpuFrames at, int cpu, int order, out uint frame)
    {
        ref var count = ref at.Count(order);
        if (count == 0)
        {
            count = Fill(ref at, cpu, order, out var single);
            if (count == 0)
            {
                frame = single ?? 0;
                return single is not null;
            }
        }

        frame = at.Stack(order)[--count];
        if (RuntimeChecks.Enabled) at.Mark(order == 0, frame) &= ~Bits(frame, order);
        return true;
    }

    // 64 frames at a time, fewer where the limit or what is left says so. What comes from another's tree does not go onto the stack.
    private int Fill(ref CpuFrames at, int cpu, int order, out uint? single)
    {
        single = null;
        var stack = at.Stack(order)[..Math.Clamp(64 >> order, 1, Math.Max(1, at.Limit(order)))];
        var rights = _trees.TakeRights(order, stack.Length);
        if (rights == 0) return 0;
        stack = stack[..rights];
        ref var tree = ref order == 0 ? ref at.SinglesTree : ref at.BlocksTree;
        var found = tree == 0 ? 0 : _trees.TakeFromTree(tree - 1, order, stack);
        if (found == 0)
        {
            var owner = OwnerOf(cpu, order == 0);
            var next = _trees.TryReserve(owner, order, tree == 0 ? (int)((long)cpu * _trees.Trees / _memory.Cpus) : tree - 1);
            if (next >= 0)
            {
                LeaveTree(ref at, cpu, order == 0);
                tree = next + 1;
                found = _trees.TakeFromTree(next, order, stack);
            }
        }

        if (found == 0)
        {
            if (_trees.TakeAnywhere(order, ref stack[0])) single = stack[0];
            _trees.ReturnRights(single is null ? rights : rights - 1, order);
            return 0;
        }

        _trees.ReturnRights(rights - found, order);
        stack = stack[..found];
        stack.Reverse();
        if (RuntimeChecks.Enabled)
        {
            foreach (var frame in stack) at.Mark(order == 0, frame) |= Bits(frame, order);
        }

        return found;
    }

    private bool TryTakeHuge(ref CpuFrames at, out uint frame)
    {
        ref var count = ref at.Count(CpuFrames.Huge);
        if (count == 0) return _trees.TryTake(HugeOrder, -1, out frame);
        frame = at.Stack(CpuFrames.Huge)[--count];
        return true;
    }

    private FreeOutcome TakeBack(ref CpuFrames at, uint frame, int order)
    {
        if (RuntimeChecks.Enabled && !IsGiveable(ref at, frame, order)) return FreeOutcome.NotAllocated;
        if (order == 0) return TakeBackSingle(ref at, frame);
        var stack = order == HugeOrder ? CpuFrames.Huge : order;
        if (order < CpuFrames.SmallOrders ? (frame >> TreeOrder) + 1 == (uint)at.BlocksTree : order == HugeOrder && _trees.IsWhole(frame))
        {
            ref var count = ref at.Count(stack);
            if (count < at.Limit(stack))
            {
                at.Stack(stack)[count++] = frame;
                if (RuntimeChecks.Enabled && order != HugeOrder) at.Mark(false, frame) |= Bits(frame, order);
                return FreeOutcome.Freed;
            }
        }

        return _trees.Release(frame, order);
    }

    // Frames of other trees wait until the next one lies in another row: what is freed in order goes back 64 at a time.
    private FreeOutcome TakeBackSingle(ref CpuFrames at, uint frame)
    {
        var row = (int)(frame >> 6);
        var bit = 1UL << (int)(frame & 63);
        if (at.GivingLimit == 0) return _trees.ReleaseInRow(row, bit);
        if (!_trees.AreAllocated(row, bit)) return FreeOutcome.NotAllocated;
        if (at.Giving != 0 && at.GivingRow != row)
        {
            _ = _trees.ReleaseInRow(at.GivingRow, at.Giving);
            at.Giving = 0;
        }

        if ((at.Giving & bit) != 0) return FreeOutcome.NotAllocated;
        at.GivingRow = row;
        at.Giving |= bit;
        if (BitOperations.PopCount(at.Giving) < at.GivingLimit) return FreeOutcome.Freed;
        var all = at.Giving;
        at.Giving = 0;
        return _trees.ReleaseInRow(row, all);
    }

    private bool TryDrain(ref CpuFrames at, int cpu, bool isOwn)
    {
        if (!(isOwn ? CpuGate<HardwareAtomics>.TryEnter(ref at) : CpuGate<HardwareAtomics>.TryClaim(ref at))) return false;
        LeaveTree(ref at, cpu, ofSingles: true);
        LeaveTree(ref at, cpu, ofSingles: false);
        if (at.Giving != 0) _ = _trees.ReleaseInRow(at.GivingRow, at.Giving);
        at.Giving = 0;
        GiveBack(ref at, CpuFrames.Huge);
        if (isOwn) CpuGate<HardwareAtomics>.Leave(ref at);
        else CpuGate<HardwareAtomics>.EndClaim(ref at);
        return true;
    }

    private void LeaveTree(ref CpuFrames at, int cpu, bool ofSingles)
    {
        if (ofSingles)
        {
            GiveBack(ref at, 0);
        }
        else
        {
            for (var order = 1; order < CpuFrames.SmallOrders; order++) GiveBack(ref at, order);
        }

        ref var tree = ref ofSingles ? ref at.SinglesTree : ref at.BlocksTree;
        if (tree != 0) _trees.EndReservation(tree - 1, OwnerOf(cpu, ofSingles));
        tree = 0;
    }

    private void GiveBack(ref CpuFrames at, int stack)
    {
        ref var count = ref at.Count(stack);
        var order = CpuFrames.OrderOf(stack);
        while (count != 0)
        {
            var frame = at.Stack(stack)[--count];
            if (RuntimeChecks.Enabled && stack != CpuFrames.Huge) at.Mark(stack == 0, frame) &= ~Bits(frame, order);
            if (stack != 0)
            {
                _ = _trees.Release(frame, order);
                continue;
            }

            // Neighbours on the stack that lie in one row go back together.
            var row = frame >> 6;
            var bits = Bits(frame, 0);
            while (count != 0 && at.Single(count - 1) >> 6 == row)
            {
                frame = at.Single(--count);
                if (RuntimeChecks.Enabled) at.Mark(true, frame) &= ~Bits(frame, 0);
                bits |= Bits(frame, 0);
            }

            _ = _trees.ReleaseInRow((int)row, bits);
        }
    }

    // Allocated below, and not at hand here already. What lies with another CPU is found by the page's reference count only.
    private bool IsGiveable(ref CpuFrames at, uint frame, int order)
    {
        var tree = (int)(frame >> TreeOrder) + 1;
        var bits = Bits(frame, order);
        for (var row = frame >> 6; order < HugeOrder && row < (frame >> 6) + (1 << Math.Max(0, order - 6)); row++)
        {
            if (tree == at.SinglesTree && (at.Mark(true, row << 6) & bits) != 0) return false;
            if (tree == at.BlocksTree && (at.Mark(false, row << 6) & bits) != 0) return false;
            if (at.GivingRow == (int)row && (at.Giving & bits) != 0) return false;
            if (!_trees.AreAllocated((int)row, bits)) return false;
        }

        foreach (var huge in at.Stack(CpuFrames.Huge)[..at.Count(CpuFrames.Huge)])
        {
            if (huge >> HugeOrder == frame >> HugeOrder || (order > HugeOrder && huge >> order == frame >> order)) return false;
        }

        return true;
    }

    private static int AtHand(ref CpuFrames at)
    {
        var count = BitOperations.PopCount(Volatile.Read(ref at.Giving));
        for (var stack = 0; stack <= CpuFrames.Huge; stack++) count += Volatile.Read(ref at.Count(stack)) << CpuFrames.OrderOf(stack);
        return count;
    }

    private static int OwnerOf(int cpu, bool ofSingles) => (2 * cpu) + (ofSingles ? 1 : 2);

    private static ulong Bits(uint frame, int order) => RowRuns.Run(order) << (int)(frame & 63);
}
