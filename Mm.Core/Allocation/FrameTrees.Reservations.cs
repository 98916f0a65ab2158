// Reservations: a CPU makes a tree its own, and others keep to other trees as long as those have frames. Only where it looks first
// hangs on that: counters and bits are the same for all, a free goes there from anywhere, and in need anybody takes from any tree.
// Context and locks: as FrameTrees.cs. Invariants: T5 a tree has at most one owner, and only the owner ends that.
namespace Mm.Core.Allocation;

internal sealed partial class FrameTrees<TAtomics, TShape>
{
    private const int Window = 256;

    /// <summary>Reserves a tree with free frames that nobody has: the fullest that is worth the way, then crumbs, then a whole one.</summary>
    /// <param name="owner">The reservation's number, from 1.</param>
    /// <param name="order">Of what blocks there must be enough for one at least.</param>
    /// <param name="from">Where the search begins; it ends early in a large zone once it has found one.</param>
    /// <returns>The tree, or −1.</returns>
    public int TryReserve(int owner, int order, int from)
    {
        while (true)
        {
            var tree = BestTree(order, from);
            if (tree < 0) return -1;
            ref var word = ref _memory.Tree(tree);
            var old = TAtomics.Read(ref word);
            if (TreeWord.OwnerOf(old) != 0 || TreeWord.FreeOf(old) >> order == 0) continue;
            if (TAtomics.TrySwap(ref word, old, TreeWord.WithOwner(old, owner))) return tree;
        }
    }

    /// <summary>Ends a reservation.</summary>
    public void EndReservation(int tree, int owner)
    {
        ref var word = ref _memory.Tree(tree);
        while (true)
        {
            var old = TAtomics.Read(ref word);
            if (TreeWord.OwnerOf(old) != owner || TAtomics.TrySwap(ref word, old, TreeWord.WithOwner(old, 0))) return;
        }
    }

    private int BestTree(int order, int from)
    {
        var best = -1;
        var bestScore = int.MaxValue;
        for (var i = 0; i < Trees; i++)
        {
            if (i % Window == 0 && best >= 0) break;
            var tree = from + i;
            if (tree >= Trees) tree -= Trees;
            var word = TAtomics.Read(ref _memory.Tree(tree));
            var free = TreeWord.FreeOf(word);
            if (free >> order == 0 || TreeWord.OwnerOf(word) != 0) continue;
            var score = free == TreeFrames ? 4 * TreeFrames : free >= TreeFrames / 64 ? free : (2 * TreeFrames) - free;
            if (score >= bestScore || (order != 0 && BestChild(tree, order, 0) < 0)) continue;
            (best, bestScore) = (tree, score);
        }

        return best;
    }

    /// <summary>Whether a block of an order could be taken at this moment.</summary>
    public bool HasBlock(int order)
    {
        if (Free >> order == 0) return false;
        if (order == 0) return true;
        if (order <= TShape.ChildOrder && WholeFree > 0) return true;
        var children = order <= TShape.ChildOrder ? 1 : 1 << (order - TShape.ChildOrder);
        var from = _lastBlock < _memory.Children ? _lastBlock : 0;
        for (var i = 0; i < _memory.Children; i += children)
        {
            var child = from + i;
            if (child >= _memory.Children) child -= _memory.Children;
            if (order > TShape.ChildOrder ? !AreFree(child & -children, children) : !HasRun(child, order)) continue;
            _lastBlock = child & -children;
            return true;
        }

        return false;
    }

    private bool AreFree(int child, int count)
    {
        if (child + count > _memory.Children) return false;
        for (var i = 0; i < count; i++)
        {
            var word = TAtomics.Read(ref _memory.Child(child + i));
            if (ChildWord.FreeOf(word) != ChildFrames || ChildWord.IsIsolated(word)) return false;
        }

        return true;
    }

    private bool HasRun(int child, int order)
    {
        var word = TAtomics.Read(ref _memory.Child(child));
        if (ChildWord.FreeOf(word) >> order == 0 || ChildWord.IsBarren(word, order)) return false;
        if (order == TShape.ChildOrder) return true;
        var flip = ChildWord.Flip(word);
        var rows = order <= TShape.RowOrder ? 1 : 1 << (order - TShape.RowOrder);
        var run = 0;
        for (var row = 0; row < RowsOfChild; row++)
        {
            var free = ~(TAtomics.Read(ref _memory.Row((child * RowsOfChild) + row)) ^ flip) & RowMask;
            if (rows == 1 && RowRuns.Starts(free, order) != 0) return true;
            run = free != RowMask ? 0 : row % rows == 0 ? 1 : run == 0 ? 0 : run + 1;
            if (rows != 1 && run == rows) return true;
        }

        // If the word is still the same, this holds, and the next look is short.
        _ = TAtomics.TrySwap(ref _memory.Child(child), word, ChildWord.WithBarren(word, order));
        return false;
    }
}
