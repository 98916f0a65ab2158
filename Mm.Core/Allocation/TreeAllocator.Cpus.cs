// What lies between a CPU's stacks and the trees: filling, giving back, emptying, and finding the last frames in others' stacks.
// Context: preemption off; the CPU is entered, or claimed, where a method takes its frames by reference.
// A stack is filled from a tree that the CPU has reserved, and takes back what is freed in that tree or in another crowded place: so
// the frames that are used over and over lie close together, and sparse parts of memory are left alone until they are free as a whole.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator
{
    private bool TryTake(ref CpuFrames at, int cpu, int order, out uint frame)
    {
        if (CpuGate<HardwareAtomics>.TryEnter(ref at))
        {
            var found = TryTakeEntered(ref at, cpu, order, out frame);
            CpuGate<HardwareAtomics>.Leave(ref at);
            if (found) return true;
        }
        else if (_trees.TryTake(order, 0, out frame))
        {
            return true;
        }

        // Of a larger block the counters may not know yet. What the CPUs have at hand of it, the caller decides whether to empty.
        if (order != 0) return SettleAll(cpu, 1) && _trees.TryTake(order, at.LastTree, out frame);

        // The last frames lie with the CPUs.
        for (var other = 0; other < _memory.Cpus; other++)
        {
            ref var their = ref _memory.Cpu(other);
            if (AtHand(ref their) != 0) _ = TryDrain(ref their, other, isOwn: other == cpu);
        }

        return _trees.TryTake(order, 0, out frame);
    }

    private bool TryTakeEntered(ref CpuFrames at, int cpu, int order, out uint frame)
    {
        if (order <= CpuFrames.LargestOrder && (at.Count(order) != 0 || (order < SmallOrders && Fill(ref at, cpu, order))))
        {
            frame = Pop(ref at, order);
            return true;
        }

        if (!_trees.TryTake(order, at.LastTree, out frame)) return false;
        if (order < HugeOrder) at.LastTree = (int)(frame >> TreeOrder);
        return true;
    }

    // 64 frames at a time, fewer where the limit or what is left says so, from the CPU's own tree or a new one.
    private bool Fill(ref CpuFrames at, int cpu, int order)
    {
        var stack = at.Stack(order)[..Math.Clamp(64 >> order, 1, Math.Max(1, at.Limit(order)))];
        var rights = _trees.TakeRights(order, stack.Length);
        if (rights == 0) return false;
        stack = stack[..rights];
        ref var tree = ref order == 0 ? ref at.SinglesTree : ref at.BlocksTree;
        var lost = 0;
        var found = tree == 0 ? 0 : _trees.TakeFromTree(tree - 1, order, stack, out lost);
        if (found == 0 && lost == 0)
        {
            var owner = OwnerOf(cpu, order == 0);
            var next = _trees.TryReserve(owner, order, tree == 0 ? (int)((long)cpu * _trees.Trees / _memory.Cpus) : tree - 1);
            if (next >= 0)
            {
                if (tree != 0) _trees.EndReservation(tree - 1, owner);
                tree = next + 1;
                found = _trees.TakeFromTree(next, order, stack, out lost);
            }
        }

        _trees.ReturnRights(((rights - found) << order) - lost);
        stack[..found].Reverse();
        for (var i = found - 1; i >= 0 && order != 0 && RuntimeChecks.Enabled; i--)
        {
            if (TrySetMark(ref at, stack[i], order)) continue;

            // Another block at hand has its place: it is not kept.
            _ = _trees.Release(stack[i], order);
            stack[(i + 1)..found].CopyTo(stack[i..]);
            found--;
        }

        at.Count(order) = found;
        return found != 0;
    }

    private static uint Pop(ref CpuFrames at, int order)
    {
        ref var count = ref at.Count(order);
        var frame = at.Stack(order)[--count];
        if (RuntimeChecks.Enabled && order != 0) SetMarks(ref at, frame, order, false);
        return frame;
    }

    private FreeOutcome TakeBack(ref CpuFrames at, ref uint frame, int order)
    {
        if (order > CpuFrames.LargestOrder || at.Count(order) >= at.Limit(order) || !IsWorthKeeping(ref at, frame, order))
        {
            if (RuntimeChecks.Enabled && !IsGiveable(ref at, frame, order, out _)) return FreeOutcome.NotAllocated;
            if (order >= SmallOrders || _trees.IsWhole(frame)) return _trees.Release(frame, order);
            return order == 0 ? Give(ref at, ref frame) : ReleaseLate(ref at, (int)(frame >> 6), Bits(frame, order));
        }

        if (RuntimeChecks.Enabled)
        {
            var outcome = TryMark(ref at, frame, order, out var isKept);
            if (outcome != FreeOutcome.Freed || !isKept) return outcome;
        }

        ref var count = ref at.Count(order);
        at.Stack(order)[count++] = frame;
        return FreeOutcome.Freed;
    }

    private bool IsWorthKeeping(ref CpuFrames at, uint frame, int order)
    {
        if (_trees.IsWhole(frame)) return order == HugeOrder;
        if (order >= HugeOrder) return false;
        var tree = (int)(frame >> TreeOrder) + 1;
        if (order == 0 ? tree == at.SinglesTree : order < SmallOrders ? tree == at.BlocksTree : tree - 1 == at.LastTree) return true;
        return _trees.FreeOfChild(frame) <= (order == 0 ? CrowdedForSingles : CrowdedForBlocks);
    }

    // A single frame with nothing special about it: its child is no block, it is allocated, and nothing at hand has its place. It is kept
    // in the CPU's own tree and in crowded children; others leave. What is refused may be one that left before: then it is named instead.
    private FreeOutcome TakeBackSingle(ref CpuFrames at, ref uint frame, bool wasInUse)
    {
        var child = _trees.ChildOf(frame);
        if (ChildWord.IsWhole(child)) return TakeBack(ref at, ref frame, 0);
        var bit = 1UL << (int)(frame & 63);
        var allocated = _trees.RowOf(frame) ^ ChildWord.Flip(child);
        if ((allocated & bit) == 0) return FreeOutcome.NotAllocated;
        if (RuntimeChecks.Enabled)
        {
            if ((at.BlockMark(frame) & bit) != 0 || (at.LargeMark(frame) & LargeBits(frame, 0)) != 0) return TakeBack(ref at, ref frame, 0);
            if (!wasInUse && (at.Stack(0)[..at.Singles].Contains(frame) || at.LeavingFrames.Contains(frame))) return FreeOutcome.NotAllocated;
        }

        var count = at.Singles;
        if (count < at.MostSinglesNow && ((frame >> TreeOrder) + 1 == (uint)at.SinglesTree || ChildWord.FreeOf(child) <= CrowdedForSingles))
        {
            at.Single(count) = frame;
            at.Singles = count + 1;
            return FreeOutcome.Freed;
        }

        return Give(ref at, ref frame);
    }

    // The same of a page whose descriptor has just said that it was in use: that nobody has given it back before need not be asked again.
    // Anything but the usual is left to who looks closely.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeBack(ref CpuFrames at, Pfn page)
    {
        var frame = page.Number - _base;
        var child = Volatile.Read(ref _words.Child(frame >> HugeOrder));
        if (ChildWord.IsWhole(child)) return false;
        var count = at.Singles;
        if (count >= at.MostSinglesNow || ((frame >> TreeOrder) + 1 != (uint)at.SinglesTree && ChildWord.FreeOf(child) > CrowdedForSingles))
        {
            var leaving = at.Leaving;
            if (leaving + 1 >= at.LeavingLimit) return false;
            at.LeavingFrame(leaving) = frame;
            at.Leaving = leaving + 1;
            return true;
        }

        at.Single(count) = frame;
        at.Singles = count + 1;
        return true;
    }

    // The same of a block, if it is worth keeping.
    private bool TryKeep(ref CpuFrames at, uint frame, int order)
    {
        if (order > CpuFrames.LargestOrder) return false;
        ref var count = ref at.Count(order);
        if (count >= at.Limit(order) || !IsWorthKeeping(ref at, frame, order)) return false;
        if (RuntimeChecks.Enabled && !TrySetMark(ref at, frame, order)) return false;
        at.Stack(order)[count++] = frame;
        return true;
    }

    private bool TryDrain(ref CpuFrames at, int cpu, bool isOwn)
    {
        if (!(isOwn ? CpuGate<HardwareAtomics>.TryEnter(ref at) : CpuGate<HardwareAtomics>.TryClaim(ref at))) return false;
        for (var order = 0; order <= CpuFrames.LargestOrder; order++) GiveBack(ref at, order);
        var refused = 0u;
        _ = LetGo(ref at, ref refused);
        _trees.Settle(_memory.Late(ref at), ref at.Waiting);
        if (at.SinglesTree != 0) _trees.EndReservation(at.SinglesTree - 1, OwnerOf(cpu, ofSingles: true));
        if (at.BlocksTree != 0) _trees.EndReservation(at.BlocksTree - 1, OwnerOf(cpu, ofSingles: false));
        (at.SinglesTree, at.BlocksTree) = (0, 0);
        if (isOwn) CpuGate<HardwareAtomics>.Leave(ref at);
        else CpuGate<HardwareAtomics>.EndClaim(ref at);
        return true;
    }

    private void GiveBack(ref CpuFrames at, int order)
    {
        while (at.Count(order) != 0)
        {
            var frame = Pop(ref at, order);
            if (order != 0)
            {
                _ = _trees.Release(frame, order);
                continue;
            }

            // Neighbours on the stack that lie in one row go back together.
            var row = frame >> 6;
            var bits = Bits(frame, 0);
            while (at.Singles != 0 && at.Single(at.Singles - 1) >> 6 == row) bits |= Bits(Pop(ref at, 0), 0);
            _ = _trees.ReleaseInRow((int)row, bits);
        }
    }

    // Marks a block that is freed as being at hand. If another block has its place, it goes back at once.
    private FreeOutcome TryMark(ref CpuFrames at, uint frame, int order, out bool isKept)
    {
        isKept = false;
        if (!IsGiveable(ref at, frame, order, out var hasPlace)) return FreeOutcome.NotAllocated;
        if (!hasPlace) return _trees.Release(frame, order);
        isKept = true;
        if (order != 0) SetMarks(ref at, frame, order, true);
        return FreeOutcome.Freed;
    }

    private static bool TrySetMark(ref CpuFrames at, uint frame, int order)
    {
        ref var mark = ref MarkOf(ref at, frame, order, out var bits);
        if ((mark & bits) != 0) return false;
        mark |= bits;
        return true;
    }

    // Allocated below, and not at hand here already. What lies with another CPU is found by the page's reference count only.
    private bool IsGiveable(ref CpuFrames at, uint frame, int order, out bool hasPlace)
    {
        // Parts of a whole child are not kept: the first one that is freed makes it a child of single frames.
        var isLarge = (at.LargeMark(frame) & LargeBits(frame, order)) != 0;
        var isBlock = false;
        hasPlace = order < SmallOrders || !isLarge;
        if (order >= HugeOrder) return !isLarge || !IsAtHand(ref at, frame, order, SmallOrders, CpuFrames.LargestOrder);
        if (_trees.IsWhole(frame)) hasPlace = false;
        var bits = Bits(frame, order);
        for (var row = frame >> 6; row < (frame >> 6) + (1 << Math.Max(0, order - 6)); row++)
        {
            var blocks = (at.BlockMark(row << 6) & bits) != 0;
            isBlock |= blocks;
            if (blocks && order is > 0 and < SmallOrders) hasPlace = false;
            if (!_trees.AreAllocated((int)row, bits)) return false;
        }

        if (IsAmong(at.LeavingFrames, frame, order, 0)) return false;
        if (IsAtHand(ref at, frame, order, 0, 0)) return false;
        if (isBlock && IsAtHand(ref at, frame, order, 1, SmallOrders - 1)) return false;
        return !isLarge || !IsAtHand(ref at, frame, order, SmallOrders, CpuFrames.LargestOrder);
    }

    // The marks say that it may be, if not something else with the same place.
    private static bool IsAtHand(ref CpuFrames at, uint frame, int order, int from, int to)
    {
        for (var stack = from; stack <= to; stack++)
        {
            if (at.Count(stack) == 0) continue;
            if (IsAmong(at.Stack(stack)[..at.Count(stack)], frame, order, stack)) return true;
        }

        return false;
    }

    // Whether a block overlaps one of those, which have an order of their own.
    private static bool IsAmong(ReadOnlySpan<uint> blocks, uint frame, int order, int ofOrder)
    {
        var lowest = (uint)Math.Max(0, (long)frame - (1 << ofOrder) + 1);
        return blocks.IndexOfAnyInRange(lowest, frame + (1u << order) - 1) >= 0;
    }

    private static void SetMarks(ref CpuFrames at, uint frame, int order, bool to)
    {
        ref var mark = ref MarkOf(ref at, frame, order, out var bits);
        mark = to ? mark | bits : mark & ~bits;
    }

    // Where it is marked that a block is at hand, and by which bits. Single frames are not marked: who must know looks at them all.
    private static ref ulong MarkOf(ref CpuFrames at, uint frame, int order, out ulong bits)
    {
        bits = order < SmallOrders ? Bits(frame, order) : LargeBits(frame, order);
        return ref order < SmallOrders ? ref at.BlockMark(frame) : ref at.LargeMark(frame);
    }

    private static ulong LargeBits(uint frame, int order) => Bits(frame >> SmallOrders, Math.Max(0, order - SmallOrders));

    private static int AtHand(ref CpuFrames at)
    {
        var count = Volatile.Read(ref at.Leaving) + Volatile.Read(ref at.Waiting);
        for (var order = 0; order <= CpuFrames.LargestOrder; order++) count += Volatile.Read(ref at.Count(order)) << order;
        return count;
    }

    private static int OwnerOf(int cpu, bool ofSingles) => (2 * cpu) + (ofSingles ? 1 : 2);

    private static ulong Bits(uint frame, int order) => RowRuns.Run(order) << (int)(frame & 63);
}
