using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Zones;

public class ZoneTests
{
    private static PageAllocator New(MachineTask task) =>
        new(task, new PageAllocatorOptions { Zones = [(ZoneKind.Dma, 1024), (ZoneKind.Normal, 4096)], MinFreePages = 500 });

    [Theory]
    [InlineData(Reserve.None, 1000)]
    [InlineData(Reserve.High, 500)]
    [InlineData(Reserve.High | Reserve.Harder, 375)]
    [InlineData(Reserve.OomVictim, 500)]
    public void B_18_Watermark_OfAThousand_IsLoweredAsInTheKernel(Reserve reserve, int least)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var zone = pages.Zones[1];
        Assert.False(zone.IsAbove(least, 0, 1000, reserve, ZoneKind.Normal));
        Assert.True(zone.IsAbove(least + 1, 0, 1000, reserve, ZoneKind.Normal));
        Assert.False(zone.IsAbove(least + 1, 1, 1000, reserve, ZoneKind.Normal));
        Assert.True(zone.IsAbove(least + 2, 1, 1000, reserve, ZoneKind.Normal));
    }

    [Fact]
    public void B_20_LowZone_ForAHigherOnesRequest_KeepsMore()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        var zone = pages.Zones[0];
        Assert.True(zone.IsAbove(101, 0, 100, Reserve.None, ZoneKind.Dma));
        Assert.False(zone.IsAbove(100 + (4096 / 256), 0, 100, Reserve.None, ZoneKind.Normal));
        Assert.True(zone.IsAbove(101 + (4096 / 256), 0, 100, Reserve.None, ZoneKind.Normal));
    }

    [Fact]
    public void Watermarks_ShareTheReserveBySize()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = New(task);
        Assert.Equal([(100, 125, 150), (400, 500, 600)], pages.Zones.Select(static z => (z.Min, z.Low, z.High)));
    }

    [Theory]
    [InlineData(262_144, 63)]
    [InlineData(4096, 1)]
    [InlineData(1, 1)]
    public void Batch_OfAZone_IsTheKernels(int managed, int batch) => Assert.Equal(batch, Zone.BatchOf(managed));

    [Fact]
    public void HasBlock_WhereOnlySmallerOnesAreFree_SaysNo()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 1 << 9)] });
        pages.DrainAll(task);
        Assert.True(pages.Zones[0].Allocator.HasBlock(9));
        Assert.False(pages.Zones[0].Allocator.HasBlock(FrameTable.MaximalOrder));
        Assert.False(pages.Zones[0].IsAbove(FrameTable.MaximalOrder, Watermark.Min));
    }
}
