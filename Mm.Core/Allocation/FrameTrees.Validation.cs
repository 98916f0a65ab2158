// Counts every bit and compares it with every counter. For tests and dumps; nobody may be allocating.
using System.Collections.Generic;
using System.Numerics;
using Mm.Contexts;

namespace Mm.Core.Allocation;

internal sealed partial class FrameTrees<TAtomics, TShape>
{
    /// <summary>How many frames of a range are free and not isolated: one row at a time, whatever the counters say.</summary>
    [Trusted("for tests and dumps")]
    public int CountFree(uint first, int order)
    {
        var count = 0;
        var last = first + (1u << order) - 1;
        for (var row = (int)(first >> TShape.RowOrder); row <= (int)(last >> TShape.RowOrder) && row < _memory.Rows; row++)
        {
            var child = _memory.Child(ChildOfRow(row));
            if (ChildWord.IsWhole(child) || ChildWord.IsIsolated(child)) continue;
            var frames = order >= TShape.RowOrder ? RowMask : RowRuns.Run(order) << (int)(first & ((1u << TShape.RowOrder) - 1));
            count += BitOperations.PopCount(~(_memory.Row(row) ^ ChildWord.Flip(child)) & frames);
        }

        return count;
    }

    /// <summary>How many free blocks of an order there are that are not part of a larger one. Racy: row by row, whatever the counters say.</summary>
    /// <param name="order">The order.</param>
    /// <param name="largest">The largest order that a block may have.</param>
    [Trusted("for tests and dumps")]
    public int CountBlocks(int order, int largest) => System.Math.Max(0, CountRuns(order) - (order < largest ? 2 * CountRuns(order + 1) : 0));

    private int CountRuns(int order)
    {
        var count = 0;
        var rows = order <= TShape.RowOrder ? 1 : 1 << (order - TShape.RowOrder);
        for (var row = 0; row < _memory.Rows; row += rows)
        {
            if (rows == 1)
            {
                count += BitOperations.PopCount(RowRuns.Starts(FreeIn(row), order));
                continue;
            }

            var free = 0;
            while (free < rows && FreeIn(row + free) == RowMask) free++;
            if (free == rows) count++;
        }

        return count;
    }

    private ulong FreeIn(int row)
    {
        var child = TAtomics.Read(ref _memory.Child(ChildOfRow(row)));
        return ChildWord.IsWhole(child) || ChildWord.IsIsolated(child) ? 0 : ~(TAtomics.Read(ref _memory.Row(row)) ^ ChildWord.Flip(child)) & RowMask;
    }

    /// <summary>Looks for broken invariants.</summary>
    [Trusted("for tests and dumps")]
    public List<string> Validate()
    {
        var broken = new List<string>();
        var (total, wholeFree) = (0UL, 0);
        for (var tree = 0; tree < Trees; tree++)
        {
            var sum = 0;
            for (var child = tree * ChildrenOfTree; child < (tree + 1) * ChildrenOfTree; child++)
            {
                var word = _memory.Child(child);
                var free = 0;
                for (var row = child * RowsOfChild; row < (child + 1) * RowsOfChild; row++)
                {
                    var bits = ~(_memory.Row(row) ^ ChildWord.Flip(word)) & RowMask;
                    free += BitOperations.PopCount(bits);
                    if (ChildWord.IsWhole(word)) continue;
                    for (; bits != 0; bits &= bits - 1)
                    {
                        var frame = ((uint)row << TShape.RowOrder) + (uint)BitOperations.TrailingZeroCount(bits);
                        if (frame < _begin || frame >= _end) broken.Add($"T1 frame {frame:x} does not exist and is free");
                    }
                }

                if (ChildWord.IsWhole(word) && (free != ChildFrames || ChildWord.FreeOf(word) != 0)) broken.Add($"T2 child {child} is whole, counts {ChildWord.FreeOf(word)} and has mixed bits");
                if (!ChildWord.IsWhole(word) && free != ChildWord.FreeOf(word)) broken.Add($"T1 child {child} counts {ChildWord.FreeOf(word)} free frames and has {free}");
                if (ChildWord.IsIsolated(word)) continue;
                for (var order = 1; order < TShape.ChildOrder; order++)
                {
                    for (var first = 0; first < ChildFrames && ChildWord.IsBarren(word, order) && !ChildWord.IsWhole(word); first += 1 << order)
                    {
                        if (CountFree((uint)((child * ChildFrames) + first), order) == 1 << order) broken.Add($"T7 child {child} is marked barren and has a block of order {order}");
                    }
                }

                if (ChildWord.FreeOf(word) == ChildFrames) wholeFree++;
                sum += (int)ChildWord.FreeOf(word);
            }

            if (sum != TreeWord.FreeOf(_memory.Tree(tree))) broken.Add($"T3 tree {tree} counts {TreeWord.FreeOf(_memory.Tree(tree))} free frames and its children {sum}");
            total += (ulong)sum;
        }

        if (total != _memory.Free) broken.Add($"T4 the zone counts {_memory.Free} free frames and its trees {total}");
        if (wholeFree != WholeFree) broken.Add($"T4 the zone counts {WholeFree} whole free children and has {wholeFree}");
        return broken;
    }
}
