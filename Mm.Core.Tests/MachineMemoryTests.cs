using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Physical;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests;

public class MachineMemoryTests
{
    [Fact]
    public void Machine_WithMemoryBytes_HandsOutPagesOfItsMemory()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, MemoryBytes = 4 << 20 });
        using var task = machine.Attach("test");
        Assert.True(machine.HasMemory);
        Assert.Equal(1024, machine.Memory.FrameCount);
        var zone = Assert.Single(machine.Pages.Zones);
        Assert.Equal((1024, 64), (zone.ManagedPages, zone.Min));
        var page = machine.Pages.Allocate(task, Gfp.Kernel, 1)!.Value;
        machine.Pages.BytesOf(page, 1)[Pfn.PageSize] = 7;
        Assert.Equal(7, machine.Memory.Frames(page.Plus(1))[0]);
        machine.Pages.Free(task, page, 1);
        machine.Pages.DrainAll(task);
        Assert.Empty(machine.Pages.Validate());
        machine.AssertClean();
    }

    [Fact]
    public void Machine_WithZones_MakesTheMemoryThatTheyNeed()
    {
        using var machine = Machine.Create(new MachineOptions
        {
            CpuCount = 1,
            Pages = new PageAllocatorOptions { First = new Pfn(0x400), Zones = [(ZoneKind.Dma, 64), (ZoneKind.Normal, 128), (ZoneKind.Movable, 32)], MinFreePages = 8 },
        });
        using var task = machine.Attach("test");
        Assert.Equal(224, machine.Memory.FrameCount);
        Assert.Equal([64, 128, 32], machine.Pages.Zones.Select(static z => z.ManagedPages));
        var page = machine.Pages.Allocate(task, Gfp.Kernel | Gfp.Dma)!.Value;
        machine.Pages.BytesOf(page)[0] = 1;
        Assert.Equal(1, machine.Memory.Frames(new Pfn(page.Number - 0x400))[0]);
        machine.Pages.Free(task, page);
    }

    [Fact]
    public void Machine_Disposed_GivesBackWhatItMade_AndKeepsWhatItWasGiven()
    {
        using var given = PhysicalMemory.Create(64);
        var machine = Machine.Create(new MachineOptions { CpuCount = 1, Pages = new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)], Memory = given } });
        Assert.Same(given, machine.Memory);
        machine.Dispose();
        machine.Dispose();
        Assert.Equal(4096, given.Frames(new Pfn(0)).Length);

        var other = Machine.Create(new MachineOptions { CpuCount = 1, MemoryBytes = 1 << 20 });
        var (memory, pages, linear) = (other.Memory, other.Pages, other.Memory.LinearAddress);
        Assert.Equal(0, Probe.Read(linear));
        other.Dispose();
        Assert.Equal(Probe.Fault, Probe.Read(linear));
        Assert.Throws<ObjectDisposedException>(() => memory.Frames(new Pfn(0)).Length);
        Assert.Throws<ObjectDisposedException>(() => pages.Pages.Get(new Pfn(0)));
    }

    [Fact]
    public void Machine_WithoutMemory_SaysHowToGiveItSome()
    {
        using var machine = Machine.Create();
        Assert.False(machine.HasMemory);
        Assert.Contains(nameof(MachineOptions.MemoryBytes), Assert.Throws<InvalidOperationException>(() => machine.Memory).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => machine.Pages);
    }

    [Fact]
    public void Machine_WithASeed_HasMemoryToo()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = 3, MemoryBytes = 1 << 20 });
        machine.Start("user", task => machine.Pages.Free(task, machine.Pages.Allocate(task, Gfp.Kernel)!.Value));
        machine.Run();
        Assert.Equal((1, 1), (machine.Pages.Allocations, machine.Pages.Frees));
    }

    [Fact]
    public void Create_WithMemoryThatMakesNoSense_IsRefused()
    {
        var zones = new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)] };
        Assert.Throws<ArgumentOutOfRangeException>(() => Machine.Create(new MachineOptions { MemoryBytes = -4096 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Machine.Create(new MachineOptions { MemoryBytes = long.MaxValue & ~4095 }));
        Assert.Throws<ArgumentException>(() => Machine.Create(new MachineOptions { MemoryBytes = 4097 }));
        Assert.Throws<ArgumentException>(() => Machine.Create(new MachineOptions { MemoryBytes = 4096, Pages = zones }));
        Assert.Throws<ArgumentException>(() => Machine.Create(new MachineOptions { Pages = zones with { Zones = [] } }));
        Assert.Throws<ArgumentException>(() => Machine.Create(new MachineOptions { Pages = zones with { Zones = [(ZoneKind.Normal, 64), (ZoneKind.Dma, 64)] } }));
    }

    [Theory]
    [InlineData(1L << 20, 32)]
    [InlineData(64L << 20, 256)]
    [InlineData(1L << 34, 4096)]
    [InlineData(1L << 50, 65536)]
    public void Reserve_IsTheKernelsShare(long bytes, int pages) => Assert.Equal(pages, Machine.MinFreePagesOf(bytes));
}
