// One tree of tables: four levels of 512 entries, each table a page.
//
//   address   sign ┬ level 3 (9 bits) ┬ level 2 ┬ level 1 ┬ level 0, the leaf ┬ 12 bits
//
// Context: finding a leaf anywhere, with interrupts off, as an RCU reader, or with what keeps tables from being freed; adding sleeps.
// Locks: page_table_lock for entries above the leaf; pte_lock for those of a leaf. Pages are allocated before a lock is taken.
// Invariants: PT1 an entry above the leaf changes from nothing to a table once, and back only when nothing below is left.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Paging;

/// <summary>Which levels of a tree were changed: the kernel's pgtbl_mod_mask.</summary>
[Flags]
internal enum TableLevels
{
    None = 0,
    Leaf = 1,
    Level1 = 2,
    Level2 = 4,
    Top = 8,
}

internal sealed class PageTables(VirtualMemory memory, Pfn root)
{
    public const int TopLevel = 3;
    public const int EntriesInTable = 512;
    private const ulong TableBits = Pte.PresentBit | Pte.WriteBit | Pte.UserBit;
    private readonly SpinLock _tableLock = new(memory.Machine, "page_table_lock");

    public Pfn Root { get; } = root;

    public SpinLock TableLock => _tableLock;

    /// <summary>The leaf table of an address, if the tables above it are there.</summary>
    public bool TryFind(VirtualAddress address, out Pfn leaf)
    {
        leaf = Root;
        for (var level = TopLevel; level > 0; level--)
        {
            var entry = Volatile.Read(ref memory.Access.Entry(leaf, address.Index(level)));
            if ((entry & Pte.PresentBit) == 0) return false;
            leaf = new Pte(entry).Pfn;
        }

        return true;
    }

    /// <summary>The leaf table of an address; what is missing above it is added.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    /// <param name="leaf">The table.</param>
    /// <param name="modified">The levels that got an entry.</param>
    /// <returns>False if there was no page for a table; tables that were added stay, and are empty.</returns>
    [MustCheck, Might<Sleep>]
    public bool TryAllocate(MachineTask task, VirtualAddress address, out Pfn leaf, ref TableLevels modified)
    {
        leaf = Root;
        for (var level = TopLevel; level > 0; level--)
        {
            ref var place = ref memory.Access.Entry(leaf, address.Index(level));
            var entry = Volatile.Read(ref place);
            if ((entry & Pte.PresentBit) == 0)
            {
                if (!memory.TryAllocateTable(task, out var fresh)) return false;
                if (TryInstall(task, leaf, address.Index(level), fresh)) modified |= (TableLevels)(1 << level);
                else memory.FreeTable(task, fresh);
                entry = Volatile.Read(ref memory.Access.Entry(leaf, address.Index(level)));
            }

            leaf = new Pte(entry).Pfn;
        }

        return true;
    }

    /// <summary>Frees the tables that lie wholly in a range of addresses. Their leaf entries must be empty, and nobody adding any.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="from">The first address, 48 bits of it.</param>
    /// <param name="to">The address behind the last.</param>
    /// <param name="beforeFreeing">Told before a table that hung in the top level is freed: its place there.</param>
    public void FreeEmpty(MachineTask task, ulong from, ulong to, Action<MachineTask, int>? beforeFreeing = null) =>
        FreeEmpty(task, Root, TopLevel, 0, from, to, beforeFreeing);

    // Recursion as deep as there are levels.
    private void FreeEmpty(MachineTask task, Pfn table, int level, ulong start, ulong from, ulong to, Action<MachineTask, int>? beforeFreeing)
    {
        var size = 1UL << (Pfn.PageShift + (9 * level));
        var first = from <= start ? 0 : (int)Math.Min((from - start) / size, EntriesInTable);
        for (var i = first; i < EntriesInTable && start + ((ulong)i * size) < to; i++)
        {
            var entry = Volatile.Read(ref memory.Access.Entry(table, i));
            if ((entry & Pte.PresentBit) == 0) continue;
            var child = new Pte(entry).Pfn;
            var childStart = start + ((ulong)i * size);
            if (level > 1) FreeEmpty(task, child, level - 1, childStart, from, to, beforeFreeing: null);
            if (childStart < from || childStart + size > to) continue;
            using (_tableLock.Lock(task)) Volatile.Write(ref memory.Access.Entry(table, i), 0);
            beforeFreeing?.Invoke(task, i);
            memory.FreeTableAfterWalkers(task, child);
        }
    }

    // Install if empty: whoever comes second gives his page back.
    private bool TryInstall(MachineTask task, Pfn table, int index, Pfn fresh)
    {
        using (_tableLock.Lock(task))
        {
            ref var place = ref memory.Access.Entry(table, index);
            if (place != 0) return false;
            Volatile.Write(ref place, Pte.Of(fresh, TableBits).Bits);
            return true;
        }
    }
}
