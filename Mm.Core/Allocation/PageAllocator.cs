// The page allocator: zones in order of preference, watermarks, and pages with their first reference.
//
//   Allocate ──► zone above its low mark ──► reserves that the flags open ──► the slow path, if it may sleep ──► nothing
//
// Context: matrix rows 1–8, 12–16. Without Gfp.Block any context but NMI; with it a task only, which is checked even where memory is at
// hand. Locks: the zone allocators'; DrainAll a mutex. The slow path stands in PageAllocator.SlowPath.cs, with reclaim and its locks.
// Invariants: A1 a page handed out has one reference; A2 free + cached + allocated + quarantined = managed; those of the allocators.
using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Zones;
using Mutex = Mm.Core.Locking.Mutex;

namespace Mm.Core.Allocation;

/// <summary>What hands out the pages of a zone.</summary>
public enum ZoneAllocatorKind
{
    /// <summary>Bits under counters, without locks: <see cref="TreeAllocator"/>.</summary>
    Tree = 0,

    /// <summary>A buddy with lists for each CPU, as in Linux: <see cref="BuddyAllocator"/>.</summary>
    Buddy = 1,
}

/// <summary>How a page allocator is to be made.</summary>
public sealed record PageAllocatorOptions
{
    /// <summary>The first frame.</summary>
    public Pfn First { get; init; }

    /// <summary>The zones, lowest first, each with its number of frames.</summary>
    public required IReadOnlyList<(ZoneKind Kind, int Frames)> Zones { get; init; }

    /// <summary>How many pages are kept free for those who may use the reserve, over all zones.</summary>
    public int MinFreePages { get; init; }

    /// <summary>How far apart the watermarks are, in ten-thousandths of a zone.</summary>
    public int WatermarkScale { get; init; } = 10;

    /// <summary>What hands out the pages of each zone.</summary>
    public ZoneAllocatorKind Allocator { get; init; } = ZoneAllocatorKind.Tree;

    /// <summary>The frames' memory, needed for <see cref="Gfp.Zero"/>; its frame 0 is <see cref="First"/>.</summary>
    public PhysicalMemory? Memory { get; init; }

    /// <summary>Is asked when nothing can be reclaimed; without it, such an allocation fails.</summary>
    public OomHandler? OnOom { get; init; }

    /// <summary>After how many rounds, about a millisecond each, an allocation with <see cref="Gfp.NoFail"/> is reported as a deadlock.</summary>
    public int NoFailRounds { get; init; } = 1000;
}

/// <summary>Hands out pages and takes them back.</summary>
public sealed partial class PageAllocator : IDisposable
{
    private readonly Machine _machine;
    private readonly PhysicalMemory? _memory;
    private readonly Zone[] _zones;
    private readonly Mutex _drain;
    private readonly Mutex _oom;
    private readonly LockClass _reclaimClass;
    private readonly WaitQueue _background;
    private readonly OomHandler? _onOom;
    private readonly int _noFailRounds;
    private readonly PageAllocatorOptions _options;
    private readonly Mutex _cacheLimits;

    /// <summary>Makes an allocator all of whose pages are free.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There is no zone, a zone has no frames, or zones are not in order.</exception>
    [Might<Sleep>]
    public PageAllocator(MachineTask task, PageAllocatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        task.MightSleep();
        var total = CheckZones(options);
        _machine = task.Machine;
        _counts = new long[(_machine.CpuCount + 2) * Stride];
        _memory = options.Memory;
        _drain = new Mutex(_machine, "pcpu_drain_mutex");
        _oom = new Mutex(_machine, "oom_lock");
        _reclaimClass = _machine.LockOrder.ClassOf("fs_reclaim", sleeps: true);
        _background = new WaitQueue(_machine, "kswapd_wait");
        (_onOom, _noFailRounds, _options) = (options.OnOom, options.NoFailRounds, options);
        _cacheLimits = new Mutex(_machine, "pcp_batch_high_lock");
        Pages = new FrameTable(_machine, options.First, total, Release) { PutPlain = TryPutPlain, AwaitPlainPuts = zone => _trees![zone]?.AwaitPlainPuts(), Disposing = CloseTheShortWay };
        Owners = new OwnerRegistry(_machine, Pages);
        Holders = new HolderRegistry(_machine, Pages);
        _zones = new Zone[options.Zones.Count];
        _trees = new TreeAllocator?[_zones.Length];
        var first = options.First;
        for (var i = 0; i < _zones.Length; i++)
        {
            var (kind, frames) = options.Zones[i];
            var zone = new Zone(kind, first, frames, NewAllocator(options.Allocator, first, frames));
            for (var page = 0; page < frames; page++) Pages.SetZone(first.Plus(page), i);
            for (var page = 0; page < frames;)
            {
                var order = Math.Min(BitOperations.Log2((uint)(frames - page)), FrameTable.MaximalOrder);
                order = Math.Min(order, BitOperations.TrailingZeroCount(first.Plus(page).Number));
                zone.Allocator.Free(task, first.Plus(page), order);
                page += 1 << order;
            }

            (_zones[i], _trees[i]) = (zone, zone.Tree);
            first = first.Plus(frames);
        }

        FindThePlainWay();
        SetWatermarks(options, total);
    }

    /// <summary>The descriptors.</summary>
    public FrameTable Pages { get; }

    /// <summary>The zones, lowest first.</summary>
    public IReadOnlyList<Zone> Zones => _zones;

    /// <summary>The bytes of pages. The span must not be used after the last reference to them is gone.</summary>
    /// <param name="page">The first page.</param>
    /// <param name="order">The binary logarithm of the number of pages.</param>
    /// <exception cref="InvalidOperationException">The allocator was made without memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no such pages.</exception>
    public Span<byte> BytesOf(Pfn page, int order = 0) => (_memory ?? throw new InvalidOperationException("The allocator was made without memory."))
        .Frames(new Pfn(unchecked(page.Number - Pages.First.Number)), 1 << order);

    /// <summary>Where a page of this allocator is in the linear view.</summary>
    internal nint AddressOf(Pfn page) => _memory!.LinearAddress + (nint)((long)(page.Number - Pages.First.Number) << Pfn.PageShift);

    [Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeTheLongWay(MachineTask task, Pfn page, int order)
    {
        if (order != 0 && _freesPlain && !task.InNmi && Pages.MayPutLastPlain(page, order, out var zone) && _trees[zone]!.TryFreePlain(task, Pages, page, order)) return;
        if (order == 0 && TryPutPlain(task, page)) return;
        if (order != 0 || Pages.TryPutSingle(task, page) is not (>= 0 and var left)) FreeBlock(task, page, order);
        else if (left == 0) Release(task, page, 0);
    }

    [Might<SpinOnLock>]
    private void FreeBlock(MachineTask task, Pfn page, int order)
    {
        if (Pages.PutBlockAndTest(task, page, order, out var flags))
        {
            Release(task, page, order);
            return;
        }

        if ((flags & PageFlags.Head) != 0) return;
        Pages.ForgetOrder(page);
        while (order-- > 0) Release(task, page.Plus(1 << order), order);
    }

    /// <summary>Makes single pages of a block, each with a reference of its own.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The first page; the block is not compound.</param>
    /// <param name="order">The order with which it was allocated.</param>
    /// <exception cref="TrapException">The block is compound, free, or has another order: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void Split(MachineTask task, Pfn page, int order)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        Pages.CheckOrder(page, order);
        Pages.CheckSplit(page);
        Pages.ForgetOrder(page);
        for (var i = 1; i < 1 << order; i++) Pages.Publish(page.Plus(i));
    }

    /// <summary>Empties the lists of this CPU.</summary>
    /// <param name="task">The running task, with preemption off, so that it stays on this CPU.</param>
    [Requires<PreemptOff>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>, Might<SpinOnLock>]
    public void DrainLocal(MachineTask task)
    {
        foreach (var zone in _zones) zone.Allocator.Drain(task, task.CpuIndex);
    }

    /// <summary>Empties the lists of all CPUs.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void DrainAll(MachineTask task)
    {
        Pages.CheckNotDisposed();
        using (_drain.Lock(task))
        {
            foreach (var zone in _zones)
            {
                for (var cpu = 0; cpu < _machine.CpuCount; cpu++) zone.Allocator.Drain(task, cpu);
            }
        }
    }

    /// <summary>Gives the descriptors back.</summary>
    public void Dispose() => Pages.Dispose();

    private IZoneAllocator NewAllocator(ZoneAllocatorKind kind, Pfn first, int frames) => kind switch
    {
        ZoneAllocatorKind.Tree => new TreeAllocator(_machine, Pages, first, frames),
        ZoneAllocatorKind.Buddy => new BuddyAllocator(_machine, Pages, first, frames),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There are two allocators: Tree and Buddy."),
    };

    private static int CheckZones(PageAllocatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.Zones);
        if (options.Zones.Count == 0) throw new ArgumentException("There is no zone.", nameof(options));
        long total = 0;
        for (var i = 0; i < options.Zones.Count; i++)
        {
            if (options.Zones[i].Frames <= 0) throw new ArgumentException($"Zone {options.Zones[i].Kind} has no frames.", nameof(options));
            if (i != 0 && options.Zones[i].Kind <= options.Zones[i - 1].Kind) throw new ArgumentException("Zones come lowest first, each once.", nameof(options));
            total += options.Zones[i].Frames;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, int.MaxValue, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinFreePages, nameof(options));
        if (options.Memory is { } memory && memory.FrameCount < total) throw new ArgumentException("The zones have more frames than the memory.", nameof(options));
        return (int)total;
    }

    // The kernel's shares: the reserve by size; and a lower zone keeps a 256th, or a 32nd, of the higher ones for those who need it.
    private void SetWatermarks(PageAllocatorOptions options, int total)
    {
        for (var i = 0; i < _zones.Length; i++)
        {
            _zones[i].SetWatermarks((int)((long)options.MinFreePages * _zones[i].ManagedPages / total), options.WatermarkScale, _machine.CpuCount);
            var above = 0;
            for (var j = i + 1; j < _zones.Length; j++)
            {
                above += _zones[j].ManagedPages;
                _zones[i].SetReserveFor(_zones[j].Kind, above / (_zones[i].Kind == ZoneKind.Dma ? 256 : 32));
            }
        }
    }

    // A block with a broken page is not handed out; what is good of it goes back, page by page.
    private bool IsGood(MachineTask task, Pfn page, int order)
    {
        if (Pages.AreGoodForAllocation(page, order)) return true;
        for (var i = 0; i < 1 << order; i++)
        {
            if (Pages.CheckAtAllocation(task, page.Plus(i))) ZoneOf(page).Allocator.Free(task, page.Plus(i), 0);
        }

        return false;
    }

    private void Prepare(MachineTask task, Pfn page, int order, Gfp gfp)
    {
        if (_isUnderHost) PrepareUnderHost(task, page, order);
        if ((gfp & Gfp.Zero) != 0 && _memory is not null) BytesOf(page, order).Clear();
        if ((gfp & Gfp.Compound) != 0 && order != 0) Pages.MakeCompound(task, page, order);
        Pages.PublishBlock(page, order);
        Count(task, 0);
    }

    // Takes a block that nobody refers to any more: from a free, or from the last put of a page.
    [Never<Sleep>, Might<SpinOnLock>, MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Release(MachineTask task, Pfn page, int order)
    {
        if (order != 0 || !TryReleasePlain(task, page)) ReleaseTheLongWay(task, page, order);
    }

    [Never<Sleep>, Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseTheLongWay(MachineTask task, Pfn page, int order)
    {
        if (Pages.MayBeOwned(page, out var isCompound) && Pages.OwnOwnerId(page) != 0)
        {
            ReleaseToOwner(task, page, order);
            return;
        }

        if (isCompound) Pages.BreakCompound(task, page);
        if (_states is { } states && states.TryTake(task, page, order)) return;
        var zone = ZoneOf(page);
        var isClean = Pages.TryCleanAtFree(page, order);
        if (isClean && order != 0 && zone.Tree is { } tree)
        {
            tree.FreeCounted(task, page, order);
            return;
        }

        Count(task, 1);
        if (isClean)
        {
            zone.Free(task, page, order);
            return;
        }

        var good = true;
        for (var i = 0; i < 1 << order; i++) good &= Pages.CheckAtFree(task, page.Plus(i));
        for (var i = 0; !good && i < 1 << order; i++)
        {
            if ((Pages.Flags(page.Plus(i)) & PageFlags.Quarantined) == 0) zone.Free(task, page.Plus(i), 0);
        }

        if (good) zone.Free(task, page, order);
    }

    private Zone ZoneOf(Pfn page) => _zones[Pages.ZoneOf(page)];
}
