// Blocks of several rows and of whole children, and everything that is given back.
// Context and locks: as FrameTrees.cs. A block of several words is taken word by word, and what was taken goes back in reverse if one
// is missing: then nothing was found, whatever happens meanwhile.
using System;

namespace Mm.Core.Allocation;

internal sealed partial class FrameTrees<TAtomics, TShape>
{
    private int TakeRows(int child, ulong flip, int order, Span<uint> into)
    {
        var rows = 1 << (order - TShape.RowOrder);
        var found = 0;
        var again = true;
        var hasUndone = false;
        while (again)
        {
            again = false;
            for (var row = child * RowsOfChild; row < (child + 1) * RowsOfChild; row += rows)
            {
                var free = 0;
                while (free < rows && TAtomics.Read(ref _memory.Row(row + free)) == (flip & RowMask)) free++;
                if (free != rows) continue;
                var taken = 0;
                while (taken < rows)
                {
                    if (!TAtomics.TrySwap(ref _memory.Row(row + taken), flip & RowMask, ~flip & RowMask))
                    {
                        // Another's claim may pass: one more look at the child.
                        again = found == 0;
                        break;
                    }

                    taken++;
                }

                if (taken != rows)
                {
                    hasUndone |= taken != 0;
                    while (taken-- > 0) GiveBackRow(row + taken, flip);
                    continue;
                }

                into[found++] = (uint)row << TShape.RowOrder;
                if (found == into.Length) break;
            }

            again &= found != into.Length;
        }

        // Whoever looked meanwhile has seen rows taken that are free again.
        if (hasUndone) _ = RaiseChild(child, 0);
        return found;
    }

    // All its frames are the caller's: nobody else changes the row.
    private void GiveBackRow(int row, ulong flip) => _ = TAtomics.TrySwap(ref _memory.Row(row), ~flip & RowMask, flip & RowMask);

    private int TakeWholeChildren(int tree, int order, ref uint frame, ref int lost)
    {
        var count = 1 << (order - TShape.ChildOrder);
        for (var child = ((tree + 1) * ChildrenOfTree) - count; child >= tree * ChildrenOfTree; child -= count)
        {
            var taken = 0;
            while (taken < count && TryTakeWhole(child + taken)) taken++;
            if (taken == count)
            {
                TAtomics.Add(ref _memory.WholeFree, (uint)-count);
                frame = (uint)child << TShape.ChildOrder;
                return 1;
            }

            while (taken-- > 0)
            {
                // As a free child it was counted, as an isolated one it is not.
                if (!TryGiveWhole(child + taken, out var isIsolated) || !isIsolated) continue;
                TAtomics.Add(ref _memory.WholeFree, uint.MaxValue);
                lost += ChildFrames;
            }

            if (lost != 0) return 0;
        }

        return 0;
    }

    private bool TryTakeWhole(int child)
    {
        ref var word = ref _memory.Child(child);
        var old = TAtomics.Read(ref word);
        return ChildWord.FreeOf(old) == ChildFrames && !ChildWord.IsIsolated(old) && TAtomics.TrySwap(ref word, old, ChildWord.TakenWhole(old));
    }

    // Meanwhile it may become isolated, or end to be.
    private bool TryGiveWhole(int child, out bool isIsolated)
    {
        ref var word = ref _memory.Child(child);
        while (true)
        {
            var old = TAtomics.Read(ref word);
            isIsolated = ChildWord.IsIsolated(old);
            if (!ChildWord.IsWhole(old)) return false;
            if (TAtomics.TrySwap(ref word, old, ChildWord.GivenWhole(old, (uint)ChildFrames))) return true;
        }
    }

    private FreeOutcome ReleaseWholeChildren(uint frame, int order)
    {
        var count = 1 << (order - TShape.ChildOrder);
        var child = (int)(frame >> TShape.ChildOrder);
        for (var i = 0; i < count; i++)
        {
            if (!ChildWord.IsWhole(TAtomics.Read(ref _memory.Child(child + i)))) return FreeOutcome.NotAllocated;
        }

        var frames = 0u;
        for (var i = 0; i < count; i++)
        {
            // Only a second free of the same block at the same time gets here; what the first one freed is not its to give back.
            if (!TryGiveWhole(child + i, out var isIsolated)) return FreeOutcome.NotAllocated;
            if (isIsolated) continue;
            TAtomics.Add(ref _memory.WholeFree, 1);
            frames += (uint)ChildFrames;
        }

        if (frames != 0) RaiseTree(child, frames);
        return FreeOutcome.Freed;
    }

    /// <summary>Takes frames of one row back.</summary>
    public FreeOutcome ReleaseInRow(int row, ulong frames)
    {
        var outcome = ClearInRow(row, frames);
        if (outcome == FreeOutcome.Freed) Raise(ChildOfRow(row), (uint)System.Numerics.BitOperations.PopCount(frames));
        return outcome;
    }

    private FreeOutcome ClearInRow(int row, ulong frames)
    {
        var flip = FlipOfSplit(ChildOfRow(row));
        if (((TAtomics.Read(ref _memory.Row(row)) ^ flip) & frames) != frames) return FreeOutcome.NotAllocated;
        return TryClear(row, flip, frames) ? FreeOutcome.Freed : FreeOutcome.NotAllocated;
    }

    private FreeOutcome ReleaseRows(int row, int rows)
    {
        var child = ChildOfRow(row);
        var flip = FlipOfSplit(child);
        for (var i = 0; i < rows; i++)
        {
            if (TAtomics.Read(ref _memory.Row(row + i)) != (~flip & RowMask)) return FreeOutcome.NotAllocated;
        }

        for (var i = 0; i < rows; i++)
        {
            if (!TryClear(row + i, flip, RowMask)) return FreeOutcome.NotAllocated;
        }

        Raise(child, (uint)rows << TShape.RowOrder);
        return FreeOutcome.Freed;
    }

    // The bits are the caller's and allocated, so that adding or subtracting flips exactly them: one instruction, no loop.
    // Finds them otherwise only where somebody frees the same frames at the same time, and then puts them back.
    private bool TryClear(int row, ulong flip, ulong frames)
    {
        var change = flip == 0 ? 0 - frames : frames;
        var before = TAtomics.Add(ref _memory.Row(row), change) - change;
        if (((before ^ flip) & frames) == frames) return true;
        TAtomics.Add(ref _memory.Row(row), 0 - change);
        return false;
    }

    // Part of a whole child is given back: from now on its frames count one by one. Who loses the race finds it done.
    private ulong FlipOfSplit(int child)
    {
        ref var word = ref _memory.Child(child);
        while (true)
        {
            var old = TAtomics.Read(ref word);
            if (!ChildWord.IsWhole(old)) return ChildWord.Flip(old);
            if (TAtomics.TrySwap(ref word, old, ChildWord.Split(old))) return ChildWord.Flip(ChildWord.Split(old));
        }
    }

    private void RaiseTree(int child, uint frames)
    {
        TAtomics.Add(ref _memory.Tree(child / ChildrenOfTree), frames);
        TAtomics.Add(ref _memory.Free, frames);
    }
}
