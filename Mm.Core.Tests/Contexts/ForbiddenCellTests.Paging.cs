using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Physical;
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
            return t => { model.Attach(t, segment); model.Detach(t, model.SetOnline(t, segment, false)); };
        },
    };

    private static SparseModel Model(MachineTask task)
    {
        var model = new SparseModel(task.Machine, new FrameRange(new Pfn(0), 64));
        model.Initialise(task, new FrameRange(new Pfn(0), 64));
        model.MakeReady(task);
        return model;
    }
}
