// The memory of a machine: physical memory, and the page allocator over it.
// Context: made and disposed of by the host. Locks: none here.
// Invariants: MM1 what the machine made goes with it, descriptors before the memory that they describe; MM2 a machine that could not be
//             made leaves nothing. Lifetime: as long as the machine.
using System;
using System.Diagnostics.CodeAnalysis;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Core;

public sealed partial class Machine
{
    private readonly PhysicalMemory? _memory;
    private readonly PhysicalMemory? _ownMemory;
    private readonly PageAllocator? _pages;

    /// <summary>True if the machine was made with memory.</summary>
    [MemberNotNullWhen(true, nameof(_memory), nameof(_pages))]
    public bool HasMemory => _pages is not null;

    /// <summary>The physical memory.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without.</exception>
    public PhysicalMemory Memory => _memory ?? throw WithoutMemory();

    /// <summary>What hands its pages out.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public PageAllocator Pages => _pages ?? throw WithoutMemory();

    /// <summary>Free blocks of each order, as /proc/buddyinfo shows them.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public string DumpBuddyInfo() => MachineDump.BuddyInfo(Pages);

    /// <summary>The zones, as /proc/zoneinfo shows them.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public string DumpZoneInfo() => MachineDump.ZoneInfo(Pages);

    /// <summary>What the pages are, in the manner of /proc/pagetypeinfo.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public string DumpPageTypeInfo() => MachineDump.PageTypeInfo(Pages);

    /// <summary>The zones, their free blocks and what the pages are, as JSON.</summary>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public string DumpJson() => MachineDump.Json(Pages);

    /// <summary>How much is kept free for those who may use the reserve: 4 · √KiB in KiB, from 128 KiB to 256 MiB.</summary>
    /// <remarks>As in Linux 6.1, mm/page_alloc.c:calculate_min_free_kbytes.</remarks>
    /// <param name="bytes">How much memory there is.</param>
    /// <returns>In pages.</returns>
    internal static int MinFreePagesOf(long bytes)
    {
        var kibibytes = (long)Math.Sqrt(bytes / 1024 * 16);
        return (int)(Math.Clamp(kibibytes, 128, 262_144) * 1024 / Pfn.PageSize);
    }

    // What fails here leaves nothing behind: the constructor disposes of what stands.
    [Trusted("the host gives memory, and a CPU to hand it over with")]
    private static (PhysicalMemory? Memory, PhysicalMemory? Own, PageAllocator? Pages) CreateMemory(Machine machine, MachineOptions options)
    {
        if (PagesOf(options) is not { } pages) return default;
        var own = pages.Memory is null ? PhysicalMemory.Create(FramesOf(pages)) : null;
        try
        {
            using var task = machine.Attach("swapper");
            var memory = own ?? pages.Memory!;
            return (memory, own, new PageAllocator(task, pages with { Memory = memory }));
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    private static PageAllocatorOptions? PagesOf(MachineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MemoryBytes, nameof(options));
        if (options.MemoryBytes == 0) return options.Pages;
        if (options.Pages is not null)
            throw new ArgumentException($"{nameof(MachineOptions.Pages)} and {nameof(MachineOptions.MemoryBytes)} both say how much memory there is; give one of them.", nameof(options));
        if (options.MemoryBytes % Pfn.PageSize != 0)
            throw new ArgumentException($"Memory is made of pages of {Pfn.PageSize} bytes; {options.MemoryBytes} bytes are no whole number of them.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MemoryBytes / Pfn.PageSize, int.MaxValue, nameof(options));
        var frames = (int)(options.MemoryBytes / Pfn.PageSize);
        return new PageAllocatorOptions
        {
            Zones = [(ZoneKind.Normal, frames)],
            MinFreePages = Math.Min(MinFreePagesOf(options.MemoryBytes), frames / 8),
        };
    }

    private static int FramesOf(PageAllocatorOptions options)
    {
        long frames = 0;
        foreach (var zone in options.Zones) frames += zone.Frames;
        if (frames is <= 0 or > int.MaxValue) throw new ArgumentException($"The zones have {frames} frames; there must be at least one and at most {int.MaxValue}.", nameof(options));
        return (int)frames;
    }

    internal MachineMetrics? Metrics { get; }

    private void DisposeMemory()
    {
        Metrics?.Dispose();
        _pages?.Dispose();
        _ownMemory?.Dispose();
    }

    private static InvalidOperationException WithoutMemory() =>
        new($"This machine was made without memory; {nameof(MachineOptions)}.{nameof(MachineOptions.MemoryBytes)} or {nameof(MachineOptions.Pages)} gives it some.");
}
