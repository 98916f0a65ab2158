using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Holders;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Holders;

/// <summary>The errata of the page release handlers, docs/systems/hot-remove.md: first the posted form, which fails, then ours. S3 oracles of holders.</summary>
public sealed partial class HolderErrataTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly PageAllocator _pages;
    private readonly Pfn _page;
    private readonly SeedHolders _seed;

    public HolderErrataTests()
    {
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)], Allocator = ZoneAllocatorKind.Buddy });
        _page = _pages.Allocate(_task, Gfp.Kernel)!.Value;
        _seed = new SeedHolders(_machine);
    }

    public void Dispose()
    {
        _pages.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    private static SeedHolderOps Ops(string name, int result = 0) => new(name, (_, _) => result);

    private PageHolder Holder(string name, ReleaseAnswer answer = ReleaseAnswer.Released) => _pages.Holders.Register(name, (_, _) => answer);

    private HoldToken Set(PageHolder holder, Pfn? page = null)
    {
        var result = _pages.Holders.SetHold(_task, page ?? _page, holder);
        Assert.True(result.Succeeded);
        return result.Token;
    }

    [Fact]
    public void E3_1_Overwrite_FailsInTheSeedJustWhereItShouldAct()
    {
        Assert.Equal(0, _seed.PageSetHold(_task, _page, Ops("a"), false));
        Assert.Equal(SeedHolders.Eexist, _seed.PageSetHold(_task, _page, Ops("b"), true));

        var (a, b) = (Holder("a"), Holder("b"));
        var old = Set(a);
        var result = _pages.Holders.SetHold(_task, _page, b, replace: true);
        Assert.Equal((HoldError.None, a), (result.Error, result.Other));
        Assert.Same(b, _pages.Holders.HolderOf(_page));
        Assert.Equal(UnsetResult.Stale, _pages.Holders.UnsetHold(_task, old));
        Assert.Equal(1, _pages.Holders.Count);
    }

    [Fact]
    public void E3_2_LookupAndInsertInTwoSections_SeedDecidesOnWhatIsNoLongerTrue()
    {
        _seed.Between = () =>
        {
            _seed.Between = null;
            Assert.Equal(0, _seed.PageSetHold(_task, _page, Ops("b"), false));
        };
        Assert.Equal(SeedHolders.Eexist, _seed.PageSetHold(_task, _page, Ops("a"), false));

        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            Pfn page = default;
            machine.Do("setup", task =>
            {
                made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 16)] });
                page = made.Allocate(task, Gfp.Kernel)!.Value;
            });
            using var pages = made!;
            var results = new List<HoldResult>();
            foreach (var name in new[] { "a", "b" })
            {
                var holder = pages.Holders.Register(name);
                machine.Start(name, task => results.Add(pages.Holders.SetHold(task, page, holder)));
            }

            machine.Run();
            Assert.Single(results, static r => r.Succeeded);
            var refused = Assert.Single(results, static r => r.Error == HoldError.HeldBy);
            Assert.Same(pages.Holders.HolderOf(page), refused.Other);
        }
    }

    [Fact]
    public void E3_3_ResultOfUnset_CannotBeThrownAwayUnseen() =>
        Assert.Contains(typeof(HolderRegistry).GetMethod(nameof(HolderRegistry.UnsetHold))!.GetCustomAttributesData(), static a => a.AttributeType == typeof(MustCheckAttribute));

    [Fact]
    public void E3_4_QueryWithInterruptsOff_SwitchesThemOnInTheSeed()
    {
        var flags = _task.IrqSave();
        _seed.IsPageHeld(_task, _page);
        Assert.False(_task.IrqsDisabled);
        Assert.Contains("enabled irqs that were off when it was taken", _machine.TakeSingle().Text, StringComparison.Ordinal);
        _ = _task.IrqSave();
        var token = default(HoldToken);
        Situation.AssertUnchanged(_task, () =>
        {
            Assert.Null(_pages.Holders.HolderOf(_page));
            Assert.Equal(UnsetResult.Stale, _pages.Holders.UnsetHold(_task, token));
        });
        _task.IrqRestore(flags);
        _machine.AssertClean();
    }

    [Fact]
    public void E3_5_S3_10_RootThatMayBlock_SleepsUnderTheLock_OursAllocatesBefore()
    {
        var seed = new SeedHolders(_machine) { RootMayBlock = true };
        seed.PageSetHold(_task, _page, Ops("a"), false);
        Assert.Equal(TrapKind.SleepInInvalidContext, _machine.TakeSingle().Kind);

        Set(Holder("a"));
        _machine.AssertClean();
        using (_task.PreemptOff()) Assert.Equal(HoldError.HeldBy, _pages.Holders.SetHold(_task, _page, Holder("b")).Error);
        Assert.Equal(TrapKind.SleepInInvalidContext, _machine.TakeSingle().Kind);
    }

    [Fact]
    public void S3_12_PreloadThatFails_LeavesPreemptionOn_AndNothingHeld()
    {
        const int Enomem = -12;
        _seed.PreloadResult = Enomem;
        Situation.AssertUnchanged(_task, () => Assert.Equal(Enomem, _seed.PageSetHold(_task, _page, Ops("a"), false)));
        Assert.Equal(0, _seed.Nodes);

        // Ours has nothing to end: what must be allocated is, before any lock is taken.
        Situation.AssertUnchanged(_task, () => _ = Set(Holder("a")));
        _machine.AssertClean();
    }

    [Fact]
    public void E3_6_S3_02_Refusal_NamesTheWrongOneInTheSeed_AndBothInOurs()
    {
        _seed.PageSetHold(_task, _page, Ops("a"), false);
        Assert.Equal(1, _seed.PageSetHold(_task, _page, Ops("b"), false));
        Assert.Equal([$"page {_page} is already held by b, overwritten"], _seed.Messages);
        Assert.Equal("a", _seed.PageOwner(_task, _page));

        var a = Holder("a");
        Set(a);
        Assert.Equal(new HoldResult(HoldError.HeldBy, default, a), _pages.Holders.SetHold(_task, _page, Holder("b")));
    }

    [Fact]
    public void E3_7_HandlersOwnResult_ReadsAsNoHandlerInTheSeed()
    {
        _seed.PageSetHold(_task, _page, Ops("a", result: 1), false);
        var free = _pages.Allocate(_task, Gfp.Kernel)!.Value;
        Assert.Equal(_seed.PageRelease(_task, free), _seed.PageRelease(_task, _page));

        Set(Holder("a", ReleaseAnswer.Failed));
        Assert.Equal((ReleaseOutcome.NoHolder, ReleaseOutcome.Failed), (_pages.Holders.Release(_task, free), _pages.Holders.Release(_task, _page)));
    }

    [Fact]
    public void E3_8_S3_14_PageFreedBeforeTheHandlerRuns_SeedHandsItSomebodyElsesPage()
    {
        var seen = new List<int>();
        _seed.PageSetHold(_task, _page, new SeedHolderOps("a", (_, page) =>
        {
            seen.Add(_pages.Pages.ReferenceCount(page));
            return 0;
        }), false);
        Pfn? again = null;
        _seed.Between = () =>
        {
            _seed.Between = null;
            _seed.PageUnsetHold(_task, _page);
            _pages.Free(_task, _page);
            again = _pages.Allocate(_task, Gfp.Kernel);
        };
        _seed.PageRelease(_task, _page);
        Assert.Equal((_page, 1), (again, Assert.Single(seen)));

        // Ours: while the handler runs the page is pinned, and its hold can not be ended.
        var token = default(HoldToken);
        var holder = _pages.Holders.Register("b", (task, page) =>
        {
            Assert.Equal(UnsetResult.Releasing, _pages.Holders.UnsetHold(task, token));
            _pages.Free(task, page);
            Assert.Equal(1, _pages.Pages.ReferenceCount(page));
            Assert.Equal(0, task.Locks.Count);
            return ReleaseAnswer.Released;
        });
        token = Set(holder);
        Assert.Equal(ReleaseOutcome.Released, _pages.Holders.Release(_task, _page));
        Assert.Equal((0, 0), (_pages.Pages.ReferenceCount(_page), _pages.Holders.Count));
        _machine.AssertClean();
    }

    [Fact]
    public void E3_9_PageReallocatedInTheHandler_SeedEndsTheHoldOfTheNewOne()
    {
        _seed.PageSetHold(_task, _page, new SeedHolderOps("a", (task, page) =>
        {
            _pages.Free(task, page);
            Assert.Equal(page, _pages.Allocate(task, Gfp.Kernel));
            _seed.PageUnsetHold(task, page);
            Assert.Equal(0, _seed.PageSetHold(task, page, Ops("b"), false));
            return 0;
        }), false);
        Assert.Equal(0, _seed.PageRelease(_task, _page));
        Assert.Null(_seed.PageOwner(_task, _page));

        // Ours: a hold that comes in between is refused, and one that came afterwards is another one.
        var b = Holder("b", ReleaseAnswer.Busy);
        Set(_pages.Holders.Register("a", (task, page) =>
        {
            Assert.Equal(HoldError.Releasing, _pages.Holders.SetHold(task, page, b, replace: true).Error);
            return ReleaseAnswer.Released;
        }));
        Assert.Equal(ReleaseOutcome.Released, _pages.Holders.Release(_task, _page));
        Set(b);
        Assert.Equal(ReleaseOutcome.Busy, _pages.Holders.Release(_task, _page));
        Assert.Same(b, _pages.Holders.HolderOf(_page));
    }

    [Fact]
    public void E3_10_S3_16_TwoReleasesAtOnce_SeedRunsTheHandlerTwice()
    {
        var calls = 0;
        _seed.PageSetHold(_task, _page, new SeedHolderOps("a", (task, page) => ++calls == 1 ? _seed.PageRelease(task, page) : 0), false);
        _seed.PageRelease(_task, _page);
        Assert.Equal(2, calls);

        var runs = Interleavings.ForEach(2, choice =>
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Choice = choice });
            PageAllocator? made = null;
            Pfn page = default;
            var (runs, inside) = (0, 0);
            machine.Do("setup", task =>
            {
                made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 16)] });
                page = made.Allocate(task, Gfp.Kernel)!.Value;
                var holder = made.Holders.Register("a", (t, _) =>
                {
                    Assert.Equal(1, ++inside);
                    runs++;
                    t.SleepFor(TimeSpan.FromMilliseconds(1));
                    inside--;
                    return ReleaseAnswer.Released;
                });
                Assert.True(made.Holders.SetHold(task, page, holder).Succeeded);
            });
            using var pages = made!;
            var outcomes = new List<ReleaseOutcome>();
            for (var t = 0; t < 2; t++) machine.Start("remover", task => outcomes.Add(pages.Holders.Release(task, page)));
            machine.Run();
            Assert.Equal(1, runs);
            Assert.Single(outcomes, ReleaseOutcome.Released);
            Assert.Single(outcomes, static o => o is ReleaseOutcome.Busy or ReleaseOutcome.NoHolder);
            machine.AssertClean();
        });
        Assert.InRange(runs, 100, int.MaxValue);
    }

    [Fact]
    public void E3_11_FreeOfAHeldPage_LeavesAStaleHandlerInTheSeed_AndIsReportedInOurs()
    {
        _seed.PageSetHold(_task, _page, Ops("a"), false);
        _pages.Free(_task, _page);
        Assert.Equal(_page, _pages.Allocate(_task, Gfp.Kernel));
        Assert.Equal("a", _seed.PageOwner(_task, _page));

        Set(Holder("a"));
        _pages.Free(_task, _page);
        var trap = _machine.TakeSingle();
        Assert.Equal((TrapKind.BadPageState, true), (trap.Kind, trap.Text.Contains("held", StringComparison.Ordinal)));
        Assert.Equal(1, _pages.Pages.QuarantinedCount);
    }

    [Fact]
    public void E3_13_E3_14_S3_04_S3_08_NoOpsOrNoHandler_AreToldApart()
    {
        Assert.Equal(0, _seed.PageSetHold(_task, _page, null, false));
        Assert.Equal((false, 1), (_seed.IsPageHeld(_task, _page), _seed.Nodes));
        var named = _pages.Allocate(_task, Gfp.Kernel)!.Value;
        Assert.Equal(0, _seed.PageSetHold(_task, named, new SeedHolderOps("a", null), false));
        Assert.Equal(1, _seed.PageRelease(_task, named));

        Assert.Equal(HoldError.InvalidHolder, _pages.Holders.SetHold(_task, _page, null).Error);
        Set(_pages.Holders.Register("name only"), named);
        Assert.Equal((ReleaseOutcome.NoHolder, ReleaseOutcome.HeldNoRelease), (_pages.Holders.Release(_task, _page), _pages.Holders.Release(_task, named)));
        _pages.Free(_task, _page);
        Assert.Equal((ReleaseOutcome.Gone, HoldError.NoReference), (_pages.Holders.Release(_task, _page), _pages.Holders.SetHold(_task, _page, Holder("late")).Error));
    }

    [Fact]
    public void E3_12_S3_18_HolderThatIsUnloaded_FinishesItsHandler_AndGetsNoMoreCalls()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            PageHolder? holder = null;
            Pfn[] all = [];
            var isLoaded = true;
            machine.Do("setup", task =>
            {
                made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 16)] });
                all = Enumerable.Range(0, 3).Select(_ => made.Allocate(task, Gfp.Kernel)!.Value).ToArray();
                holder = made.Holders.Register("module", (t, _) =>
                {
                    Assert.True(isLoaded);
                    t.SleepFor(TimeSpan.FromMilliseconds(1));
                    Assert.True(isLoaded);
                    return ReleaseAnswer.Released;
                });
                foreach (var page in all) Assert.True(made.Holders.SetHold(task, page, holder).Succeeded);
            });
            using var pages = made!;
            machine.Start("unload", task =>
            {
                pages.Holders.Unregister(task, holder!);
                isLoaded = false;
                Assert.Equal(HoldError.InvalidHolder, pages.Holders.SetHold(task, all[0], holder).Error);
            });
            machine.Start("remover", task =>
            {
                foreach (var page in all) Assert.NotEqual(ReleaseOutcome.Failed, pages.Holders.Release(task, page));
            });
            machine.Run();
            Assert.Equal((false, 0), (isLoaded, pages.Holders.Count));
            foreach (var page in all) Assert.Null(pages.Holders.HolderOf(page));
            machine.AssertClean();
        }
    }
}
