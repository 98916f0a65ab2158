// An address space: areas, page tables, counters. The kernel's mm_struct.
//
//   mmap_lock (areas) ──► page_table_lock (tables) ──► pte_lock (entries of one leaf)          each taken inside the one before
//
// Context: matrix rows 75–102. Locks: mmap_lock is a sleeping lock; walkers without it have interrupts off.
// Invariants: G14 areas sorted, disjoint, page aligned, every user entry in one; G7 counters = present entries with a page, by kind;
//             G8 mappings of a page = entries with it, over all maps; G9 special entries count nowhere; G10 the mirror shows the entries.
// Lifetime: from the constructor to Exit.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>An address space.</summary>
public sealed partial class MemoryMap
{
    private readonly Machine _machine;
    private readonly VirtualMemory _memory;
    private readonly PageTables _tables;
    private readonly List<Vma> _areas = [];
    private readonly Mirror? _mirror;
    private long _anonymousPages;
    private long _filePages;
    private bool _hasEnded;

    /// <summary>Makes an address space without areas. From now on it has the kernel's half.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="memory">What it is made of.</param>
    /// <param name="mirrored">Addresses that become real mappings of the host, from this one on; for tests and for those who want pointers.</param>
    /// <param name="mirroredPages">How many pages of them; 0 for none.</param>
    /// <exception cref="OutOfMemoryException">There is no page for the top-level table.</exception>
    [Might<Sleep>]
    public MemoryMap(MachineTask task, VirtualMemory memory, VirtualAddress mirrored = default, int mirroredPages = 0)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(memory);
        _machine = task.Machine;
        _memory = memory;
        Lock = new RwSemaphore(_machine, "mmap_lock");
        if (!memory.TryAllocateTable(task, out var root)) throw new OutOfMemoryException("There is no page for the top-level table of an address space.");
        _tables = new PageTables(memory, root);
        if (mirroredPages != 0) _mirror = new Mirror(memory.Options.Memory.Reserve(mirroredPages), mirrored.Page, memory.Access, memory.Options.MirrorBudget);
        memory.AddMap(task, this);
    }

    /// <summary>The mmap lock: readers may look for areas and serve faults, a writer may change areas.</summary>
    public RwSemaphore Lock { get; }

    /// <summary>The areas, by address. Under the mmap lock.</summary>
    public IReadOnlyList<Vma> Areas => _areas;

    /// <summary>How many anonymous pages are mapped.</summary>
    public long AnonymousPages => Volatile.Read(ref _anonymousPages);

    /// <summary>How many pages of files are mapped.</summary>
    public long FilePages => Volatile.Read(ref _filePages);

    /// <summary>True if there were more pages in the mirrored addresses than the host has mappings for: they show nothing then.</summary>
    public bool IsMirrorDark => _mirror is { IsDark: true };

    internal PageTables Tables => _tables;

    internal VirtualMemory Memory => _memory;

    internal Mirror? Mirror => _mirror;

    /// <summary>The first area that ends behind an address, whether the address lies in it or before it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    /// <remarks>Trap: <c>kernel BUG: VM_BUG_ON_MM(!rwsem_is_locked(&amp;mm->mmap_lock))</c>.</remarks>
    [ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>]
    public Vma? FindArea(MachineTask task, VirtualAddress address)
    {
        if (RuntimeChecks.Enabled && (task.IrqsDisabled || task.InInterrupt)) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(irqs_disabled() || in_interrupt())");
        if (RuntimeChecks.Enabled && !Lock.IsLocked) TrapTexts.ReportBug(task, "VM_BUG_ON_MM(!rwsem_is_locked(&mm->mmap_lock))");
        var index = IndexOfAreaBehind(address);
        return index < _areas.Count ? _areas[index] : null;
    }

    /// <summary>Ends the address space: everything is unmapped, the tables are freed.</summary>
    /// <param name="task">The running task; nobody else uses the address space.</param>
    [Might<Sleep>]
    public void Exit(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        using (Lock.Write(task))
        {
            if (_hasEnded) return;
            _hasEnded = true;
            foreach (var area in _areas)
            {
                ZapRange(task, area, area.Start, area.End);
                area.Operations?.Closed(task, area);
            }

            _areas.Clear();
            _tables.FreeEmpty(task, 0, VirtualAddress.EndOfUser.Value);
        }

        _memory.RemoveMap(task, this);
        _memory.FreeTableAfterWalkers(task, _tables.Root);
        _mirror?.Window.Dispose();
    }

    /// <summary>The entry of an address, as it is at this moment; nothing if there is no table for it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    public Pte EntryOf(MachineTask task, VirtualAddress address)
    {
        using (_machine.Rcu.Read(task))
        {
            return _tables.TryFind(address, out var leaf) ? new Pte(Volatile.Read(ref EntryAt(leaf, address))) : default;
        }
    }

    private ref ulong EntryAt(Pfn leaf, VirtualAddress address) => ref _memory.Access.Entry(leaf, address.Index(0));

    // Under the pte lock.
    private void SetEntry(Pfn leaf, VirtualAddress address, Pte pte)
    {
        Volatile.Write(ref EntryAt(leaf, address), pte.Bits);
        _mirror?.Show(address, pte);
    }

    private void PutPage(MachineTask task, Pfn page) => _memory.Frames.Put(task, page);

    private void AssertWriteLocked(MachineTask task)
    {
        if (RuntimeChecks.Enabled && !Lock.IsWriteLocked) TrapTexts.ReportBug(task, "VM_BUG_ON_MM(!rwsem_is_write_locked(&mm->mmap_lock))");
    }

    private int IndexOfAreaBehind(VirtualAddress address)
    {
        var (low, high) = (0, _areas.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_areas[middle].End.Value <= address.Value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
