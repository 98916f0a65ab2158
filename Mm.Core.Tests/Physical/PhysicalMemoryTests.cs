using System;
using System.Collections.Generic;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Physical;

public class PhysicalMemoryTests
{
    private static FrameRange One(uint pfn) => new(new Pfn(pfn), 1);

    [Fact]
    public void Frames_Fresh_ReadAsZeros()
    {
        using var memory = PhysicalMemory.Create(16);
        Assert.Equal(16 * Pfn.PageSize, memory.Frames(new Pfn(0), 16).Length);
        Assert.Equal(-1, memory.Frames(new Pfn(0), 16).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Alias_OverScatteredFrames_ShowsTheSameBytes()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(16);
        using var view = memory.MapAlias(task, One(7), One(2), new FrameRange(new Pfn(10), 2));
        view.Bytes[0] = 70;
        view.Bytes[Pfn.PageSize] = 20;
        memory.Frames(new Pfn(11))[5] = 115;
        Assert.Equal((70, 20, 115), (memory.Frames(new Pfn(7))[0], memory.Frames(new Pfn(2))[0], view.Bytes[(3 * Pfn.PageSize) + 5]));
        Assert.Equal(4 * Pfn.PageSize, view.Bytes.Length);
    }

    [Fact]
    public void Alias_WhenDisposed_IsUnmappedAtTheHost()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(4);
        var view = memory.MapAlias(task, One(1), One(3));
        var address = view.Address;
        Assert.Equal((0, 0), (Probe.Read(address), Probe.Write(address + Pfn.PageSize)));
        view.Dispose();
        view.Dispose();
        Assert.Equal((Probe.Fault, Probe.Fault), (Probe.Read(address), Probe.Read(address + Pfn.PageSize)));
        Assert.Equal(0, memory.ViewCount);
        Assert.Throws<ObjectDisposedException>(() => view.Bytes.Length);
    }

    [Fact]
    public void Discard_Frames_ReadsZerosInEveryView()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(4);
        using var view = memory.MapAlias(task, One(2), One(1));
        memory.Frames(new Pfn(1), 2).Fill(9);
        memory.Discard(task, One(2));
        Assert.Equal((0, 9), (view.Bytes[0], view.Bytes[Pfn.PageSize]));
        Assert.Equal((9, 0), (memory.Frames(new Pfn(1))[0], memory.Frames(new Pfn(2))[0]));
    }

    [Theory]
    [InlineData(4u, 1)]
    [InlineData(3u, 2)]
    [InlineData(0u, 0)]
    [InlineData(0u, -1)]
    [InlineData(uint.MaxValue, int.MaxValue)]
    public void Frames_ThatAreNotThere_AreRefusedWithTheirNumber(uint first, int count)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(4);
        var range = new FrameRange(new Pfn(first), count);
        Assert.Contains($"frame {first}", Assert.Throws<ArgumentOutOfRangeException>(() => memory.Frames(range.First, count).Length).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAlias(task, One(0), range));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Discard(task, range));
        Assert.Equal(0, memory.ViewCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Create_WithoutFrames_IsRefused(int frames) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalMemory.Create(frames));

    [Fact]
    public void Memory_AfterDispose_RefusesEverything()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var memory = PhysicalMemory.Create(4);
        var linear = memory.LinearAddress;
        using var view = memory.MapAlias(task, One(0));
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Frames(new Pfn(0)).Length);
        Assert.Throws<ObjectDisposedException>(() => memory.MapAlias(task, One(0)));
        Assert.Equal((Probe.Fault, 0), (Probe.Read(linear), Probe.Read(view.Address)));
    }

    [Fact]
    public void MapAlias_InASection_TrapsAndMapsNothing()
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw);
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(4);
        using (task.PreemptOff()) Assert.Throws<TrapException>(() => memory.MapAlias(task, One(0)));
        Assert.Equal(0, memory.ViewCount);
    }

    [Fact]
    public void Views_MadeWrittenDiscardedAndEndedAtRandom_AgreeWithAModel()
    {
        const int Frames = 32;
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var memory = PhysicalMemory.Create(Frames);
        var random = new Random(5);
        var model = new byte[Frames];
        var views = new List<(AliasView View, uint[] Frames)>();
        for (var step = 0; step < 1500; step++)
        {
            switch (random.Next(4))
            {
                case 0 when views.Count < 20:
                    var frames = new uint[random.Next(1, 6)];
                    for (var i = 0; i < frames.Length; i++) frames[i] = (uint)random.Next(Frames);
                    views.Add((memory.MapAlias(task, Array.ConvertAll(frames, One)), frames));
                    break;
                case 1 when views.Count != 0:
                    var (view, shown) = views[random.Next(views.Count)];
                    var at = random.Next(shown.Length);
                    view.Bytes[at * Pfn.PageSize] = model[shown[at]] = (byte)random.Next(1, 256);
                    break;
                case 2:
                    var gone = (uint)random.Next(Frames);
                    memory.Discard(task, One(gone));
                    model[gone] = 0;
                    break;
                case 3 when views.Count != 0:
                    var index = random.Next(views.Count);
                    views[index].View.Dispose();
                    views.RemoveAt(index);
                    break;
            }

            foreach (var (view, shown) in views)
            {
                for (var i = 0; i < shown.Length; i++) Assert.Equal(model[shown[i]], view.Bytes[i * Pfn.PageSize]);
            }
        }

        foreach (var (view, _) in views) view.Dispose();
        Assert.Equal(0, memory.ViewCount);
    }
}
