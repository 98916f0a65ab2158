// What happens when a page is accessed that the host has dropped, and how such a page leaves its cache.
//
//   access ─► trap, interrupts off ─► reference, unless nobody has one ─► interrupts as they were ─► in a task? ─► lock, unmap, remove, put
//
// Context: matrix rows 108–111. The trap names a frame and nothing else: until the reference is taken, interrupts stay off, and that alone
// keeps the page from being freed (DiscardQueue). Locks: the page lock; the cache's own inside.
// Invariants: DF1 a page is removed once; DF2 interrupts go on only if they were on; DF3 a page keeps its cache's number until it is free.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Discard;

public sealed partial class PageStates
{
    private readonly Lock _gate = new();
    private IDiscardableCache[] _caches = [];

    /// <summary>Makes a cache known whose pages may be offered to the host.</summary>
    /// <param name="cache">The cache.</param>
    /// <returns>Its number, for <see cref="AddToCache"/>.</returns>
    [Trusted("a list of the host's")]
    public int Register(IDiscardableCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        lock (_gate)
        {
            Volatile.Write(ref _caches, [.. _caches, cache]);
            return _caches.Length;
        }
    }

    /// <summary>Says that a page is in a cache, which has a reference to it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="cache">The number of the cache.</param>
    public void AddToCache(Pfn page, int cache)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cache);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cache, _caches.Length);
        _pages.Pages.SetCacheId(page, cache);
    }

    /// <summary>
    /// Comes first when a page is taken out of its cache, under the lock of the cache. A page that the host has dropped is marked, so
    /// that its last put brings it to the queue; one that it has not dropped is taken back from it.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, which was found in the cache.</param>
    /// <returns>False if somebody else has begun to remove it: leave it alone.</returns>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>, Might<SpinOnLock>]
    public bool TryBeginRemoval(MachineTask task, Pfn page)
    {
        if ((_pages.Pages.Flags(page) & PageFlags.Discarded) != 0) return false;
        if (MakeStable(task, page))
        {
            _pages.Pages.SetCacheId(page, 0);
            return true;
        }

        return (_pages.Pages.Set(page, PageFlags.Discarded) & PageFlags.Discarded) == 0;
    }

    /// <summary>Accesses a page as the hardware does: what the host has dropped is taken out of its cache.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The frame.</param>
    /// <param name="isWrite">True to write.</param>
    /// <returns>Done, and the bytes may be touched; or a fault: look the page up again.</returns>
    /// <remarks>Trap: a discard fault outside of a task that may sleep is a sleep there; the page is left as it was.</remarks>
    [MustCheck, Might<Sleep>]
    public HostAccess Access(MachineTask task, Pfn page, bool isWrite)
    {
        ArgumentNullException.ThrowIfNull(task);
        HostAccess outcome;
        var isPinned = false;
        using (task.IrqsOff())
        {
            outcome = Host.Access(page, isWrite);
            if (outcome == HostAccess.DiscardFault)
            {
                task.Point();
                isPinned = TryPinDiscarded(task, page);
            }
        }

        if (isPinned) EndFault(task, page);
        return outcome;
    }

    /// <summary>The first half of a discard fault: takes a reference to the frame that the trap names, if it is still what faulted.</summary>
    /// <param name="task">The running task; interrupts have been off since the trap.</param>
    /// <param name="frame">What the trap names.</param>
    /// <returns>True if a reference was taken, for <see cref="EndFault"/>; false if the page is gone: access it again.</returns>
    /// <remarks>Trap: <c>lockdep_assert_irqs_disabled()</c>.</remarks>
    [MustCheck, Requires<IrqOff>]
    public bool TryPinDiscarded(MachineTask task, Pfn frame)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (RuntimeChecks.Enabled && !task.IrqsDisabled) TrapTexts.ReportWarning(task, "lockdep_assert_irqs_disabled()");
        return _pages.Pages.Contains(frame) && _pages.Pages.TryGetOwn(frame);
    }

    /// <summary>The second half of a discard fault: the page leaves its cache, and the reference is given back.</summary>
    /// <param name="task">The running task, as it was interrupted.</param>
    /// <param name="page">The page.</param>
    /// <remarks>Trap: a sleep in the wrong context; only the reference is given back then.</remarks>
    [Might<Sleep>]
    public void EndFault(MachineTask task, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        try
        {
            task.MightSleep();
            if (task.Preemptible) Discard(task, page);
        }
        finally
        {
            _pages.Pages.Put(task, page);
        }
    }

    /// <summary>Takes a page that the host has dropped out of its cache.</summary>
    /// <param name="task">The running task, which has a reference to the page.</param>
    /// <param name="page">The page.</param>
    [Might<Sleep>]
    public void Discard(MachineTask task, Pfn page)
    {
        _pages.Pages.Lock(task, page);
        try
        {
            DiscardLocked(task, page);
        }
        finally
        {
            _pages.Pages.Unlock(task, page);
        }
    }

    /// <summary>The same, for a page that the caller has locked.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    [Might<Sleep>]
    public void DiscardLocked(MachineTask task, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        if (!Host.StateOf(page).IsDiscarded) return;
        var id = _pages.Pages.CacheIdOf(page);
        if (id == 0) return;
        var cache = Volatile.Read(ref _caches)[id - 1];
        cache.Unmap(task, page);
        cache.Remove(task, page);
    }
}
