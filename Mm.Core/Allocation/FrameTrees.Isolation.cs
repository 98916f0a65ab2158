// Isolated children: nothing of them is taken, and what is freed in them stays there. The mark stands in the child's word, where every
// allocation and every free looks anyway:
//
//   isolate   rights of the zone and of the tree to exactly what the child has, from the top down as for an allocation; then the mark, by
//             a swap that fails if the child has another number by then: so no right is left above to a frame that cannot be had
//   free      raises the child, in any case; what it swapped says whether it goes on to the tree
//   end       the mark goes, by a swap that says how many rights are to be raised
//
// Context and locks: as FrameTrees.cs; nobody waits for whoever isolates. Invariant: T8.
using System;

namespace Mm.Core.Allocation;

/// <summary>How the isolation of a child ended.</summary>
internal enum IsolationOutcome
{
    /// <summary>It is isolated by the caller.</summary>
    Isolated,

    /// <summary>It was already.</summary>
    Already,

    /// <summary>Others hold rights to it, which they are about to redeem or to give back. Nothing has changed.</summary>
    Overtaken,
}

internal sealed partial class FrameTrees<TAtomics, TShape>
{
    /// <summary>How many children there are.</summary>
    public int Children => _memory.Children;

    /// <summary>Isolates a child with what is free in it. Whoever has a right already may still redeem it.</summary>
    public IsolationOutcome TryIsolate(int child)
    {
        ref var word = ref _memory.Child(child);
        var held = 0;
        while (true)
        {
            var old = TAtomics.Read(ref word);
            var free = (int)ChildWord.FreeOf(old);
            if (ChildWord.IsIsolated(old))
            {
                GiveRights(child, held);
                return IsolationOutcome.Already;
            }

            if (held > free)
            {
                GiveRights(child, held - free);
                held = free;
            }
            else if (held < free)
            {
                var more = TakeRightsOf(child, free - held);
                held += more;
                if (more != 0) continue;
                GiveRights(child, held);
                return IsolationOutcome.Overtaken;
            }
            else if (TAtomics.TrySwap(ref word, old, ChildWord.WithIsolation(old)))
            {
                if (free == ChildFrames) TAtomics.Add(ref _memory.WholeFree, uint.MaxValue);
                return IsolationOutcome.Isolated;
            }
        }
    }

    /// <summary>Ends the isolation of a child, if it is isolated: what is free in it is everybody's again.</summary>
    public void EndIsolation(int child)
    {
        ref var word = ref _memory.Child(child);
        uint old;
        do
        {
            old = TAtomics.Read(ref word);
            if (!ChildWord.IsIsolated(old)) return;
        }
        while (!TAtomics.TrySwap(ref word, old, ChildWord.WithoutIsolation(old)));

        if (ChildWord.FreeOf(old) == ChildFrames) TAtomics.Add(ref _memory.WholeFree, 1);
        GiveRights(child, (int)ChildWord.FreeOf(old));
    }

    /// <summary>How many free frames an isolated child has; 0 for one that is not.</summary>
    public int FreeOfIsolated(int child)
    {
        var word = TAtomics.Read(ref _memory.Child(child));
        return ChildWord.IsIsolated(word) ? (int)ChildWord.FreeOf(word) : 0;
    }

    /// <summary>Takes all that is free in an isolated child out, and ends its isolation: as if it were allocated.</summary>
    /// <returns>How many frames that were.</returns>
    public int Remove(int child)
    {
        ref var word = ref _memory.Child(child);
        uint old;
        uint free;
        do
        {
            old = TAtomics.Read(ref word);
            free = ChildWord.FreeOf(old);
            if (!ChildWord.IsIsolated(old)) return 0;
        }
        while (!TAtomics.TrySwap(ref word, old, ChildWord.IsWhole(old) ? ChildWord.WithoutIsolation(old) : ChildWord.Removed(old, free, free == ChildFrames)));

        // All at once is one block. Otherwise these are rights in hand, as in any allocation.
        if (free is 0 || free == ChildFrames) return (int)free;
        var frame = 0u;
        for (var i = 0; i < (int)free; i++) _ = TakeFromRows(child, ChildWord.Flip(old), 0, new Span<uint>(ref frame));
        return (int)free;
    }

    private int TakeRightsOf(int child, int most)
    {
        while (true)
        {
            var old = TAtomics.Read(ref _memory.Free);
            var rights = Math.Min(most, (int)old);
            if (rights == 0) return 0;
            if (!TAtomics.TrySwap(ref _memory.Free, old, old - (ulong)rights)) continue;
            var found = TakeTreeRights(child / ChildrenOfTree, 0, rights);
            ReturnRights(rights - found);
            return found;
        }
    }

    private void GiveRights(int child, int frames)
    {
        if (frames != 0) RaiseTree(child, (uint)frames);
    }
}
