using System;
using Mm.Core.Contexts;
using Mm.Core.Holders;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Xunit;

namespace Mm.Core.Tests.Conventions;

/// <summary>The paths above the page allocator that are taken all the time: they allocate nothing managed.</summary>
public class SystemsHotPathTests
{
    public static TheoryData<string> Paths() => ["write fault", "read fault", "copy", "user pages", "normal page", "pfn_valid", "holder"];

    [Theory]
    [MemberData(nameof(Paths))]
    public void HotPath_OnceWarm_AllocatesNothingManaged(string path)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var work = WorkOf(path, world, task);
        for (var i = 0; i < 300; i++) work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 300; i++) work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        machine.AssertClean();
    }

    private static Action WorkOf(string path, World world, MachineTask task)
    {
        var map = world.Map;
        var area = world.MapAt(4);
        var bytes = new byte[8];
        var pages = new Pfn[2];
        Require(map.CopyToUser(task, World.At, bytes) == 0 && map.CopyToUser(task, World.At.PlusPages(1), bytes) == 0);
        var entry = world.Entry(World.At);
        var holder = world.Pages.Holders.Register("driver", static (_, _) => ReleaseAnswer.Released);
        var held = world.Allocate();
        Require(world.Pages.Holders.SetHold(task, held, holder).Succeeded);
        return path switch
        {
            "write fault" => () => Serve(AccessKind.Write),
            "read fault" => () => Serve(AccessKind.Read),
            "copy" => () => Require(map.CopyFromUser(task, World.At, bytes) == 0 && map.CopyToUser(task, World.At, bytes) == 0),
            "user pages" => () =>
            {
                Require(map.GetUserPagesFastOnly(task, World.At, pages, forWriting: true) == 2);
                foreach (var page in pages) world.Pages.Pages.Put(task, page);
            },
            "normal page" => () =>
            {
                task.PreemptDisable();
                Require(map.NormalPage(task, area, World.At, entry) == entry.Pfn);
                task.PreemptEnable();
            },
            "pfn_valid" => () => Require(world.Model.PfnValid(task, World.First) && !world.Model.PfnValid(task, world.Bare) && world.Model.PfnIsOnline(task, World.First)),
            "holder" => () => Require(world.Pages.Holders.HolderOf(held) == holder),
            _ => throw new ArgumentOutOfRangeException(nameof(path)),
        };

        void Serve(AccessKind access)
        {
            var at = World.At.PlusPages(2);
            Require(map.Fault(task, at, access) == FaultResult.None);
            map.Lock.AcquireWrite(task);
            map.ZapRange(task, area, at, at.PlusPages(1));
            map.Lock.ReleaseWrite(task);
        }
    }

    private static void Require(bool isRight)
    {
        if (!isRight) throw new InvalidOperationException();
    }
}
