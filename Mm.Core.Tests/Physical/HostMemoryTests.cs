using System;
using System.Runtime.Versioning;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Physical;

/// <summary>The ways of a host to be physical memory that this one would not take by itself.</summary>
public class HostMemoryTests
{
    [Fact]
    [SupportedOSPlatform("linux")]
    public void AnonymousMemory_ShowsAliasesAndDiscards_AsMemfdDoes()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(AnonymousMemory.CreateObject(8 * Pfn.PageSize), 8);
        Assert.True(memory.HasViews);
        using (var view = memory.MapAlias(task, new FrameRange(new Pfn(5), 1), new FrameRange(new Pfn(1), 2)))
        {
            view.Bytes[0] = 50;
            memory.Frames(new Pfn(2))[7] = 27;
            Assert.Equal((50, 27), (memory.Frames(new Pfn(5))[0], view.Bytes[(2 * Pfn.PageSize) + 7]));
            memory.Discard(task, new FrameRange(new Pfn(2), 1));
            Assert.Equal((0, 0, 50), (memory.Frames(new Pfn(2))[7], view.Bytes[(2 * Pfn.PageSize) + 7], view.Bytes[0]));
        }

        var linear = memory.LinearAddress;
        Assert.Equal(0, Probe.Write(linear));
        memory.Dispose();
        Assert.Equal(Probe.Fault, Probe.Read(linear));
    }

    [Fact]
    public void ProcessMemory_HasTheLinearViewOnly_AndSaysSo()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(ProcessMemory.CreateObject(4 * Pfn.PageSize), 4);
        Assert.False(memory.HasViews);
        memory.Frames(new Pfn(0), 4).Fill(3);
        memory.Discard(task, new FrameRange(new Pfn(1), 2));
        Assert.Equal((3, 0, 0, 3), (memory.Frames(new Pfn(0))[9], memory.Frames(new Pfn(1))[9], memory.Frames(new Pfn(2))[9], memory.Frames(new Pfn(3))[9]));
        Assert.Contains("linear view only", Assert.Throws<PlatformNotSupportedException>(() => memory.MapAlias(task, new FrameRange(new Pfn(1), 1))).Message, StringComparison.Ordinal);
        Assert.Equal(0, memory.ViewCount);
    }
}
