// Taking entries away, and copying them for a child. mm/memory.c: zap_pte_range, copy_pte_range.
// Context: a task (matrix row 98); sleeps between two leaves only. Locks: one pte lock at a time; references are put outside of it.
// Invariants: NP1, so that what is counted back is what was counted.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    /// <summary>Takes the entries of a range of one area away. The mmap lock is held.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area.</param>
    /// <param name="start">The first address, in the area.</param>
    /// <param name="end">The address behind the last, in the area or its end.</param>
    [Might<Sleep>]
    public void ZapRange(MachineTask task, Vma area, VirtualAddress start, VirtualAddress end)
    {
        System.ArgumentNullException.ThrowIfNull(area);
        task.MightSleep();
        var batch = default(PageBatch);
        for (var at = start.Page; at.Value < end.Value;)
        {
            var next = EndOfLeaf(at, end);
            if (_tables.TryFind(at, out var leaf))
            {
                using (_memory.PteLockOf(leaf).Lock(task))
                {
                    for (; at.Value < next.Value && !batch.IsFull; at = at.PlusPages(1))
                    {
                        var pte = new Pte(EntryAt(leaf, at));
                        if (pte.IsNone) continue;
                        SetEntry(leaf, at, default);
                        if (NormalPage(task, area, at, pte) is not { } page) continue;
                        UncountMapping(task, page);
                        batch.Add(page);
                    }
                }

                for (var i = 0; i < batch.Count; i++) PutPage(task, batch[i]);
                batch.Clear();
                task.ConditionalReschedule();
            }
            else
            {
                at = next;
            }
        }
    }

    /// <summary>Takes one entry away if it shows a certain page. Whoever keeps the area from closing may call; the mmap lock is not needed.</summary>
    internal void UnmapPage(MachineTask task, Vma area, VirtualAddress at, Pfn page)
    {
        if (!_tables.TryFind(at, out var leaf)) return;
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            var pte = new Pte(EntryAt(leaf, at));
            if (!pte.IsPresent || NormalPage(task, area, at, pte) != page) return;
            SetEntry(leaf, at, default);
            UncountMapping(task, page);
        }

        PutPage(task, page);
    }

    /// <summary>Makes an address space with the same areas. What is private is shared until either side writes.</summary>
    /// <param name="task">The running task.</param>
    /// <returns>The child; null if there was no memory for its tables, and then nothing of it is left.</returns>
    [MustCheck, Might<Sleep>]
    public MemoryMap? Fork(MachineTask task)
    {
        task.MightSleep();
        var child = new MemoryMap(task, _memory);
        bool copied;
        using (Lock.Write(task)) copied = TryCopyAreas(task, child);
        if (copied) return child;
        child.Exit(task);
        return null;
    }

    // Nobody knows the child yet, so its mmap lock is not needed.
    [MustCheck, Might<Sleep>]
    private bool TryCopyAreas(MachineTask task, MemoryMap child)
    {
        foreach (var area in _areas)
        {
            if ((area.Flags & VmFlags.DontCopy) != 0) continue;
            var copy = new Vma(child, area.Start, area.End, area.Flags, area.Operations, area.PageOffset) { HasAnonymous = area.HasAnonymous };
            child._areas.Add(copy);
            copy.Operations?.Opened(task, copy);

            // What can be found again by a fault is left to it; frame numbers and private pages cannot.
            if ((area.Flags & (VmFlags.PfnMap | VmFlags.MixedMap)) == 0 && !area.HasAnonymous) continue;
            if (!TryCopyEntries(task, child, area)) return false;
        }

        return true;
    }

    // The kernel nests the two pte locks. Here a batch is counted under the parent's, and installed under the child's: the references
    // keep the pages meanwhile, and nobody but this task can reach the child.
    [MustCheck, Might<Sleep>]
    private bool TryCopyEntries(MachineTask task, MemoryMap child, Vma area)
    {
        for (var at = area.Start; at.Value < area.End.Value;)
        {
            if (!_tables.TryFind(at, out var leaf))
            {
                at = EndOfLeaf(at, area.End);
                continue;
            }

            var modified = TableLevels.None;
            if (!child._tables.TryAllocate(task, at, out var childLeaf, ref modified)) return false;
            var copies = default(EntryBatch);
            var (from, next) = (at, EndOfLeaf(at, area.End));
            using (_memory.PteLockOf(leaf).Lock(task))
            {
                for (; at.Value < next.Value && at.Value - from.Value < (ulong)EntryBatch.Capacity << Pfn.PageShift; at = at.PlusPages(1))
                    copies.Add(CopyEntry(task, child, area, leaf, at));
            }

            using (_memory.PteLockOf(childLeaf).Lock(task))
            {
                for (var i = 0; i < copies.Count; i++)
                {
                    if (!copies[i].IsNone) child.SetEntry(childLeaf, from.PlusPages(i), copies[i]);
                }
            }

            task.ConditionalReschedule();
        }

        return true;
    }

    // Under the parent's pte lock: the entry of the child, whose page has been counted for it.
    [Requires<PreemptOff>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>]
    private Pte CopyEntry(MachineTask task, MemoryMap child, Vma area, Pfn leaf, VirtualAddress at)
    {
        var pte = new Pte(EntryAt(leaf, at));
        if (!pte.IsPresent || (pte.IoSpace == 0 && area.Operations is { } owner && owner.IsFoundAgain(pte.Pfn))) return default;
        if (area.IsCopyOnWrite && pte.IsWritable)
        {
            pte = pte.Without(Pte.WriteBit);
            SetEntry(leaf, at, pte);
        }

        if (NormalPage(task, area, at, pte) is { } page)
        {
            // Before it is counted, as everywhere; the parent's mapping has one, so this is not the last if it is given back.
            _memory.Frames.Get(page);
            if (_memory.Frames.IsAnonymous(page))
            {
                child.CountAnonymousMapping(page);
            }
            else if (!child.TryCountFileMapping(task, page, pte.IsWritable))
            {
                PutPage(task, page);
                return default;
            }
        }

        return (area.Flags & VmFlags.Shared) != 0 ? pte.Without(Pte.YoungBit | Pte.DirtyBit) : pte.Without(Pte.YoungBit);
    }

    private struct EntryBatch
    {
        public const int Capacity = 64;
        private Slots _slots;

        public int Count { get; private set; }

        public readonly Pte this[int index] => _slots[index];

        public void Add(Pte pte) => _slots[Count++] = pte;

        [System.Runtime.CompilerServices.InlineArray(Capacity)]
        private struct Slots
        {
            private Pte _first;
        }
    }
}
