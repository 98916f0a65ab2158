// The shared part of the tree allocator: which frames are free, and who may take how many of them.
//
//   zone     free ─ a right to a frame somewhere        allocation: a right at each level, from the top down, then the bits
//     tree   free ─ a right to a frame in it            free: the bits, then the counters, from the bottom up
//       child  free ─ a right to one of its bits        so no counter ever promises what the level below does not have
//         row  bits ─ the truth
//
// Context: any. Locks: none, and nothing waits for another CPU: whoever must try again has been overtaken by one that got on.
// Invariants: T1 free bits of a child = its counter + rights not yet redeemed; T2 a whole child's bits all equal its polarity;
//             T3 children's counters ≥ their tree's; T4 trees' counters ≥ the zone's; all equal when nobody is at it;
//             T7 a child that is marked barren for an order has no free block of it; T8 an isolated child's frames are in no counter above.
using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mm.Core.Allocation;

/// <summary>Why a block was not taken back.</summary>
internal enum FreeOutcome
{
    /// <summary>It was.</summary>
    Freed,

    /// <summary>A frame of it is free already, or it was never handed out as one block. Nothing has changed.</summary>
    NotAllocated,
}

/// <summary>Free frames as bits, and rights to them as counters.</summary>
/// <typeparam name="TAtomics">The atomic operations.</typeparam>
/// <typeparam name="TShape">The sizes.</typeparam>
internal sealed partial class FrameTrees<TAtomics, TShape>
    where TAtomics : struct, IAtomics
    where TShape : struct, ITreeShape
{
    private readonly TreeMemory _memory;
    private readonly uint _begin;
    private readonly uint _end;
    private readonly int _rationing;
    private int _lastBlock;

    /// <summary>Makes trees all of whose frames are allocated.</summary>
    /// <param name="memory">Room for the words, all zero.</param>
    /// <param name="begin">The first frame that exists; frame 0 begins a tree.</param>
    /// <param name="end">The frame behind the last.</param>
    /// <param name="takers">How many may take frames in advance at once: each leaves the others as much as it takes.</param>
    public FrameTrees(TreeMemory memory, uint begin, uint end, int takers)
    {
        _memory = memory;
        _begin = begin;
        _end = end;
        _rationing = 8 * takers;

        // What exists as a whole is one block; parts of a child count as allocated one by one. Frames that do not exist are never freed.
        for (var child = 0; child < memory.Children; child++)
        {
            var first = (uint)child << TShape.ChildOrder;
            var exists = first >= begin && first + ChildFrames <= end;
            memory.Child(child) = exists ? ChildWord.Whole : ChildWord.Split(0);
        }
    }

    public static int ChildFrames => 1 << TShape.ChildOrder;

    public static int TreeFrames => 1 << TShape.TreeOrder;

    private static int RowsOfChild => 1 << (TShape.ChildOrder - TShape.RowOrder);

    private static int ChildrenOfTree => 1 << (TShape.TreeOrder - TShape.ChildOrder);

    private static ulong RowMask => RowRuns.Run(TShape.RowOrder);

    public int Trees => _memory.Trees;

    /// <summary>Frames to which nobody has a right yet.</summary>
    public int Free => (int)TAtomics.Read(ref _memory.Free);

    /// <summary>About how many children are free from end to end; exact when nobody is at it.</summary>
    public int WholeFree => (int)TAtomics.Read(ref _memory.WholeFree);

    /// <summary>Takes rights to blocks somewhere in the zone.</summary>
    /// <returns>To how many: one at least if there is one, fewer than asked for where frames are short.</returns>
    public int TakeRights(int order, int most)
    {
        while (true)
        {
            var old = TAtomics.Read(ref _memory.Free);
            var blocks = (int)(old >> order);
            if (blocks == 0) return 0;
            blocks = Math.Min(most, Math.Max(1, blocks / _rationing));
            if (TAtomics.TrySwap(ref _memory.Free, old, old - ((ulong)blocks << order))) return blocks;
        }
    }

    /// <summary>Gives rights to so many frames back that found nothing.</summary>
    public void ReturnRights(int frames)
    {
        if (frames != 0) TAtomics.Add(ref _memory.Free, (ulong)frames);
    }

    /// <summary>Takes a block wherever one is, without any right yet.</summary>
    /// <param name="order">The order of the block.</param>
    /// <param name="from">The tree where the search begins.</param>
    /// <param name="frame">The block.</param>
    public bool TryTake(int order, int from, out uint frame)
    {
        frame = 0;
        if (TakeRights(order, 1) == 0) return false;
        if (TakeAnywhere(order, from, ref frame, out var lost)) return true;
        ReturnRights((1 << order) - lost);
        return false;
    }

    /// <summary>Redeems one right of the zone: where the search begins if possible, then in trees that nobody has reserved if possible, and in used ones before whole ones.</summary>
    /// <returns>False if no tree has such a block; for single frames it is always found.</returns>
    private bool TakeAnywhere(int order, int from, ref uint frame, out int lost)
    {
        lost = 0;
        if (order < TShape.ChildOrder && TakeFromTree(from, order, new Span<uint>(ref frame), out lost) != 0) return true;
        while (lost == 0)
        {
            for (var pass = 0; pass < 3; pass++)
            {
                for (var i = 0; i < Trees; i++)
                {
                    // Blocks as large as a child are looked for from the other end: small ones keep away from there longest.
                    var tree = order >= TShape.ChildOrder ? Trees - 1 - i : from + i < Trees ? from + i : from + i - Trees;
                    var word = TAtomics.Read(ref _memory.Tree(tree));
                    if (TreeWord.FreeOf(word) >> order == 0 || PassOf(word) != pass) continue;
                    if (order != 0 && BestChild(tree, Math.Min(order, TShape.ChildOrder), 0) < 0) continue;
                    if (TakeFromTree(tree, order, new Span<uint>(ref frame), out lost) != 0) return true;
                    if (lost != 0) return false;
                }
            }

            // A right to a frame is a frame. Whoever took the one in front of the search has got on.
            if (order != 0) return false;
        }

        return false;
    }

    /// <summary>Redeems rights of the zone in one tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="order">The order of the blocks.</param>
    /// <param name="into">Where they go; no more than there are rights to.</param>
    /// <param name="lost">The rights to so many frames are no more: the child they lie in was isolated when they were given back. Not for single frames.</param>
    /// <returns>How many blocks were found; the rights to the others, but for those lost, stay with the caller.</returns>
    public int TakeFromTree(int tree, int order, Span<uint> into, out int lost)
    {
        lost = 0;
        var blocks = TakeTreeRights(tree, order, into.Length);
        if (blocks == 0) return 0;
        var found = order >= TShape.ChildOrder
            ? TakeWholeChildren(tree, order, ref into[0], ref lost)
            : TakeFromChildren(tree, order, into[..blocks], ref lost);
        if (found != blocks) TAtomics.Add(ref _memory.Tree(tree), ((ulong)(blocks - found) << order) - (ulong)lost);
        return found;
    }

    /// <summary>Takes a block back.</summary>
    public FreeOutcome Release(uint frame, int order)
    {
        if (order >= TShape.ChildOrder) return ReleaseWholeChildren(frame, order);
        if (order <= TShape.RowOrder)
        {
            var inRow = (int)frame & ((1 << TShape.RowOrder) - 1);
            return ReleaseInRow((int)(frame >> TShape.RowOrder), RowRuns.Run(order) << inRow);
        }

        return ReleaseRows((int)(frame >> TShape.RowOrder), 1 << (order - TShape.RowOrder));
    }

    /// <summary>Whether all these frames of a row are allocated, each or as part of a whole child.</summary>
    public bool AreAllocated(int row, ulong frames)
    {
        var child = TAtomics.Read(ref _memory.Child(ChildOfRow(row)));
        if (ChildWord.IsWhole(child)) return true;
        return ((TAtomics.Read(ref _memory.Row(row)) ^ ChildWord.Flip(child)) & frames) == frames;
    }

    /// <summary>The descriptor of the child that a frame lies in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ChildOf(uint frame) => TAtomics.Read(ref _memory.Child((int)(frame >> TShape.ChildOrder)));

    /// <summary>The row that a frame lies in. Read after its child: while a frame of a child is allocated, its polarity does not change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong RowOf(uint frame) => TAtomics.Read(ref _memory.Row((int)(frame >> TShape.RowOrder)));

    /// <summary>Whether a frame's child went out as one block.</summary>
    public bool IsWhole(uint frame) => ChildWord.IsWhole(TAtomics.Read(ref _memory.Child((int)(frame >> TShape.ChildOrder))));

    /// <summary>How many frames around this one are free.</summary>
    public int FreeOfChild(uint frame) => (int)ChildWord.FreeOf(TAtomics.Read(ref _memory.Child((int)(frame >> TShape.ChildOrder))));

    private static int PassOf(ulong tree) => TreeWord.OwnerOf(tree) != 0 ? 2 : TreeWord.FreeOf(tree) == TreeFrames ? 1 : 0;

    private static int ChildOfRow(int row) => row >> (TShape.ChildOrder - TShape.RowOrder);

    private int TakeTreeRights(int tree, int order, int most)
    {
        ref var word = ref _memory.Tree(tree);
        while (true)
        {
            var old = TAtomics.Read(ref word);
            var blocks = Math.Min(most, TreeWord.FreeOf(old) >> order);
            if (blocks == 0 || TAtomics.TrySwap(ref word, old, old - ((ulong)blocks << order))) return blocks;
        }
    }

    private int TakeFromChildren(int tree, int order, Span<uint> into, ref int lost)
    {
        var found = 0;
        var tried = 0u;
        while (found < into.Length - (lost >> order))
        {
            var child = BestChild(tree, order, tried);
            if (child >= 0)
            {
                found += TakeFromChild((tree * ChildrenOfTree) + child, order, into[found..^(lost >> order)], ref lost);
                if (order != 0) tried |= 1u << child;
            }
            else if (order != 0)
            {
                break;
            }
        }

        return found;
    }

    // The fullest that is worth the way first, so that sparse children become free as a whole; then crumbs; a whole one last.
    private int BestChild(int tree, int order, uint tried)
    {
        var best = -1;
        var bestScore = uint.MaxValue;
        var worth = 32u << Math.Min(order, 3);
        for (var child = 0; child < ChildrenOfTree; child++)
        {
            if ((tried & (1u << child)) != 0) continue;
            var word = TAtomics.Read(ref _memory.Child((tree * ChildrenOfTree) + child));
            var free = ChildWord.FreeOf(word);
            if (free >> order == 0 || ChildWord.IsBarren(word, order)) continue;
            var score = free == ChildFrames ? 2048 : free >= worth ? free : 1024 + worth - free;
            if (score >= bestScore) continue;
            (best, bestScore) = (child, score);
        }

        return best;
    }

    private int TakeFromChild(int child, int order, Span<uint> into, ref int lost)
    {
        ref var word = ref _memory.Child(child);
        uint old;
        int blocks;
        do
        {
            old = TAtomics.Read(ref word);
            blocks = Math.Min(into.Length, (int)ChildWord.FreeOf(old) >> order);
            if (blocks == 0 || ChildWord.IsBarren(old, order)) return 0;
        }
        while (!TAtomics.TrySwap(ref word, old, old - ((uint)blocks << order)));

        if (ChildWord.FreeOf(old) == ChildFrames) TAtomics.Add(ref _memory.WholeFree, uint.MaxValue);
        var found = order <= TShape.RowOrder
            ? TakeFromRows(child, ChildWord.Flip(old), order, into[..blocks])
            : TakeRows(child, ChildWord.Flip(old), order, into[..blocks]);
        if (found == blocks) return found;

        // If nothing has changed since the right was taken, no frame was freed during the search, and the next one can be spared.
        // That is for one block at a time: of several, those that were found have changed nothing either, but none is left.
        var rest = (uint)(blocks - found) << order;
        var seen = old - ((uint)blocks << order);
        if (ChildWord.FreeOf(seen) + rest != ChildFrames && TAtomics.TrySwap(ref word, seen, ChildWord.WithBarren(seen + rest, order))) return found;
        if (!RaiseChild(child, rest)) lost += (int)rest;
        return found;
    }

    // False if the child is isolated: then it keeps its frames for itself, and there is no right to them.
    private bool RaiseChild(int child, uint frames)
    {
        ref var word = ref _memory.Child(child);
        uint old;
        do
        {
            old = TAtomics.Read(ref word);
        }
        while (!TAtomics.TrySwap(ref word, old, ChildWord.Raised(old, frames)));

        if (ChildWord.IsIsolated(old)) return false;
        if (frames != 0 && ChildWord.FreeOf(old) + frames == ChildFrames) TAtomics.Add(ref _memory.WholeFree, 1);
        return true;
    }

    // With rights in hand. The polarity cannot change meanwhile: it does only where no frame is allocated and no right is out.
    private int TakeFromRows(int child, ulong flip, int order, Span<uint> into)
    {
        var found = 0;
        while (true)
        {
            for (var row = child * RowsOfChild; row < (child + 1) * RowsOfChild; row++)
            {
                ref var word = ref _memory.Row(row);
                while (true)
                {
                    var old = TAtomics.Read(ref word);
                    var starts = RowRuns.Lowest(RowRuns.Starts(~(old ^ flip) & RowMask, order), into.Length - found);
                    if (starts == 0) break;
                    if (!TAtomics.TrySwap(ref word, old, old ^ Spread(starts, order))) continue;
                    for (; starts != 0; starts &= starts - 1)
                        into[found++] = ((uint)row << TShape.RowOrder) + (uint)BitOperations.TrailingZeroCount(starts);
                    if (found == into.Length) return found;
                    break;
                }
            }

            // A frame that was freed behind the search is still there; a run of several need not be.
            if (order != 0) return found;
        }
    }

    // Each start is aligned to the size of its run, so no run carries into the next.
    private static ulong Spread(ulong starts, int order) => order == 0 ? starts : order == 6 ? ulong.MaxValue : starts * RowRuns.Run(order);
}
