using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>An allocator of one zone without a page allocator in front, all of its pages free, and tasks on each of its CPUs.</summary>
internal sealed class ZoneUnderTest : IDisposable
{
    private readonly FrameTable _table;

    public ZoneUnderTest(ZoneAllocatorKind kind, int frames, uint first = 0x1000, int cpus = 1, int high = 0, int batch = 1, Fault fault = Fault.None)
    {
        Machine = Situation.NewMachine(cpus);
        Tasks = [.. Enumerable.Range(0, cpus).Select(i => Machine.Attach("task" + i))];
        First = new Pfn(first);
        Frames = frames;
        _table = new FrameTable(Machine, First, frames, static (_, _, _) => { });
        Allocator = kind == ZoneAllocatorKind.Tree ? new TreeAllocator(Machine, _table, First, frames) : new BuddyAllocator(Machine, _table, First, frames);
        for (var page = 0; page < frames;)
        {
            var order = Math.Min(Math.Min(int.Log2(frames - page), FrameTable.MaximalOrder), int.TrailingZeroCount((int)first + page));
            Allocator.Free(Task, First.Plus(page), order);
            page += 1 << order;
        }

        Allocator.SetCacheLimits(high, batch);
        if (fault != Fault.None) Allocator = new FaultyAllocator(Allocator, fault);
    }

    public Machine Machine { get; }

    public MachineTask[] Tasks { get; }

    public MachineTask Task => Tasks[0];

    public IZoneAllocator Allocator { get; }

    public Pfn First { get; }

    public int Frames { get; }

    public Pfn Take(int order, int cpu = 0)
    {
        Assert.True(Allocator.TryAllocate(Tasks[cpu], order, out var page));
        return page;
    }

    public void Drain()
    {
        for (var cpu = 0; cpu < Tasks.Length; cpu++) Allocator.Drain(Task, cpu);
    }

    /// <summary>The invariants of a zone that nobody is changing: each page is in one place, and all counters say so.</summary>
    /// <returns>Which pages are free, or cached.</returns>
    public bool[] Check(int allocated)
    {
        var isFree = new bool[Frames];
        var (free, cached) = (0, 0);
        var counts = new int[FrameTable.MaximalOrder + 1];
        foreach (var (page, order, isCached) in Allocator.FreeBlocks())
        {
            if (page.Number % (1u << order) != 0) Assert.Fail($"Z1 block {page} of order {order} is not aligned");
            var at = (int)(page.Number - First.Number);
            Assert.InRange(at, 0, Frames - (1 << order));
            if (isFree.AsSpan(at, 1 << order).Contains(true)) Assert.Fail($"G1 a page of the block {page} of order {order} is free twice");
            isFree.AsSpan(at, 1 << order).Fill(true);
            counts[order] += isCached ? 0 : 1;
            if (isCached) cached += 1 << order;
            else free += 1 << order;
        }

        Assert.Equal(counts, Enumerable.Range(0, counts.Length).Select(Allocator.CountBlocks));
        Assert.True(Allocator.Validate() is [], string.Join('\n', Allocator.Validate()));
        Assert.True(free == Allocator.FreePages, $"G2 {Allocator.FreePages} free pages are counted, and {free} are there");
        Assert.True(cached == Allocator.CachedPages, $"G5 {Allocator.CachedPages} cached pages are counted, and {cached} are there");
        Assert.True(Frames == free + cached + allocated, $"G16 {free} pages are free, {cached} cached, {allocated} allocated, of {Frames}");
        return isFree;
    }

    public void Dispose()
    {
        foreach (var task in Tasks) task.Dispose();
        _table.Dispose();
        Machine.Dispose();
    }
}
