using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>What an allocation does when the free lists are empty, step by step.</summary>
public class SlowPathTests
{
    private sealed class Reclaimer(Func<MachineTask, ReclaimRequest, int> reclaim, int reclaimable = 1_000_000) : IReclaimer
    {
        public List<ReclaimRequest> Requests { get; } = [];

        public int Reclaim(MachineTask task, in ReclaimRequest request)
        {
            Requests.Add(request);
            return reclaim(task, request);
        }

        public int CountReclaimable(Zone zone) => reclaimable;
    }

    private static Reclaimer Fruitless(int reclaimable = 1_000_000) => new(static (_, _) => 0, reclaimable);

    private static PageAllocator New(MachineTask task, OomHandler? onOom = null, int frames = 64, int minFree = 0, int noFailRounds = 1000) =>
        new(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, frames)], MinFreePages = minFree, OnOom = onOom, NoFailRounds = noFailRounds });

    private static Stack<Pfn> Exhaust(MachineTask task, PageAllocator pages, Gfp gfp = Gfp.AllReserves)
    {
        var all = new Stack<Pfn>();
        while (pages.Allocate(task, gfp) is { } page) all.Push(page);
        return all;
    }

    [Fact]
    public void B_24_NoFail_ReclaimerYieldsAfterThreeRounds_IsServedInTheThird()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var held = Exhaust(task, pages);
        var rounds = 0;
        pages.AddReclaimer(new Reclaimer((t, _) =>
        {
            if (++rounds < 3) return 0;
            pages.Free(t, held.Pop());
            return 1;
        }));
        Assert.NotNull(pages.Allocate(task, Gfp.Kernel | Gfp.NoFail));
        Assert.Equal((3, 1L, 3L), (rounds, pages.ReclaimedPages, pages.Stalls));
        machine.AssertClean();
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 0)]
    public void B_26_NothingReclaimable_OomIsAskedUnlessTheOrderIsCostly(int order, int asked)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, static (_, _, _) => OomOutcome.None);
        Exhaust(task, pages);
        Assert.Null(pages.Allocate(task, Gfp.Kernel, order));
        Assert.Equal(asked, pages.OomCalls);
    }

    [Fact]
    public void B_28_NofsAndNoioScopes_LowerWhatReclaimersMayDo_AndEnd()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, noFailRounds: 1);
        Exhaust(task, pages);
        var reclaimer = Fruitless(reclaimable: 0);
        pages.AddReclaimer(reclaimer);
        Assert.Equal(Gfp.Block | Gfp.Io | Gfp.FileSystem, Asked());
        using (task.AllocateWithoutFileSystem())
        {
            Assert.Equal(Gfp.Block | Gfp.Io, Asked());
            using (task.AllocateWithoutIo())
            {
                Assert.Equal(Gfp.Block, Asked());
                using (task.AllocateWithoutFileSystem()) Assert.Equal(Gfp.Block, Asked());
            }

            Assert.Equal(Gfp.Block | Gfp.Io, Asked());
        }

        Assert.Equal(Gfp.Block | Gfp.Io | Gfp.FileSystem, Asked());

        Gfp Asked()
        {
            reclaimer.Requests.Clear();
            Assert.Null(pages.Allocate(task, Gfp.Kernel));
            return reclaimer.Requests.Select(static r => r.Capabilities).Distinct().Single();
        }
    }

    [Fact]
    public void Kernel_WithoutProgressButHope_TriesSixteenTimesMore_ThenAsksTheLastResort()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var after = new List<int>();
        var reclaimer = Fruitless();
        using var pages = New(task, (_, _, _) =>
        {
            after.Add(reclaimer.Requests.Count);
            return after.Count < 2 ? OomOutcome.Killed : OomOutcome.None;
        });
        Exhaust(task, pages);
        pages.AddReclaimer(reclaimer);
        Assert.Null(pages.Allocate(task, Gfp.Kernel));

        // 17 calls, then a victim that gives nothing, and the same once more.
        Assert.Equal([17, 34], after);
        Assert.All(reclaimer.Requests, static r => Assert.Equal((32, 0, false), (r.Target, r.Order, r.IsBackground)));
    }

    [Fact]
    public void Kernel_WithoutHope_AsksTheLastResortAtOnce()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var held = new Stack<Pfn>();
        PageAllocator? made = null;
        using var pages = made = New(task, (t, _, _) =>
        {
            made!.Free(t, held.Pop());
            return OomOutcome.Killed;
        });
        held = Exhaust(task, pages);
        var reclaimer = Fruitless(reclaimable: 0);
        pages.AddReclaimer(reclaimer);
        Assert.NotNull(pages.Allocate(task, Gfp.Kernel));

        // With lists for each CPU it takes a second round, which empties the one into which the page was freed.
        Assert.InRange(reclaimer.Requests.Count, 1, 2);
        Assert.Equal(1, pages.OomCalls);
    }

    [Theory]
    [InlineData(Gfp.Kernel | Gfp.NoRetry, 0, 1, 0)]
    [InlineData(Gfp.Kernel | Gfp.RetryMayFail, 0, 17, 0)]
    [InlineData(Gfp.Kernel | Gfp.RetryMayFail, 4, 1, 0)]
    [InlineData(Gfp.Kernel, 4, 1, 0)]
    [InlineData(Gfp.Kernel | Gfp.Dma, 0, 17, 0)]
    [InlineData(Gfp.Kernel, 0, 17, 1)]
    [InlineData(Gfp.Atomic, 0, 0, 0)]
    public void Flags_DecideHowOftenAndWhetherTheLastResortIsAsked(Gfp gfp, int order, int reclaims, int asked)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Dma, 64)], OnOom = static (_, _, _) => OomOutcome.None });
        using var normal = New(task, static (_, _, _) => OomOutcome.None);
        var tested = (gfp & Gfp.Dma) != 0 ? pages : normal;
        Exhaust(task, tested, Gfp.AllReserves | (gfp & Gfp.Dma));
        var reclaimer = Fruitless();
        tested.AddReclaimer(reclaimer);
        Assert.Null(tested.Allocate(task, gfp, order));
        Assert.Equal((reclaims, asked), (reclaimer.Requests.Count, (int)tested.OomCalls));
    }

    [Fact]
    public void Progress_OfAnOrdinaryOrder_StartsTheCountAnew()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var held = Exhaust(task, pages);
        var calls = 0;
        pages.AddReclaimer(new Reclaimer((t, _) =>
        {
            // Says it has freed something, which somebody else took; only after 40 rounds there is a page.
            if (++calls == 40) pages.Free(t, held.Pop());
            return calls % 10 == 0 ? 1 : 0;
        }));
        Assert.NotNull(pages.Allocate(task, Gfp.Kernel));
        Assert.Equal(40, calls);
    }

    [Fact]
    public void Reclaimer_ThatAllocates_MayUseTheReserve_AndIsNotAskedAgain()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 256, minFree: 40);
        Exhaust(task, pages, Gfp.Kernel);
        var depth = 0;
        var inside = 0;
        pages.AddReclaimer(new Reclaimer((t, _) =>
        {
            Assert.Equal(1, ++depth);
            Assert.True(t.IsFreeingMemory);
            while (pages.Allocate(t, Gfp.Kernel) is not null) inside++;
            depth--;
            return 0;
        }));
        Assert.Null(pages.Allocate(task, Gfp.Kernel));
        Assert.InRange(inside, 30, 64);
        Assert.False(task.IsFreeingMemory);
        machine.AssertClean();
    }

    [Fact]
    public void NoFail_WhileFreeingMemory_IsWarnedOf_AndEndsInTheReportOfADeadlock()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, noFailRounds: 3);
        Exhaust(task, pages);
        using (task.AllocateFromReserves())
            Assert.Contains("nofail deadlock", Assert.Throws<TrapException>(() => pages.Allocate(task, Gfp.Kernel | Gfp.NoFail)).Message, StringComparison.Ordinal);
        var traps = machine.Traps.Clear();
        TrapTextTests.AssertWarning("WARN_ON_ONCE_GFP(current->flags & PF_MEMALLOC, gfp_mask)", traps[0]);
        Assert.Equal(2, traps.Count);
    }

    [Fact]
    public void NoFail_AfterTheLastResortSaysNo_TakesTheReserve()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 256, minFree: 40);
        Exhaust(task, pages, Gfp.Kernel);
        Assert.Null(pages.Allocate(task, Gfp.Kernel));
        for (var i = 0; i < 40; i++) Assert.NotNull(pages.Allocate(task, Gfp.Kernel | Gfp.NoFail));
        machine.AssertClean();
    }

    [Fact]
    public void NoIo_WithNothingLeft_TriesForAWhile_AndNeverAsksTheLastResort()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, static (_, _, _) => OomOutcome.Killed, noFailRounds: 5);
        Exhaust(task, pages);
        Assert.Null(pages.Allocate(task, Gfp.NoIo));
        Assert.Equal((0L, 6L), (pages.OomCalls, pages.Stalls));
    }

    [Fact]
    public void OomVictim_GoesBelowTheMark_AndThenFailsInsteadOfWaiting()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, static (t, _, _) =>
        {
            t.MarkOomVictim();
            return OomOutcome.Killed;
        }, frames: 256, minFree: 40);
        var before = Exhaust(task, pages, Gfp.Kernel | Gfp.NoRetry).Count;
        var more = Exhaust(task, pages, Gfp.Kernel).Count;
        Assert.True(task.IsOomVictim);
        Assert.InRange(before, 200, 216);
        Assert.InRange(more, 15, 25);
        Assert.NotNull(pages.Allocate(task, Gfp.AllReserves));
    }

    [Fact]
    public void LastResort_OfTwoTasks_IsAskedOnceAtATime()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            var held = new Stack<Pfn>();
            var inside = 0;
            machine.Do("setup", task =>
            {
                made = New(task, (t, _, _) =>
                {
                    Assert.Equal(1, ++inside);
                    t.Point();
                    made!.Free(t, held.Pop());
                    inside--;
                    return OomOutcome.Killed;
                });
                held = Exhaust(task, made);
            });
            using var pages = made!;
            for (var t = 0; t < 2; t++) machine.Start("user", task => Assert.NotNull(pages.Allocate(task, Gfp.Kernel)));
            machine.Run();
            machine.AssertClean();
        }
    }

    [Fact]
    public void Lock_TakenInReclaim_AndHeldOverAnAllocation_IsReportedBeforeItDeadlocks()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var held = Exhaust(task, pages);
        var l = new Mutex(machine, "inode_lock");
        pages.AddReclaimer(new Reclaimer((t, _) =>
        {
            for (var i = 0; i < 8; i++)
            {
                using (l.Lock(t)) pages.Free(t, held.Pop());
            }

            return 8;
        }));
        Assert.NotNull(pages.Allocate(task, Gfp.Kernel));
        machine.AssertClean();
        using (task.AllocateWithoutFileSystem())
        using (l.Lock(task)) pages.Free(task, Assert.NotNull(pages.Allocate(task, Gfp.Kernel | Gfp.NoRetry)));
        machine.AssertClean();
        using (l.Lock(task)) pages.Free(task, Assert.NotNull(pages.Allocate(task, Gfp.Kernel)));
        var trap = machine.TakeSingle();
        Assert.Equal("WARNING: possible circular locking dependency detected", trap.Headline);
        Assert.Contains("(fs_reclaim)", trap.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Background_WokenBelowTheLowMark_ReclaimsUpToTheHighOne()
    {
        for (var seed = 0UL; seed < 10; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            machine.Do("setup", task => made = New(task, frames: 1024, minFree: 100));
            using var pages = made!;
            var zone = pages.Zones[0];
            var held = new Stack<Pfn>();
            var hasReachedHigh = false;
            var reclaimer = new Reclaimer((t, request) =>
            {
                Assert.True(request.IsBackground && t.Name == "kswapd0");
                for (var i = 0; i < request.Target; i++) pages.Free(t, held.Pop());
                hasReachedHigh = zone.IsAbove(0, Watermark.High);
                return request.Target;
            });
            pages.AddReclaimer(reclaimer);
            machine.Start("kswapd0", pages.ReclaimInBackground);
            machine.Start("user", task =>
            {
                // Without sleeping, so that only the background can help.
                for (var i = 0; i < 1024; i++)
                {
                    if (pages.Allocate(task, Gfp.Atomic) is { } page) held.Push(page);
                }

                // Since then, some may have been allocated again: only what falls below the low mark wakes it.
                while (!hasReachedHigh) task.SleepFor(TimeSpan.FromMilliseconds(1));
                pages.StopBackgroundReclaim(task);
            });
            machine.Run();
            Assert.NotEmpty(reclaimer.Requests);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Interrupt_DuringAScope_SeesNoneOfIt()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 256, minFree: 40);
        Exhaust(task, pages, Gfp.NoWait);
        var fromInterrupt = new List<Pfn?>();
        using (task.AllocateFromReserves())
        {
            machine.CrossCalls.Send(task, 0, (here, _) => fromInterrupt.Add(pages.Allocate(here, Gfp.NoWait)));
            Assert.NotNull(pages.Allocate(task, Gfp.NoWait));
        }

        Assert.Equal([null], fromInterrupt);
        Assert.Null(pages.Allocate(task, Gfp.NoWait));
    }
}
