using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Hotplug;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>S5-38: free blocks are told to the host while nobody can get them, and again only when somebody has had a page of them.</summary>
public sealed class PageReportingTests : IDisposable
{
    private const int BlockFrames = 512;
    private const int Blocks = 40;
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;

    public PageReportingTests() => _task = _machine.Attach("test");

    public static TheoryData<ZoneAllocatorKind> Allocators => new(ZoneAllocatorKind.Tree, ZoneAllocatorKind.Buddy);

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    [Theory]
    [MemberData(nameof(Allocators))]
    public void S5_38_AFreeBlock_IsReportedOnceAndAgainAfterAPageOfItWasHandedOut(ZoneAllocatorKind kind)
    {
        using var pages = Allocator(_task, kind);
        var reported = new List<Pfn>();
        var reporting = new PageReporting(_machine, pages, (_, blocks) =>
        {
            foreach (var block in blocks) reported.Add(block.First);
            return true;
        });
        Assert.Equal(Blocks, reporting.Report(_task));
        Assert.Equal(Blocks, new HashSet<Pfn>(reported).Count);
        Assert.Equal(0, reporting.Report(_task));
        var page = pages.Allocate(_task, Gfp.Kernel)!.Value;
        Assert.False(reporting.IsReported(page));
        reported.Clear();
        Assert.Equal(0, reporting.Report(_task));
        pages.Free(_task, page);
        pages.DrainAll(_task);
        Assert.Equal(1, reporting.Report(_task));
        Assert.Equal(page.Number / BlockFrames, Assert.Single(reported).Number / BlockFrames);
        Assert.True(reporting.IsReported(page));
        Assert.Empty(pages.Validate());
    }

    [Theory]
    [MemberData(nameof(Allocators))]
    public void AReportThatFailsOrThrows_GivesTheBlocksBackUnmarked(ZoneAllocatorKind kind)
    {
        using var pages = Allocator(_task, kind);
        var answer = 0;
        var reporting = new PageReporting(_machine, pages, (_, _) => answer switch
        {
            0 => false,
            1 => throw new TimeoutException("the host is away"),
            _ => true,
        });
        var free = Free(pages);
        Assert.Equal(0, reporting.Report(_task));
        answer = 1;
        Assert.Throws<TimeoutException>(() => reporting.Report(_task));
        Assert.Equal((0L, 0, free), (reporting.ReportedBlocks, ((IBlockIsolation)pages.Zones[0].Allocator).IsolatedPages, Free(pages)));
        answer = 2;
        Assert.NotEqual(0, reporting.Report(_task));
        Assert.Equal(free, Free(pages));
        Assert.Empty(pages.Validate());
    }

    [Fact]
    public void AZoneThatIsShort_IsNotReported()
    {
        using var pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 4 * BlockFrames)] });
        var reporting = new PageReporting(_machine, pages, static (_, _) => true);
        Assert.Equal(0, reporting.Report(_task));
        Assert.Throws<InvalidOperationException>(() => new PageReporting(_machine, pages, static (_, _) => true));
    }

    [Fact]
    public void MemoryThatWasTakenOut_IsNotReported()
    {
        using var pages = Allocator(_task, ZoneAllocatorKind.Tree);
        var hotplug = new MemoryHotplug(_machine, pages);
        Assert.True(hotplug.Offline(_task, new FrameRange(new Pfn(2 * BlockFrames), BlockFrames)).Succeeded);
        var reporting = new PageReporting(_machine, pages, (task, blocks) =>
        {
            foreach (var block in blocks) Assert.NotEqual(2 * BlockFrames, (int)block.First.Number);
            return true;
        }, hotplug);
        Assert.NotEqual(0, reporting.Report(_task));
    }

    [Fact]
    public void Run_InATaskOfItsOwn_ReportsWhatBecomesFree()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = 3 });
        using var stop = new CancellationTokenSource();
        machine.Start("user", task =>
        {
            using var pages = Allocator(task, ZoneAllocatorKind.Tree);
            var reporting = new PageReporting(task.Machine, pages, static (_, _) => true);
            task.Machine.Start("reports", other => reporting.Run(other, TimeSpan.FromSeconds(2), stop.Token));
            for (var i = 0; i < 20 && reporting.ReportedBlocks == 0; i++) task.SleepFor(TimeSpan.FromSeconds(1));
            Assert.NotEqual(0, reporting.ReportedBlocks);
            stop.Cancel();
            task.SleepFor(TimeSpan.FromSeconds(5));
        });
        machine.Run();
    }

    // The host takes what it is told for good: whoever had a page of it would lose what he has written.
    [Theory]
    [MemberData(nameof(Allocators))]
    public void S5_38_ABlock_IsReportedWhileNobodyHasOrGetsAPageOfIt(ZoneAllocatorKind kind)
    {
        using var memory = PhysicalMemory.Create(Blocks * BlockFrames);
        var (reported, again) = (0L, 0);
        for (var seed = 0UL; seed < 12; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 3, Seed = seed });
            using var setup = machine.Attach("setup");
            using var pages = Allocator(setup, kind, memory);
            var isReporting = new FrameRange[PageReporting.Capacity];
            var reporting = new PageReporting(machine, pages, (task, blocks) =>
            {
                blocks.CopyTo(isReporting);
                foreach (var block in blocks)
                {
                    for (var i = 0; i < block.Count; i++) Assert.Equal(0, pages.Pages.ReferenceCount(block.First.Plus(i)));
                    memory.Punch(block);
                }

                for (var i = 0; i < 20; i++) task.Point();
                Array.Clear(isReporting);
                return true;
            });
            for (var n = 0; n < 2; n++)
            {
                var seedOf = (int)seed + (100 * n);
                machine.Start("uses" + n, task => Use(task, pages, reporting, isReporting, new Random(seedOf)));
            }

            machine.Start("reports", task =>
            {
                for (var i = 0; i < 6; i++)
                {
                    if (reporting.Report(task) != 0 && i != 0) again++;
                    pages.DrainAll(task);
                }
            });
            machine.Run();
            reported += reporting.ReportedBlocks;
            pages.DrainAll(setup);
            Assert.Equal(Blocks * BlockFrames, Free(pages));
            Assert.Empty(pages.Validate());
            machine.AssertClean();
        }

        Assert.True(reported > 60 && again > 6, $"{reported} blocks were reported, {again} times anew");
    }

    private static void Use(MachineTask task, PageAllocator pages, PageReporting reporting, FrameRange[] isReporting, Random random)
    {
        var held = new List<(Pfn Page, int Order, byte Value)>();
        for (var i = 0; i < 40; i++)
        {
            var order = random.Next(8) == 0 ? 9 : random.Next(3);
            if (held.Count < 6 && pages.Allocate(task, Gfp.Kernel, order) is { } page)
            {
                foreach (var block in isReporting) Assert.False(block.Count != 0 && block.First.Number / BlockFrames == page.Number / BlockFrames);
                Assert.False(reporting.IsReported(page));
                var value = (byte)random.Next(1, 256);
                pages.BytesOf(page, order).Fill(value);
                held.Add((page, order, value));
            }
            else
            {
                var (first, of, value) = held[random.Next(held.Count)];
                held.Remove((first, of, value));
                Assert.Equal(-1, pages.BytesOf(first, of).IndexOfAnyExcept(value));
                pages.Free(task, first, of);
            }
        }

        foreach (var (first, of, value) in held)
        {
            Assert.Equal(-1, pages.BytesOf(first, of).IndexOfAnyExcept(value));
            pages.Free(task, first, of);
        }
    }

    private static int Free(PageAllocator pages) => pages.Zones[0].Allocator.FreePages + pages.Zones[0].Allocator.CachedPages;

    private static PageAllocator Allocator(MachineTask task, ZoneAllocatorKind kind, PhysicalMemory? memory = null) =>
        new(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Blocks * BlockFrames)], Allocator = kind, Memory = memory });
}
