// Isolated pageblocks of the buddy: their free blocks stand in lists of their own, and do not merge with what is not isolated.
// Context: any but NMI. Locks: the zone's, with interrupts off. Source: mm/page_isolation.c, 6.1.
// Invariants: Z5 a free block stands in the isolated lists exactly if its pageblock is isolated; Z6 a free block
//             in an isolated pageblock is no larger than it, so that none straddles the border of a range.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class BuddyAllocator : IBlockIsolation
{
    private const int BlockOrder = IBlockIsolation.BlockOrder;
    private readonly PageChain[] _isolatedAreas = new PageChain[Orders];
    private readonly bool[] _isolatedBlocks;
    private int _isolatedPages;

    /// <inheritdoc/>
    public int IsolatedPages => System.Threading.Volatile.Read(ref _isolatedPages);

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryIsolate(MachineTask task, FrameRange range)
    {
        CheckBlocks(range);
        using (_lock.LockIrqSave(task))
        {
            for (var i = 0; i < range.Count; i += 1 << BlockOrder)
            {
                if (IsIsolated(range.First.Plus(i).Number)) return false;
            }

            SetIsolatedLocked(range, true);
            return true;
        }
    }

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>]
    public void EndIsolation(MachineTask task, FrameRange range)
    {
        CheckBlocks(range);
        using (_lock.LockIrqSave(task)) SetIsolatedLocked(range, false);
    }

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>]
    public int CountFree(MachineTask task, FrameRange range)
    {
        CheckBlocks(range);
        using (_lock.LockIrqSave(task)) return CountFreeLocked(range);
    }

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryRemove(MachineTask task, FrameRange range, int expected)
    {
        CheckBlocks(range);
        using (_lock.LockIrqSave(task))
        {
            if (CountFreeLocked(range) != expected) return false;
            var end = range.First.Plus(range.Count).Number;
            for (var pfn = range.First.Number; pfn < end; pfn++)
            {
                if (!IsHead(pfn, out var index, out var order)) continue;
                RemoveLocked(index, order);
                pfn += (1u << order) - 1;
            }

            for (var pfn = range.First.Number; pfn < end; pfn += 1 << BlockOrder) _isolatedBlocks[BlockOf(pfn)] = false;
            return true;
        }
    }

    // Free blocks that are larger than a pageblock are cut first, so that each stands on one side of the border.
    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private void SetIsolatedLocked(FrameRange range, bool isolated)
    {
        var end = range.First.Plus(range.Count).Number;
        for (var block = range.First.Number; block < end; block += 1 << BlockOrder)
        {
            if (IsIsolated(block) == isolated) continue;
            CutLocked(block);
            _moved.Clear();
            for (var pfn = block; pfn < block + (1 << BlockOrder); pfn++)
            {
                if (!IsHead(pfn, out var index, out var order)) continue;
                RemoveLocked(index, order);
                _moved.Add((index, order));
                pfn += (1u << order) - 1;
            }

            _isolatedBlocks[BlockOf(block)] = isolated;
            foreach (var (index, order) in _moved) GiveBackLocked(index, order);
        }
    }

    private readonly System.Collections.Generic.List<(int Index, int Order)> _moved = new(1 << BlockOrder);

    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private void CutLocked(uint block)
    {
        for (var order = FrameTable.MaximalOrder; order > BlockOrder; order--)
        {
            var start = block & ~((1u << order) - 1);
            if (start < _table.First.Number || !IsHead(start, out var index, out var its) || its != order) continue;
            RemoveLocked(index, order);
            for (var i = 0; i < 1 << order; i += 1 << BlockOrder) AddLocked(index + i, BlockOrder, atEnd: false);
            return;
        }
    }

    [Requires<SpinLockHeld>]
    private int CountFreeLocked(FrameRange range)
    {
        var count = 0;
        var end = range.First.Plus(range.Count).Number;
        for (var pfn = range.First.Number; pfn < end; pfn++)
        {
            if (!IsIsolated(pfn) || !IsHead(pfn, out _, out var order)) continue;
            count += 1 << order;
            pfn += (1u << order) - 1;
        }

        return count;
    }

    private bool IsHead(uint pfn, out int index, out int order)
    {
        index = (int)(pfn - _table.First.Number);
        order = 0;
        if (index < _begin || index >= _end || _table.TypeOf(new Pfn(pfn)) != PageType.Buddy) return false;
        order = (int)_pages.Cold(index).Private;
        return true;
    }

    // A block before the zone is asked about where the zone does not begin at the largest alignment.
    private bool IsIsolated(uint pfn) => (uint)BlockOf(pfn) < (uint)_isolatedBlocks.Length && _isolatedBlocks[BlockOf(pfn)];

    private int BlockOf(uint pfn) => (int)((pfn >> BlockOrder) - (_table.PfnAt(_begin).Number >> BlockOrder));

    private void CheckBlocks(FrameRange range)
    {
        var index = _table.IndexOf(range.First);
        if (range.Count <= 0 || (range.First.Number | (uint)range.Count) % (1u << BlockOrder) != 0 || index < _begin || index + range.Count > _end)
            throw new System.ArgumentException($"Frames are isolated in whole blocks of {1 << BlockOrder} that lie in the zone; {range.Count} from {range.First} on do not.", nameof(range));
    }
}
