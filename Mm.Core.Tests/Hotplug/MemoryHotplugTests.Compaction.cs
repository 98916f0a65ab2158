using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Hotplug;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Hotplug;

/// <summary>Whole blocks out of scattered free pages.</summary>
public abstract partial class MemoryHotplugTests
{
    // Every eighth page is the cache's, all others are free: no block of order 3 is.
    private PageCache Scatter(int distance = 8, params uint[] unmovable)
    {
        var cache = new PageCache(_task, _pages, _memory);
        _hotplug.SetMovable(_task, cache.Owner, cache);
        var all = new List<Pfn>();
        while (_pages.Allocate(_task, Gfp.AllReserves) is { } page) all.Add(page);
        foreach (var page in all)
        {
            if (unmovable.Contains(page.Number)) continue;
            if (page.Number % distance == 0) cache.Add(_task, page, (int)page.Number);
            else _pages.Free(_task, page);
        }

        _pages.DrainAll(_task);
        return cache;
    }

    private void AssertMoved(PageCache cache, int atMost)
    {
        Assert.All(cache.Pages.Keys, key => Assert.True(cache.IsRight(key), $"page {key}"));
        Assert.Equal(cache.Pages.Count, cache.Pages.Values.Distinct().Count());
        Assert.InRange(_hotplug.MigratedPages, 0, atMost);
        AssertAsBefore(cache);
    }

    private void AssertAsBefore(PageCache cache)
    {
        Assert.Empty(_pages.Validate());
        Assert.Equal(0, Isolation.IsolatedPages);
        Assert.Equal(cache.Pages.Values.Sum(page => 1L << _pages.Pages.OrderOf(page)), cache.Owner.LivePages);
        _machine.AssertClean();
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(6, 8)]
    [InlineData(9, 64)]
    public void AllocationOfABlock_MovesWhatIsInTheWay_AndNoMore(int order, int moves)
    {
        var cache = Scatter();
        Assert.Null(_pages.Allocate(_task, Gfp.NoWait, order));

        var block = _pages.Allocate(_task, Gfp.Kernel, order);

        Assert.NotNull(block);
        Assert.Equal((moves, 1L), (_hotplug.MigratedPages, _hotplug.CompactedBlocks));
        Assert.DoesNotContain(cache.Pages.Values, page => page.Number >> order == block.Value.Number >> order);
        AssertMoved(cache, moves);
        _pages.Free(_task, block.Value, order);
    }

    [Fact]
    public void BlocksAreMadeUntilTheFreePagesAreUsedUp()
    {
        var cache = Scatter();
        var blocks = new List<Pfn>();
        while (_pages.Allocate(_task, Gfp.Kernel | Gfp.NoRetry, 7) is { } block) blocks.Add(block);

        // 256 pages are in use, and the reserve and room for two blocks more stay free.
        Assert.InRange(blocks.Count, 10, 12);
        AssertMoved(cache, 256);
    }

    [Fact]
    public void BlockWithTheFewestPagesInUse_IsTaken()
    {
        var cache = Scatter();
        foreach (var page in cache.Pages.Values.Where(static page => page.Number is >= 1024 + 64 and < 1536).ToArray())
        {
            cache.Pages.Remove((int)page.Number);
            _pages.Owners.ClearOwner(_task, page, cache.Owner);
            _pages.Free(_task, page);
        }

        Assert.Equal(1024u, _pages.Allocate(_task, Gfp.Kernel, 9)!.Value.Number);
        AssertMoved(cache, 8);
    }

    [Theory]
    [InlineData(Gfp.NoFileSystem)]
    [InlineData(Gfp.NoIo)]
    [InlineData(Gfp.Atomic)]
    [InlineData(Gfp.NoWait)]
    public void AllocationsThatMayNotDoAll_MoveNothing(Gfp gfp)
    {
        var cache = Scatter();
        Assert.Null(_pages.Allocate(_task, gfp, 9));
        AssertMoved(cache, 0);
    }

    [Fact]
    public void OnePageThatCannotMove_KeepsItsBlocks_AndNoOthers()
    {
        // The only whole pageblocks without one begin at 0 and 1,536.
        var cache = Scatter(8, 700, 1300);
        Assert.Contains(_pages.Allocate(_task, Gfp.Kernel, 9)!.Value.Number, new uint[] { 0, 1536 });
        Assert.NotNull(_pages.Allocate(_task, Gfp.Kernel, 9));
        Assert.Null(_pages.Allocate(_task, Gfp.Kernel, 9));
        AssertMoved(cache, 128);
    }

    [Fact]
    public void BlocksInUseThatAreNotCompound_AreNotTakenForFree()
    {
        var blocks = new List<Pfn>();
        while (_pages.Allocate(_task, Gfp.AllReserves, 4) is { } block) blocks.Add(block);
        foreach (var block in blocks.Where(static block => block.Number % 32 == 0)) _pages.Free(_task, block, 4);
        _pages.DrainAll(_task);
        Assert.False(_hotplug.Compact(_task, Zone, 5));
        Assert.Equal(0, _hotplug.CompactedBlocks);
        _machine.AssertClean();
    }

    [Fact]
    public void CompoundPages_MoveAsOne()
    {
        var cache = new PageCache(_task, _pages, _memory);
        _hotplug.SetMovable(_task, cache.Owner, cache);
        var all = new List<Pfn>();
        while (_pages.Allocate(_task, Gfp.AllReserves | Gfp.Compound, 2) is { } block) all.Add(block);
        foreach (var block in all)
        {
            if (block.Number % 16 == 0) cache.Add(_task, block, (int)block.Number);
            else _pages.Free(_task, block, 2);
        }

        _pages.DrainAll(_task);
        Assert.NotNull(_pages.Allocate(_task, Gfp.Kernel, 8));
        Assert.Equal(64, _hotplug.MigratedPages);
        AssertMoved(cache, 64);
    }

    [Fact]
    public void OwnerWhoRefuses_KeepsHisPages_AndIsAskedLessAndLessOften()
    {
        var cache = Scatter();
        cache.Refusals = int.MaxValue;
        var asked = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            var before = cache.Refusals;
            Assert.Null(_pages.Allocate(_task, Gfp.Kernel | Gfp.NoRetry, 9));
            asked.Add(before - cache.Refusals);
        }

        // Twice in each allocation, four blocks each time, until 2, 4, 8 and 16 requests pass.
        Assert.Equal([4, 4, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0], asked);
        Assert.Equal(16, cache.PutBacks.Count);
        AssertMoved(cache, 0);
        cache.Refusals = 0;
        Assert.True(_hotplug.Compact(_task, Zone, 9));
    }

    [Fact]
    public void WithHardlyAnyPageFree_NothingIsTried()
    {
        var cache = Scatter(distance: 1);
        foreach (var page in cache.Pages.Values.Take(200).ToArray())
        {
            cache.Pages.Remove((int)page.Number);
            _pages.Owners.ClearOwner(_task, page, cache.Owner);
            _pages.Free(_task, page);
        }

        Assert.False(_hotplug.Compact(_task, Zone, 6));
        AssertMoved(cache, 0);
    }

    [Fact]
    public void WhileMemoryGoesOut_NothingIsCompacted()
    {
        var cache = Scatter();
        bool? compacted = null;
        _hotplug.AddNotifier(_task, (task, _, _) =>
        {
            compacted ??= _hotplug.Compact(task, Zone, 3);
            return true;
        });
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.False(compacted);
        Assert.True(cache.Pages.Count == 256 && _hotplug.CompactedBlocks == 0);
    }

    [Fact]
    public void OwnerWhoAllocates_IsNotAskedWithinHisAnswer()
    {
        var cache = Scatter();
        var depth = 0;
        cache.WhileMoving = task =>
        {
            Assert.Equal(1, ++depth);
            Assert.True(task.IsFreeingMemory);
            Assert.Null(_pages.Allocate(task, Gfp.Kernel, 9));
            depth--;
        };
        Assert.NotNull(_pages.Allocate(_task, Gfp.Kernel, 9));
        AssertMoved(cache, 64);
    }

    [Fact]
    public void LockThatAnOwnerTakesToMove_MustNotBeHeldOverAnAllocation()
    {
        var cache = Scatter();
        var mutex = new Mutex(_machine, "cache_mutex");
        cache.WhileMoving = task =>
        {
            using (mutex.Lock(task))
            {
            }
        };
        Assert.True(_pages.Allocate(_task, Gfp.Kernel, 9) is not null);
        _machine.AssertClean();
        using (mutex.Lock(_task)) _ = _pages.Allocate(_task, Gfp.Kernel);
        var trap = _machine.TakeSingle();
        Assert.Equal("WARNING: possible circular locking dependency detected", trap.Headline);
        Assert.Contains("(fs_reclaim)", trap.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void OthersWhoAllocateAndFreeMeanwhile_LoseNothing()
    {
        var (got, made) = (0, 0L);
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? allocator = null;
            MemoryHotplug? hotplug = null;
            machine.Start("boot", task =>
            {
                var itsPages = allocator = NewAllocator(task, _memory);
                hotplug = new MemoryHotplug(machine, itsPages);
                var cache = new PageCache(task, itsPages, _memory);
                hotplug.SetMovable(task, cache.Owner, cache);
                var all = new List<Pfn>();
                while (itsPages.Allocate(task, Gfp.AllReserves) is { } page) all.Add(page);
                foreach (var page in all)
                {
                    if (page.Number % 8 == 0) cache.Add(task, page, (int)page.Number);
                    else itsPages.Free(task, page);
                }

                machine.Start("blocks", blocks =>
                {
                    for (var i = 0; i < 8; i++)
                    {
                        if (itsPages.Allocate(blocks, Gfp.Kernel | Gfp.NoRetry, 8) is not { } block) continue;
                        got++;
                        itsPages.Free(blocks, block, 8);
                    }

                    Assert.All(cache.Pages.Keys, key => Assert.True(cache.IsRight(key)));
                });
                machine.Start("pages", pages =>
                {
                    var mine = new Queue<Pfn>();
                    for (var i = 0; i < 400; i++)
                    {
                        if (itsPages.Allocate(pages, Gfp.Kernel, i % 3) is { } page) mine.Enqueue(page);
                        if (mine.Count > 4) itsPages.Free(pages, mine.Dequeue(), (i - 4) % 3);
                        pages.ConditionalReschedule();
                    }

                    for (var i = 396; mine.TryDequeue(out var page); i++) itsPages.Free(pages, page, i % 3);
                });
            });
            machine.Run();
            machine.AssertClean();
            using var pages = allocator!;
            Assert.Empty(pages.Validate());
            var zone = pages.Zones[0];
            Assert.Equal((Frames - 256, 0), (zone.Allocator.FreePages + zone.Allocator.CachedPages, ((IBlockIsolation)zone.Allocator).IsolatedPages));
            made += hotplug!.CompactedBlocks;
        }

        Assert.True(got >= 20 && made >= 20, $"{got} blocks, {made} of them made");
    }

    [Fact]
    public void BadArguments_AreTypedErrors()
    {
        using var other = NewAllocator(_task, null);
        Assert.Throws<ArgumentOutOfRangeException>(() => _hotplug.Compact(_task, Zone, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _hotplug.Compact(_task, Zone, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => _hotplug.Compact(_task, other.Zones[0], 3));
        Assert.Throws<ArgumentNullException>(() => _hotplug.Compact(_task, null!, 3));
    }
}
