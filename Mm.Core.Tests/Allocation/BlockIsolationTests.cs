using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Physical;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Allocation;

public class TreeAllocatorIsolationTests() : BlockIsolationTests(ZoneAllocatorKind.Tree)
{
    [Fact]
    public void FramesThatCpusHaveAtHand_AreTakenFromThem()
    {
        using var zone = new ZoneUnderTest(ZoneAllocatorKind.Tree, 4096, cpus: 2, high: 252);
        var range = new FrameRange(zone.First, 4096);
        foreach (var cpu in (int[])[0, 1])
        {
            foreach (var order in (int[])[0, 0, 2, 5])
            {
                var page = zone.Take(order, cpu);
                zone.Allocator.Free(zone.Tasks[cpu], page, order);
            }
        }

        Assert.NotEqual(0, zone.Allocator.CachedPages);
        Assert.True(Isolation(zone).TryIsolate(zone.Task, range));
        Assert.Equal((0, 0, 4096), (zone.Allocator.CachedPages, zone.Allocator.FreePages, Isolation(zone).IsolatedPages));
        for (var order = 0; order <= 10; order++)
        {
            Assert.False(zone.Allocator.TryAllocate(zone.Tasks[1], order, out _));
            Assert.False(zone.Allocator.HasBlock(order));
        }

        Isolation(zone).EndIsolation(zone.Task, range);
        zone.Check(0);
    }

    [Fact]
    public void Isolation_WhileThreadsTakeAndFree_LosesNothing()
    {
        const int Cpus = 3;
        using var zone = new ZoneUnderTest(ZoneAllocatorKind.Tree, 4096, cpus: Cpus);
        var (isOver, done) = (0, new int[Cpus]);
        var threads = Enumerable.Range(1, Cpus - 1).Select(cpu => new Thread(() =>
        {
            var random = new Random(cpu);
            var mine = new List<(Pfn Page, int Order)>();
            while (Volatile.Read(ref isOver) == 0 || mine.Count != 0)
            {
                Volatile.Write(ref done[cpu], done[cpu] + 1);
                var order = random.Next(8) switch { 0 => 9, 1 => 10, 2 => 7, _ => random.Next(4) };
                if (Volatile.Read(ref isOver) == 0 && mine.Count < 12 && random.Next(2) == 0)
                {
                    if (zone.Allocator.TryAllocate(zone.Tasks[cpu], order, out var page)) mine.Add((page, order));
                }
                else if (mine.Count != 0)
                {
                    var (page, its) = mine[^1];
                    mine.RemoveAt(mine.Count - 1);
                    zone.Allocator.Free(zone.Tasks[cpu], page, its);
                }
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        for (var round = 0; round < 3000 || Volatile.Read(ref done[1]) < 3000 || Volatile.Read(ref done[2]) < 3000; round++)
        {
            var range = new FrameRange(zone.First.Plus(round % 4 * 1024), 512 << (round % 2));
            Assert.True(Isolation(zone).TryIsolate(zone.Task, range));
            if (!Isolation(zone).TryRemove(zone.Task, range, range.Count))
            {
                Isolation(zone).EndIsolation(zone.Task, range);
                continue;
            }

            for (var i = 0; i < range.Count; i += 512) zone.Allocator.Free(zone.Task, range.First.Plus(i), 9);
        }

        Volatile.Write(ref isOver, 1);
        foreach (var thread in threads) thread.Join();
        zone.Drain();
        Assert.Equal(0, Isolation(zone).IsolatedPages);
        zone.Check(0);
    }
}

public class BuddyAllocatorIsolationTests() : BlockIsolationTests(ZoneAllocatorKind.Buddy);

/// <summary>What removing memory may expect of an allocator, whichever it is.</summary>
public abstract class BlockIsolationTests(ZoneAllocatorKind kind)
{
    internal static IBlockIsolation Isolation(ZoneUnderTest zone) => (IBlockIsolation)zone.Allocator;

    [Fact]
    public void IsolatedRange_GivesNothing_KeepsWhatIsFreed_AndGivesAllBack()
    {
        using var zone = new ZoneUnderTest(kind, 2048);
        var range = new FrameRange(zone.First.Plus(512), 512);
        var all = Enumerable.Range(0, 2048).Select(_ => zone.Take(0)).ToArray();
        var inside = all.Where(page => page.Number - range.First.Number < 512).ToArray();
        Assert.True(Isolation(zone).TryIsolate(zone.Task, range));
        Assert.False(Isolation(zone).TryIsolate(zone.Task, range));
        Assert.False(Isolation(zone).TryIsolate(zone.Task, new FrameRange(zone.First, 1024)));
        foreach (var page in inside)
        {
            zone.Allocator.Free(zone.Task, page, 0);
            Assert.False(zone.Allocator.TryAllocate(zone.Task, 0, out _));
        }

        Assert.Equal((512, 512, 0, false), (Isolation(zone).IsolatedPages, Isolation(zone).CountFree(zone.Task, range), zone.Allocator.FreePages, zone.Allocator.HasBlock(0)));
        foreach (var page in all.Except(inside)) zone.Allocator.Free(zone.Task, page, 0);
        Assert.Equal(1536, zone.Allocator.FreePages);
        Isolation(zone).EndIsolation(zone.Task, range);
        Assert.Equal((0, 2048), (Isolation(zone).IsolatedPages, zone.Allocator.FreePages));
        zone.Check(0);
    }

    [Fact]
    public void RangeOfWhichPartIsInUse_IsRemovedButForThat_AndCountsNowhere()
    {
        using var zone = new ZoneUnderTest(kind, 2048);
        var range = new FrameRange(zone.First.Plus(512), 1024);
        var all = Enumerable.Range(0, 2048).Select(_ => zone.Take(0)).ToHashSet();
        var stays = range.First.Plus(77);
        foreach (var page in all.Where(page => page != stays)) zone.Allocator.Free(zone.Task, page, 0);
        Assert.True(Isolation(zone).TryIsolate(zone.Task, range));
        Assert.False(Isolation(zone).TryRemove(zone.Task, range, 1024));
        Assert.Equal(1023, Isolation(zone).IsolatedPages);
        Assert.True(Isolation(zone).TryRemove(zone.Task, range, 1023));
        Assert.Equal((0, 0, 1024), (Isolation(zone).IsolatedPages, Isolation(zone).CountFree(zone.Task, range), zone.Allocator.FreePages));
        zone.Check(1024);
        for (var i = 0; i < 1024; i++) zone.Allocator.Free(zone.Task, range.First.Plus(i), 0);
        zone.Check(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Zone_AfterEachOperationOfAProgram_IsAsTheModelSays(int seed) =>
        RandomPrograms.Hold(() => new IsolationSubject(kind), IsolationSubject.All, seed, length: 600, count: 2);
}
