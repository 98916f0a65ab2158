using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>What merges and what does not, the lists of a CPU in numbers, and all of it for long. Rows B of the base manager.</summary>
public class BaseManagerRowTests
{
    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void B_04_Free_OfNeighboursThatAreNoBuddies_MergesNothing(ZoneAllocatorKind kind)
    {
        using var zone = new ZoneUnderTest(kind, 64);
        var all = Enumerable.Range(0, 64).Select(_ => zone.Take(0)).ToHashSet();
        zone.Allocator.Free(zone.Task, zone.First.Plus(17), 0);
        zone.Allocator.Free(zone.Task, zone.First.Plus(18), 0);
        Assert.Equal((2, 0), (zone.Allocator.CountBlocks(0), zone.Allocator.CountBlocks(1)));
        Assert.False(zone.Allocator.HasBlock(1));
        zone.Check(62);

        // Each with its buddy is a block of two; the two are no block of four.
        zone.Allocator.Free(zone.Task, zone.First.Plus(16), 0);
        zone.Allocator.Free(zone.Task, zone.First.Plus(19), 0);
        Assert.Equal((0, 0, 1), (zone.Allocator.CountBlocks(0), zone.Allocator.CountBlocks(1), zone.Allocator.CountBlocks(2)));
        zone.Check(60);
        Assert.Equal(64, all.Count);
    }

    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void B_06_Free_OfBuddiesInTwoZones_MergesNothing(ZoneAllocatorKind kind)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { First = new Pfn(0x1000), Zones = [(ZoneKind.Dma, 33), (ZoneKind.Normal, 31)], Allocator = kind });
        var all = new List<Pfn>();
        while (pages.Allocate(task, Gfp.Kernel) is { } page) all.Add(page);
        while (pages.Allocate(task, Gfp.Kernel | Gfp.Dma) is { } page) all.Add(page);
        Assert.Equal(64, all.Count);
        pages.Free(task, new Pfn(0x1020));
        pages.Free(task, new Pfn(0x1021));
        pages.DrainAll(task);
        foreach (var zone in pages.Zones) Assert.Equal((1, 0), (zone.Allocator.CountBlocks(0), zone.Allocator.CountBlocks(1)));
        foreach (var page in all.Where(static page => page.Number is not (0x1020 or 0x1021))) pages.Free(task, page);
        pages.DrainAll(task);
        Assert.Equal([(new Pfn(0x1000), 5), (new Pfn(0x1020), 0)], pages.Zones[0].Allocator.FreeBlocks().Select(static b => (b.First, b.Order)).Order());
        Assert.Empty(pages.Validate());
    }

    // nr_pcp_free of mm/page_alloc.c, 6.1: the batch, doubled with each burst of frees, between the batch and the limit without it. An
    // allocation halves it again.
    [Fact]
    public void B_14_Free_AtTheLimitOfAList_GivesBackMoreEachTime_AndStaysBelowTheLimit()
    {
        using var zone = new ZoneUnderTest(ZoneAllocatorKind.Buddy, 256);
        var pages = Enumerable.Range(0, 40).Select(_ => zone.Take(0)).ToArray();
        zone.Allocator.SetCacheLimits(8, 2);
        int[] expected = [1, 2, 3, 4, 5, 6, 7, 6, 7, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 2];
        for (var i = 0; i < expected.Length; i++)
        {
            zone.Allocator.Free(zone.Task, pages[i], 0);
            Assert.Equal(expected[i], zone.Allocator.CachedPages);
        }

        _ = zone.Take(0);
        expected = [2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 2];
        for (var i = 0; i < expected.Length; i++)
        {
            zone.Allocator.Free(zone.Task, pages[20 + i], 0);
            Assert.Equal(expected[i], zone.Allocator.CachedPages);
        }

        zone.Check(256 - zone.Allocator.FreePages - zone.Allocator.CachedPages);
    }

    // Four CPUs at once; all invariants whenever they have done a thousand operations together. MM_SOAK_OPERATIONS says how many in all.
    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void B_48_Operations_OfFourCpusForLong_KeepAllInvariants(ZoneAllocatorKind kind)
    {
        const int Cpus = 4;
        const int Frames = 3000;
        var operations = int.TryParse(Environment.GetEnvironmentVariable("MM_SOAK_OPERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 40_000;
        using var machine = Situation.NewMachine(Cpus);
        PageAllocator? made = null;
        machine.Do("setup", task => made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)], Allocator = kind }));
        using var pages = made!;
        var held = Enumerable.Range(0, Cpus).Select(static _ => new List<(Pfn Page, int Order)>()).ToArray();
        var random = Enumerable.Range(0, Cpus).Select(static i => new Random(i)).ToArray();
        for (var done = 0; done < operations; done += 1000)
        {
            for (var cpu = 0; cpu < Cpus; cpu++)
            {
                var (mine, chance) = (held[cpu], random[cpu]);
                machine.Start("cpu" + cpu, task => Work(task, mine, chance, 1000 / Cpus));
            }

            machine.Run();
            machine.Do("check", _ => Check());
        }

        machine.Do("end", task =>
        {
            foreach (var (page, order) in held.SelectMany(static mine => mine)) pages.Free(task, page, order);
            foreach (var mine in held) mine.Clear();
            pages.DrainAll(task);
            Check();
            Assert.Equal(Frames, pages.Zones[0].Allocator.FreePages);
        });

        void Work(MachineTask task, List<(Pfn Page, int Order)> mine, Random chance, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var order = chance.Next(8) == 0 ? chance.Next(11) : chance.Next(4);
                if (chance.Next(2) == 0 && mine.Count < 100 && pages.Allocate(task, chance.Next(2) == 0 ? Gfp.NoWait : Gfp.Atomic, order) is { } page)
                {
                    mine.Add((page, order));
                }
                else if (mine.Count != 0)
                {
                    var index = chance.Next(mine.Count);
                    pages.Free(task, mine[index].Page, mine[index].Order);
                    mine.RemoveAt(index);
                }
            }
        }

        void Check()
        {
            var taken = held.SelectMany(static mine => mine).SelectMany(static block => Enumerable.Range((int)block.Page.Number, 1 << block.Order)).ToArray();
            Assert.Equal(taken.Length, taken.Distinct().Count());
            Assert.Empty(pages.Validate());
            Assert.Equal(Frames, pages.Zones[0].Allocator.FreePages + pages.Zones[0].Allocator.CachedPages + taken.Length);
            Assert.Empty(machine.LockOrder.Validate());
            machine.AssertClean();
        }
    }
}
