// Ranges of kernel addresses: vmalloc, vmap, and ranges that are only reserved. mm/vmalloc.c; the thread on alloc_vm_area, 2007.
//
//   a gap for size + guard ──► tables down to the leaf, in the master ──► the top-level entries, in every address space ──► entries
//
// Context: a task (matrix rows 43–57); FreeAtomic and Repair elsewhere. Locks: vmap_area_lock; pgd_lock → page_table_lock, pte_lock.
// Invariants: KR1 areas are disjoint, a guard page between them; KR2 an entry of another tree is empty or the master's; KR3 every leaf of a
//             range exists in the master and, from the return on, is reached from every address space, those to come included.
// Lifetime: as long as the virtual memory; ranges end before it.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Paging;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Vmalloc;

/// <summary>Hands out ranges of kernel addresses.</summary>
public sealed partial class KernelRanges
{
    private const int FirstSlot = 400;
    private readonly Machine _machine;
    private readonly VirtualMemory _memory;
    private readonly AddressWindow _window;
    private readonly SpinLock _areaLock;
    private readonly SortedList<ulong, KernelRange> _areas = [];
    private int _count;

    /// <summary>Makes a region of kernel addresses.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="memory">Virtual memory; one such region for each.</param>
    /// <param name="pages">How many pages of addresses, guard pages included.</param>
    /// <exception cref="OutOfMemoryException">There are no pages for the top-level tables that all address spaces share.</exception>
    /// <exception cref="PlatformNotSupportedException">This host shows frames at one address only.</exception>
    [Might<Sleep>]
    public KernelRanges(MachineTask task, VirtualMemory memory, int pages = 1 << 20)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 2);
        task.MightSleep();
        _machine = task.Machine;
        _memory = memory;
        _areaLock = new SpinLock(_machine, "vmap_area_lock");
        _freeWait = new WaitQueue(_machine, "vfree_deferred");
        _window = memory.Options.Memory.Reserve(pages);
        Start = new VirtualAddress(0xffff_0000_0000_0000 | ((ulong)FirstSlot << 39));
        _isLinked = new bool[End.PlusPages(-1).Index(PageTables.TopLevel) - FirstSlot + 1];
        if (memory.Options.Regime == KernelRegime.Shared && !TryMakeTopLevel(task)) throw new OutOfMemoryException("There are no pages for the shared top-level tables.");
    }

    /// <summary>The first address of the region.</summary>
    public VirtualAddress Start { get; }

    /// <summary>The address behind the last.</summary>
    public VirtualAddress End => Start.PlusPages(_window.PageCount);

    /// <summary>How many ranges there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many pages of memory are mapped in ranges.</summary>
    public long MappedPages => _window.MappedPages;

    /// <summary>Takes addresses without frames. Their tables exist and are linked everywhere, so that not even a repair fault is needed.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pages">How many pages.</param>
    /// <returns>The range; null if there is no place, or no memory for tables: nothing is left then.</returns>
    /// <remarks>Traps: the sleeping function's; in an interrupt <c>kernel BUG: BUG_ON(in_interrupt())</c>.</remarks>
    [MustCheck, Might<Sleep>]
    public KernelRange? Reserve(MachineTask task, int pages) => Reserve(task, pages, KernelRangeKind.Reserved, []);

    /// <summary>Allocates pages, one by one, and maps them at contiguous addresses. What is in them is not defined.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pages">How many pages; a span has at most 524,287.</param>
    /// <param name="gfp">What the allocation may do; it must be allowed to sleep.</param>
    /// <returns>The range; null if there is no place or no memory: nothing is left then.</returns>
    /// <exception cref="ArgumentException">The flags do not allow to sleep.</exception>
    /// <exception cref="HostMemoryException">The host has no more mappings to give, of which scattered frames take one each: nothing is left.</exception>
    /// <remarks>Traps: the sleeping function's; in an interrupt <c>kernel BUG: BUG_ON(in_interrupt())</c>.</remarks>
    [MustCheck, Might<Sleep>]
    public KernelRange? Allocate(MachineTask task, int pages, Gfp gfp = Gfp.Kernel)
    {
        CheckCaller(task, pages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, int.MaxValue >> Pfn.PageShift);
        if ((gfp & Gfp.Block) == 0) throw new ArgumentException("Tables are made on the way, so a range cannot be allocated without Gfp.Block.", nameof(gfp));
        var frames = new Pfn[pages];
        for (var i = 0; i < pages; i++)
        {
            if (_memory.Options.Pages.Allocate(task, gfp) is { } page)
            {
                frames[i] = page;
                continue;
            }

            FreeFrames(task, frames.AsSpan(0, i));
            return null;
        }

        if (Reserve(task, pages, KernelRangeKind.Allocated, frames) is { } range) return Filled(task, range);
        FreeFrames(task, frames);
        return null;
    }

    /// <summary>Maps pages of the caller's at contiguous addresses, each as often as it comes.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="frames">The frames. Their references stay the caller's.</param>
    /// <returns>The range; null if there is no place or no memory for tables: nothing is left then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A frame has no bytes in the linear view.</exception>
    /// <exception cref="HostMemoryException">The host has no more mappings to give, of which scattered frames take one each: nothing is left.</exception>
    [MustCheck, Might<Sleep>]
    public KernelRange? Map(MachineTask task, ReadOnlySpan<Pfn> frames)
    {
        CheckCaller(task, frames.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frames.Length, int.MaxValue >> Pfn.PageShift, nameof(frames));
        foreach (var frame in frames)
        {
            if (!_memory.Access.Contains(frame)) throw new ArgumentOutOfRangeException(nameof(frames), $"Frame {frame} is not in memory.");
        }

        return Reserve(task, frames.Length, KernelRangeKind.Mapped, frames.ToArray()) is { } range ? Filled(task, range) : null;
    }

    /// <summary>The range that an address lies in, guard pages not counted.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    [ForbiddenIn<Nmi>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public KernelRange? Find(MachineTask task, VirtualAddress address)
    {
        using (_areaLock.Lock(task))
        {
            foreach (var (start, range) in _areas)
            {
                if (address.Value >= start && address.Value < range.End.Value) return range;
            }

            return null;
        }
    }

    internal nint AddressOf(VirtualAddress address) => _window.At(PageOf(address)) + address.Offset;

    internal Span<byte> BytesOf(KernelRange range) => _window.Bytes(PageOf(range.Start), range.PageCount << Pfn.PageShift);

    private long PageOf(VirtualAddress address) => (long)((address.Value - Start.Value) >> Pfn.PageShift);

    // get_vm_area: an interrupt is a bug, a section a sleep in the wrong place.
    [Might<Sleep>]
    private static void CheckCaller(MachineTask task, int pages)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportBug(task, "BUG_ON(in_interrupt())");
        task.MightSleep();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
    }

    [Might<Sleep>]
    private KernelRange? Reserve(MachineTask task, int pages, KernelRangeKind kind, Pfn[] frames)
    {
        CheckCaller(task, pages);
        if (TakeAddresses(task, pages, kind, frames) is not { } range) return null;
        if (TryMakeTables(task, range)) return range;
        _ = range.TryEnd();
        ReleaseAddresses(task, range);
        return null;
    }

    // First fit; every range is followed by a page that nothing is mapped at.
    private KernelRange? TakeAddresses(MachineTask task, int pages, KernelRangeKind kind, Pfn[] frames)
    {
        using (_areaLock.Lock(task))
        {
            var at = Start;
            foreach (var range in _areas.Values)
            {
                if (range.Start.Value - at.Value >= (ulong)(pages + 1L) << Pfn.PageShift) break;
                at = range.End.PlusPages(1);
            }

            if (at.PlusPages(pages + 1L).Value > End.Value) return null;
            var taken = new KernelRange(this, at, pages, kind, frames);
            _areas.Add(at.Value, taken);
            Volatile.Write(ref _count, _areas.Count);
            return taken;
        }
    }

    // The tables below stay: the next range of these addresses finds them. What was never linked anywhere goes at once.
    private void ReleaseAddresses(MachineTask task, KernelRange range)
    {
        using (_areaLock.Lock(task))
        {
            _areas.Remove(range.Start.Value);
            Volatile.Write(ref _count, _areas.Count);
        }
    }

    [Might<Sleep>]
    private KernelRange Filled(MachineTask task, KernelRange range)
    {
        var done = 0;
        try
        {
            while (done < range.PageCount)
            {
                var run = 1;
                while (done + run < range.PageCount && range.Frames[done + run].Number == range.Frames[done].Number + (uint)run) run++;
                _window.Map(PageOf(range.Start) + done, _memory.Access.IndexOf(range.Frames[done]), run, writable: true);
                for (var end = done + run; done < end; done++)
                    SetEntry(task, range.Start.PlusPages(done), Pte.Of(range.Frames[done], Pte.WriteBit | Pte.YoungBit | Pte.DirtyBit));
            }

            return range;
        }
        catch (HostMemoryException)
        {
            // The host has only so many mappings (vm.max_map_count), and scattered frames take one each.
            _ = range.TryEnd();
            Finish(task, range, done);
            throw;
        }
    }

    private void SetEntry(MachineTask task, VirtualAddress address, Pte pte)
    {
        if (!_memory.Kernel.TryFind(address, out var leaf)) TrapTexts.ReportBug(task, "BUG_ON(pmd_none(*pmd))");
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            ref var entry = ref _memory.Access.Entry(leaf, address.Index(0));
            if (!pte.IsNone && entry != 0) TrapTexts.ReportBug(task, "WARN_ON(!pte_none(*pte))");
            Volatile.Write(ref entry, pte.Bits);
        }
    }

    private void FreeFrames(MachineTask task, ReadOnlySpan<Pfn> frames)
    {
        foreach (var frame in frames) _memory.Options.Pages.Free(task, frame);
    }
}
