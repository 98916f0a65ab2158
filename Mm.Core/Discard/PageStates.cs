// The guest's side of host page states: which pages the host may drop, and making sure that a page stays.
//
//   allocation ─► stable ─MakeVolatile─► volatile · potentially volatile ─MakeStable─► stable, or "discarded"       free ─► unused
//
// Context: matrix rows 103–107. Nothing here sleeps. MakeVolatile gives up where it would wait; MakeStable spins, so not in interrupts.
// Locks: one bit for each page, taken with interrupts off. Order: inside the lock of the cache and the page table lock.
// Invariants: PS1 a page with a reference that its cache does not know of is not offered; PS2 what MakeStable said stays is stable;
//             PS3 mappings of a page that is in a cache are counted under its bit, so that PS1 compares two counts of one moment.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Discard;

/// <summary>What becomes of the pages of a cache that the host has dropped.</summary>
public interface IDiscardableCache
{
    /// <summary>Unmaps a page wherever it is mapped. The page is locked.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    [Might<Sleep>]
    void Unmap(MachineTask task, Pfn page);

    /// <summary>
    /// Takes a page out of the cache, if it is still in it and <see cref="PageStates.TryBeginRemoval"/> agrees, and gives the cache's
    /// reference back. The page is locked.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    [Might<Sleep>]
    void Remove(MachineTask task, Pfn page);
}

/// <summary>The page states of an allocator under a host.</summary>
public sealed partial class PageStates
{
    private const PageFlags Unfit = PageFlags.Reserved | PageFlags.Dirty | PageFlags.Writeback | PageFlags.Locked | PageFlags.Private |
        PageFlags.Private2 | PageFlags.Discarded | PageFlags.Head | PageFlags.Tail | PageFlags.Held;

    private readonly Machine _machine;
    private readonly PageAllocator _pages;
    private readonly int[] _changing;

    /// <summary>Puts an allocator under a host: what is free is unused from now on, the rest stable. Nobody may be allocating meanwhile.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pages">The allocator, which has no host yet.</param>
    /// <param name="host">The host.</param>
    /// <exception cref="InvalidOperationException">The allocator has a host already.</exception>
    [Might<Sleep>]
    public PageStates(MachineTask task, PageAllocator pages, IHost host)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(pages);
        ArgumentNullException.ThrowIfNull(host);
        task.MightSleep();
        _machine = task.Machine;
        _pages = pages;
        Host = host;
        _changing = new int[pages.Pages.Count];
        Queue = new DiscardQueue(_machine, pages);
        for (var i = 0; i < pages.Pages.Count; i++)
        {
            var page = pages.Pages.PfnAt(i);
            if (pages.Pages.ReferenceCount(page) == 0 && pages.Pages.OwnerIdOf(page) == 0) host.SetUnused(page);
        }

        pages.UseStates(this);
        pages.AddReclaimer(Queue);
    }

    /// <summary>The host.</summary>
    public IHost Host { get; }

    /// <summary>Where discarded pages wait until they can be used again.</summary>
    public DiscardQueue Queue { get; }

    /// <summary>Says that the pages of a block are free. The caller has them to himself.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The first page.</param>
    /// <param name="order">The binary logarithm of the number of pages.</param>
    [ForbiddenIn<Nmi>]
    public void SetUnused(MachineTask task, Pfn page, int order = 0)
    {
        CheckNotNmi(task);
        for (var i = 0; i < 1 << order; i++) Host.SetUnused(page.Plus(i));
    }

    /// <summary>Says that the pages of a block are needed, and has them backed. The caller has them to himself.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The first page.</param>
    /// <param name="order">The binary logarithm of the number of pages.</param>
    /// <exception cref="TrapException">A page is discarded.</exception>
    [ForbiddenIn<Nmi>]
    public void SetStable(MachineTask task, Pfn page, int order = 0)
    {
        CheckNotNmi(task);
        for (var i = 0; i < 1 << order; i++)
        {
            // The touch makes it resident: whoever writes through a plain span gives the host no sign of it.
            if (!Host.TrySetStable(page.Plus(i)) || Host.Access(page.Plus(i), isWrite: false) != HostAccess.Done)
                TrapTexts.ReportBug(task, "BUG_ON(page_discarded(page))");
        }
    }

    /// <summary>
    /// Offers a page to the host, if nobody needs its contents: it is clean, up to date, in a cache, and nobody refers to it but its
    /// mappings and those whom the caller counts. Best effort; never waits.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <param name="references">How many references the caller counts: 1 for the cache's, 2 for that and one of his own.</param>
    /// <returns>True if the host may drop the page now.</returns>
    [ForbiddenIn<Nmi>]
    public bool MakeVolatile(MachineTask task, Pfn page, int references)
    {
        CheckNotNmi(task);
        if (!MayBeVolatile(task, page, references)) return false;
        using (task.IrqsOff())
        {
            ref var bit = ref _changing[_pages.Pages.IndexOf(page)];
            if (Interlocked.Exchange(ref bit, 1) != 0) return false;
            var may = MayBeVolatile(task, page, references);
            task.Point();
            if (may && (_pages.Pages.Flags(page) & PageFlags.Writable) != 0) Host.SetPotentiallyVolatile(page);
            else if (may) Host.SetVolatile(page);
            Volatile.Write(ref bit, 0);
            return may;
        }
    }

    /// <summary>Takes a page back from the host. The caller has a reference that MakeVolatile sees, or the page lock, already.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <returns>False if the host has dropped it: then <see cref="Discard"/> is owed.</returns>
    /// <remarks>Not in interrupts: they may have interrupted who changes the state. Trap: <c>WARN_ON_ONCE(in_interrupt())</c>.</remarks>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>, Might<SpinOnLock>]
    public bool MakeStable(MachineTask task, Pfn page)
    {
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        return ChangeState(task, page, Change.MakeStable);
    }

    /// <summary>The same where nobody may wait: gives up while the state changes, as <see cref="MakeVolatile"/> does.</summary>
    /// <param name="task">The running task, which has a reference to the page.</param>
    /// <param name="page">The page.</param>
    /// <returns>True if it is stable; false if it is dropped, or its state was just changing.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool TryMakeStable(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        using (task.IrqsOff())
        {
            ref var bit = ref _changing[_pages.Pages.IndexOf(page)];
            if (Interlocked.Exchange(ref bit, 1) != 0) return false;
            var isStable = Host.TrySetStable(page);
            Volatile.Write(ref bit, 0);
            return isStable;
        }
    }

    /// <summary>
    /// Comes before a page table entry for a page is set, under the page table lock. A page that is being removed gets no entry any
    /// more, and one that is going to be written to is potentially volatile at most.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <param name="isWritable">True if the entry allows writing.</param>
    /// <returns>False if the page is discarded: no entry may be set.</returns>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>, Might<SpinOnLock>]
    public bool CheckWritable(MachineTask task, Pfn page, bool isWritable)
    {
        if (RuntimeChecks.Enabled && (task.IrqsDisabled || task.InInterrupt)) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(irqs_disabled() || in_interrupt())");
        if ((_pages.Pages.Flags(page) & PageFlags.Discarded) != 0) return false;
        if (!isWritable || (_pages.Pages.Flags(page) & PageFlags.Writable) != 0) return true;
        return ChangeState(task, page, Change.MakeWritable);
    }

    /// <summary>
    /// <see cref="CheckWritable"/>, and the mapping is counted in the same step: whoever offers the page meanwhile sees both or neither.
    /// </summary>
    /// <param name="task">The running task, which has a reference to the page for the mapping.</param>
    /// <param name="page">The page.</param>
    /// <param name="isWritable">True if the entry allows writing.</param>
    /// <returns>False if the page is discarded: no entry may be set, and nothing was counted.</returns>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>, Might<SpinOnLock>]
    public bool TryAddMapping(MachineTask task, Pfn page, bool isWritable)
    {
        if (RuntimeChecks.Enabled && (task.IrqsDisabled || task.InInterrupt)) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(irqs_disabled() || in_interrupt())");
        return ChangeState(task, page, isWritable ? Change.MapWritable : Change.Map);
    }

    /// <summary>
    /// Comes after a page table entry was taken away, under the page table lock: a mapping less. With the last one, what was written
    /// becomes the flag, and the page is not mapped writable any more. The mapping's reference is still to be put.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <returns>True if it was the last.</returns>
    [ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>, Might<SpinOnLock>]
    public bool RemoveMapping(MachineTask task, Pfn page)
    {
        if (RuntimeChecks.Enabled && (task.IrqsDisabled || task.InInterrupt)) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(irqs_disabled() || in_interrupt())");
        return ChangeState(task, page, Change.Unmap);
    }

    /// <summary>Comes after the last mapping of a page is gone: it is not mapped writable any more. Gives up where it would wait.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    [ForbiddenIn<Nmi>]
    public void ResetWritable(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        if ((_pages.Pages.Flags(page) & PageFlags.Writable) == 0) return;
        using (task.IrqsOff())
        {
            ref var bit = ref _changing[_pages.Pages.IndexOf(page)];
            if (Interlocked.Exchange(ref bit, 1) != 0) return;
            if (_pages.Pages.MapCount(page) == 0) _ = _pages.Pages.Clear(page, PageFlags.Writable);
            Volatile.Write(ref bit, 0);
        }
    }

    /// <summary>Makes the hardware's dirty bit of a page its flag, in the one order in which the host never sees a changed page as clean.</summary>
    /// <param name="task">The running task, which has a reference to the page.</param>
    /// <param name="page">The page.</param>
    /// <returns>True if the page was written to.</returns>
    [ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>, Might<SpinOnLock>]
    public bool TransferDirty(MachineTask task, Pfn page)
    {
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        return Host.IsDirty(page) && ChangeState(task, page, Change.TransferDirty);
    }

    /// <summary>What the page allocator asks at its last step: true if the page was queued, and is not free yet.</summary>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    internal bool TryTake(MachineTask task, Pfn page, int order)
    {
        if ((_pages.Pages.Flags(page) & PageFlags.Discarded) == 0)
        {
            SetUnused(task, page, order);
            return false;
        }

        if (order != 0) _pages.Pages.QuarantineLost(task, page, order, "a block of several pages is marked as discarded");
        else if (_pages.Pages.IsFitForDiscard(task, page)) Queue.Add(task, page);
        return true;
    }

    private static void CheckNotNmi(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
    }

    // A mapping has its reference before it is counted, and gives it back after: read once while the mappings stand still (PS3), the
    // references are at least the mappings and what others hold.
    private bool MayBeVolatile(MachineTask task, Pfn page, int references)
    {
        var pages = _pages.Pages;
        var flags = pages.Flags(page);
        if ((flags & Unfit) != 0 || (flags & PageFlags.UpToDate) == 0 || pages.IsAnonymous(page) || pages.CacheIdOf(page) == 0) return false;
        if (Host.StateOf(page).IsDiscarded) return false;
        var mappings = pages.MapCount(page);
        task.Point();
        return mappings == pages.ReferenceCount(page) - references;
    }

    private enum Change
    {
        MakeStable,
        MakeWritable,
        TransferDirty,
        Map,
        MapWritable,
        Unmap,
    }

    // Interrupts are off while the bit is set, so that no interrupt of this CPU waits for it; they are on between two looks.
    [Might<SpinOnLock>]
    private bool ChangeState(MachineTask task, Pfn page, Change change)
    {
        ref var bit = ref _changing[_pages.Pages.IndexOf(page)];
        var spins = 0;
        while (true)
        {
            using (task.IrqsOff())
            {
                if (Interlocked.Exchange(ref bit, 1) == 0)
                {
                    task.Point();
                    var done = change switch
                    {
                        Change.MakeStable => Host.TrySetStable(page),
                        Change.MakeWritable => MakeWritable(page),
                        Change.TransferDirty => TransferDirtyTo(task, page),
                        Change.Unmap => Unmap(task, page),
                        _ => Map(page, change == Change.MapWritable),
                    };
                    Volatile.Write(ref bit, 0);
                    return done;
                }
            }

            _machine.Scheduler.Pause(task, ref spins);
        }
    }

    // Stable first: a page whose bit is clear and whose flag is not set yet looks clean. All of it under the page's bit, for the same
    // reason: nobody may offer the page between the two.
    private bool TransferDirtyTo(MachineTask task, Pfn page)
    {
        if (!Host.IsDirty(page) || !Host.TrySetStable(page)) return false;
        task.Point();
        Host.ClearDirty(page);
        task.Point();
        _ = _pages.Pages.Set(page, PageFlags.Dirty);
        return true;
    }

    private bool Map(Pfn page, bool isWritable)
    {
        if ((_pages.Pages.Flags(page) & PageFlags.Discarded) != 0 || (isWritable && !MakeWritable(page))) return false;
        _pages.Pages.AddMapping(page);
        return true;
    }

    private bool Unmap(MachineTask task, Pfn page)
    {
        if (!_pages.Pages.RemoveMappingAndTest(page)) return false;
        _ = TransferDirtyTo(task, page);
        _ = _pages.Pages.Clear(page, PageFlags.Writable);
        return true;
    }

    private bool MakeWritable(Pfn page)
    {
        _ = _pages.Pages.Set(page, PageFlags.Writable);
        if (Host.StateOf(page).Usage == PageUsage.Volatile) Host.SetPotentiallyVolatile(page);
        return !Host.StateOf(page).IsDiscarded;
    }
}
