// The middle of taking memory out: what is in use is moved or let go, again and again, until only free pages are left.
// Context: a task; mem_hotplug_lock is held. Locks: page locks, one at a time. Source: mm/migrate.c:isolate_movable_page, 6.1, for the order:
// reference, test, trylock, test again, isolate. Invariants: HM1 a page that was not moved is put back.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Physical;

namespace Mm.Core.Hotplug;

public sealed partial class MemoryHotplug
{
    private enum Obstacle
    {
        None,
        Movable,
        Held,
        Unmovable,
    }

    /// <summary>Moves an owned page to another frame, if its owner can. The caller need not refer to it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <returns>True if its owner uses it no longer.</returns>
    [MustCheck, Might<Sleep>]
    public bool TryMove(MachineTask task, Pfn page)
    {
        if (!TryMoveAway(task, page, Gfp.Kernel | Gfp.RetryMayFail, null)) return false;
        _pages.Put(task, page);
        return true;
    }

    // The same, with the flags for the other frame. If the page was moved, the last reference to it is the caller's now.
    [MustCheck, Might<Sleep>]
    private bool TryMoveAway(MachineTask task, Pfn page, Gfp flags, Emptying? emptying)
    {
        task.MightSleep();
        if (_movable[_pages.OwnerIdOf(page)] is not { } operations) return false;
        if (!_pages.TryGet(page)) return GiveUp(task, page, operations);
        var owner = _allocator.Owners.OwnerOf(page);
        var isMoved = false;
        try
        {
            if (owner is null || _movable[owner.Id] != operations || !_pages.TryLock(task, page)) return false;
            var isIsolated = false;
            try
            {
                // Between the first look and the lock the page may have become somebody else's.
                if (_allocator.Owners.OwnerOf(page) != owner || (_pages.Flags(page) & PageFlags.Isolated) != 0) return false;
                isIsolated = operations.TryIsolate(task, page);
                if (!isIsolated) return false;
                _pages.Set(page, PageFlags.Isolated);
                isMoved = Migrate(task, page, owner, operations, flags, emptying);
            }
            finally
            {
                if (isIsolated)
                {
                    _pages.Clear(page, PageFlags.Isolated);
                    if (!isMoved) operations.PutBack(task, page);
                }

                _pages.Unlock(task, page);
            }

            if (isMoved) _allocator.Owners.Abandon(task, page, owner);
        }
        finally
        {
            if (!isMoved) _pages.Put(task, page);
        }

        return isMoved;
    }

    [Might<Sleep>]
    private bool Migrate(MachineTask task, Pfn page, Owners.PageOwner owner, IMovableOperations operations, Gfp flags, Emptying? emptying)
    {
        var order = _pages.OrderOf(page);
        flags |= Gfp.Movable | (order == 0 ? Gfp.None : Gfp.Compound);
        var place = _allocator.Allocate(task, flags, order);

        // Of what is emptied CPUs may have pages at hand.
        for (; place is { } within && emptying?.Contains(within) == true; place = _allocator.Allocate(task, flags, order)) emptying.Left.Add(within);
        if (place is not { } target) return false;
        try
        {
            _allocator.Owners.SetOwner(task, target, owner);
        }
        catch
        {
            // An owner who leaves gets no page any more.
            _allocator.Free(task, target, order);
            throw;
        }

        if (operations.TryMigrate(task, page, target))
        {
            Interlocked.Add(ref _migratedPages, 1 << order);
            return true;
        }

        _allocator.Owners.ClearOwner(task, target, owner);
        _allocator.Free(task, target, order);
        return false;
    }

    [Might<Sleep>]
    private bool GiveUp(MachineTask task, Pfn page, IMovableOperations operations)
    {
        if (_allocator.Owners.OwnerOf(page) is not { } owner || !operations.TryGiveUp(task, page)) return false;
        _allocator.Owners.ClearOwner(task, page, owner);
        return true;
    }

    [Might<Sleep>]
    private OfflineResult Empty(MachineTask task, IBlockIsolation isolation, FrameRange range, CancellationToken cancel)
    {
        for (var round = 0; ; round++)
        {
            // What the host has dropped and the guest has freed is free only after every CPU was seen.
            if (_allocator.States is { } states) _ = states.Queue.Reap(task);
            Pfn? stays = null;
            for (var i = 0; i < range.Count; i++)
            {
                if (cancel.IsCancellationRequested) return new OfflineResult(OfflineOutcome.Interrupted, Reason: "a signal is pending");
                var page = range.First.Plus(i);
                switch (WhatIs(page))
                {
                    case Obstacle.Movable:
                        if (!TryMove(task, page)) stays ??= page;
                        break;
                    case Obstacle.Held:
                        if (_allocator.Holders.Release(task, page) is not (ReleaseOutcome.Released or ReleaseOutcome.Gone)) stays ??= page;
                        break;
                    case Obstacle.Unmovable:
                        return new OfflineResult(OfflineOutcome.Unmovable, page, Describe(page));
                }
            }

            // The caches are off, but a page may have been on its way into one when that was said.
            _allocator.DrainAll(task);
            if (stays is null && isolation.TryRemove(task, range, range.Count - CountNotFree(range))) return default;
            if (round == MaximalRounds) return new OfflineResult(OfflineOutcome.Busy, stays, stays is { } first ? Describe(first) : "pages are on their way");
            task.SleepFor(TimeSpan.FromMilliseconds(1));
        }
    }

    // Pages that are neither free nor in use: logically offline without references, and in quarantine.
    private int CountNotFree(FrameRange range)
    {
        var count = 0;
        for (var i = 0; i < range.Count; i++)
        {
            var page = range.First.Plus(i);
            if (IsNobodys(page)) count++;
        }

        return count;
    }

    private bool IsNobodys(Pfn page) =>
        (_pages.Flags(page) & PageFlags.Quarantined) != 0 || (_pages.TypeOf(page) == PageType.Offline && _pages.ReferenceCount(page) == 0);

    private Pfn? FindUnmovable(FrameRange range)
    {
        // A compound page that begins before the range cannot be told to leave a part of itself.
        if (_pages.HeadOf(range.First) != range.First) return range.First;
        for (var i = 0; i < range.Count; i++)
        {
            var page = range.First.Plus(i);

            // A page that is logically offline may still be let go when its holder is told.
            if (_pages.TypeOf(page) != PageType.Offline && WhatIs(page) == Obstacle.Unmovable) return page;
        }

        return null;
    }

    private Obstacle WhatIs(Pfn page)
    {
        if (IsNobodys(page)) return Obstacle.None;
        if (_pages.HeadOf(page) != page) return Obstacle.None;
        var owner = _pages.OwnerIdOf(page);
        if (owner == 0 && _pages.ReferenceCount(page) == 0) return Obstacle.None;
        if (_pages.TypeOf(page) == PageType.Offline) return Obstacle.Unmovable;
        if (_movable[owner] is not null) return Obstacle.Movable;
        return _allocator.Holders.HolderOf(page) is { CanRelease: true } ? Obstacle.Held : Obstacle.Unmovable;
    }
}
