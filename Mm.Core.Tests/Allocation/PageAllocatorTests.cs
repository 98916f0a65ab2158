using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

public class PageAllocatorOverTreesTests() : PageAllocatorTests(ZoneAllocatorKind.Tree);

public class PageAllocatorOverBuddiesTests() : PageAllocatorTests(ZoneAllocatorKind.Buddy);

/// <summary>What holds of the page allocator, whichever allocator its zones have.</summary>
public abstract class PageAllocatorTests(ZoneAllocatorKind kind)
{
    private static readonly Pfn First = new(0x1000);

    private PageAllocator New(MachineTask task, int frames = 4096, int minFree = 0, PhysicalMemory? memory = null) =>
        new(task, new PageAllocatorOptions { First = First, Zones = [(ZoneKind.Normal, frames)], MinFreePages = minFree, Memory = memory, Allocator = kind });

    private static int LargestBlocks(PageAllocator pages) => pages.Zones[0].Allocator.FreeBlocks().Count(static b => b.Order == FrameTable.MaximalOrder);

    private static void AssertWhole(MachineTask task, PageAllocator pages, int frames)
    {
        pages.DrainAll(task);
        Assert.Empty(pages.Validate());
        Assert.Equal(frames, pages.Zones[0].Allocator.FreePages + pages.Pages.QuarantinedCount);
    }

    [Fact]
    public void B_02_Pages_AllocatedAndFreed_MergeBackToTheLargestBlocks()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        pages.DrainAll(task);
        Assert.Equal(4, LargestBlocks(pages));
        for (var order = 0; order <= 10; order++)
        {
            var page = pages.Allocate(task, Gfp.Kernel, order)!.Value;
            Assert.Equal(0u, page.Number % (1u << order));
            Assert.Equal(1, pages.Pages.ReferenceCount(page));
            pages.Free(task, page, order);
            AssertWhole(task, pages, 4096);
            Assert.Equal(4, LargestBlocks(pages));
        }

        machine.AssertClean();
    }

    [Fact]
    public void Exhaustion_EveryPageIsFoundOnce_AndThenNone()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 1000);
        var all = new HashSet<Pfn>();
        while (pages.Allocate(task, Gfp.Kernel) is { } page) Assert.True(all.Add(page));
        Assert.Equal(1000, all.Count);
        foreach (var page in all) pages.Free(task, page);
        AssertWhole(task, pages, 1000);
    }

    [Fact]
    public void Reserve_IsOpenedByFlagsOnly()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 1024, minFree: 400);
        var (kernel, atomic, all) = (0, 0, 0);
        while (pages.Allocate(task, Gfp.Kernel) is not null) kernel++;
        while (pages.Allocate(task, Gfp.Atomic) is not null) atomic++;
        while (pages.Allocate(task, Gfp.AllReserves) is not null) all++;
        Assert.InRange(kernel, 560, 624);
        Assert.InRange(atomic, 190, 255);
        Assert.True(all > 0);
        Assert.Null(pages.Allocate(task, Gfp.AllReserves | Gfp.NoReserves));
    }

    [Fact]
    public void B_08_Free_Twice_IsABugAndChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        pages.Free(task, page);
        var trap = Assert.Throws<TrapException>(() => pages.Free(task, page)).Trap;
        Assert.EndsWith("page dumped because: VM_BUG_ON_PAGE(page_ref_count(page) == 0)", trap.Text, StringComparison.Ordinal);
        AssertWhole(task, pages, 4096);
    }

    [Fact]
    public void Free_WithAnotherOrderOrOfATail_IsABugAndChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var block = pages.Allocate(task, Gfp.Kernel, 2)!.Value;
        var compound = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 3)!.Value;
        Assert.Throws<TrapException>(() => pages.Free(task, block, 1));
        Assert.Throws<TrapException>(() => pages.Free(task, block, 3));
        Assert.Throws<TrapException>(() => pages.Free(task, block.Plus(1), 0));
        Assert.Throws<TrapException>(() => pages.Free(task, compound.Plus(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Free(task, new Pfn(5)));
        pages.Free(task, block, 2);
        pages.Free(task, compound, 3);
        AssertWhole(task, pages, 4096);
    }

    [Fact]
    public void B_12_Free_WhileAnotherRefersToTheFirstPage_FreesTheRestAndThatLater()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var block = pages.Allocate(task, Gfp.Kernel, 2)!.Value;
        Assert.True(pages.Pages.TryGet(block));
        pages.Free(task, block, 2);
        pages.DrainAll(task);
        Assert.Equal(4095, pages.Zones[0].Allocator.FreePages);
        pages.Pages.Put(task, block);
        AssertWhole(task, pages, 4096);
    }

    [Fact]
    public void Split_Block_IsFreedPageByPage()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var block = pages.Allocate(task, Gfp.Kernel, 3)!.Value;
        pages.Split(task, block, 3);
        for (var i = 0; i < 8; i++) pages.Free(task, block.Plus(i));
        AssertWhole(task, pages, 4096);
        var compound = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 3)!.Value;
        Assert.Throws<TrapException>(() => pages.Split(task, compound, 3));
    }

    [Fact]
    public void BrokenPage_AtFree_IsKeptAndItsNeighboursGoOn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var block = pages.Allocate(task, Gfp.Kernel, 2)!.Value;
        pages.Pages.Set(block.Plus(2), PageFlags.Lru);
        pages.Free(task, block, 2);
        Assert.Equal("BUG: Bad page state in process test  pfn:" + block.Plus(2), machine.TakeSingle().Headline);
        AssertWhole(task, pages, 4096);
        Assert.Equal(1, pages.Pages.QuarantinedCount);
        var seen = new HashSet<Pfn>();
        while (pages.Allocate(task, Gfp.Kernel) is { } page) seen.Add(page);
        Assert.Equal(4095, seen.Count);
        Assert.DoesNotContain(block.Plus(2), seen);
    }

    [Fact]
    public void BrokenPage_WhileFree_IsSkipped()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task, frames: 64);
        pages.Pages.Set(First.Plus(9), PageFlags.Discarded);
        var seen = new HashSet<Pfn>();
        while (pages.Allocate(task, Gfp.Kernel) is { } page) seen.Add(page);
        Assert.Equal(63, seen.Count);
        Assert.DoesNotContain(First.Plus(9), seen);
        Assert.Equal(TrapKind.BadPageState, machine.TakeSingle().Kind);
    }

    [Fact]
    public void Zero_PagesThatWereWritten_ReadAsZeros()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(64);
        using var pages = New(task, frames: 64, memory: memory);
        memory.Frames(new Pfn(0), 64).Fill(7);
        var block = pages.Allocate(task, Gfp.Kernel | Gfp.Zero, 2)!.Value;
        var index = (int)(block.Number - First.Number);
        Assert.Equal(-1, memory.Frames(new Pfn((uint)index), 4).IndexOfAnyExcept((byte)0));
        Assert.Equal(60 * Pfn.PageSize, memory.Frames(new Pfn(0), 64).Count((byte)7));
    }

    [Theory]
    [InlineData(Gfp.Kernel, 11, "WARN_ON_ONCE_GFP(order >= MAX_ORDER, gfp)", false)]
    [InlineData(Gfp.NoWait | Gfp.NoFail, 0, "WARN_ON_ONCE_GFP(!can_direct_reclaim, gfp_mask)", false)]
    [InlineData(Gfp.Kernel | Gfp.NoFail, 2, "WARN_ON_ONCE((gfp_flags & __GFP_NOFAIL) && (order > 1))", true)]
    [InlineData(Gfp.Kernel | Gfp.Atomic, 0, "WARN_ON_ONCE((gfp_mask & (__GFP_ATOMIC|__GFP_DIRECT_RECLAIM)) == (__GFP_ATOMIC|__GFP_DIRECT_RECLAIM))", true)]
    [InlineData(Gfp.Kernel | Gfp.Movable | Gfp.Reclaimable, 0, "VM_WARN_ON((gfp_flags & GFP_MOVABLE_MASK) == GFP_MOVABLE_MASK)", true)]
    public void Flags_ThatMakeNoSenseTogether_Warn(Gfp gfp, int order, string condition, bool succeeds)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        Assert.Equal(succeeds, pages.Allocate(task, gfp, order) is not null);
        TrapTextTests.AssertWarning(condition, machine.TakeSingle());
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Allocate(task, Gfp.Kernel, -1));
    }

    [Fact]
    public void NoFail_WithNothingLeft_SaysSoInsteadOfSpinningForEver()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 4)], NoFailRounds = 16 });
        while (pages.Allocate(task, Gfp.Kernel) is not null) { }
        Assert.Contains("nofail deadlock", Assert.Throws<TrapException>(() => pages.Allocate(task, Gfp.Kernel | Gfp.NoFail)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lattice_IsAnOrder()
    {
        var all = Enumerable.Range(0, 8).Select(static bits => (Gfp)bits).ToArray();
        foreach (var a in all)
        {
            Assert.True(GfpLattice.IsAtMost(a, a));
            foreach (var b in all)
            {
                var meet = GfpLattice.Meet(a, b);
                Assert.True(GfpLattice.IsAtMost(meet, a) && GfpLattice.IsAtMost(meet, b));
                foreach (var c in all)
                {
                    if (GfpLattice.IsAtMost(a, b) && GfpLattice.IsAtMost(b, c)) Assert.True(GfpLattice.IsAtMost(a, c));
                    if (GfpLattice.IsAtMost(c, a) && GfpLattice.IsAtMost(c, b)) Assert.True(GfpLattice.IsAtMost(c, meet));
                }
            }
        }

        Assert.True(GfpLattice.IsAtMost(Gfp.Atomic, Gfp.NoIo) && GfpLattice.IsAtMost(Gfp.NoIo, Gfp.NoFileSystem) && GfpLattice.IsAtMost(Gfp.NoFileSystem, Gfp.Kernel));
        Assert.False(GfpLattice.IsAtMost(Gfp.Kernel, Gfp.NoFileSystem));
    }

    [Fact]
    public void Allocator_UnderThreadsThatStampTheirPages_GivesNoPageToTwo()
    {
        const int Frames = 2048;
        using var machine = Situation.NewMachine(cpus: 2);
        using var memory = PhysicalMemory.Create(Frames);
        PageAllocator? made = null;
        machine.Do("setup", task => made = New(task, Frames, memory: memory));
        using var pages = made!;
        for (var t = 1; t <= 3; t++)
        {
            var stamp = (ulong)t;
            machine.Start("owner", task =>
            {
                var random = new Random((int)stamp);
                var owned = new Queue<(Pfn Page, int Order)>();
                for (var step = 0; step < 6000; step++)
                {
                    var order = random.Next(4);
                    if (owned.Count < 60 && pages.Allocate(task, random.Next(2) == 0 ? Gfp.Kernel : Gfp.Atomic, order) is { } page)
                    {
                        Stamps(page, order).Fill(stamp);
                        owned.Enqueue((page, order));
                    }
                    else if (owned.TryDequeue(out var old))
                    {
                        Assert.Equal(-1, Stamps(old.Page, old.Order).IndexOfAnyExcept(stamp));
                        pages.Free(task, old.Page, old.Order);
                    }
                }

                while (owned.TryDequeue(out var rest)) pages.Free(task, rest.Page, rest.Order);
            });
        }

        machine.Run();
        machine.Do("check", task => AssertWhole(task, pages, Frames));
        machine.AssertClean();

        Span<ulong> Stamps(Pfn page, int order) =>
            MemoryMarshal.Cast<byte, ulong>(memory.Frames(new Pfn(page.Number - First.Number), 1 << order))[..64];
    }

    [Fact]
    public void AllocateAndFree_FromAnInterruptAtAnyPoint_KeepInvariants()
    {
        for (var seed = 0UL; seed < 25; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            machine.Do("setup", task => made = New(task, 64));
            using var pages = made!;
            for (var t = 0; t < 2; t++)
            {
                machine.Start("user", task =>
                {
                    for (var i = 0; i < 4; i++)
                    {
                        machine.CrossCalls.Send(task, i % 2, (here, _) =>
                        {
                            if (pages.Allocate(here, Gfp.Atomic) is { } page) pages.Free(here, page);
                        });
                        var mine = pages.Allocate(task, Gfp.Kernel, i % 3)!.Value;
                        if (i == 2) pages.DrainAll(task);
                        pages.Free(task, mine, i % 3);
                    }
                });
            }

            machine.Run();
            machine.Do("check", task => AssertWhole(task, pages, 64));
            machine.AssertClean();
        }
    }

    [Fact]
    public void AllocateAndFree_OnTheHotPath_AllocateNothingManaged()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        for (var i = 0; i < 100; i++) pages.Free(task, pages.Allocate(task, Gfp.Kernel)!.Value);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) pages.Free(task, pages.Allocate(task, Gfp.Kernel)!.Value);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
