// What all address spaces of a machine share: the pages their tables are made of, the zero page, the kernel's half, the list of them.
// Context: made and ended in a task. Locks: pgd_lock (the list and the top-level entries of the kernel's half) → page_table_lock → pte_lock.
// Invariants: VM1 every live map is in the list from before its first use of the kernel's half; VM2 a table page is freed a grace
//             period after it was unlinked; VM3 the zero page is never written, counted or freed while the subsystem lives.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Models;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Paging;

/// <summary>How the kernel's half of the top-level tables is kept the same in all address spaces.</summary>
public enum KernelRegime
{
    /// <summary>All top-level entries are made at the beginning, so that copies of them never go stale: x86-64.</summary>
    Shared,

    /// <summary>Every address space has copies, brought up to date where a table is added, and by a repair fault: x86-32.</summary>
    Copied,
}

/// <summary>How virtual memory is to be made.</summary>
public sealed record VirtualMemoryOptions
{
    /// <summary>Where pages come from. Its frames are the first of <see cref="Memory"/>; further frames have no descriptor.</summary>
    public required PageAllocator Pages { get; init; }

    /// <summary>The frames' bytes.</summary>
    public required PhysicalMemory Memory { get; init; }

    /// <summary>What there is behind a frame number.</summary>
    public required IMemoryModel Model { get; init; }

    /// <summary>Whether entries have a bit that says "no counted page" (CONFIG_ARCH_HAS_PTE_SPECIAL). Without, the kind of the area decides.</summary>
    public bool HasSpecialBit { get; init; } = true;

    /// <summary>
    /// Whether a frame with a page is counted in every mixed map. False is the kernel's rule until DAX pages were counted: with the
    /// bit, a mixed insert counts nothing, and without it counts what has a page.
    /// </summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>How the kernel's half is kept.</summary>
    public KernelRegime Regime { get; init; } = KernelRegime.Shared;

    /// <summary>How many pages of user addresses may be real mappings of the host at once (vm.max_map_count is 65,530).</summary>
    public int MirrorBudget { get; init; } = 16_384;
}

/// <summary>Virtual memory: what address spaces are made of.</summary>
public sealed partial class VirtualMemory
{
    private const int PteLockCount = 256;
    private readonly SpinLock[] _pteLocks = new SpinLock[PteLockCount];
    private readonly List<MemoryMap> _maps = [];
    private long _tablePages;
    private int _tableRequests;
    private uint _highest;

    /// <summary>Makes virtual memory without address spaces.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="options">How.</param>
    /// <exception cref="OutOfMemoryException">There are no pages for it.</exception>
    [Might<Sleep>]
    public VirtualMemory(MachineTask task, VirtualMemoryOptions options)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Pages);
        ArgumentNullException.ThrowIfNull(options.Memory);
        ArgumentNullException.ThrowIfNull(options.Model);
        Machine = task.Machine;
        Options = options;
        Frames = options.Pages.Pages;
        HasSpecialBit = options.HasSpecialBit;
        Access = new FrameAccess(options.Memory, options.Pages.Pages.First);
        for (var i = 0; i < PteLockCount; i++) _pteLocks[i] = new SpinLock(Machine, "pte_lock");
        PgdLock = new SpinLock(Machine, "pgd_lock");
        ZeroPage = options.Pages.Allocate(task, Gfp.Kernel) ?? throw new OutOfMemoryException("There is no page for the zero page.");
        Access.Bytes(ZeroPage).Clear();
        if (!TryAllocateTable(task, out var root)) throw new OutOfMemoryException("There is no page for the kernel's top-level table.");
        Kernel = new PageTables(this, root);
    }

    /// <summary>How it was made.</summary>
    public VirtualMemoryOptions Options { get; }

    /// <summary>The page that reads as zeros wherever nothing has been written.</summary>
    public Pfn ZeroPage { get; }

    /// <summary>How many pages are page tables.</summary>
    public long TablePages => Volatile.Read(ref _tablePages);

    internal Machine Machine { get; }

    internal FrameAccess Access { get; }

    internal FrameTable Frames { get; }

    internal bool HasSpecialBit { get; }

    /// <summary>The master copy of the kernel's half.</summary>
    internal PageTables Kernel { get; }

    internal SpinLock PgdLock { get; }

    /// <summary>For tests: refuses the n-th page of tables that is asked for.</summary>
    internal Func<int, bool>? RefuseTable { get; set; }

    /// <summary>The address spaces. Under pgd_lock.</summary>
    internal List<MemoryMap> MapsLocked => _maps;

    /// <summary>Gives back what belongs to no address space. There must be none left, and no kernel range.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void Dispose(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Kernel.FreeEmpty(task, 0, 1UL << 48);
        FreeTable(task, Kernel.Root);
        Machine.Rcu.Barrier(task);
        Options.Pages.Free(task, ZeroPage);
    }

    /// <summary>Whether a frame is not beyond the last that has ever had a descriptor. That one only grows, so the model is asked only beyond its last answer.</summary>
    internal bool IsAtMostHighest(Pfn pfn) => pfn.Number <= Volatile.Read(ref _highest) || pfn.Number <= RaiseHighest();

    private uint RaiseHighest()
    {
        var highest = Options.Model.Highest.Number;
        if (Options.Model.Phase != ModelPhase.None) Volatile.Write(ref _highest, highest);
        return highest;
    }

    /// <summary>Takes an address space into the list, with the kernel's half as it is: in one hold, so that no table is missed.</summary>
    internal void AddMap(MachineTask task, MemoryMap map)
    {
        using (PgdLock.Lock(task))
        {
            for (var i = PageTables.EntriesInTable / 2; i < PageTables.EntriesInTable; i++)
                Volatile.Write(ref Access.Entry(map.Tables.Root, i), Volatile.Read(ref Access.Entry(Kernel.Root, i)));
            _maps.Add(map);
        }
    }

    internal void RemoveMap(MachineTask task, MemoryMap map)
    {
        using (PgdLock.Lock(task)) _maps.Remove(map);
    }

    /// <summary>The lock of the entries of one table page. Tables share locks by number; no two are ever taken together.</summary>
    internal SpinLock PteLockOf(Pfn leaf) => _pteLocks[leaf.Number % PteLockCount];

    [MustCheck, Might<Sleep>]
    internal bool TryAllocateTable(MachineTask task, out Pfn table)
    {
        table = default;
        if (RefuseTable is { } refuse && refuse(_tableRequests++)) return false;
        if (Options.Pages.Allocate(task, Gfp.Kernel) is not { } page) return false;
        Access.Bytes(page).Clear();
        Frames.SetType(page, PageType.Table);
        Interlocked.Increment(ref _tablePages);
        table = page;
        return true;
    }

    /// <summary>Frees a table page that nobody can have seen.</summary>
    internal void FreeTable(MachineTask task, Pfn table)
    {
        Frames.SetType(table, PageType.None);
        Interlocked.Decrement(ref _tablePages);
        Options.Pages.Free(task, table);
    }

    /// <summary>Frees a table page once nobody can be walking it any more: a walker has interrupts off or is an RCU reader.</summary>
    internal void FreeTableAfterWalkers(MachineTask task, Pfn table) => Machine.Rcu.Call(task, later => FreeTable(later, table));
}
