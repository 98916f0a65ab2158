// Counts every bit and compares. For tests and dumps; nobody may be allocating.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator
{
    /// <inheritdoc/>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<(Pfn First, int Order, bool Cached)> FreeBlocks()
    {
        _ = SettleAll(own: -1, least: 1);
        var blocks = new List<(Pfn, int, bool)>();
        const uint Step = 1u << FrameTable.MaximalOrder;
        for (var frame = 0u; frame < _end; frame += Step) AddBlocks(blocks, frame, FrameTable.MaximalOrder);
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            ref var at = ref _memory.Cpu(cpu);
            for (var stack = 0; stack <= CpuFrames.LargestOrder; stack++)
            {
                foreach (var frame in at.Stack(stack)[..at.Count(stack)]) blocks.Add((new Pfn(_base + frame), stack, true));
            }

            foreach (var frame in at.LeavingFrames) blocks.Add((new Pfn(_base + frame), 0, true));
        }

        return blocks;
    }

    [Trusted("for tests and dumps")]
    int IZoneAllocator.CountBlocks(int order) => _trees.CountBlocks(order, FrameTable.MaximalOrder);

    /// <inheritdoc/>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<string> Validate()
    {
        _ = SettleAll(own: -1, least: 1);
        var broken = _trees.Validate();
        var seen = new HashSet<uint>();
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            ref var at = ref _memory.Cpu(cpu);
            if (at.Busy != 0 || at.Claim != 0) broken.Add($"G1 CPU {cpu} is at its stacks");
            foreach (var ofSingles in (bool[])[true, false])
            {
                var tree = (ofSingles ? at.SinglesTree : at.BlocksTree) - 1;
                if (tree >= 0 && TreeWord.OwnerOf(_memory.Tree(tree)) != OwnerOf(cpu, ofSingles)) broken.Add($"T5 CPU {cpu} has not reserved tree {tree}");
            }

            for (var stack = 0; stack <= CpuFrames.LargestOrder; stack++)
            {
                foreach (var frame in at.Stack(stack)[..at.Count(stack)]) CheckAtHand(broken, seen, frame, stack);
            }

            foreach (var frame in at.LeavingFrames) CheckAtHand(broken, seen, frame, 0);
        }

        return broken;
    }

    private void CheckAtHand(List<string> broken, HashSet<uint> seen, uint first, int order)
    {
        for (var frame = first; frame < first + (1u << order); frame++)
        {
            if (!seen.Add(frame)) broken.Add($"T6 frame {frame:x} is at hand twice");
            if (!_trees.AreAllocated((int)(frame >> 6), Bits(frame, 0))) broken.Add($"T6 frame {frame:x} is at hand and free below");
        }
    }

    // The largest free blocks, from the top down.
    private void AddBlocks(List<(Pfn, int, bool)> blocks, uint first, int order)
    {
        var free = _trees.CountFree(first, order);
        if (free == 0) return;
        if (free == 1 << order)
        {
            blocks.Add((new Pfn(_base + first), order, false));
            return;
        }

        AddBlocks(blocks, first, order - 1);
        AddBlocks(blocks, first + (1u << (order - 1)), order - 1);
    }
}
