using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Owners;

/// <summary>The errata of the first design of foreign pages, docs/systems/foreign-pages.md: first the seed's form, which fails, then ours.</summary>
public sealed class ForeignPageErrataTests : IDisposable
{
    private const int Frames = 256;
    private const long Destructor = 0x1000;
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly PageAllocator _pages;
    private readonly List<(Pfn Page, int Order)> _home = [];

    public ForeignPageErrataTests()
    {
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)] });
    }

    public void Dispose()
    {
        _pages.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    private Pfn Allocate(int order = 0) => _pages.Allocate(_task, order == 0 ? Gfp.Kernel : Gfp.Kernel | Gfp.Compound, order)!.Value;

    private int Free => _pages.Zones[0].Allocator.FreePages + _pages.Zones[0].Allocator.CachedPages;

    private PageOwner Owner() => _pages.Owners.Register(_task, "netback", (_, page, order) =>
    {
        _home.Add((page, order));
        return PageFate.Taken;
    });

    [Fact]
    public void E1_1_PageThatIsNotTheAllocators_GoesThroughItsFreePath_OursEndsAtItsOwnerBefore()
    {
        // As posted, a page is the allocator's unless the hook of the architecture says otherwise: an architecture without one frees it.
        var seed = new SeedForeignPages(_pages) { Hook = static (_, _) => HookResult.Continue };
        var foreign = Allocate();
        seed.SetPageForeign(foreign, Destructor);
        seed.PutPage(_task, foreign);
        Assert.Equal(1, seed.PgFree);
        Assert.Equal(TrapKind.BadPageState, _machine.TakeSingle().Kind);

        var ours = Allocate();
        var (free, frees) = (Free, _pages.Frees);
        _pages.Owners.SetOwner(_task, ours, Owner());
        _pages.Pages.Put(_task, ours);
        Assert.Equal((free, frees), (Free, _pages.Frees));
        Assert.Equal([(ours, 0)], _home);
        _machine.AssertClean();
    }

    [Fact]
    public void E1_2_FreedByAnotherOwner_SeedDoesNotNotice_OursRefuses()
    {
        // Whoever has the page can take the mark off, and the allocator that it came from never sees it again.
        var seed = new SeedForeignPages(_pages);
        var freed = new List<Pfn>();
        seed.Code[Destructor] = freed.Add;
        var foreign = Allocate();
        seed.SetPageForeign(foreign, Destructor);
        seed.ClearPageForeign(foreign);
        seed.PutPage(_task, foreign);
        Assert.Empty(freed);
        Assert.Equal(Frames, Free);
        _machine.AssertClean();

        var (mine, other) = (Owner(), _pages.Owners.Register(_task, "other", static (_, _, _) => PageFate.Taken));
        var page = Allocate();
        _pages.Owners.SetOwner(_task, page, mine);
        Assert.Contains("page_owner_id(page) != owner->id", Assert.Throws<TrapException>(() => _pages.Owners.ClearOwner(_task, page, other)).Message, StringComparison.Ordinal);
        _pages.Pages.Put(_task, page);
        Assert.Throws<TrapException>(() => _pages.Owners.Revive(_task, page, other));
        _pages.Owners.Revive(_task, page, mine);
    }

    [Fact]
    public void E1_3_ArchitectureTakesArbitraryPages_OnlyPagesOfRegisteredOwnersGoElsewhere()
    {
        var seed = new SeedForeignPages(_pages) { Hook = static (_, _) => HookResult.Consumed };
        var lost = Allocate();
        seed.PutPage(_task, lost);
        Assert.Equal((Frames - 1, 0), (Free, _pages.Pages.ReferenceCount(lost)));

        var owner = Owner();
        var (ours, plain) = (Allocate(), Allocate());
        _pages.Owners.SetOwner(_task, ours, owner);
        _pages.Pages.Put(_task, ours);
        _pages.Pages.Put(_task, plain);
        Assert.Equal([(ours, 0)], _home);
        Assert.Equal(Frames - 1, Free + owner.LivePages);
    }

    private enum CollidingFlags
    {
        PgLocked = 1 << 0,
        PgArch1 = 1 << 9,
        PgForeign = 1 << 9,
    }

    [Fact]
    public void E1_4_S1_20_FlagOutsideOfTheCommonEnumeration_CollidesAndIsFoundByTheTestOfTheRegistry()
    {
        Assert.NotEmpty(Collisions<CollidingFlags>());
        Assert.Empty(Collisions<PageFlags>());
        Assert.DoesNotContain(Enum.GetNames<PageFlags>(), static name => name.Contains("Foreign", StringComparison.Ordinal));

        static IEnumerable<string> Collisions<T>()
            where T : struct, Enum =>
            Enum.GetNames<T>().GroupBy(static name => Convert.ToUInt32(Enum.Parse<T>(name)))
                .Where(static bit => System.Numerics.BitOperations.IsPow2(bit.Key) && bit.Count() > 1).SelectMany(static bit => bit);
    }

    [Fact]
    public void E1_5_ArchitectureFlagSetForAnotherReason_CallsWhateverMappingIs()
    {
        var seed = new SeedForeignPages(_pages);
        var page = Allocate();
        _pages.Pages.Set(page, PageFlags.Architecture);
        Assert.Throws<KeyNotFoundException>(() => seed.PutPage(_task, page));

        var ours = Allocate();
        _pages.Pages.Set(ours, PageFlags.Architecture);
        _pages.Pages.Put(_task, ours);
        Assert.Equal(Frames - 1, Free);
        _machine.AssertClean();
    }

    [Fact]
    public void E1_6_DestructorAtAnOddAddress_ReadsAsAnAnonymousPage()
    {
        var seed = new SeedForeignPages(_pages);
        var page = Allocate();
        seed.SetPageForeign(page, Destructor + 1);
        Assert.True(seed.PageAnon(page));

        seed.ClearPageForeign(page);
        _pages.Owners.SetOwner(_task, page, Owner());
        Assert.False(seed.PageAnon(page));
    }

    [Fact]
    public void E1_7_BlockOfSeveralPages_SeedLosesTheRestOrFreesForeignTails_OursComeHomeWithTheirOrder()
    {
        var seed = new SeedForeignPages(_pages);
        var freed = new List<Pfn>();
        seed.Code[Destructor] = freed.Add;
        var head = Allocate(3);
        seed.SetPageForeign(head, Destructor);
        seed.FreePages(_task, head, 3);
        Assert.Equal([head], freed);
        Assert.Equal(Frames - 8, Free);

        // And of a block whose third page is foreign the owner hears nothing.
        var tailed = _pages.Allocate(_task, Gfp.Kernel, 2)!.Value;
        seed.SetPageForeign(tailed.Plus(2), Destructor);
        seed.FreePages(_task, tailed, 2);
        Assert.Single(freed);
        Assert.Equal(TrapKind.BadPageState, _machine.TakeSingle().Kind);

        var owner = Owner();
        var ours = Allocate(3);
        Assert.Contains("PageTail", Assert.Throws<TrapException>(() => _pages.Owners.SetOwner(_task, ours.Plus(1), owner)).Message, StringComparison.Ordinal);
        _pages.Owners.SetOwner(_task, ours, owner);
        _pages.Free(_task, ours, 3);
        Assert.Equal([(ours, 3)], _home);
        var loose = _pages.Allocate(_task, Gfp.Kernel, 1)!.Value;
        Assert.Contains("has no one last put", Assert.Throws<TrapException>(() => _pages.Owners.SetOwner(_task, loose, owner)).Message, StringComparison.Ordinal);
        Assert.Throws<TrapException>(() => _pages.Pages.BreakCompound(_task, ours));
    }

    [Fact]
    public void E1_8_ForeignPageThatIsStillMapped_SeedAcceptsSilently_OursIsQuarantined()
    {
        var seed = new SeedForeignPages(_pages);
        var freed = new List<Pfn>();
        seed.Code[Destructor] = freed.Add;
        var page = Allocate();
        seed.SetPageForeign(page, Destructor);
        _pages.Pages.Set(page, PageFlags.Lru);
        seed.PutPage(_task, page);
        Assert.Equal([page], freed);
        _machine.AssertClean();

        var owner = Owner();
        var ours = Allocate();
        _pages.Owners.SetOwner(_task, ours, owner);
        _pages.Pages.Set(ours, PageFlags.Lru);
        _pages.Pages.Put(_task, ours);
        Assert.Contains("PAGE_FLAGS_CHECK_AT_FREE flag(s) set", _machine.TakeSingle().Text, StringComparison.Ordinal);
        Assert.Empty(_home);
        Assert.Equal((0L, 1L, 1), (owner.LivePages, owner.QuarantinedPages, _pages.Pages.QuarantinedCount));
    }

    [Fact]
    public void E1_9_StatisticsOfTheSeed_DoNotBalance_OursDo()
    {
        var seed = new SeedForeignPages(_pages);
        seed.Code[Destructor] = static _ => { };
        var all = Enumerable.Range(0, 10).Select(_ => Allocate()).ToArray();
        for (var i = 0; i < 3; i++) seed.SetPageForeign(all[i], Destructor);
        foreach (var page in all) seed.PutPage(_task, page);
        Assert.Equal(7, seed.PgFree);

        var owner = Owner();
        var (before, freesBefore) = (_pages.Allocations, _pages.Frees);
        var ours = Enumerable.Range(0, 10).Select(_ => Allocate()).ToArray();
        for (var i = 0; i < 3; i++) _pages.Owners.SetOwner(_task, ours[i], owner);
        foreach (var page in ours) _pages.Pages.Put(_task, page);
        Assert.Equal(_pages.Allocations - before, _pages.Frees - freesBefore + owner.LastPuts);
    }

    [Fact]
    public void E1_10_FreePathThatForgetsTheHook_SeedFreesAForeignPage_OursHasOneFunnel()
    {
        var seed = new SeedForeignPages(_pages);
        var freed = new List<Pfn>();
        seed.Code[Destructor] = freed.Add;
        var foreign = Allocate();
        seed.SetPageForeign(foreign, Destructor);
        seed.ReleasePages(_task, [foreign]);
        Assert.Empty(freed);
        Assert.Equal(TrapKind.BadPageState, _machine.TakeSingle().Kind);

        var owner = Owner();
        var (put, free, bulk, compound) = (Allocate(), Allocate(), Allocate(), Allocate(2));
        foreach (var page in new[] { put, free, bulk, compound }) _pages.Owners.SetOwner(_task, page, owner);
        _pages.Pages.Put(_task, put);
        _pages.Free(_task, free);
        _pages.FreeMany(_task, [bulk]);
        _pages.Free(_task, compound, 2);
        Assert.Equal([(put, 0), (free, 0), (bulk, 0), (compound, 2)], _home);

        // An answer cannot be forgotten either: none is a bug.
        var mute = _pages.Owners.Register(_task, "mute", static (_, _, _) => default);
        var last = Allocate();
        _pages.Owners.SetOwner(_task, last, mute);
        _pages.Pages.Put(_task, last);
        Assert.Contains("the owner does not say what became of the page", _machine.TakeSingle().Text, StringComparison.Ordinal);
        Assert.Equal((0L, 1L), (mute.LivePages, mute.QuarantinedPages));
    }

    [Might<Sleep>, Trusted("says that it sleeps")]
    private static PageFate Sleeper(MachineTask task, Pfn page, int order) => PageFate.Taken;

    [Fact]
    public void E1_12_CallbackThatSleeps_IsNotRegistered_AndNoneCanPutItsOwnPageAgain()
    {
        var seed = new SeedForeignPages(_pages);
        seed.Code[Destructor] = _ => _task.MightSleep();
        var foreign = Allocate();
        seed.SetPageForeign(foreign, Destructor);
        using (_task.PreemptOff()) seed.PutPage(_task, foreign);
        Assert.Equal(TrapKind.SleepInInvalidContext, _machine.TakeSingle().Kind);

        Assert.Contains("[Might<Sleep>]", Assert.Throws<ArgumentException>(() => _pages.Owners.Register(_task, "netback", Sleeper)).Message, StringComparison.Ordinal);
        Assert.Empty(_pages.Owners.All);
        var owner = _pages.Owners.Register(_task, "again", (task, page, _) =>
        {
            _pages.Pages.Put(task, page);
            return PageFate.Taken;
        });
        var ours = Allocate();
        _pages.Owners.SetOwner(_task, ours, owner);
        Assert.Contains("page_ref_count(page) == 0", Assert.Throws<TrapException>(() => _pages.Pages.Put(_task, ours)).Message, StringComparison.Ordinal);
        Assert.Equal((1L, 1L, 0), (owner.LivePages, owner.LastPuts, _pages.Pages.ReferenceCount(ours)));
        _pages.Owners.ClearOwner(_task, ours, owner);
        _pages.Free(_task, ours);
    }

    [Fact]
    public void E1_13_ModuleThatIsUnloaded_SeedCallsItAllTheSame_OursStaysUntilItsLastPageIsGone()
    {
        var seed = new SeedForeignPages(_pages);
        seed.Code[Destructor] = static _ => { };
        var page = Allocate();
        seed.SetPageForeign(page, Destructor);
        seed.Code.Remove(Destructor);
        Assert.Throws<KeyNotFoundException>(() => seed.PutPage(_task, page));

        for (var s = 0UL; s < 20; s++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = s });
            PageAllocator? made = null;
            machine.Do("setup", task => made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 16)] }));
            using var pages = made!;
            var (isLoaded, calls) = (true, 0);
            PageOwner? owner = null;
            Pfn[] ours = [];
            machine.Do("load", task =>
            {
                owner = pages.Owners.Register(task, "module", (t, _, _) =>
                {
                    t.Point();
                    Assert.True(isLoaded);
                    calls++;
                    return PageFate.ToAllocator;
                });
                ours = Enumerable.Range(0, 3).Select(_ => pages.Allocate(task, Gfp.Kernel)!.Value).ToArray();
                foreach (var mine in ours) pages.Owners.SetOwner(task, mine, owner);
            });
            machine.Start("unload", task =>
            {
                pages.Owners.Unregister(task, owner!);
                isLoaded = false;
            });
            machine.Start("users", task => pages.FreeMany(task, ours));
            machine.Run();
            Assert.Equal((3, false, 0L), (calls, isLoaded, owner!.LivePages));
            Assert.Empty(pages.Owners.All);
            machine.AssertClean();
        }
    }
}
