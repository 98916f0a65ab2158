using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Allocation;

public class TreeAllocatorAsZoneAllocatorTests() : ZoneAllocatorTests(ZoneAllocatorKind.Tree);

public class BuddyAllocatorAsZoneAllocatorTests() : ZoneAllocatorTests(ZoneAllocatorKind.Buddy);

/// <summary>What a zone may expect of its allocator, whichever it is.</summary>
public abstract class ZoneAllocatorTests(ZoneAllocatorKind kind)
{
    [Theory]
    [InlineData(0x1000u, 4096)]
    [InlineData(0x1003u, 5000)]
    [InlineData(0x1fffu, 2)]
    [InlineData(7u, 1)]
    [InlineData(0x200u, 512)]
    [InlineData(0x3ffu, 1026)]
    public void EachOrder_TakenUntilNoneIsLeft_IsAlignedDistinctInsideAndComesBack_LL_02(uint first, int frames)
    {
        using var zone = new ZoneUnderTest(kind, frames, first);
        for (var order = 0; order <= FrameTable.MaximalOrder; order++)
        {
            var blocks = new List<Pfn>();
            var expected = CountAligned(first, frames, order);
            while (zone.Allocator.TryAllocate(zone.Task, order, out var page)) blocks.Add(page);
            Assert.Equal(expected, blocks.Distinct().Count());
            Assert.Equal(expected, blocks.Count);
            Assert.All(blocks, b => Assert.Equal(0u, b.Number % (1u << order)));
            zone.Check(expected << order);
            Assert.False(zone.Allocator.HasBlock(order));
            foreach (var page in blocks) zone.Allocator.Free(zone.Task, page, order);
            Assert.Equal(expected != 0, zone.Allocator.HasBlock(order));
            zone.Check(0);
        }
    }

    [Fact]
    public void Free_OfWhatCannotBeABlockOfTheZone_IsRefusedAndChangesNothing()
    {
        using var zone = new ZoneUnderTest(kind, 1000);
        Assert.True(zone.Allocator.TryAllocate(zone.Task, 1, out var pair));
        Refused<ArgumentOutOfRangeException>(zone.First.Plus(512), 9);
        Refused<ArgumentOutOfRangeException>(zone.First.Plus(1000), 0);
        Refused<ArgumentOutOfRangeException>(new Pfn(uint.MaxValue), 0);
        Refused<ArgumentOutOfRangeException>(pair, FrameTable.MaximalOrder + 1);
        Refused<ArgumentOutOfRangeException>(pair, -1);
        Refused<ArgumentException>(pair.Plus(1), 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => zone.Allocator.TryAllocate(zone.Task, FrameTable.MaximalOrder + 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => zone.Allocator.TryAllocate(zone.Task, -1, out _));
        zone.Check(2);

        void Refused<T>(Pfn page, int order)
            where T : ArgumentException
        {
            Assert.ThrowsAny<T>(() => zone.Allocator.Free(zone.Task, page, order));
            Assert.Empty(zone.Allocator.Validate());
        }
    }

    [Fact]
    public void LargeBlocks_MixedAtRandom_NeverOverlap_LL_04()
    {
        using var zone = new ZoneUnderTest(kind, 16 * 512);
        var random = new Random(4);
        var owned = new List<(Pfn Page, int Order)>();
        var taken = new bool[zone.Frames];
        for (var step = 0; step < 20_000; step++)
        {
            var order = 8 + random.Next(3);
            if (random.Next(2) == 0 && zone.Allocator.TryAllocate(zone.Task, order, out var page))
            {
                var range = taken.AsSpan((int)(page.Number - zone.First.Number), 1 << order);
                Assert.False(range.Contains(true));
                range.Fill(true);
                owned.Add((page, order));
            }
            else if (owned.Count != 0)
            {
                var index = random.Next(owned.Count);
                var (block, its) = owned[index];
                owned.RemoveAt(index);
                taken.AsSpan((int)(block.Number - zone.First.Number), 1 << its).Clear();
                zone.Allocator.Free(zone.Task, block, its);
            }

            if (step % 1000 == 0) zone.Check(taken.Count(static t => t));
        }
    }

    [Fact]
    public void Block_FreedInParts_InAnyOrder_IsWholeAgain()
    {
        var random = new Random(1);
        foreach (var order in (int[])[10, 9, 8, 7, 4])
        {
            using var zone = new ZoneUnderTest(kind, 2048);
            var block = zone.Take(order);
            var parts = new List<(Pfn Page, int Order)>();
            Divide(block, order);
            foreach (var (page, its) in parts.OrderBy(_ => random.Next()))
            {
                zone.Allocator.Free(zone.Task, page, its);
                zone.Check(zone.Frames - zone.Allocator.FreePages);
            }

            zone.Check(0);
            Assert.True(zone.Allocator.HasBlock(10));

            void Divide(Pfn page, int of)
            {
                if (of == 0 || random.Next(4) == 0)
                {
                    parts.Add((page, of));
                    return;
                }

                Divide(page, of - 1);
                Divide(page.Plus(1 << (of - 1)), of - 1);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(252)]
    public void Exhaustion_WithTwoCpusThatKeepPages_FindsThemAll(int high)
    {
        using var zone = new ZoneUnderTest(kind, 3000, cpus: 2, high: high, batch: 63);
        var all = new HashSet<Pfn>();
        for (var i = 0; i < 1500; i++)
        {
            Assert.True(all.Add(zone.Take(0, cpu: i % 2)));
            if (i % 3 != 0) continue;
            zone.Allocator.Free(zone.Tasks[1], all.First(), 0);
            all.Remove(all.First());
        }

        while (zone.Allocator.TryAllocate(zone.Task, 0, out var page) || Drained(out page)) Assert.True(all.Add(page));
        Assert.Equal(3000, all.Count);
        zone.Check(3000);

        // The buddy leaves what another CPU keeps to whoever drains it; the trees look there themselves.
        bool Drained(out Pfn page)
        {
            if (kind == ZoneAllocatorKind.Buddy) zone.Drain();
            return zone.Allocator.TryAllocate(zone.Task, 0, out page);
        }
    }

    [Fact]
    public void Drain_OfACpuWhoseTaskEnded_StrandsNothing()
    {
        using var zone = new ZoneUnderTest(kind, 8192, cpus: 2, high: 256, batch: 31);
        for (var order = 0; order < 4; order++)
        {
            var blocks = Enumerable.Range(0, 40).Select(_ => zone.Take(order, cpu: 1)).ToArray();
            foreach (var block in blocks) zone.Allocator.Free(zone.Tasks[1], block, order);
        }

        Assert.NotEqual(0, zone.Allocator.CachedPages);
        zone.Tasks[1].Dispose();
        zone.Check(0);
        zone.Drain();
        Assert.Equal((8192, 0), (zone.Allocator.FreePages, zone.Allocator.CachedPages));
        zone.Check(0);
    }

    [Fact]
    public void CacheLimits_OfZero_KeepNothingFromThenOn()
    {
        using var zone = new ZoneUnderTest(kind, 8192, high: 256, batch: 31);
        zone.Allocator.Free(zone.Task, zone.Take(0), 0);
        Assert.NotEqual(0, zone.Allocator.CachedPages);
        zone.Allocator.SetCacheLimits(0, 1);
        zone.Drain();
        foreach (var order in (int[])[0, 1, 2, 3, 9]) zone.Allocator.Free(zone.Task, zone.Take(order), order);
        Assert.Equal((8192, 0), (zone.Allocator.FreePages, zone.Allocator.CachedPages));
    }

    [Fact]
    public void Threads_ThatSignTheirPages_NeverMeetAnothersSignature()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("MM_SOAK_SECONDS"), out var s) ? s : 1;
        using var zone = new ZoneUnderTest(kind, 3 * 4096 + 77, cpus: 2, high: 252, batch: 63);
        foreach (var task in zone.Tasks) task.Dispose();
        var owners = new int[zone.Frames];
        var until = Environment.TickCount64 + (seconds * 1000);
        var foreign = new System.Collections.Concurrent.ConcurrentQueue<(Pfn Page, int Order)>();
        for (var t = 1; t <= 3; t++)
        {
            var me = t;
            zone.Machine.Start("owner" + t, task =>
            {
                var random = new Random(me);
                var owned = new Queue<(Pfn Page, int Order)>();
                while (Environment.TickCount64 < until)
                {
                    for (var i = 0; i < 256; i++)
                    {
                        var order = random.Next(16) switch { < 9 => 0, < 13 => random.Next(1, 4), < 15 => random.Next(4, 9), _ => random.Next(9, 11) };
                        if (owned.Count < 200 && random.Next(2) == 0 && zone.Allocator.TryAllocate(task, order, out var page))
                        {
                            for (var p = 0; p < 1 << order; p++) Assert.Equal(0, Interlocked.Exchange(ref Owner(page.Plus(p)), me));
                            if (random.Next(4) == 0) foreign.Enqueue((page, order));
                            else owned.Enqueue((page, order));
                        }
                        else if (random.Next(3) == 0 ? foreign.TryDequeue(out var block) : owned.TryDequeue(out block))
                        {
                            for (var p = 0; p < 1 << block.Order; p++) Assert.NotEqual(0, Interlocked.Exchange(ref Owner(block.Page.Plus(p)), 0));
                            zone.Allocator.Free(task, block.Page, block.Order);
                        }

                        if (random.Next(512) == 0) zone.Allocator.Drain(task, random.Next(2));
                    }
                }

                while (owned.TryDequeue(out var rest)) foreign.Enqueue(rest);
            });
        }

        zone.Machine.Run();
        zone.Machine.Do("end", task =>
        {
            zone.Check(foreign.Sum(static b => 1 << b.Order));
            foreach (var (page, order) in foreign) zone.Allocator.Free(task, page, order);
            for (var cpu = 0; cpu < 2; cpu++) zone.Allocator.Drain(task, cpu);
        });
        zone.Check(0);
        Assert.Equal(zone.Frames, zone.Allocator.FreePages);
        zone.Machine.AssertClean();

        ref int Owner(Pfn page) => ref owners[page.Number - zone.First.Number];
    }

    private static int CountAligned(uint first, int frames, int order)
    {
        var begin = (first + (1u << order) - 1) >> order;
        var end = (first + (uint)frames) >> order;
        return end > begin ? (int)(end - begin) : 0;
    }
}
