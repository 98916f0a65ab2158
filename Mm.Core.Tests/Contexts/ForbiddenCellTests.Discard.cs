using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;
using Mm.Core.Tests.Discard;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public partial class ForbiddenCellTests
{
    private static Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> DiscardCalls() => new()
    {
        ["page-unused"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Allocate(task); return t => world.States.SetUnused(t, page); },
        ["make-volatile"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => Assert.True(world.States.MakeVolatile(t, page, 1)); },
        ["try-make-stable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => Assert.True(world.States.TryMakeStable(t, page)); },
        ["map-discardable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); world.Pages.Get(page); return t => Assert.True(world.States.TryAddMapping(t, page, isWritable: true)); },
        ["make-stable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => Assert.True(world.States.MakeStable(t, page)); },
        ["check-writable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => Assert.True(world.States.CheckWritable(t, page, isWritable: true)); },
        ["reset-writable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => world.States.ResetWritable(t, page); },
        ["discard"] = static (_, task) => { var (world, page) = Dropped(task); return t => world.States.Discard(t, page); },
        ["discard-locked"] = static (_, task) => { var (world, page) = Dropped(task); world.Pages.Lock(task, page); return t => world.States.DiscardLocked(t, page); },
        ["discard-fault-pin"] = static (_, task) => { var (world, page) = Dropped(task); return t => Assert.True(world.States.TryPinDiscarded(t, page)); },
        ["discard-fault-end"] = static (_, task) => { var (world, page) = Dropped(task); return t => world.States.EndFault(t, page); },
        ["free-discarded"] = static (_, task) => { var (world, page) = Dropped(task); world.States.Discard(task, page); return t => world.Pages.Put(t, page); },
        ["discard-reap"] = static (_, task) => { var world = new DiscardWorld(task); world.Queue(task, 1); return t => Assert.Equal(1, world.States.Queue.Reap(t)); },
        ["discard-cpu-offline"] = static (_, task) => { var world = new DiscardWorld(task); world.Queue(task, 1); return t => world.States.Queue.TakeOffline(t, 0); },
        ["reporting"] = static (machine, task) => { var reporting = new PageReporting(machine, Allocator(task), static (_, _) => true); return t => Assert.Equal(0, reporting.Report(t)); },
        ["discard-sign-off"] = static (_, task) => { var world = new DiscardWorld(task); world.Queue(task, 1); return t => Assert.Equal(1, world.States.Queue.SignOff(t)); },
        ["discard-tick"] = static (_, task) => { var world = new DiscardWorld(task); world.Queue(task, 1); return t => world.States.Queue.Tick(t); },
    };

    private static (DiscardWorld World, Pfn Page) Dropped(MachineTask task)
    {
        var world = new DiscardWorld(task);
        var page = world.Cached(task, 1);
        world.Pages.Get(page);
        Assert.True(world.States.MakeVolatile(task, page, 2));
        Assert.True(world.Host.TryDiscard(task, page));
        return (world, page);
    }
}
