using System;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Conventions;

public class HotPathTests
{
    public static TheoryData<string> Paths() => [.. new[]
    {
        "single", "put", "block", "huge", "compound", "many", "split", "references", "flags", "page lock", "mappings",
        "sections", "spin lock", "interrupts off", "rcu reader", "borrow", "bytes", "rent",
    }];

    [Theory]
    [MemberData(nameof(Paths))]
    public void HotPath_OnceWarm_AllocatesNothingManaged(string path)
    {
        foreach (var kind in Enum.GetValues<ZoneAllocatorKind>())
        {
            using var machine = Machine.Create(new MachineOptions
            {
                CpuCount = 2,
                Pages = new PageAllocatorOptions { Zones = [(Mm.Core.Zones.ZoneKind.Normal, 8192)], MinFreePages = 64, Allocator = kind },
            });
            using var task = machine.Attach("test");
            var work = WorkOf(path, machine, task);
            for (var i = 0; i < 300; i++) work();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 300; i++) work();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Switch_OfTheChecks_IsAConstantToTheCompiler()
    {
        var field = typeof(RuntimeChecks).GetField(nameof(RuntimeChecks.Enabled))!;
        Assert.True(field.IsStatic && field.IsInitOnly && field.FieldType == typeof(bool));
    }

    private static Action WorkOf(string path, Machine machine, MachineTask task)
    {
        var pages = machine.Pages;
        var table = pages.Pages;
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        var many = new Pfn[16];
        var pool = path == "rent" ? new PagePool(machine) : null;
        var spin = new SpinLock(machine, "hot");
        return path switch
        {
            "single" => () => pages.Free(task, pages.Allocate(task, Gfp.Kernel)!.Value),
            "put" => () => table.Put(task, pages.Allocate(task, Gfp.Atomic)!.Value),
            "block" => () => pages.Free(task, pages.Allocate(task, Gfp.NoWait, 3)!.Value, 3),
            "huge" => () => pages.Free(task, pages.Allocate(task, Gfp.NoWait, 9)!.Value, 9),
            "compound" => () => table.Put(task, pages.Allocate(task, Gfp.NoWait | Gfp.Compound, 4)!.Value),
            "many" => () =>
            {
                if (pages.AllocateMany(task, Gfp.Kernel, many) != 16) throw new InvalidOperationException();
                foreach (var one in many) pages.Free(task, one);
            },
            "split" => () =>
            {
                var block = pages.Allocate(task, Gfp.Kernel, 2)!.Value;
                pages.Split(task, block, 2);
                for (var i = 0; i < 4; i++) table.Put(task, block.Plus(i));
            },
            "references" => () =>
            {
                table.Get(page);
                if (!table.TryGet(page)) throw new InvalidOperationException();
                table.Put(task, page);
                table.Put(task, page);
            },
            "flags" => () =>
            {
                table.Set(page, PageFlags.Dirty);
                table.Clear(page, PageFlags.Dirty);
                table.SetUnpublished(task, page, PageFlags.UpToDate);
                table.ClearUnpublished(task, page, PageFlags.UpToDate);
            },
            "page lock" => () =>
            {
                if (!table.TryLock(task, page)) throw new InvalidOperationException();
                table.Unlock(task, page);
            },
            "mappings" => () =>
            {
                table.AddMapping(page);
                table.RemoveMapping(page);
            },
            "sections" => () =>
            {
                using (task.PreemptOff()) task.CheckInterrupts();
                using (task.BottomHalvesOff()) task.CheckInterrupts();
            },
            "spin lock" => () =>
            {
                using (spin.LockIrqSave(task)) { }
                if (spin.TryAcquire(task)) spin.Release(task);
            },
            "interrupts off" => () =>
            {
                using (task.IrqsOff()) { }
                task.MightSleep();
            },
            "rcu reader" => () =>
            {
                using (machine.Rcu.Read(task)) { }
            },
            "borrow" => () =>
            {
                using var borrowed = machine.Borrow();
                pages.Free(borrowed.Task, pages.Allocate(borrowed.Task, Gfp.NoWait)!.Value);
            },
            "rent" => () => pool!.Rent().Dispose(),
            "bytes" => () => pages.BytesOf(page)[0] = 1,
            _ => throw new ArgumentOutOfRangeException(nameof(path)),
        };
    }
}
