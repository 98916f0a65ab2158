using System;
using System.Linq;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Models;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>VM_MIXEDMAP and what is around it: which entries have a counted page, and who counts.</summary>
public partial class MixedMapTests
{
    private const VmFlags SharedMixed = VmFlags.Read | VmFlags.Write | VmFlags.Shared | VmFlags.MixedMap;
    private const VmFlags SharedPfn = VmFlags.Read | VmFlags.Write | VmFlags.Shared | VmFlags.PfnMap;

    private static VirtualAddress At => World.At;

    private static Pfn? Normal(MachineTask task, Vma area, VirtualAddress at, Pte pte)
    {
        using (task.PreemptOff()) return area.Map.NormalPage(task, area, at, pte);
    }

    private static string BugOf(Action action) => Assert.Throws<TrapException>(action).Trap.Text;

    [Fact]
    public void S4_12_E4_2_SpecialEntry_InEachKindOfArea_HasNoPage_AndElsewhereIsBad()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var special = Pte.Of(World.First.Plus(9), Pte.UserBit | Pte.SpecialBit);
        Assert.Null(Normal(task, world.MapAt(1, SharedMixed), At, special));
        Assert.Null(Normal(task, world.MapAt(1, SharedPfn), At, special));
        var plain = world.MapAt(1);
        Assert.Null(Normal(task, plain, At, Pte.Of(world.Virtual.ZeroPage, Pte.UserBit | Pte.SpecialBit)));
        machine.AssertClean();
        Assert.Null(Normal(task, plain, At, special));
        Assert.Equal(
            """
            BUG: Bad page map in process test  pte:01009205 pmd:00000000
            addr:0000000040000000 vm_flags:00000073 anon_vma:0000000000000000 mapping:0000000000000000 index:0
            file:(null) fault:0x0
            """,
            machine.TakeSingle().Text);
        Assert.Equal(World.First.Plus(9), Normal(task, plain, At, Pte.Of(World.First.Plus(9), Pte.UserBit)));
    }

    [Fact]
    public void S4_14_Entry_BeyondAllDescriptors_IsBad()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        Assert.Null(Normal(task, world.MapAt(1), At, Pte.Of(world.Bare, Pte.UserBit)));
        Assert.StartsWith("BUG: Bad page map in process test  pte:", machine.TakeSingle().Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void S4_16_WithoutASpecialBit_TheKindOfTheAreaDecides()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, specialBit: false);
        var page = World.First.Plus(9);
        var linear = world.Map.Map(task, new AreaRequest { Pages = 4, At = At, Flags = SharedPfn, PageOffset = page.Number });
        Assert.Null(Normal(task, linear, At, Pte.Of(page, 0)));
        Assert.Null(Normal(task, linear, At.PlusPages(1), Pte.Of(page, 0)));
        var copied = world.Map.Map(task, new AreaRequest { Pages = 4, At = At, Flags = VmFlags.Read | VmFlags.Write | VmFlags.PfnMap, PageOffset = page.Number });
        Assert.Null(Normal(task, copied, At.PlusPages(2), Pte.Of(page.Plus(2), 0)));
        Assert.Equal(page, Normal(task, copied, At.PlusPages(1), Pte.Of(page, 0)));
        var mixed = world.MapAt(4, SharedMixed);
        Assert.Equal(page, Normal(task, mixed, At, Pte.Of(page, 0)));
        Assert.Null(Normal(task, mixed, At, Pte.Of(world.Bare, 0)));
        Assert.Equal(world.Virtual.ZeroPage, Normal(task, mixed, At, Pte.Of(world.Virtual.ZeroPage, 0)));
        Assert.Null(Normal(task, world.MapAt(4), At, Pte.Of(world.Virtual.ZeroPage, 0)));
        machine.AssertClean();
    }

    [Fact]
    public void S4_18_InsertPage_CountsItAndUnmappingCountsItBack()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 4);
        var area = world.MapAt(4, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var page = world.Allocate();
        using (world.Map.Lock.Write(task)) Assert.Equal(MapResult.None, world.Map.InsertPage(task, area, At, page));
        Assert.Equal((2, 1, 1L), (world.References(page), world.Mappings(page), world.Map.FilePages));
        Assert.True((area.Flags & VmFlags.MixedMap) != 0 && !world.Entry(At).IsSpecial);
        using (world.Map.Lock.Read(task)) Assert.Equal(MapResult.Busy, world.Map.InsertPage(task, area, At, page));
        world.AssertValid();
        world.Map.Unmap(task, At, 4);
        Assert.Equal((1, 0, 0L), (world.References(page), world.Mappings(page), world.Map.FilePages));
        world.Pages.Pages.Put(task, page);
        world.AssertNothingLeaks();
        machine.AssertClean();
    }

    [Fact]
    public void InsertPage_WhatItRefuses_HasTheKernelsErrors()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(2, SharedMixed);
        var page = world.Allocate();
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(MapResult.Fault, world.Map.InsertPage(task, area, At.PlusPages(2), page));
            Assert.Equal(MapResult.Invalid, world.Map.InsertPage(task, area, At, World.First.Plus(1000)));
            world.Pages.Pages.Set(page, PageFlags.Slab);
            Assert.Equal(MapResult.Invalid, world.Map.InsertPage(task, area, At, page));
            world.Pages.Pages.Clear(page, PageFlags.Slab);
        }

        world.MapAt(1, at: At.PlusPages(8));
        world.Write(At.PlusPages(8), 1);
        using (world.Map.Lock.Read(task)) Assert.Equal(MapResult.Invalid, world.Map.InsertPage(task, area, At, world.Entry(At.PlusPages(8)).Pfn));
        Assert.Equal(0, world.Map.FilePages);
    }

    [Fact]
    public void S4_20_InsertPage_WithoutMixedMapAndTheLockForReading_IsABug()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(2);
        var page = world.Allocate();
        using (world.Map.Lock.Read(task)) Assert.Equal("kernel BUG: BUG_ON(mmap_read_trylock(vma->vm_mm))", BugOf(() => _ = world.Map.InsertPage(task, area, At, page)));
        var pfnMap = world.MapAt(2, SharedPfn);
        using (world.Map.Lock.Write(task)) Assert.Equal("kernel BUG: BUG_ON(vma->vm_flags & VM_PFNMAP)", BugOf(() => _ = world.Map.InsertPage(task, pfnMap, At, page)));
    }

    [Fact]
    public void S4_22_InsertPfn_ItsPreconditions_AreTheKernelsBugs()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        Assert.Equal("kernel BUG: BUG_ON((vma->vm_flags & VM_MIXEDMAP) && pfn_valid(pfn))", Insert(SharedMixed, World.First.Plus(5)));
        Assert.Equal("kernel BUG: BUG_ON(!(vma->vm_flags & (VM_PFNMAP|VM_MIXEDMAP)))", Insert(VmFlags.Read, world.Bare));
        Assert.Equal("kernel BUG: BUG_ON((vma->vm_flags & (VM_PFNMAP|VM_MIXEDMAP)) == (VM_PFNMAP|VM_MIXEDMAP))", Insert(SharedMixed | VmFlags.PfnMap, world.Bare));
        Assert.Equal("kernel BUG: BUG_ON((vma->vm_flags & VM_PFNMAP) && is_cow_mapping(vma->vm_flags))", Insert(VmFlags.Read | VmFlags.PfnMap, world.Bare));
        var plain = world.MapAt(2);
        using (world.Map.Lock.Read(task)) Assert.Equal("kernel BUG: BUG_ON(!vm_mixed_ok(vma, pfn))", BugOf(() => _ = world.Map.InsertMixed(task, plain, At, world.Bare)));
        var area = world.MapAt(2, SharedMixed);
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(task, area, At, world.Bare));
            var first = world.Entry(At);
            Assert.True(first.IsSpecial);
            Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(task, area, At, world.Bare.Plus(1)));
            Assert.Equal(first, world.Entry(At));
            Assert.Equal(FaultResult.BusError, world.Map.InsertPfn(task, area, At.PlusPages(2), world.Bare));
        }

        world.AssertValid();

        string Insert(VmFlags flags, Pfn frame)
        {
            var area = world.MapAt(2, flags);
            using (world.Map.Lock.Read(task)) return BugOf(() => _ = world.Map.InsertPfn(task, area, At, frame));
        }
    }

    [Theory]
    [InlineData(true, false, 1, true)]
    [InlineData(false, false, 2, false)]
    [InlineData(true, true, 2, false)]
    [InlineData(false, true, 2, false)]
    public void S4_24_E4_8_InsertMixed_OfAFrameWithAPage_CountsByArchitecture_UnlessStrict(bool specialBit, bool strict, int references, bool isSpecial)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, specialBit: specialBit, strict: strict);
        var area = world.MapAt(2, SharedMixed);
        var page = world.Allocate();
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, page));
            Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, page));
            Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At.PlusPages(1), world.Bare));
        }

        Assert.Equal((references, isSpecial), (world.References(page), world.Entry(At).IsSpecial));
        Assert.Equal(specialBit, world.Entry(At.PlusPages(1)).IsSpecial);
        world.AssertValid();
        world.Map.Unmap(task, At, 2);
        Assert.Equal((1, 0), (world.References(page), world.Mappings(page)));
        world.Pages.Pages.Put(task, page);
        world.AssertNothingLeaks();
    }

    [Fact]
    public void E4_7_BareInsert_OfAFrameWithAPage_WithoutASpecialBit_WouldPutAReferenceThatNobodyTook()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, specialBit: false);
        var area = world.MapAt(2, SharedMixed);
        var page = world.Allocate();

        // As the experiment did it: a bare entry, nothing counted. Unmapping asks pfn_valid, and takes back what was never given.
        using (world.Map.Lock.Read(task)) Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, world.Bare));
        Assert.True(world.Map.Tables.TryFind(At, out var leaf));
        world.Virtual.Access.Entry(leaf, At.Index(0)) = Pte.Of(page, Pte.UserBit).Bits;
        Assert.Contains("VM_BUG_ON_PAGE(page_mapcount(page) == 0)", Assert.Throws<TrapException>(() => world.Map.Unmap(task, At, 1)).Message, StringComparison.Ordinal);
        machine.Traps.Clear();
        world.Virtual.Access.Entry(leaf, At.Index(0)) = 0;

        // The bare insert is refused; the mixed insert counts, so that what unmapping gives back was taken.
        using (world.Map.Lock.Read(task))
        {
            Assert.Throws<TrapException>(() => _ = world.Map.InsertPfn(task, area, At, page));
            Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, page));
        }

        world.Map.Unmap(task, At, 2);
        Assert.Equal(1, world.References(page));
    }

    [Fact]
    public void S4_26_PrivateWrite_OnASpecialEntry_CopiesItsBytesIntoAPageOfItsOwn()
    {
        foreach (var specialBit in (bool[])[true, false])
        {
            using var machine = Situation.NewMachine();
            using var task = machine.Attach("test");
            using var world = new World(task, specialBit: specialBit, mirrored: 2);
            var area = world.MapAt(2, VmFlags.Read | VmFlags.Write | VmFlags.MixedMap);
            world.Bytes(world.Bare).Fill(77);
            using (world.Map.Lock.Read(task)) Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, world.Bare));
            world.Write(At.Plus(3), 5);
            Assert.Equal((77, 5, 77), (world.Read(At), world.Read(At.Plus(3)), world.Bytes(world.Bare)[3]));
            Assert.Equal(world.Entry(At).Pfn, Normal(task, area, At, world.Entry(At)));
            Assert.Equal(1, world.Map.AnonymousPages);
            world.AssertValid();
            world.AssertNothingLeaks();
        }
    }

    [Fact]
    public void S4_28_Fork_OfAMixedMap_CopiesSpecialEntriesAndCountsTheOthers()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(300, SharedMixed);
        var page = world.Allocate();
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(MapResult.None, world.Map.InsertPage(task, area, At.PlusPages(200), page));
            Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(task, area, At, world.Bare));
        }

        var child = world.Map.Fork(task)!;
        Assert.Equal(world.Entry(At).Pfn, child.EntryOf(task, At).Pfn);
        Assert.True(child.EntryOf(task, At).IsSpecial);
        Assert.Equal((3, 2, 1L), (world.References(page), world.Mappings(page), child.FilePages));
        world.AssertValid();
        child.Exit(task);
        Assert.Equal((2, 1), (world.References(page), world.Mappings(page)));
        world.Map.Exit(task);
        world.Pages.Pages.Put(task, page);
        world.AssertNothingLeaks();
    }

    [Fact]
    public void S4_02_E4_1_GetUserPages_WhereThePredicateSleeps_IsTheTraceOf2008()
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Record);
        using var task = machine.Attach("execve");
        using var world = new World(task, specialBit: false, model: model => new MutexSegmentList(task.Machine, model));
        var area = world.MapAt(2, SharedMixed);
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(task, area, At, world.Bare));
            machine.AssertClean();
            var pages = new Pfn[1];
            Assert.Equal(0, world.Map.GetUserPages(task, At, pages, forWriting: false, out var error));
            Assert.Equal(MapResult.Exists, error);
        }

        var trap = machine.TakeSingle();
        Assert.StartsWith("BUG: sleeping function called from invalid context at ", trap.Headline, StringComparison.Ordinal);
        Assert.Contains("in_atomic(): 1, irqs_disabled(): 0", trap.Text, StringComparison.Ordinal);
        var calls = trap.CallTrace.Select(static c => c.Split('.')[^1]).ToList();
        var order = new[] { "PfnInSharedMemory", "NormalPage", "FollowPage", "GetUserPages" }.Select(name => calls.IndexOf(name)).ToArray();
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public void GetUserPages_OfEachKind_ReturnsThePageOrSaysWhyNot()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        world.MapAt(2);
        var pages = new Pfn[2];
        using (world.Map.Lock.Read(task)) Assert.Equal(2, world.Map.GetUserPages(task, At, pages, forWriting: true, out _));
        Assert.Equal([2, 2], pages.Select(p => world.References(p)));
        world.AssertValid();
        Assert.Equal(2, world.Map.GetUserPagesFastOnly(task, At, pages, forWriting: true));
        Assert.Equal([3, 3], pages.Select(p => world.References(p)));
        foreach (var page in pages.Concat(pages)) world.Pages.Pages.Put(task, page);

        // What is pinned is not reused after a fork: the writer gets a copy, and the pin keeps what it saw.
        Assert.Equal(1, world.Map.GetUserPagesFast(task, At, pages.AsSpan(0, 1), forWriting: false, out _));
        var child = world.Map.Fork(task)!;
        child.Exit(task);
        world.Write(At, 3);
        Assert.NotEqual(pages[0], world.Entry(At).Pfn);
        world.Pages.Pages.Put(task, pages[0]);

        var mixed = world.MapAt(2, SharedMixed, at: At.PlusPages(16));
        var pfn = world.MapAt(2, SharedPfn, at: At.PlusPages(32));
        using (world.Map.Lock.Read(task))
        {
            Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(task, mixed, mixed.Start, world.Bare));
            Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(task, pfn, pfn.Start, world.Bare));
            Assert.Equal(0, world.Map.GetUserPages(task, mixed.Start, pages, forWriting: false, out var error));
            Assert.Equal(MapResult.Exists, error);
            Assert.Equal(0, world.Map.GetUserPages(task, pfn.Start, pages, forWriting: false, out error));
            Assert.Equal(MapResult.Fault, error);
        }

        Assert.Equal(0, world.Map.GetUserPagesFastOnly(task, mixed.Start, pages, forWriting: false));
        world.AssertValid();
        world.AssertNothingLeaks();
        machine.AssertClean();
    }

    [Fact]
    public void S4_30_FastWalk_WhileTheEntryChanges_GivesThePageBack()
    {
        var (got, missed) = (0, 0);
        for (var seed = 0UL; seed < 60; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup);
            world.MapAt(1);
            world.Write(At, 1);
            var page = world.Entry(At).Pfn;
            machine.Start("walker", task =>
            {
                var pages = new Pfn[1];
                if (world.Map.GetUserPagesFastOnly(task, At, pages, forWriting: true) == 0)
                {
                    missed++;
                    return;
                }

                got++;
                Assert.Equal(page, pages[0]);
                Assert.Equal(1, world.Bytes(page)[0]);
                world.Pages.Pages.Put(task, page);
            });
            machine.Start("unmapper", task => world.Map.Unmap(task, At, 1));
            machine.Run();
            world.AssertValid();
            world.AssertNothingLeaks();
            machine.AssertClean();
        }

        Assert.True(got > 0 && missed > 0, $"{got} {missed}");
    }
}
