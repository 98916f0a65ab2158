// The owners of an allocator's pages, and how a page gets one and loses it.
//
//   allocator ──SetOwner──► owned, in use ──last put──► check ──► owner's callback ──► Taken: his, Revive gives it out again
//                 ◄──ClearOwner──                          └─► quarantine          └─► ToAllocator: free
//
// Context: registering sleeps; the rest nowhere, not in hard interrupts to set, not in NMIs (rows 36–39). Locks: a mutex for the table.
// Invariants: OR1 a number in a descriptor is that of a registered owner; OR2 a number is given anew only when its last page and call are gone.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mutex = Mm.Core.Locking.Mutex;

namespace Mm.Core.Owners;

/// <summary>Who owns which pages of an allocator.</summary>
public sealed class OwnerRegistry
{
    private readonly FrameTable _pages;
    private readonly Mutex _mutex;
    private readonly WaitQueue _leaving;
    private readonly PageOwner?[] _owners = new PageOwner?[256];

    internal OwnerRegistry(Machine machine, FrameTable pages)
    {
        _pages = pages;
        _mutex = new Mutex(machine, "page_owner_mutex");
        _leaving = new WaitQueue(machine, "page_owner_leaving");
    }

    /// <summary>The registered owners.</summary>
    public IReadOnlyList<PageOwner> All
    {
        get
        {
            var all = new List<PageOwner>();
            foreach (var owner in _owners)
            {
                if (owner is not null) all.Add(owner);
            }

            return all;
        }
    }

    /// <summary>Makes an owner.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="name">For reports.</param>
    /// <param name="onLastPut">Is told of the last put of each of his pages, in any context.</param>
    /// <exception cref="ArgumentException">The callback is annotated as sleeping: it could not run in an interrupt.</exception>
    /// <exception cref="InvalidOperationException">There are 255 owners already.</exception>
    [Might<Sleep>]
    public PageOwner Register(MachineTask task, string name, LastPutHandler onLastPut)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(onLastPut);
        task.MightSleep();
        if (WhySleeps(onLastPut) is { } reason)
            throw new ArgumentException($"The last put of a page can be anywhere, in a hard interrupt too. The callback of owner '{name}' {reason}; let it queue the page, and do the rest in a task.", nameof(onLastPut));
        using (_mutex.Lock(task))
        {
            for (var id = 1; id < _owners.Length; id++)
            {
                if (_owners[id] is not null) continue;
                var owner = new PageOwner(name, (byte)id, onLastPut);
                Volatile.Write(ref _owners[id], owner);
                return owner;
            }
        }

        throw new InvalidOperationException("There are 255 owners of pages already; one must be unregistered before another can come.");
    }

    /// <summary>Takes an owner away, when his last page is no longer his and no call to him is under way. He gets no new pages meanwhile.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="owner">The owner.</param>
    /// <exception cref="InvalidOperationException">He is not registered, or leaves already.</exception>
    [Might<Sleep>]
    public void Unregister(MachineTask task, PageOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        task.MightSleep();
        using (_mutex.Lock(task))
        {
            if (_owners[owner.Id] != owner || owner.IsLeaving) throw new InvalidOperationException($"Owner '{owner.Name}' is not registered here, or leaves already.");
            owner.IsLeaving = true;
        }

        _leaving.Wait(task, () => owner.IsGone);
        using (_mutex.Lock(task)) Volatile.Write(ref _owners[owner.Id], null);
    }

    /// <summary>Gives a page to an owner: its last put goes to him.</summary>
    /// <param name="task">The running task, with the only reference to the page.</param>
    /// <param name="page">A single page, or the first of a compound one. Of no owner, no list, no mapping, no file.</param>
    /// <param name="owner">The owner.</param>
    /// <exception cref="TrapException">A precondition does not hold; the report names it. Nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">The owner is not registered, or leaves.</exception>
    [ForbiddenIn<HardIrq>]
    public void SetOwner(MachineTask task, Pfn page, PageOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (RuntimeChecks.Enabled && task.InHardIrq) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_hardirq())");
        var pages = 1 << _pages.OrderOf(page);
        owner.Add(pages);
        var isSet = false;
        try
        {
            // Counted first, so that a leaving owner either sees the page or is seen to leave.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _owners[owner.Id]) != owner || owner.IsLeaving) throw new InvalidOperationException($"Owner '{owner.Name}' is not registered here, or leaves: page {page} cannot become his.");
            _pages.SetOwner(task, page, owner.Id);
            isSet = true;
        }
        finally
        {
            if (!isSet) Remove(task, owner, pages);
        }
    }

    /// <summary>Takes a page from its owner. Afterwards it is the page allocator's, with one reference: the caller's.</summary>
    /// <param name="task">The running task: with the only reference, or, as the owner, with a page that came home.</param>
    /// <param name="page">The page.</param>
    /// <param name="owner">Its owner.</param>
    /// <exception cref="TrapException">It is not his, or others refer to it: nothing has changed.</exception>
    [ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public void ClearOwner(MachineTask task, Pfn page, PageOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var pages = 1 << _pages.OrderOf(page);
        _pages.ClearOwner(task, page, owner.Id);
        Remove(task, owner, pages);
    }

    /// <summary>Gives a page that came home its first reference again: the owner hands it out anew.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, in the owner's hands.</param>
    /// <param name="owner">Its owner.</param>
    /// <exception cref="TrapException">It is not his, or somebody refers to it: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void Revive(MachineTask task, Pfn page, PageOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        _pages.Revive(task, page, owner.Id);
    }

    /// <summary>The owner of a page, null if it is the page allocator's. Stable as long as one has a reference to it.</summary>
    /// <param name="page">The page.</param>
    public PageOwner? OwnerOf(Pfn page) => Volatile.Read(ref _owners[_pages.OwnerIdOf(page)]);

    /// <summary>A page is no longer its owner's, whoever else still refers to it: its last put goes to the allocator.</summary>
    [Might<SpinOnLock>]
    internal void Abandon(MachineTask task, Pfn page, PageOwner owner)
    {
        var pages = 1 << _pages.OrderOf(page);
        _pages.ForgetOwner(page);
        Remove(task, owner, pages);
    }

    /// <summary>The owner that a descriptor names, at the last put of its page.</summary>
    internal PageOwner? Find(byte id) => Volatile.Read(ref _owners[id]);

    /// <summary>Some pages are no longer the owner's.</summary>
    [Might<SpinOnLock>]
    internal void Remove(MachineTask task, PageOwner owner, int pages)
    {
        owner.Add(-pages);
        NoteEnd(task, owner);
    }

    /// <summary>A call has ended, or a page has gone: wakes who waits for the last one.</summary>
    [Might<SpinOnLock>]
    internal void NoteEnd(MachineTask task, PageOwner owner)
    {
        if (owner.IsLeaving && owner.IsGone) _leaving.WakeAll(task);
    }

    private static string? WhySleeps(LastPutHandler handler)
    {
        foreach (var single in handler.GetInvocationList())
        {
            // Compiled expressions have no attribute data, and may be asked for attributes all the same.
            foreach (var attribute in single.Method.GetCustomAttributes(inherit: false))
            {
                if (attribute is MightAttribute<Sleep> || (attribute is MightAttribute might && might.Effect == typeof(Sleep))) return "is annotated [Might<Sleep>]";
            }
        }

        return null;
    }
}
