// A zone: a range of page frames with its watermarks, and the allocator that hands them out.
// Context: the watermarks are racy reads, any context (matrix row 15). Locks: the allocator's.
// Invariants: W1 min ≤ low ≤ high. Numbers: those of Linux 6.1, mm/page_alloc.c:__zone_watermark_ok.
using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Zones;

/// <summary>What part of memory a zone is.</summary>
public enum ZoneKind
{
    /// <summary>What old devices reach.</summary>
    Dma = 0,

    /// <summary>Ordinary memory.</summary>
    Normal = 1,

    /// <summary>Memory that only movable pages are in.</summary>
    Movable = 2,
}

/// <summary>Down to which number of free pages an allocation may go, before its flags lower it.</summary>
public enum Watermark
{
    /// <summary>The reserve begins here.</summary>
    Min,

    /// <summary>The background reclaim is woken here.</summary>
    Low,

    /// <summary>The background reclaim rests here.</summary>
    High,
}

/// <summary>Who may go below a watermark.</summary>
[Flags]
public enum Reserve
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>By a half.</summary>
    High = 1,

    /// <summary>By a quarter of the rest.</summary>
    Harder = 2,

    /// <summary>By a half: a victim of the OOM killer, which frees memory by dying.</summary>
    OomVictim = 4,

    /// <summary>To the ground.</summary>
    All = 8,
}

/// <summary>A range of page frames.</summary>
public sealed class Zone
{
    // The same as Allocator where it is of this type, so that the hot path calls it directly.
    private readonly TreeAllocator? _tree;
    private readonly int[] _reserveFor = new int[Enum.GetValues<ZoneKind>().Length];

    internal Zone(ZoneKind kind, Pfn first, int count, IZoneAllocator allocator)
    {
        Kind = kind;
        First = first;
        SpannedPages = PresentPages = ManagedPages = count;
        Allocator = allocator;
        _tree = allocator as TreeAllocator;
    }

    /// <summary>What part of memory it is.</summary>
    public ZoneKind Kind { get; }

    /// <summary>The first frame.</summary>
    public Pfn First { get; }

    /// <summary>How many frames lie between the first and the last, holes included.</summary>
    public int SpannedPages { get; }

    /// <summary>How many frames of them exist.</summary>
    public int PresentPages { get; private set; }

    /// <summary>How many the allocator was given.</summary>
    public int ManagedPages { get; private set; }

    /// <summary>What hands the pages out.</summary>
    public IZoneAllocator Allocator { get; }

    /// <summary>The least free pages for ordinary allocations.</summary>
    public int Min { get; private set; }

    /// <summary>Where the background reclaim is woken.</summary>
    public int Low { get; private set; }

    /// <summary>Where it rests.</summary>
    public int High { get; private set; }

    /// <summary>How many pages a CPU moves at a time.</summary>
    public int Batch => BatchOf(ManagedPages);

    /// <summary>True if a block may be taken so that enough stays free.</summary>
    /// <param name="order">The order of the block.</param>
    /// <param name="mark">The watermark.</param>
    /// <param name="reserve">Who asks.</param>
    /// <param name="preferred">The zone that would be best: those who could do with a higher one leave more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such order.</exception>
    public bool IsAbove(int order, Watermark mark, Reserve reserve = Reserve.None, ZoneKind preferred = ZoneKind.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        var free = _tree?.FreePages ?? Allocator.FreePages;
        if ((reserve & Reserve.All) != 0) return free > 0;
        var pages = mark switch { Watermark.Min => Min, Watermark.Low => Low, _ => High };
        if (order == 0 && reserve == Reserve.None) return free > pages + (long)_reserveFor[(int)preferred];
        return IsAbove(free, order, pages, reserve, preferred);
    }

    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    internal bool TryAllocate(MachineTask task, int order, out Pfn first) =>
        _tree is { } tree ? tree.TryAllocate(task, order, out first) : Allocator.TryAllocate(task, order, out first);

    [Never<Sleep>, Might<SpinOnLock>]
    internal void Free(MachineTask task, Pfn first, int order)
    {
        if (_tree is { } tree) tree.Free(task, first, order);
        else Allocator.Free(task, first, order);
    }

    /// <summary>The same by the number of pages only: whether there is such a block, the allocator says when it is asked for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasPagesAbove(int order, Watermark mark, Reserve reserve, ZoneKind preferred)
    {
        var free = _tree?.FreePages ?? Allocator.FreePages;
        if ((reserve & Reserve.All) != 0) return free > 0;
        var pages = mark switch { Watermark.Min => Min, Watermark.Low => Low, _ => High };
        if (reserve == Reserve.None) return free - ((1L << order) - 1) > pages + (long)_reserveFor[(int)preferred];
        return HasPagesAbove(free, order, pages, reserve, preferred);
    }

    internal bool IsAbove(long free, int order, long mark, Reserve reserve, ZoneKind preferred) =>
        HasPagesAbove(free, order, mark, reserve, preferred) && (order == 0 || Allocator.HasBlock(order));

    private bool HasPagesAbove(long free, int order, long mark, Reserve reserve, ZoneKind preferred)
    {
        if ((reserve & Reserve.High) != 0) mark -= mark / 2;
        if ((reserve & Reserve.Harder) != 0) mark -= mark / 4;
        if ((reserve & Reserve.OomVictim) != 0) mark -= mark / 2;
        return free - ((1L << order) - 1) > mark + _reserveFor[(int)preferred];
    }

    internal static int BatchOf(int managed)
    {
        var quarter = Math.Max(1, Math.Min(managed / 1024, (1 << 20) / Pfn.PageSize) / 4);
        var rounded = 1 << BitOperations.Log2((uint)(quarter + (quarter / 2)));
        return Math.Max(1, rounded - 1);
    }

    internal void SetWatermarks(int min, int scale, int cpus)
    {
        var step = Math.Max(min / 4, (int)((long)ManagedPages * scale / 10_000));
        (Min, Low, High) = (min, min + step, min + (2 * step));
        TellHowFar();
        if (!AreCachesOff) ResetCacheLimits(cpus);
    }

    /// <summary>True while no CPU may cache pages of the zone.</summary>
    internal bool AreCachesOff { get; set; }

    internal void Resize(int pages)
    {
        PresentPages += pages;
        ManagedPages += pages;
    }

    /// <summary>What the CPUs may cache, as the watermarks want it.</summary>
    internal void ResetCacheLimits(int cpus) => Allocator.SetCacheLimits(Math.Max(Low / cpus, 4 * Batch), Batch);

    internal int ReserveFor(ZoneKind preferred) => _reserveFor[(int)preferred];

    internal void SetReserveFor(ZoneKind preferred, int pages)
    {
        _reserveFor[(int)preferred] = pages;
        TellHowFar();
    }

    private void TellHowFar()
    {
        if (_tree is not null) _tree.MarkOfSingles = Low + ReserveFor(ZoneKind.Normal);
    }

    /// <summary>The allocator, if it is one of trees.</summary>
    internal TreeAllocator? Tree => _tree;
}
