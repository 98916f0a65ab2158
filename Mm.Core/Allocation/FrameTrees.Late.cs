// Counters that rise late: a free clears the bits at once, and notes in a table of the CPU how much its child is to be raised by. When
// enough has come together, each child rises by all of it in one step, each tree once, and the zone once.
//
//   slot   0–9 frames · 10–31 child        by the low bits of the child's number; another child's slot is settled first
//
// Context: whoever has the table to himself. Invariants: as for any free that is not yet through: its frames are nobody's, and no counter
// promises them (T1). A child in the table counts fewer frames than it has, so it cannot go out whole, and its polarity stays.
using System;
using System.Numerics;

namespace Mm.Core.Allocation;

internal sealed partial class FrameTrees<TAtomics, TShape>
{
    private const int LateShift = 10;
    private const uint LateMask = (1u << LateShift) - 1;

    /// <summary>Takes frames of one row back, all but the counters.</summary>
    /// <param name="row">The row.</param>
    /// <param name="frames">Its frames.</param>
    /// <param name="late">A table, a power of two long.</param>
    /// <param name="waiting">How many frames the table has.</param>
    public FreeOutcome ReleaseLate(int row, ulong frames, Span<uint> late, ref int waiting)
    {
        var outcome = ClearInRow(row, frames);
        if (outcome != FreeOutcome.Freed) return outcome;
        var child = (uint)ChildOfRow(row);
        ref var slot = ref late[(int)(child & (uint)(late.Length - 1))];
        var count = BitOperations.PopCount(frames);
        if ((slot & LateMask) != 0 && slot >> LateShift != child)
        {
            waiting -= (int)(slot & LateMask);
            Raise((int)(slot >> LateShift), slot & LateMask);
            slot = 0;
        }

        slot = (child << LateShift) | ((slot & LateMask) + (uint)count);
        waiting += count;
        return outcome;
    }

    /// <summary>Raises all that waits.</summary>
    public void Settle(Span<uint> late, ref int waiting)
    {
        var (tree, inTree, inZone) = (-1, 0u, 0u);
        foreach (ref var slot in late)
        {
            var frames = slot & LateMask;
            if (frames == 0) continue;
            var child = (int)(slot >> LateShift);
            slot = 0;
            if (!RaiseChild(child, frames)) continue;
            if (child / ChildrenOfTree != tree)
            {
                if (inTree != 0) TAtomics.Add(ref _memory.Tree(tree), inTree);
                (tree, inTree) = (child / ChildrenOfTree, 0);
            }

            inTree += frames;
            inZone += frames;
        }

        if (inTree != 0) TAtomics.Add(ref _memory.Tree(tree), inTree);
        if (inZone != 0) TAtomics.Add(ref _memory.Free, inZone);
        waiting = 0;
    }

    private void Raise(int child, uint frames)
    {
        if (RaiseChild(child, frames)) RaiseTree(child, frames);
    }
}
