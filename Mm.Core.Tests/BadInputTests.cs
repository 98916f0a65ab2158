using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Vmalloc;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests;

/// <summary>Arguments that mean nothing, more than there is, and machines that are gone: an exception that says so, and nothing else happens.</summary>
public class BadInputTests
{
    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void CpusAndOrders_ThatDoNotExist_AreRefused(ZoneAllocatorKind kind)
    {
        using var machine = Situation.NewMachine(2);
        using var task = machine.Attach("test");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 512)], Allocator = kind });
        var zone = pages.Zones[0];
        var queue = new PageStates(task, pages, new SimulatedHost(default, 512)).Queue;
        foreach (var none in (int[])[-1, int.MinValue, 64, int.MaxValue])
        {
            OutOfRange(() => machine.CrossCalls.Send(task, none, static (_, _) => { }));
            OutOfRange(() => machine.CrossCalls.SendNmi(task, none, static (_, _) => { }));
            OutOfRange(() => zone.Allocator.Drain(task, none));
            OutOfRange(() => _ = zone.Allocator.HasBlock(none));
            OutOfRange(() => _ = zone.IsAbove(none, Watermark.Low));
            OutOfRange(() => queue.BringOnline(task, none));
            if (zone.Allocator is BuddyAllocator buddy) OutOfRange(() => _ = buddy.BlockCount(none));
        }

        Assert.Equal((0, false), (task.PreemptCount, task.IrqsDisabled));
    }

    [Fact]
    public void Ranges_ThatDoNotExist_AreRefused()
    {
        using var stage = new Stage();
        var (task, pages) = (stage.Task, stage.Machine.Pages);
        OutOfRange(() => _ = new PageReporting(stage.Machine, pages, static (_, _) => true).IsReported(new Pfn(1u << 20)));
        OutOfRange(() => stage.Ranges.Synchronise(task, new VirtualAddress(0x1000), 1));
        OutOfRange(() => stage.Ranges.Synchronise(task, stage.Range.Start, 0));
        OutOfRange(() => stage.Ranges.Synchronise(task, stage.Range.Start, int.MaxValue));
        OutOfRange(() => _ = new BuddyAllocator(stage.Machine, pages.Pages, pages.Pages.First, int.MaxValue));
        OutOfRange(() => _ = new BuddyAllocator(stage.Machine, pages.Pages, pages.Pages.First, -1));
        Assert.Throws<ArgumentNullException>(() => new PageAllocator(task, new PageAllocatorOptions { Zones = null! }));
        Assert.Throws<ArgumentNullException>(() => new VirtualMemory(task, new VirtualMemoryOptions { Pages = pages, Memory = stage.Machine.Memory, Model = null! }));
    }

    [Fact]
    public void Descriptors_ForMoreFramesThanTheProcessHasRoomFor_AreRefusedBeforeAnyIsTouched()
    {
        using var machine = Situation.NewMachine();
        var refused = Assert.Throws<OutOfMemoryException>(() => new FrameTable(machine, default, int.MaxValue, static (_, _, _) => { }));
        Assert.Contains("Descriptors of 2147483647 frames take 122406567879 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAMachineHad_WhenItIsGone_SaysSo()
    {
        var stage = new Stage();
        var (task, map, ranges) = (stage.Task, stage.Map, stage.Ranges);
        var area = map.Map(task, new AreaRequest { Pages = 4, Flags = VmFlags.Read | VmFlags.Write });
        Assert.Equal(0, map.CopyToUser(task, area.Start, new byte[1]));
        stage.Machine.Dispose();
        Refuses(() => _ = map.CopyToUser(task, area.Start, new byte[1]));
        Refuses(() => map.Exit(task));
        Refuses(() => ranges.Release(task, stage.Range));
        Refuses(() => _ = stage.Machine.Pages.Allocate(task, Gfp.NoWait));

        static void Refuses(Action use) => Assert.Throws<ObjectDisposedException>(use);
    }

    private static void OutOfRange(Action use) => Assert.Throws<ArgumentOutOfRangeException>(use);

    private sealed class Stage : IDisposable
    {
        public Stage()
        {
            Machine = Machine.Create(new MachineOptions { CpuCount = 1, MemoryBytes = 8 << 20 });
            Task = Machine.Attach("test");
            var all = new FrameRange(Machine.Pages.Pages.First, Machine.Memory.FrameCount);
            var model = new FlatModel(Machine, all);
            model.Initialise(Task, all);
            model.MakeReady(Task);
            var memory = new VirtualMemory(Task, new VirtualMemoryOptions { Pages = Machine.Pages, Memory = Machine.Memory, Model = model });
            Ranges = new KernelRanges(Task, memory, 64);
            Map = new MemoryMap(Task, memory);
            Range = Ranges.Map(Task, [.. Enumerable.Range(0, 3).Select(_ => Machine.Pages.Allocate(Task, Gfp.Kernel)!.Value)])!;
        }

        public Machine Machine { get; }

        public MachineTask Task { get; }

        public KernelRanges Ranges { get; }

        public KernelRange Range { get; }

        public MemoryMap Map { get; }

        public void Dispose()
        {
            Task.Dispose();
            Machine.Dispose();
        }
    }
}
