using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>Each erratum of the posted series, shown on its own form; what Mm.Core does instead stands beside it where it can be compared.</summary>
public sealed class DiscardErrataTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly PageAllocator _pages;
    private readonly SeedDiscardList _seed;

    public DiscardErrataTests()
    {
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)] });
        _seed = new SeedDiscardList(_machine, _pages);
    }

    private int FreePages => _pages.Zones[0].Allocator.FreePages + _pages.Zones[0].Allocator.CachedPages;

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _pages.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void E5_1_PagesInAVectorThatIsNotFull_AreNeverFreed()
    {
        foreach (var page in Discarded(SeedDiscardList.PagevecSize - 1)) Assert.True(_seed.FreeHotColdPage(_task, page));
        for (var i = 0; i < 3; i++) _seed.ShrinkDiscards(_task);
        Assert.Equal((0, 13, 51), (_seed.Broadcasts, _seed.InVectorOf(_task.RawCpuIndex), FreePages));
        Assert.True(_seed.FreeHotColdPage(_task, Discarded(1)[0]));
        _seed.ShrinkDiscards(_task);
        Assert.Equal(64, FreePages);
    }

    [Fact]
    public void E5_2_TheVectorOfACpuThatIsGone_IsNobodys()
    {
        var gone = 1 - _task.RawCpuIndex;
        var pages = Discarded(5);
        _machine.CrossCalls.Call(_task, gone, (here, _) =>
        {
            foreach (var page in pages) Assert.True(_seed.FreeHotColdPage(here, page));
        });

        // Nothing ever runs on that CPU again: nothing but a put on it looks at its vector.
        foreach (var page in Discarded(2 * SeedDiscardList.PagevecSize)) Assert.True(_seed.FreeHotColdPage(_task, page));
        _seed.ShrinkDiscards(_task);
        Assert.Equal((5, 59), (_seed.InVectorOf(gone), FreePages));
    }

    [Fact]
    public void E5_3_AnInterruptInTheMiddleOfAnAdd_LosesItsPage()
    {
        var pages = Discarded(2);
        _seed.Between = () =>
        {
            _seed.Between = null;
            _machine.CrossCalls.Send(_task, _task.RawCpuIndex, (here, _) => Assert.True(_seed.FreeHotColdPage(here, pages[1])));
        };
        Assert.True(_seed.FreeHotColdPage(_task, pages[0]));
        Assert.Equal(1, _seed.InVectorOf(_task.RawCpuIndex));
    }

    [Fact]
    public void E5_3_TheListsLock_InAnInterruptAndWithInterruptsOn_IsADeadlockThatIsReported()
    {
        foreach (var page in Discarded(SeedDiscardList.PagevecSize)) Assert.True(_seed.FreeHotColdPage(_task, page));
        var more = Discarded(SeedDiscardList.PagevecSize);
        _machine.CrossCalls.Send(_task, _task.RawCpuIndex, (here, _) =>
        {
            foreach (var page in more) Assert.True(_seed.FreeHotColdPage(here, page));
        });
        Assert.StartsWith("WARNING: inconsistent lock state", _machine.TakeSingle().Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void E5_4_TheRepairOfTheThirdVersion_EnablesInterruptsThatWereOff()
    {
        var page = Discarded(1)[0];
        using (_task.IrqsOff())
        {
            _seed.FreeHotColdPageOfVersion3(_task, page);
            Assert.False(_task.IrqsDisabled);
            _ = _task.IrqSave();
        }
    }

    [Fact]
    public void E5_5_ACallToTheOtherCpus_LeavesTheCallersOwnListAlone()
    {
        var other = 1 - _task.RawCpuIndex;
        var pages = Discarded(2);
        Assert.True(_seed.FreeHotColdPage(_task, pages[0]));
        _machine.CrossCalls.Call(_task, other, (here, _) => Assert.True(_seed.FreeHotColdPage(here, pages[1])));
        var cpu = _task.RawCpuIndex;
        _seed.ShrinkDiscardsOfVersion3(_task);
        Assert.Equal((1, 0, 63), (_seed.InVectorOf(cpu), _seed.InVectorOf(1 - cpu), FreePages));
    }

    // What is reaped somebody else may take first. If it counted for nothing, there is nothing left to try.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void E5_6_ReapingThatIsNoProgress_EndsInTheLastResort(bool isCounted, int oomCalls)
    {
        var calls = 0;
        using var pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)], OnOom = (_, _, _) => { calls++; return OomOutcome.None; } });
        var held = new List<Pfn>();
        while (pages.Allocate(_task, Gfp.Atomic) is { } page) held.Add(page);
        pages.AddReclaimer(new Reaper(pages, held, isCounted));
        Assert.Equal(isCounted, pages.Allocate(_task, Gfp.Kernel) is not null);
        Assert.Equal(oomCalls, calls);
    }

    [Fact]
    public void E5_7_WithoutAnAllocationThatWaits_NothingIsEverReaped()
    {
        foreach (var page in Discarded(2 * SeedDiscardList.PagevecSize)) Assert.True(_seed.FreeHotColdPage(_task, page));
        while (_pages.Allocate(_task, Gfp.Atomic) is not null) { }
        Assert.Equal((28, 0, 0), (_seed.Listed, _seed.Broadcasts, FreePages));
        _seed.ShrinkDiscards(_task);
        Assert.Equal(28, FreePages);
    }

    [Fact]
    public void E5_8_EachPassOfReclaim_InterruptsEveryCpu()
    {
        for (var priority = 12; priority >= 0; priority--)
        {
            foreach (var page in Discarded(SeedDiscardList.PagevecSize)) Assert.True(_seed.FreeHotColdPage(_task, page));
            _seed.ShrinkDiscards(_task);
        }

        Assert.Equal(13, _seed.Broadcasts);
    }

    [Fact]
    public void E5_9_QueuedPages_AreCountedNowhere()
    {
        foreach (var page in Discarded(20)) Assert.True(_seed.FreeHotColdPage(_task, page));
        var allocated = Enumerable.Range(0, 64).Count(i => _pages.Pages.ReferenceCount(new Pfn((uint)i)) != 0);
        Assert.Equal((0, 44, 64), (allocated, FreePages + allocated, _pages.Zones[0].ManagedPages));
    }

    [Fact]
    public void E5_10_ABlockOfSeveralPages_PassesByTheHook()
    {
        // The hook stands in the path for single pages only. Without the check that the base patch has beside it, nobody waits for anybody.
        var block = _pages.Allocate(_task, Gfp.Kernel, 2)!.Value;
        _pages.Pages.Set(block, PageFlags.Discarded);
        _pages.Free(_task, block, 2);
        Assert.Equal((0, 64), (_seed.Listed, FreePages));
    }

    [Fact]
    public void E5_11_APageWithoutItsMapping_CannotBeUnmappedByTheFault()
    {
        var world = new DiscardWorld(_task);
        var page = world.Cached(_task, 1);
        Assert.True(world.Map(_task, page, isWritable: false) && world.States.MakeVolatile(_task, page, 1) && world.Host.TryDiscard(_task, page));

        // __remove_from_page_cache clears page->mapping; the kernel's handler would dereference it.
        world.Pages.SetCacheId(page, 0);
        Assert.Equal(HostAccess.DiscardFault, world.States.Access(_task, page, isWrite: false));
        Assert.Equal(1, world.Pages.MapCount(page));
        world.Pages.SetCacheId(page, 1);
        Assert.Equal(HostAccess.DiscardFault, world.States.Access(_task, page, isWrite: false));
        Assert.Equal(0, world.Pages.MapCount(page));
    }

    [Fact]
    public void E5_12_APageThatIsDroppedBehindTheLook_IsFreedAtOnce()
    {
        var world = new DiscardWorld(_task);
        var seeds = world.Lookup(_task, 1);
        Assert.True(world.States.MakeVolatile(_task, seeds, 2));

        // The posted removal asks the host once, and leaves the page volatile.
        Assert.False(world.Host.StateOf(seeds).IsDiscarded);
        Assert.True(world.Host.TryDiscard(_task, seeds));
        world.Pages.SetCacheId(seeds, 0);
        world.Pages.Put(_task, seeds);
        world.Pages.Put(_task, seeds);
        Assert.Equal((0, 0), (world.States.Queue.Count, world.Pages.ReferenceCount(seeds)));

        var ours = world.Lookup(_task, 2);
        Assert.True(world.States.MakeVolatile(_task, ours, 2) && world.States.TryBeginRemoval(_task, ours));
        Assert.False(world.Host.TryDiscard(_task, ours));
    }

    // find_get_pages of the first posting: one page of several is dropped, and all that were found are discarded with it.
    [Fact]
    public void E5_13_ALookupOfManyPages_ThatDiscardsAllForOne_RemovesWhatIsThere()
    {
        foreach (var isRepaired in (bool[])[false, true])
        {
            var world = new DiscardWorld(_task);
            var found = Enumerable.Range(1, 3).Select(key => { world.Cached(_task, key); return world.Find(_task, key)!.Value; }).ToArray();
            Assert.True(world.States.MakeVolatile(_task, found[2], 2) && world.Host.TryDiscard(_task, found[2]));
            var bad = Array.FindIndex(found, page => !world.States.MakeStable(_task, page));
            if (isRepaired)
            {
                world.States.Discard(_task, found[bad]);
                foreach (var page in found) world.Pages.Put(_task, page);
                Assert.Equal((2, 1, 1), (world.CachedCount, world.Removals, world.Pages.ReferenceCount(found[0])));
            }
            else
            {
                foreach (var page in found) { world.Remove(_task, page); }
                Assert.Equal((0, 3, 1), (world.CachedCount, world.Removals, world.Pages.ReferenceCount(found[0])));
            }
        }
    }

    [Fact]
    public void E5_14_Success_IsTrueAndMustBeLookedAt()
    {
        foreach (var name in (string[])[nameof(PageStates.MakeStable), nameof(PageStates.TryMakeStable), nameof(PageStates.TryAddMapping), nameof(PageStates.TryBeginRemoval)])
        {
            var method = typeof(PageStates).GetMethod(name)!;
            Assert.Equal(typeof(bool), method.ReturnType);
            Assert.NotNull(method.GetCustomAttribute<MustCheckAttribute>());
        }
    }

    // The posted make_volatile has preemption off and interrupts on while the page's bit is set.
    [Fact]
    public void E5_15_AnInterruptThatWaitsForTheBit_WaitsForWhatItInterrupted()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = 1 });
        machine.Start("offers", task =>
        {
            var isChanging = false;
            using (task.PreemptOff())
            {
                isChanging = true;
                task.Machine.CrossCalls.Send(task, task.CpuIndex, (here, _) =>
                {
                    for (var spins = 0; isChanging;) here.Machine.Scheduler.Pause(here, ref spins);
                });
                isChanging = false;
            }
        });
        Assert.Contains("spins", Assert.Throws<MachineDeadlockException>(machine.Run).Message, StringComparison.Ordinal);
    }

    // The posted handler: a reference, interrupts on whatever they were, and a routine that sleeps.
    [Fact]
    public void E5_16_AHandlerThatForcesInterruptsOnAndSleeps_IsReportedTwice()
    {
        var world = new DiscardWorld(_task);
        var page = world.Cached(_task, 1);
        Situation.In("Ih", _task, task =>
        {
            Assert.True(world.Pages.TryGetOwn(page));
            task.IrqEnable();
            world.Pages.Lock(task, page);
            world.Pages.Unlock(task, page);
            _ = task.IrqSave();
            world.Pages.Put(task, page);
        });
        Assert.Equal(
            ["WARNING", "BUG: sleeping function called from invalid context"],
            _machine.Traps.Clear().Take(2).Select(static (trap, i) => i == 0 ? trap.Headline[..7] : trap.Headline[..trap.Headline.IndexOf(" at ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void E5_16b_AHeadThatIsFollowedBeforeTheReference_CanBeSomebodyElsesByThen()
    {
        var block = _pages.Allocate(_task, Gfp.Kernel | Gfp.Compound, 2)!.Value;
        var faulting = block.Plus(1);
        var head = _pages.Pages.HeadOf(faulting);
        _pages.Pages.Put(_task, block);
        Pfn? again = null;
        while (again != head) again = _pages.Allocate(_task, Gfp.Atomic)!.Value;

        // The handler goes on with the head that it has read: the reference is to the page of somebody else.
        Assert.True(_pages.Pages.TryGetOwn(head));
        Assert.Equal((2, head), (_pages.Pages.ReferenceCount(again!.Value), again.Value));
        _pages.Pages.Put(_task, head);
    }

    [Fact]
    public void E5_17_CpusThatAreCalledUnderTheLock_AreReported()
    {
        _seed.ShrinkDiscardsUnderTheLock(_task);
        Assert.Contains("WARN_ON_ONCE", _machine.TakeSingle().Text, StringComparison.Ordinal);
    }

    // PG_state_change is a word of the page states here; two flags are left.
    [Fact]
    public void E5_18_HostPageStates_TakeTwoPageFlags() =>
        Assert.Equal(["Discarded", "Writable"], Enum.GetNames<PageFlags>().Where(static name => name is "Discarded" or "Writable" or "StateChange"));

    private List<Pfn> Discarded(int count)
    {
        var pages = new List<Pfn>();
        for (var i = 0; i < count; i++)
        {
            var page = _pages.Allocate(_task, Gfp.Kernel)!.Value;
            _pages.Pages.Set(page, PageFlags.Discarded);
            Assert.True(_pages.Pages.TryFreeze(_task, page, 1));
            pages.Add(page);
        }

        return pages;
    }

    /// <summary>Frees one page a call, and the first of them somebody else takes at once.</summary>
    private sealed class Reaper(PageAllocator pages, List<Pfn> held, bool isCounted) : IReclaimer
    {
        private int _calls;

        public int Reclaim(MachineTask task, in ReclaimRequest request)
        {
            if (_calls > 3) return 0;
            pages.Free(task, held[_calls]);
            pages.DrainAll(task);
            if (_calls++ == 0) held[0] = pages.Allocate(task, Gfp.Atomic)!.Value;
            return isCounted ? 1 : 0;
        }

        public int CountReclaimable(Zone zone) => isCounted ? 4 - _calls : 0;
    }
}
