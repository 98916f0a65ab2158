using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

public class ManyPagesOverTreesTests() : ManyPagesTests(ZoneAllocatorKind.Tree);

public class ManyPagesOverBuddiesTests() : ManyPagesTests(ZoneAllocatorKind.Buddy);

/// <summary>Many pages at once are as many pages one by one.</summary>
public abstract class ManyPagesTests(ZoneAllocatorKind kind) : IDisposable
{
    private const int Frames = 3000;
    private readonly Machine _machine = Situation.NewMachine(cpus: 2);

    public void Dispose() => _machine.Dispose();

    private PageAllocator New(MachineTask task, params (ZoneKind, int)[] zones) => new(task, new PageAllocatorOptions { First = new Pfn(0x1000), Zones = zones, Allocator = kind });

    private static void AssertWhole(MachineTask task, PageAllocator pages)
    {
        pages.DrainAll(task);
        Assert.Empty(pages.Validate());
        Assert.Equal(pages.Zones.Sum(static zone => zone.ManagedPages), pages.Zones.Sum(static zone => zone.Allocator.FreePages));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void Many_AllocatedAndFreedInAnyOrder_AreDistinctAndComeBack(int count)
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Normal, Frames));
        var some = new Pfn[count];
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(count, pages.AllocateMany(task, Gfp.Kernel, some));
            Assert.Equal(count, some.Distinct().Count());
            Assert.All(some, page => Assert.Equal(1, pages.Pages.ReferenceCount(page)));
            new Random(round).Shuffle(some);
            pages.FreeMany(task, some);
            Assert.All(some, page => Assert.Equal(0, pages.Pages.ReferenceCount(page)));
            AssertWhole(task, pages);
        }

        _machine.AssertClean();
    }

    [Fact]
    public void AllocateMany_MoreThanThereAre_FindsAllOfThem()
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Dma, 500), (ZoneKind.Normal, 700));
        var some = new Pfn[2000];
        var found = pages.AllocateMany(task, Gfp.NoWait | Gfp.AllReserves, some);
        Assert.Equal(1200, found);
        Assert.Equal(1200, some[..found].Distinct().Count());
        pages.FreeMany(task, some.AsSpan(0, found));
        AssertWhole(task, pages);
        Assert.Equal(500, pages.Zones[0].Allocator.FreePages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(64)]
    public void FreeMany_OneThatIsFree_FreesThoseBeforeItAndNoneBehind(int at)
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Normal, Frames));
        var some = new Pfn[100];
        Assert.Equal(100, pages.AllocateMany(task, Gfp.Kernel, some));
        pages.Free(task, some[at]);
        Assert.Throws<TrapException>(() => pages.FreeMany(task, some));
        for (var i = 0; i < some.Length; i++) Assert.Equal(i <= at ? 0 : 1, pages.Pages.ReferenceCount(some[i]));
        pages.FreeMany(task, some.AsSpan(at + 1));
        AssertWhole(task, pages);
    }

    [Fact]
    public void FreeMany_OneOfNobodys_FreesThoseBeforeItAndNoneBehind()
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Normal, Frames));
        var some = new Pfn[3];
        Assert.Equal(3, pages.AllocateMany(task, Gfp.Kernel, some));
        Assert.ThrowsAny<ArgumentException>(() => pages.FreeMany(task, [some[0], some[1], new Pfn(1), some[2]]));
        Assert.Equal(1, pages.Pages.ReferenceCount(some[2]));
        pages.Free(task, some[2]);
        AssertWhole(task, pages);
    }

    [Fact]
    public void FreeMany_OneTwice_IsRefusedTheSecondTime()
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Normal, Frames));
        var some = new Pfn[3];
        Assert.Equal(3, pages.AllocateMany(task, Gfp.Kernel, some));
        Assert.Throws<TrapException>(() => pages.FreeMany(task, [some[0], some[1], some[0], some[2]]));
        Assert.Equal(1, pages.Pages.ReferenceCount(some[2]));
        pages.Free(task, some[2]);
        AssertWhole(task, pages);
    }

    [Fact]
    public void FreeMany_SharedCompoundAndForeign_GoTheirOwnWays()
    {
        using var task = _machine.Attach("test");
        using var pages = New(task, (ZoneKind.Normal, Frames));
        var (shared, plain) = (pages.Allocate(task, Gfp.Kernel)!.Value, pages.Allocate(task, Gfp.Kernel)!.Value);
        var compound = pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 3)!.Value;
        pages.Pages.Get(shared);
        pages.FreeMany(task, [shared, compound, plain]);
        Assert.Equal((1, 0, 0), (pages.Pages.ReferenceCount(shared), pages.Pages.ReferenceCount(compound), pages.Pages.ReferenceCount(plain)));
        pages.FreeMany(task, [shared]);
        AssertWhole(task, pages);
        Assert.ThrowsAny<ArgumentException>(() => pages.FreeMany(task, [new Pfn(1)]));
        AssertWhole(task, pages);
        _machine.AssertClean();
    }
}
