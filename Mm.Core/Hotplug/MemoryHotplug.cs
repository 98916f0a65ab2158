// Takes memory out of a running machine, and puts it back. The order of Linux 6.1, mm/memory_hotplug.c:offline_pages:
//
//   check ─► caches off, drain ─► isolate ─► GoingOffline ─► {scan, move, release} until nothing is left ─► test ─► take the free blocks out
//     ─► caches on ─► sizes, watermarks ─► hole in the memory ─► Offline            undo: end isolation ─► CancelOffline ─► caches on
//
// Context: a task (rows 70, 71). Locks: "mem_hotplug_lock", written; readers keep memory where it is (row 73). Invariants: HP1 what fails
// leaves all as it was; HP2 a page of a removed block has type Offline, no reference, and is in no list; HP3 its memory is the host's.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core.Hotplug;

/// <summary>Takes memory out of an allocator's zones and puts it back.</summary>
public sealed partial class MemoryHotplug
{
    private const int MaximalRounds = 64;
    private readonly PageAllocator _allocator;
    private readonly FrameTable _pages;
    private readonly RwSemaphore _lock;
    private readonly NotifierChain _notifiers = new();
    private readonly IMovableOperations?[] _movable = new IMovableOperations?[256];
    private long _migratedPages;

    /// <summary>Makes the hotplug of an allocator, which from now on can make whole blocks by moving pages. One is enough.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="allocator">The allocator.</param>
    public MemoryHotplug(Machine machine, PageAllocator allocator)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(allocator);
        _allocator = allocator;
        _pages = allocator.Pages;
        _lock = new RwSemaphore(machine, "mem_hotplug_lock");
        allocator.SetCompactor(this);
    }

    /// <summary>How many times a page was moved.</summary>
    public long MigratedPages => Volatile.Read(ref _migratedPages);

    /// <summary>Keeps memory where it is until <see cref="PutOnlineMemory"/>: get_online_mems.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void GetOnlineMemory(MachineTask task) => _lock.AcquireRead(task);

    /// <summary>Ends <see cref="GetOnlineMemory"/>.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void PutOnlineMemory(MachineTask task) => _lock.ReleaseRead(task);

    /// <summary>From now on tells somebody of memory that goes and comes; those with a higher priority first.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="notifier">Whom.</param>
    /// <param name="priority">His priority.</param>
    [Might<Sleep>]
    public void AddNotifier(MachineTask task, MemoryNotifier notifier, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        using (_lock.Write(task)) _notifiers.Add(notifier, priority);
    }

    /// <summary>Tells somebody no longer.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="notifier">Whom.</param>
    [Might<Sleep>]
    public void RemoveNotifier(MachineTask task, MemoryNotifier notifier)
    {
        using (_lock.Write(task)) _notifiers.Remove(notifier);
    }

    /// <summary>Says how the pages of an owner are moved; null if they no longer are.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="operations">How.</param>
    [Might<Sleep>]
    public void SetMovable(MachineTask task, PageOwner owner, IMovableOperations? operations)
    {
        ArgumentNullException.ThrowIfNull(owner);
        using (_lock.Write(task)) _movable[owner.Id] = operations;
    }

    /// <summary>
    /// Says that a page is logically not there, as a balloon does with its pages: its holder may give his reference up in
    /// <see cref="MemoryEvent.GoingOffline"/> by freezing it, and takes it back if that is cancelled.
    /// </summary>
    /// <param name="page">The page, allocated.</param>
    /// <param name="isOffline">False to end that.</param>
    public void MarkOffline(Pfn page, bool isOffline = true) => _pages.SetType(page, isOffline ? PageType.Offline : PageType.None);

    /// <summary>Takes memory out: its pages are moved or let go, and the frames go back to the host.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">Whole blocks of one zone.</param>
    /// <param name="cancel">Ends it early, with everything undone: a signal.</param>
    [MustCheck, Might<Sleep>]
    public OfflineResult Offline(MachineTask task, FrameRange range, CancellationToken cancel = default)
    {
        task.MightSleep();
        using (_lock.Write(task))
        {
            if (Check(range) is { } wrong) return wrong;
            var zone = _allocator.ZoneAt(range.First);
            if (zone.Allocator is not IBlockIsolation isolation)
                return new OfflineResult(OfflineOutcome.NotSupported, Reason: $"the allocator of zone {zone.Kind} cannot isolate blocks");
            _allocator.DisableCaches(task, zone);
            OfflineResult result;
            try
            {
                result = OfflineIsolated(task, zone, isolation, range, cancel);
            }
            finally
            {
                _allocator.EnableCaches(task, zone);
            }

            if (!result.Succeeded) return result;
            _allocator.Resize(zone, -range.Count);
            if (_allocator.Memory is { } memory) memory.TakeOut(task, InMemory(range));
            _notifiers.Tell(task, MemoryEvent.Offline, range, int.MaxValue);
            return result;
        }
    }

    /// <summary>Puts memory back that was taken out. It reads as zeros, and is free.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">What was taken out, or whole blocks of it.</param>
    /// <returns>False if a notifier refused, or a page of it is not out.</returns>
    [MustCheck, Might<Sleep>]
    public bool Online(MachineTask task, FrameRange range)
    {
        task.MightSleep();
        using (_lock.Write(task))
        {
            for (var i = 0; i < range.Count; i++)
            {
                if (!IsOut(range.First.Plus(i))) return false;
            }

            var refused = _notifiers.Ask(task, MemoryEvent.GoingOnline, range);
            if (refused >= 0)
            {
                _notifiers.Tell(task, MemoryEvent.CancelOnline, range, refused);
                return false;
            }

            if (_allocator.Memory is { } memory) memory.PutIn(task, InMemory(range));
            var zone = _allocator.ZoneAt(range.First);
            for (var i = 0; i < range.Count; i++)
            {
                var page = range.First.Plus(i);
                if (_pages.ClearOut(page)) zone.Allocator.Free(task, page, 0);
            }

            _allocator.Resize(zone, range.Count);
            _notifiers.Tell(task, MemoryEvent.Online, range, int.MaxValue);
            return true;
        }
    }

    /// <summary>True if a page was taken out.</summary>
    /// <param name="page">The page.</param>
    public bool IsOut(Pfn page) => _pages.TypeOf(page) == PageType.Offline && (_pages.Flags(page) & PageFlags.Reserved) != 0;

    [Might<Sleep>]
    private OfflineResult OfflineIsolated(MachineTask task, Zone zone, IBlockIsolation isolation, FrameRange range, CancellationToken cancel)
    {
        if (!isolation.TryIsolate(task, range)) return new OfflineResult(OfflineOutcome.Busy, range.First, "a block of it is isolated already");
        var told = 0;
        var isOut = false;
        try
        {
            if (FindUnmovable(range) is { } page) return new OfflineResult(OfflineOutcome.Unmovable, page, Describe(page));
            told = int.MaxValue;
            var refused = _notifiers.Ask(task, MemoryEvent.GoingOffline, range);
            if (refused >= 0)
            {
                told = refused;
                return new OfflineResult(OfflineOutcome.Vetoed, Reason: "a notifier refused");
            }

            var result = Empty(task, isolation, range, cancel);
            isOut = result.Succeeded;
            for (var i = 0; isOut && i < range.Count; i++) _pages.SetOut(range.First.Plus(i));
            return result;
        }
        finally
        {
            // Also where a handler has thrown.
            if (!isOut)
            {
                isolation.EndIsolation(task, range);
                _notifiers.Tell(task, MemoryEvent.CancelOffline, range, told);
            }
        }
    }

    private OfflineResult? Check(FrameRange range)
    {
        const int Block = 1 << IBlockIsolation.BlockOrder;
        if (range.Count <= 0 || range.Count % Block != 0 || range.First.Number % Block != 0 || !_pages.Contains(range.First) || !_pages.Contains(range.First.Plus(range.Count - 1)))
            return new OfflineResult(OfflineOutcome.InvalidRange, range.First, $"memory goes in whole blocks of {Block} frames that have descriptors");
        for (var i = 0; i < range.Count; i++)
        {
            var page = range.First.Plus(i);
            if (_pages.ZoneOf(page) != _pages.ZoneOf(range.First)) return new OfflineResult(OfflineOutcome.InvalidRange, page, "it is of another zone");
            if (IsOut(page)) return new OfflineResult(OfflineOutcome.InvalidRange, page, "it is out already");
        }

        return null;
    }

    private FrameRange InMemory(FrameRange range) => range with { First = new Pfn(range.First.Number - _pages.First.Number) };

    private string Describe(Pfn page) => _allocator.Holders.HolderOf(page) is { } holder
        ? $"held by {holder.Name}"
        : _allocator.Owners.OwnerOf(page) is { } owner ? $"owned by {owner.Name}" : $"{_pages.ReferenceCount(page)} references, {_pages.Flags(page)}";
}
