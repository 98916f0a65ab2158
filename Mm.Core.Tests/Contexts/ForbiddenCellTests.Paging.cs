using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Paging;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public partial class ForbiddenCellTests
{
    private static Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> PagingCalls() => new()
    {
        ["page-online"] = static (_, task) => { var model = Model(task); return t => Assert.True(model.PfnIsOnline(t, Page)); },
        ["pfn-valid"] = static (_, task) =>
        {
            var model = Model(task);
            return t => Assert.True(model.PfnValid(t, Page) && model.PfnInLinearMap(t, Page) && model.SegmentOf(t, Page) is null);
        },
        ["pfn-ram"] = static (_, task) => { var model = Model(task); return t => Assert.True(model.PfnIsRam(t, Page)); },
        ["segments"] = static (_, task) =>
        {
            var model = Model(task);
            var segment = new Segment("test", new FrameRange(new Pfn(0x10000), 512), HasPages: true);
            return t => model.Attach(t, segment);
        },
        ["remap"] = static (_, task) => WriteLocked(task, VmFlags.Read | VmFlags.Shared, static (t, world, area) => Assert.Equal(MapResult.None, world.Map.Remap(t, area, World.At, world.Bare, 4096))),
        ["map-io-memory"] = static (_, task) => WriteLocked(task, VmFlags.Read | VmFlags.Shared, static (t, world, area) => Assert.Equal(MapResult.None, world.Map.MapIoMemory(t, area, new PhysicalAddress(0), 4096))),
        ["map-areas"] = static (_, task) => { var world = new World(task); return t => world.Map.Map(t, new AreaRequest { Pages = 2 }); },
        ["normal-page"] = static (_, task) =>
        {
            var world = new World(task);
            var area = world.MapAt(1);
            return t => Assert.Equal(World.First, world.Map.NormalPage(t, area, World.At, Pte.Of(World.First, 0)));
        },
        ["insert-page"] = static (_, task) => WriteLocked(task, VmFlags.Read | VmFlags.Shared, static (t, world, area) => Assert.Equal(MapResult.None, world.Map.InsertPage(t, area, World.At, world.Virtual.ZeroPage))),
        ["insert-pfn"] = static (_, task) => WriteLocked(task, VmFlags.MixedMap, static (t, world, area) => Assert.Equal(FaultResult.NoPage, world.Map.InsertPfn(t, area, World.At, world.Bare))),
        ["insert-mixed"] = static (_, task) => WriteLocked(task, VmFlags.MixedMap, static (t, world, area) => Assert.Equal(FaultResult.NoPage, world.Map.InsertMixed(t, area, World.At, world.Bare))),
        ["handle-fault"] = static (_, task) => WriteLocked(task, VmFlags.Read, static (t, world, _) => Assert.Equal(FaultResult.None, world.Map.HandleFault(t, World.At, AccessKind.Read))),
        ["user-pages"] = static (_, task) => WriteLocked(task, VmFlags.Read, static (t, world, _) => Assert.Equal(1, world.Map.GetUserPages(t, World.At, new Pfn[1], false, out MapResult error))),
        ["user-pages-fast"] = static (_, task) => { var world = new World(task); world.MapAt(1); return t => Assert.Equal(1, world.Map.GetUserPagesFast(t, World.At, new Pfn[1], true, out MapResult error)); },
        ["user-pages-fast-only"] = static (_, task) =>
        {
            var world = new World(task);
            world.MapAt(1);
            world.Write(World.At, 1);
            return t => Assert.Equal(1, world.Map.GetUserPagesFastOnly(t, World.At, new Pfn[1], true));
        },
        ["copy-user"] = static (_, task) => { var world = new World(task); world.MapAt(1); return t => Assert.Equal(0, world.Map.CopyFromUser(t, World.At, new byte[1])); },
        ["copy-user-no-fault"] = static (_, task) =>
        {
            var world = new World(task);
            world.MapAt(1);
            world.Write(World.At, 1);
            return t => Assert.Equal(0, world.Map.CopyFromUserNoFault(t, World.At, new byte[1]));
        },
        ["xip"] = static (_, task) =>
        {
            var world = new World(task);
            var file = new XipFile(task, world.Virtual, new XipFileTests.Device(world));
            return t => file.Map(t, world.Map, new AreaRequest { Pages = 1 });
        },
        ["cached-file"] = static (_, task) => { var hosted = new HostedWorld(task); return t => Assert.Equal(FaultResult.None, hosted.File.Get(t, 1, out Pfn _)); },
        ["unmap-everywhere"] = static (_, task) => { var hosted = new HostedWorld(task); hosted.Show(task, VmFlags.Read); return t => ((IDiscardableCache)hosted.File).Unmap(t, World.First); },
        ["find-area"] = static (_, task) => { var world = new World(task); world.MapAt(1); world.Map.Lock.AcquireRead(task); return t => { Assert.NotNull(world.Map.FindArea(t, World.At)); world.Map.Lock.ReleaseRead(t); }; },
        ["entry-of"] = static (_, task) => { var world = new World(task); world.MapAt(1); return t => Assert.True(world.Map.EntryOf(t, World.At).IsNone); },
        ["vmalloc-flush"] = static (_, task) => { var ranges = Ranges(task, out var _); return t => Assert.Equal(0, ranges.FlushDeferred(t)); },
        ["cached-file-put"] = static (_, task) =>
        {
            var hosted = new HostedWorld(task);
            Assert.Equal(FaultResult.None, hosted.File.Get(task, 1, out var page));
            return t => hosted.File.Put(t, page);
        },
        ["zap"] = static (_, task) => WriteLocked(task, VmFlags.Read, static (t, world, area) => world.Map.ZapRange(t, area, area.Start, area.End)),
        ["map-exit"] = static (_, task) => { var world = new World(task); return t => world.Map.Exit(t); },
        ["reserve-range"] = static (_, task) => { var ranges = Ranges(task, out var _); return t => Assert.NotNull(ranges.Reserve(t, 2)); },
        ["vmalloc"] = static (_, task) => { var ranges = Ranges(task, out var _); return t => Assert.NotNull(ranges.Allocate(t, 2)); },
        ["vfree"] = static (_, task) => { var ranges = Ranges(task, out var range); return t => ranges.Free(t, range); },
        ["vfree-atomic"] = static (_, task) => { var ranges = Ranges(task, out var range); return t => ranges.FreeAtomic(t, range); },
        ["vunmap"] = static (_, task) => { var ranges = Ranges(task, out var _); var view = ranges.Map(task, [World.First])!; return t => ranges.Unmap(t, view); },
        ["vmalloc-fault"] = static (_, task) =>
        {
            var world = new World(task, regime: KernelRegime.Copied);
            var ranges = new KernelRanges(task, world.Virtual, 64) { IsLazy = true };
            var range = ranges.Allocate(task, 1)!;
            return t => Assert.Equal(RepairResult.Repaired, ranges.Repair(t, world.Map, range.Start));
        },
        ["vmalloc-sync"] = static (_, task) => { var ranges = Ranges(task, out var range); return t => ranges.Synchronise(t, range.Start, 2); },
    };

    private static KernelRanges Ranges(MachineTask task, out KernelRange range)
    {
        var ranges = new KernelRanges(task, new World(task, regime: KernelRegime.Copied).Virtual, 64);
        range = ranges.Allocate(task, 2)!;
        return ranges;
    }

    // The lock is taken before, in a task; where the call is allowed it is given back after it.
    private static Action<MachineTask> WriteLocked(MachineTask task, VmFlags flags, Action<MachineTask, World, Vma> action)
    {
        var world = new World(task);
        var area = world.MapAt(1, flags);
        world.Map.Lock.AcquireWrite(task);
        return t =>
        {
            action(t, world, area);
            world.Map.Lock.ReleaseWrite(t);
        };
    }

    private static SparseModel Model(MachineTask task)
    {
        var model = new SparseModel(task.Machine, new FrameRange(new Pfn(0), 64));
        model.Initialise(task, new FrameRange(new Pfn(0), 64));
        model.MakeReady(task);
        return model;
    }
}
