// How pages come into the cache of a file, and leave it: read, written back, dropped because memory or the file is needed.
// Context: a task. Locks: as in CachedFile.cs; reclaim only tries the page lock. Invariants: CF1 to CF3; CF4 a dirty page leaves the cache
// by truncation only.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Paging;

public sealed partial class CachedFile : IReclaimer
{
    private const PageFlags Needed = PageFlags.Dirty | PageFlags.Writeback | PageFlags.Private | PageFlags.Private2;
    private int _hand;

    /// <summary>Writes what has been written to: through the cache, and through shared maps.</summary>
    /// <param name="task">The running task.</param>
    /// <returns>False if a page could not be written; it stays dirty.</returns>
    [MustCheck, Might<Sleep>]
    public bool WriteBack(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        var isDone = true;
        for (var index = 0; index < _slots.Length; index++)
        {
            if (!TryPin(task, index, out var page)) continue;
            Frames.Lock(task, page);
            isDone &= TryWriteBackLocked(task, index, page);
            Frames.Unlock(task, page);
            Put(task, page);
        }

        return isDone;
    }

    /// <summary>Drops a page, written back or not: the file has other contents there now.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="index">The page.</param>
    [Might<Sleep>]
    public void Truncate(MachineTask task, int index)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _slots.Length);
        task.MightSleep();
        if (!TryPin(task, index, out var page)) return;
        Frames.Lock(task, page);
        if (IsAt(index, page))
        {
            Unmap(task, page);
            _ = Frames.Clear(page, PageFlags.Dirty);
            Remove(task, page);
        }

        Frames.Unlock(task, page);
        Frames.Put(task, page);
    }

    /// <summary>Drops every page, and what was not written back with them.</summary>
    /// <param name="task">The running task.</param>
    /// <exception cref="InvalidOperationException">Areas map the file.</exception>
    [Might<Sleep>]
    public void Dispose(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        if (_areas.Count != 0) throw new InvalidOperationException($"{_areas.Count} areas map the file; they end before it.");
        _memory.Options.Pages.RemoveReclaimer(this);
        for (var index = 0; index < _slots.Length; index++) Truncate(task, index);
    }

    /// <inheritdoc/>
    public int CountReclaimable(Zone zone)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_memory.Options.Pages.Zones[i] == zone) return Volatile.Read(ref _counts[i]);
        }

        return 0;
    }

    /// <inheritdoc/>
    public int Reclaim(MachineTask task, in ReclaimRequest request)
    {
        var freed = 0;
        for (var looked = 0; looked < _slots.Length && freed < request.Target; looked++)
        {
            var index = (int)((uint)Interlocked.Increment(ref _hand) % (uint)_slots.Length);
            if (!TryPin(task, index, out var page)) continue;
            if (Frames.TryLock(task, page))
            {
                if (TryEvictLocked(task, index, page)) freed++;
                Frames.Unlock(task, page);
            }

            Frames.Put(task, page);
        }

        return freed;
    }

    // Nobody but the cache and this task may have it: what is mapped is unmapped, and who looks it up now waits for its lock, or has its
    // contents, which are those of the file.
    [MustCheck, Might<Sleep>]
    private bool TryEvictLocked(MachineTask task, int index, Pfn page)
    {
        if (!IsAt(index, page) || (Frames.Flags(page) & Needed) != 0) return false;
        Unmap(task, page);
        if ((Frames.Flags(page) & Needed) != 0 || Frames.ReferenceCount(page) != 2) return false;
        Remove(task, page);
        return (Frames.Flags(page) & PageFlags.Discarded) == 0;
    }

    // With a host its dirty bit tells of writes through maps. Without, the next of them must fault again to be seen.
    [MustCheck, Might<Sleep>]
    private bool TryWriteBackLocked(MachineTask task, int index, Pfn page)
    {
        if (!IsAt(index, page)) return true;
        if (States is { } states) _ = states.TransferDirty(task, page);
        else if (Frames.MapCount(page) != 0) Unmap(task, page);
        if ((Frames.Flags(page) & PageFlags.Dirty) == 0) return true;
        _ = Frames.Set(page, PageFlags.Writeback);
        _ = Frames.Clear(page, PageFlags.Dirty);
        var isWritten = false;
        if (TryBeginAccess(page, isWrite: false))
        {
            isWritten = _backing.TryWrite(task, index, _memory.Access.Bytes(page));
            EndAccess(page);
        }

        if (!isWritten) _ = Frames.Set(page, PageFlags.Dirty);
        _ = Frames.Clear(page, PageFlags.Writeback);
        return isWritten;
    }

    // False with no failure: somebody else was faster. The page stands in its slot, locked, while it is read, so that whoever looks for it
    // waits, and nothing older can be put there afterwards.
    [MustCheck, Might<Sleep>]
    private bool TryRead(MachineTask task, int index, out Pfn page, out FaultResult failure)
    {
        page = default;
        failure = FaultResult.OutOfMemory;
        if (_memory.Options.Pages.Allocate(task, Gfp.Kernel | Gfp.Movable) is not { } fresh) return false;
        page = fresh;
        Frames.SetIndexInCache(fresh, (ulong)index);
        States?.AddToCache(fresh, _id);
        Frames.Lock(task, fresh);
        Frames.Get(fresh);
        if (Interlocked.CompareExchange(ref _slots[index], fresh.Number + 1, 0) != 0)
        {
            failure = FaultResult.None;
            PutUnused(task, fresh);
            return false;
        }

        Interlocked.Increment(ref _counts[Frames.ZoneOf(fresh)]);
        Interlocked.Increment(ref _reads);
        failure = FaultResult.BusError;
        if (TryBeginAccess(fresh, isWrite: true))
        {
            if (_backing.TryRead(task, index, _memory.Access.Bytes(fresh))) failure = FaultResult.None;
            EndAccess(fresh);
        }

        if (failure != FaultResult.None)
        {
            Empty(index, fresh);
            PutUnused(task, fresh);
            return false;
        }

        States?.Host.ClearDirty(fresh);
        _ = Frames.Set(fresh, PageFlags.UpToDate);
        Frames.Unlock(task, fresh);
        return true;
    }

    // Our reference and that of the cache it has not come into.
    private void PutUnused(MachineTask task, Pfn fresh)
    {
        Frames.SetCacheId(fresh, 0);
        Frames.Unlock(task, fresh);
        Frames.Put(task, fresh);
        Frames.Put(task, fresh);
    }

    // Who finds a page that is being read waits for its lock.
    [MustCheck, Might<Sleep>]
    private bool IsUsable(MachineTask task, Pfn page, out bool wasDropped)
    {
        wasDropped = States is { } states && !states.MakeStable(task, page);
        if (wasDropped || (Frames.Flags(page) & PageFlags.UpToDate) != 0) return !wasDropped;
        Frames.Lock(task, page);
        Frames.Unlock(task, page);
        return (Frames.Flags(page) & PageFlags.UpToDate) != 0;
    }
}
