// How the kernel's half stays the same in all trees. arch/x86/mm/fault.c: vmalloc_fault, arch_sync_kernel_mappings; init_64.c.
//
//   Shared: every top-level entry of the region exists before the first address space: nothing to do, ever
//   Copied: a new top-level entry ──(pgd_lock)──► every tree · a tree that was missed ──► Repair, at the access · taken away ──► every
//           tree, before its table page is freed
//
// Context: synchronising in T and P, not from interrupts: pgd_lock is not theirs (row 56). Repair takes no lock, and runs anywhere (row 55).
// Invariants: KR2, KR3.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Mm.Core.Vmalloc;

/// <summary>What a repair found.</summary>
public enum RepairResult
{
    /// <summary>The address is the kernel's and mapped; the tree has its entry now.</summary>
    Repaired,

    /// <summary>The tree has the entry, and there is nothing at the address; or the master has none. The access fails: EFAULT, or an oops.</summary>
    NotMapped,

    /// <summary>The address is not of this region.</summary>
    Elsewhere,
}

public sealed partial class KernelRanges
{
    // Which top-level entries every tree has. Set by whoever has brought them there, not by whoever has made them: a second range in the
    // same entry finds the table in the master before the first one's maker has told the trees.
    private readonly bool[] _isLinked;
    private long _synchronisations;
    private long _repairs;

    /// <summary>How often trees were brought up to date. Stays 0 where they share.</summary>
    public long Synchronisations => Volatile.Read(ref _synchronisations);

    /// <summary>How often an access found a tree that was not. Stays 0 where they share.</summary>
    public long Repairs => Volatile.Read(ref _repairs);

    /// <summary>For tests, and to show what an area was in 2.6.39: leaves out the synchronising, so that every tree waits for its first fault.</summary>
    internal bool IsLazy { get; set; }

    /// <summary>Serves a fault at a kernel address: copies the top-level entry from the master, if that is what was missing.</summary>
    /// <param name="task">The running task, in whatever context the access was.</param>
    /// <param name="map">The address space whose tree is in use, its own or borrowed.</param>
    /// <param name="address">The address.</param>
    /// <remarks>No lock is taken. Trap: <c>kernel BUG: BUG_ON(pgd_page_vaddr(*pgd) != pgd_page_vaddr(*pgd_ref))</c>.</remarks>
    [Never<Sleep>]
    public RepairResult Repair(MachineTask task, MemoryMap map, VirtualAddress address)
    {
        System.ArgumentNullException.ThrowIfNull(map);
        if (address.Value < Start.Value || address.Value >= End.Value) return RepairResult.Elsewhere;
        var master = Volatile.Read(ref _memory.Access.Entry(_memory.Kernel.Root, address.Index(PageTables.TopLevel)));
        if (master == 0) return RepairResult.NotMapped;
        ref var entry = ref _memory.Access.Entry(map.Tables.Root, address.Index(PageTables.TopLevel));
        var before = Interlocked.CompareExchange(ref entry, master, 0);
        if (before != 0 && before != master) TrapTexts.ReportBug(task, "BUG_ON(pgd_page_vaddr(*pgd) != pgd_page_vaddr(*pgd_ref))");
        if (before == 0) Interlocked.Increment(ref _repairs);
        return IsMapped(map, address) ? RepairResult.Repaired : RepairResult.NotMapped;
    }

    /// <summary>Reads a kernel address through the tree of an address space, as the hardware would, repairing it on the way.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="map">The address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="value">The byte.</param>
    /// <returns>False where nothing is mapped: what get_user of a kernel address answers with EFAULT.</returns>
    [MustCheck, Never<Sleep>]
    public bool TryRead(MachineTask task, MemoryMap map, VirtualAddress address, out byte value)
    {
        System.ArgumentNullException.ThrowIfNull(map);
        value = 0;
        using (_machine.Rcu.Read(task))
        {
            if (!IsMapped(map, address) && Repair(task, map, address) != RepairResult.Repaired) return false;
            if (!map.Tables.TryFind(address, out var leaf)) return false;
            var pte = new Pte(Volatile.Read(ref _memory.Access.Entry(leaf, address.Index(0))));
            if (!pte.IsPresent) return false;
            value = _memory.Access.Bytes(pte.Pfn)[address.Offset];
            return true;
        }
    }

    /// <summary>Reads a kernel address where a fault would be an error: no repair.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="map">The address space.</param>
    /// <param name="address">The address.</param>
    /// <returns>Whether the tables of the address are linked in this tree: what a hypervisor needs that writes the entry itself.</returns>
    public bool IsLinked(MachineTask task, MemoryMap map, VirtualAddress address)
    {
        System.ArgumentNullException.ThrowIfNull(map);
        using (_machine.Rcu.Read(task)) return map.Tables.TryFind(address, out _);
    }

    /// <summary>Brings every tree up to date with the master for a range. One step for each top-level entry, not for each page.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="start">The first address.</param>
    /// <param name="pages">How many pages.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">They do not lie where kernel ranges do.</exception>
    [ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>, Might<SpinOnLock>]
    public void Synchronise(MachineTask task, VirtualAddress start, int pages)
    {
        System.ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
        if (start.Value < Start.Value || start.Value >= End.Value || (ulong)pages > (End.Value - start.Value) >> Pfn.PageShift)
            throw new System.ArgumentOutOfRangeException(nameof(start), $"Kernel ranges lie between {Start} and {End}; {pages} pages from {start} on do not.");
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        Interlocked.Increment(ref _synchronisations);
        using (_memory.PgdLock.Lock(task))
        {
            for (var slot = start.Index(PageTables.TopLevel); slot <= start.PlusPages(pages - 1L).Index(PageTables.TopLevel); slot++)
                CopyToAllLocked(task, slot);
        }
    }

    private bool IsMapped(MemoryMap map, VirtualAddress address) =>
        map.Tables.TryFind(address, out var leaf) && new Pte(Volatile.Read(ref _memory.Access.Entry(leaf, address.Index(0)))).IsPresent;

    private void CopyToAllLocked(MachineTask task, int slot)
    {
        var master = Volatile.Read(ref _memory.Access.Entry(_memory.Kernel.Root, slot));
        foreach (var map in _memory.MapsLocked)
        {
            using (map.Tables.TableLock.Lock(task)) Volatile.Write(ref _memory.Access.Entry(map.Tables.Root, slot), master);
        }

        Volatile.Write(ref _isLinked[slot - FirstSlot], master != 0);
    }

    [MustCheck, Might<Sleep>]
    private bool TryMakeTables(MachineTask task, KernelRange range)
    {
        const long PagesInLeaf = PageTables.EntriesInTable;
        var modified = TableLevels.None;
        for (var at = range.Start; at.Value < range.End.Value; at = new VirtualAddress((at.Value | (((ulong)PagesInLeaf << Pfn.PageShift) - 1)) + 1))
        {
            if (!_memory.Kernel.TryAllocate(task, at, out _, ref modified)) return false;
        }

        if (_memory.Options.Regime == KernelRegime.Copied && !IsLazy && !AreLinked(range)) Synchronise(task, range.Start, range.PageCount);
        return true;
    }

    private bool AreLinked(KernelRange range)
    {
        for (var slot = range.Start.Index(PageTables.TopLevel); slot <= range.End.PlusPages(-1).Index(PageTables.TopLevel); slot++)
        {
            if (!Volatile.Read(ref _isLinked[slot - FirstSlot])) return false;
        }

        return true;
    }

    [MustCheck, Might<Sleep>]
    private bool TryMakeTopLevel(MachineTask task)
    {
        for (var slot = Start.Index(PageTables.TopLevel); slot <= End.PlusPages(-1).Index(PageTables.TopLevel); slot++)
        {
            if (!_memory.TryAllocateTable(task, out var table)) return false;
            using (_memory.PgdLock.Lock(task))
            {
                Volatile.Write(ref _memory.Access.Entry(_memory.Kernel.Root, slot), Pte.Of(table, Pte.WriteBit).Bits);
                CopyToAllLocked(task, slot);
            }
        }

        return true;
    }

    /// <summary>Frees the tables in which nothing is left. The trees lose their entries before the pages are freed.</summary>
    /// <param name="task">The running task; no range may be there.</param>
    [Might<Sleep>]
    public void Trim(MachineTask task)
    {
        task.MightSleep();
        if (Count != 0) throw new System.InvalidOperationException($"There are {Count} ranges; tables are freed when there is none.");
        const ulong Bits48 = (1UL << 48) - 1;
        var from = Start.Value & Bits48 & ~((1UL << 39) - 1);
        var to = ((End.Value & Bits48) + (1UL << 39) - 1) & ~((1UL << 39) - 1);
        if (_memory.Options.Regime == KernelRegime.Copied) _memory.Kernel.FreeEmpty(task, from, to, UnlinkEverywhere);
        else for (var slot = from; slot < to; slot += 1UL << 39) _memory.Kernel.FreeEmpty(task, slot, slot + (1UL << 39) - 1);
    }

    private void UnlinkEverywhere(MachineTask task, int slot)
    {
        Interlocked.Increment(ref _synchronisations);
        using (_memory.PgdLock.Lock(task)) CopyToAllLocked(task, slot);
    }
}
