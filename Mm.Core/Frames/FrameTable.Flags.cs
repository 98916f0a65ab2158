// Flags and types of pages, the page lock, and compound pages.
// Context: matrix rows 26–30. Atomic flags anywhere; the others only on a page that nobody else can reach, not in NMIs. Lock sleeps.
// Locks: the page lock is a flag; its waiters stand in one of 64 queues.
// Invariants: PL1 unlocked by whoever finds it locked only; CP1 a compound page is aligned to its size.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    private const int TypeBase = unchecked((int)0xf0000000);
    private const int ZoneShift = 30;
    private const uint FlagMask = (1u << 28) - 1;

    /// <summary>The largest order of a compound page.</summary>
    public const int MaximalOrder = 10;

    private readonly WaitQueue[] _locks;

    /// <summary>The flags of a page. Anybody may change them at once.</summary>
    /// <param name="page">The page.</param>
    public PageFlags Flags(Pfn page) => (PageFlags)(Volatile.Read(ref Hot(IndexOf(page)).Flags) & FlagMask);

    /// <summary>The number of the zone that a page belongs to.</summary>
    /// <param name="page">The page.</param>
    public int ZoneOf(Pfn page) => ZoneOf(Volatile.Read(ref Hot(IndexOf(page)).Flags));

    /// <summary>Sets flags, atomically.</summary>
    /// <param name="page">The page.</param>
    /// <param name="flags">Which; not those that the table itself keeps.</param>
    /// <returns>The flags before.</returns>
    public PageFlags Set(Pfn page, PageFlags flags) => (PageFlags)(Interlocked.Or(ref Hot(IndexOf(page)).Flags, Checked(flags)) & FlagMask);

    /// <summary>Clears flags, atomically.</summary>
    /// <param name="page">The page.</param>
    /// <param name="flags">Which; not those that the table itself keeps.</param>
    /// <returns>The flags before.</returns>
    public PageFlags Clear(Pfn page, PageFlags flags) => (PageFlags)(Interlocked.And(ref Hot(IndexOf(page)).Flags, ~Checked(flags)) & FlagMask);

    /// <summary>Sets flags with a plain store: only on a page that nobody else can reach.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page; at most one reference.</param>
    /// <param name="flags">Which.</param>
    /// <exception cref="Diagnostics.TrapException">Others refer to the page: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void SetUnpublished(MachineTask task, Pfn page, PageFlags flags)
    {
        CheckUnpublished(task, page);
        Hot(IndexOf(page)).Flags |= Checked(flags);
    }

    /// <summary>Clears flags with a plain store: only on a page that nobody else can reach.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page; at most one reference.</param>
    /// <param name="flags">Which.</param>
    /// <exception cref="Diagnostics.TrapException">Others refer to the page: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void ClearUnpublished(MachineTask task, Pfn page, PageFlags flags)
    {
        CheckUnpublished(task, page);
        Hot(IndexOf(page)).Flags &= ~Checked(flags);
    }

    /// <summary>What a page is while nobody can map it.</summary>
    /// <param name="page">The page.</param>
    public PageType TypeOf(Pfn page) => TypeOf(Volatile.Read(ref Cold(page).MapCountOrType));

    /// <summary>Locks a page, sleeping until nobody else has it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, to which the caller has a reference.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public void Lock(MachineTask task, Pfn page, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        task.MightSleep(file, line);
        if (!TrySetLocked(page)) QueueOf(page).Wait(task, () => TrySetLocked(page), file, line);
    }

    /// <summary>Locks a page if nobody has it. Never sleeps.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <returns>True if it was locked; then <see cref="Unlock"/> is owed.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool TryLock(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        return TrySetLocked(page);
    }

    /// <summary>Unlocks a page and wakes who waits for it.</summary>
    /// <param name="task">The running task; it need not be the one that locked it.</param>
    /// <param name="page">The page.</param>
    /// <exception cref="Diagnostics.TrapException">It was not locked: nothing has changed.</exception>
    [Might<SpinOnLock>]
    public void Unlock(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        ref var flags = ref Hot(IndexOf(page)).Flags;
        if ((Interlocked.And(ref flags, ~(uint)PageFlags.Locked) & (uint)PageFlags.Locked) == 0)
            ReportBug(page, "VM_BUG_ON_PAGE(!PageLocked(page))");
        if (QueueOf(page).IsActive) QueueOf(page).WakeAll(task);
    }

    /// <summary>Makes one page of several. They have no references but the first, and no flags.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="head">The first page, aligned to the size of the whole.</param>
    /// <param name="order">The binary logarithm of the number of pages, 1 to <see cref="MaximalOrder"/>.</param>
    /// <exception cref="ArgumentException">The pages are not aligned, or not all there.</exception>
    /// <exception cref="Diagnostics.TrapException">A page is part of a compound page already, or a tail is referred to: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void MakeCompound(MachineTask task, Pfn head, int order)
    {
        CheckUnpublished(task, head);
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, MaximalOrder);
        var pages = 1 << order;
        if (head.Number % pages != 0 || !Contains(head.Plus(pages - 1)))
            throw new ArgumentException($"Page {head} is not the first of {pages} pages that are aligned and described here.", nameof(head));
        var first = IndexOf(head);
        for (var index = first; index < first + pages; index++)
        {
            if ((Hot(index).Flags & (uint)(PageFlags.Head | PageFlags.Tail)) != 0) ReportBug(PfnAt(index), "VM_BUG_ON_PAGE(PageCompound(page))");
            if (_pages.Cold(index).Owner != 0) ReportBug(PfnAt(index), "VM_BUG_ON_PAGE(page_owner_id(page))");
            if (index != first && Hot(index).References != 0) ReportBug(PfnAt(index), "VM_BUG_ON_PAGE(page_ref_count(page))");
        }

        for (var index = first + 1; index < first + pages; index++)
        {
            _pages.Cold(index).Head = first;
            Hot(index).Flags |= (uint)PageFlags.Tail;
        }

        _pages.Order(first) = (byte)order;
        Volatile.Write(ref Hot(first).Flags, Hot(first).Flags | (uint)PageFlags.Head | HasOrder);
    }

    /// <summary>Makes single pages of a compound page that nobody can reach.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="head">The first page.</param>
    /// <exception cref="Diagnostics.TrapException">It is not the first of a compound page: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void BreakCompound(MachineTask task, Pfn head)
    {
        CheckUnpublished(task, head);
        var first = IndexOf(head);
        if ((Hot(first).Flags & (uint)PageFlags.Head) == 0) ReportBug(head, "VM_BUG_ON_PAGE(!PageHead(page))");
        if (_pages.Cold(first).Owner != 0) ReportBug(head, "VM_BUG_ON_PAGE(page_owner_id(page))");
        var pages = 1 << _pages.Order(first);
        for (var index = first + 1; index < first + pages; index++) Hot(index).Flags &= ~(uint)PageFlags.Tail;
        Hot(first).Flags &= ~((uint)PageFlags.Head | HasOrder);
    }

    /// <summary>The first page of the compound page that a page is part of, or itself.</summary>
    /// <param name="page">The page.</param>
    public Pfn HeadOf(Pfn page) => PfnAt(HeadIndex(page));

    /// <summary>The order of a compound page, 0 for a single one.</summary>
    /// <param name="page">Any part of it.</param>
    public int OrderOf(Pfn page) => OrderAt(HeadIndex(page));

    internal void SetZone(Pfn page, int zone)
    {
        ref var flags = ref Hot(IndexOf(page)).Flags;
        flags = (flags & ~(3u << ZoneShift)) | FlagsOfZone(zone);
    }

    internal void SetType(Pfn page, PageType type)
    {
        ref var value = ref Cold(page).MapCountOrType;
        if (value >= 0) ReportBug(page, "VM_BUG_ON_PAGE(page_mapcount(page))");
        if (type is not (PageType.None or PageType.Buddy)) Expose(page);
        value = type == PageType.None ? -1 : -1 & ~(int)type;
    }

    private static WaitQueue[] NewLockQueues(Machine machine)
    {
        var queues = new WaitQueue[64];
        for (var i = 0; i < queues.Length; i++) queues[i] = new WaitQueue(machine, "page_wait_table");
        return queues;
    }

    private static int ZoneOf(uint flags) => (int)(flags >> ZoneShift);

    private static bool IsType(int value) => value < -1 && (value & TypeBase) == TypeBase;

    private static PageType TypeOf(int value) => IsType(value) ? (PageType)(~value & 0x780) : PageType.None;

    private static uint Checked(PageFlags flags)
    {
        const PageFlags Kept = PageFlags.Head | PageFlags.Tail | PageFlags.Quarantined | PageFlags.Locked | PageFlags.Held;
        if ((flags & Kept) != 0 || ((uint)flags & ~FlagMask) != 0)
            throw new ArgumentException($"The table itself keeps {flags & Kept}; it has operations for that.", nameof(flags));
        return (uint)flags;
    }

    private void CheckUnpublished(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        if (RuntimeChecks.Enabled && Volatile.Read(ref Hot(IndexOf(page)).References) > 1) ReportBug(page, "VM_BUG_ON_PAGE(page_count(page) > 1)");
    }

    private bool TrySetLocked(Pfn page) =>
        (Interlocked.Or(ref Hot(IndexOf(page)).Flags, (uint)PageFlags.Locked) & (uint)PageFlags.Locked) == 0;

    private WaitQueue QueueOf(Pfn page) => _locks[page.Number % (uint)_locks.Length];

    private int HeadIndex(Pfn page)
    {
        var index = IndexOf(page);
        return (Volatile.Read(ref Hot(index).Flags) & (uint)PageFlags.Tail) == 0 ? index : _pages.Cold(index).Head;
    }

    private int OrderAt(int head) => (Hot(head).Flags & (uint)PageFlags.Head) == 0 ? 0 : _pages.Order(head);
}
