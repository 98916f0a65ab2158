using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Owners;

/// <summary>The oracles of foreign pages, S1.</summary>
public class OwnerTests
{
    private static PageAllocator New(MachineTask task, int frames = 4096) => new(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, frames)] });

    private static int FreePages(PageAllocator pages) => pages.Zones[0].Allocator.FreePages + pages.Zones[0].Allocator.CachedPages;

    [Fact]
    public void S1_02_S1_04_LastPut_OfAPageOrABlock_IsOneCallAndNothingIsFree()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var calls = new List<(Pfn, int)>();
        var owner = pages.Owners.Register(task, "x", (t, page, order) =>
        {
            Assert.Equal((0, 0), (t.Locks.Count, pages.Pages.ReferenceCount(page)));
            calls.Add((page, order));
            return PageFate.Taken;
        });
        var (single, block) = (pages.Allocate(task, Gfp.Kernel)!.Value, pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 3)!.Value);
        pages.Owners.SetOwner(task, single, owner);
        pages.Owners.SetOwner(task, block, owner);
        pages.Pages.Get(single);
        pages.Pages.Get(block.Plus(5));
        var (free, cached) = (pages.Zones[0].Allocator.FreePages, pages.Zones[0].Allocator.CachedPages);
        pages.Pages.Put(task, single);
        pages.Pages.Put(task, block.Plus(2));
        Assert.Empty(calls);
        pages.Pages.Put(task, single);
        pages.Free(task, block, 3);
        Assert.Equal([(single, 0), (block, 3)], calls);
        Assert.Equal((free, cached), (pages.Zones[0].Allocator.FreePages, pages.Zones[0].Allocator.CachedPages));
        Assert.Equal((9L, 2L), (owner.LivePages, owner.LastPuts));
        Assert.Same(owner, pages.Owners.OwnerOf(block.Plus(7)));
        machine.AssertClean();
    }

    [Fact]
    public void S1_06_HookThatConsumes_EndsBothPathsAtOnce()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var asked = new List<int>();
        var seed = new SeedForeignPages(pages)
        {
            Hook = (_, order) =>
            {
                asked.Add(order);
                return HookResult.Consumed;
            },
        };
        var (single, block) = (pages.Allocate(task, Gfp.Kernel)!.Value, pages.Allocate(task, Gfp.Kernel, 2)!.Value);
        var free = FreePages(pages);
        seed.PutPage(task, single);
        seed.FreePages(task, block, 2);
        Assert.Equal((0L, free), (seed.PgFree, FreePages(pages)));
        Assert.Equal([0, 2], asked);
    }

    [Fact]
    public void S1_08_MappedPage_IsReportedAndQuarantined_AndTheOwnerHearsNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var owner = pages.Owners.Register(task, "x", static (_, _, _) => throw new InvalidOperationException("called"));
        var page = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 1)!.Value;
        pages.Owners.SetOwner(task, page, owner);
        pages.Pages.AddMapping(page.Plus(1));
        pages.Pages.Put(task, page);
        var trap = machine.TakeSingle();
        Assert.Equal("BUG: Bad page state in process test  pfn:" + page, trap.Headline);
        Assert.EndsWith("page dumped because: nonzero mapcount", trap.Text, StringComparison.Ordinal);
        Assert.Equal((2, 0L, 2L), (pages.Pages.QuarantinedCount, owner.LivePages, owner.QuarantinedPages));
        pages.Owners.Unregister(task, owner);
    }

    [Fact]
    public void S1_10_S1_12_SetOwner_WhereAPreconditionFails_IsRefusedAndChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var (x, y) = (pages.Owners.Register(task, "x", static (_, _, _) => PageFate.ToAllocator), pages.Owners.Register(task, "y", static (_, _, _) => PageFate.Taken));
        var table = pages.Pages;
        Refused("page_owner_id(page) != 0", page => pages.Owners.SetOwner(task, page, x));
        Refused("page_ref_count(page) != 1", table.Get);
        Refused("page->flags & PAGE_FLAGS_NEVER_FOREIGN", page => table.Set(page, PageFlags.Slab));
        Refused("page->flags & PAGE_FLAGS_NEVER_FOREIGN", page => table.Set(page, PageFlags.Reserved));
        Refused("page_mapped(page) || page_has_type(page)", table.AddMapping);
        Refused("page->mapping", page => table.Descriptors.Cold(table.IndexOf(page)).Mapping = 8);
        Refused("page_ref_count(page) != 1", page => pages.Free(task, page));
        var block = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 2)!.Value;
        Assert.Contains("PageTail(page)", Assert.Throws<TrapException>(() => pages.Owners.SetOwner(task, block.Plus(3), y)).Message, StringComparison.Ordinal);
        pages.Owners.Unregister(task, y);
        Assert.Throws<InvalidOperationException>(() => pages.Owners.SetOwner(task, block, y));
        Assert.Throws<InvalidOperationException>(() => pages.Owners.Unregister(task, y));
        Assert.Equal((1L, 0L), (x.LivePages, y.LivePages));
        Assert.DoesNotContain(machine.Traps.Snapshot(), static t => t.Kind != TrapKind.PageMisuse);

        void Refused(string condition, Action<Pfn> spoil)
        {
            var page = pages.Allocate(task, Gfp.Kernel)!.Value;
            spoil(page);
            var (references, owner) = (table.ReferenceCount(page), pages.Owners.OwnerOf(page));
            Assert.Contains("bad foreign: VM_BUG_ON_PAGE(" + condition, Assert.Throws<TrapException>(() => pages.Owners.SetOwner(task, page, y)).Message, StringComparison.Ordinal);
            Assert.Equal((references, owner), (table.ReferenceCount(page), pages.Owners.OwnerOf(page)));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public void S1_14_CallbackThatPutsAnotherPage_Nests_ButNotWithoutBound(int chain)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var next = new Dictionary<Pfn, Pfn>();
        var (depth, deepest, calls) = (0, 0, 0);
        var owner = pages.Owners.Register(task, "x", (t, page, _) =>
        {
            deepest = Math.Max(deepest, ++depth);
            Assert.Equal(0, t.Locks.Count);
            calls++;
            if (next.TryGetValue(page, out var other)) pages.Pages.Put(t, other);
            depth--;
            return PageFate.ToAllocator;
        });
        var all = Enumerable.Range(0, chain).Select(_ => pages.Allocate(task, Gfp.Kernel)!.Value).ToArray();
        for (var i = 0; i < chain; i++)
        {
            pages.Owners.SetOwner(task, all[i], owner);
            if (i != 0) next[all[i - 1]] = all[i];
        }

        pages.Pages.Put(task, all[0]);
        Assert.Equal((chain, Math.Min(chain, 8), 0L), (calls, deepest, owner.LivePages));
        Assert.Equal(4096, FreePages(pages));
        Assert.Equal(0, task.LastPutDepth);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("T")]
    [InlineData("P")]
    [InlineData("S")]
    [InlineData("Id")]
    [InlineData("Ih")]
    public void S1_16_LastPut_InAnyContext_RunsTheCallbackThere(string column)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        (int, bool)? expected = null, seen = null;
        var owner = pages.Owners.Register(task, "x", (t, _, _) =>
        {
            seen = (t.PreemptCount, t.IrqsDisabled);
            return PageFate.Taken;
        });
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        pages.Owners.SetOwner(task, page, owner);
        Situation.In(column, task, here =>
        {
            expected = (here.PreemptCount, here.IrqsDisabled);
            Situation.AssertUnchanged(here, () => pages.Pages.Put(here, page));
        });
        Assert.NotNull(expected);
        Assert.Equal(expected, seen);
        machine.AssertClean();
    }

    [Fact]
    public void S1_18_TryGetAgainstTheLastPut_OneOfThemWins()
    {
        var outcomes = new HashSet<(bool, int)>();
        var runs = Interleavings.ForEach(int.MaxValue, choice =>
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Choice = choice });
            PageAllocator? made = null;
            Pfn page = default;
            var (calls, holds, got) = (0, false, false);
            machine.Do("setup", task =>
            {
                made = New(task, 16);
                var owner = made.Owners.Register(task, "x", (t, _, _) =>
                {
                    t.Point();
                    Assert.False(holds);
                    calls++;
                    return PageFate.Taken;
                });
                page = made.Allocate(task, Gfp.Kernel)!.Value;
                made.Owners.SetOwner(task, page, owner);
            });
            using var pages = made!;
            var before = -1;
            machine.Start("getter", task =>
            {
                task.Point();
                got = holds = pages.Pages.TryGet(page);
                before = calls;
                task.Point();
                if (!got) return;
                Assert.Equal(0, calls);
                holds = false;
                pages.Pages.Put(task, page);
            });
            machine.Start("putter", task =>
            {
                task.Point();
                pages.Pages.Put(task, page);
            });
            machine.Run();
            Assert.Equal(1, calls);
            outcomes.Add((got, before));
            machine.AssertClean();
        });
        Assert.InRange(runs, 100, int.MaxValue);

        Assert.Contains((true, 0), outcomes);
        Assert.Contains(outcomes, static o => !o.Item1);
    }

    [Fact]
    public void S1_28_ManyPagesAtOnce_SomeOwned_EachGoesWhereItBelongs()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 1 << 16)], Allocator = ZoneAllocatorKind.Buddy });
        var calls = 0;
        var owner = pages.Owners.Register(task, "x", (_, _, _) =>
        {
            calls++;
            return PageFate.Taken;
        });
        var all = new Pfn[32];
        Assert.Equal(32, pages.AllocateMany(task, Gfp.Kernel, all));
        foreach (var i in new[] { 0, 17, 31 }) pages.Owners.SetOwner(task, all[i], owner);
        pages.DrainAll(task);
        pages.FreeMany(task, all);
        Assert.Equal((3, 29), (calls, pages.Zones[0].Allocator.CachedPages));
        Assert.Empty(pages.Validate());
    }

    [Fact]
    public void ToAllocator_AtTheLastPut_IsTheOrdinaryFree()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var owner = pages.Owners.Register(task, "x", static (_, _, _) => PageFate.ToAllocator);
        var block = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 4)!.Value;
        pages.Owners.SetOwner(task, block, owner);
        pages.Free(task, block, 4);
        Assert.Equal((4096, 0L, 16L), (FreePages(pages), owner.LivePages, owner.GivenUpPages));
        Assert.Empty(pages.Validate());
        machine.AssertClean();
    }

    [Theory]
    [InlineData(1, ZoneAllocatorKind.Tree)]
    [InlineData(2, ZoneAllocatorKind.Tree)]
    [InlineData(3, ZoneAllocatorKind.Buddy)]
    public void Owners_AfterEachOperationOfAProgram_AgreeWithTheModel(int seed, ZoneAllocatorKind kind) =>
        RandomPrograms.Hold(() => new OwnerSubject(kind), OwnerSubject.All, seed, length: 400, count: 2);

    [Fact]
    public void LastPut_OfAnOwnedPage_AllocatesNothingManaged()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var owner = pages.Owners.Register(task, "x", static (_, _, _) => PageFate.Taken);
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        pages.Owners.SetOwner(task, page, owner);
        for (var i = 0; i < 100; i++) Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round()
        {
            pages.Pages.Put(task, page);
            pages.Owners.Revive(task, page, owner);
        }
    }
}
