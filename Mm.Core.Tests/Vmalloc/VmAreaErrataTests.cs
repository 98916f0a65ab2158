using System;
using System.Collections.Generic;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Vmalloc;

/// <summary>The errata of lock_vm_area and its kin, docs/systems/kernel-ranges.md: first the posted form, which fails, then ours.</summary>
public sealed class VmAreaErrataTests
{
    private const int Pages = 8;

    [Fact]
    public void S2_10_E2_1_LockedTwice_OnlyTheLastUnlock_LetsOthersRun()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = seed });
            World? world = null;
            SeedVmAreas? areas = null;
            KernelRange? area = null;
            MemoryMap? map = null;
            machine.Do("setup", task =>
            {
                world = new World(task, regime: KernelRegime.Copied);
                map = world.Map;
                areas = new SeedVmAreas(new KernelRanges(task, world.Virtual, 64));
                area = areas.AllocVmArea(task, 1);
            });
            var (isDone, runs) = (false, 0);
            machine.Start("locker", task =>
            {
                areas!.LockVmArea(task, area!, map!);
                var before = runs;
                areas.LockVmArea(task, area!, map!);
                Assert.Equal(2, task.PreemptCount);
                for (var i = 0; i < 5; i++) task.Point();
                areas.UnlockVmArea(task, area!);
                Assert.Equal(1, task.PreemptCount);
                for (var i = 0; i < 5; i++) task.Point();
                Assert.Equal(before, runs);
                areas.UnlockVmArea(task, area!);
                Assert.Equal(0, task.PreemptCount);
                for (var i = 0; i < 1000 && runs == before; i++) task.ConditionalReschedule();
                Assert.NotEqual(before, runs);
                isDone = true;
            });
            machine.Start("other", task =>
            {
                while (!isDone)
                {
                    using (task.PreemptOff()) runs++;
                    task.ConditionalReschedule();
                }
            });
            machine.Run();
            machine.AssertClean();
            world!.Pages.Dispose();
            world.Memory.Dispose();
        }
    }

    [Fact]
    public void S2_12_E2_1_UnlockOfAnotherArea_SeedDoesNotLook_AScopeTraps()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var areas = new SeedVmAreas(new KernelRanges(task, world.Virtual, 64));
        var (a, b) = (areas.AllocVmArea(task, 1), areas.AllocVmArea(task, 1));
        areas.LockVmArea(task, a, world.Map);
        Assert.True(task.InAtomic);
        areas.UnlockVmArea(task, b);
        Assert.False(task.InAtomic);
        machine.AssertClean();

        var scope = areas.Locked(task, a, world.Map);
        Assert.Equal("kernel BUG: BUG_ON(area != locked)", Assert.Throws<TrapException>(() => scope.Unlock(b)).Trap.Text);
        machine.TakeSingle();
        scope.Unlock(a);
        machine.AssertClean();
    }

    [Fact]
    public void E2_2_E2_3_E2_4_Lock_FaultsAtEachPage_TheGuardIncluded_ThoughOneTopLevelEntryWasMissing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 4096);
        var seed = new SeedVmAreas(ranges);
        var before = world.Virtual.TablePages;
        var area = seed.AllocVmArea(task, 512);

        // 512 pages have one leaf; the guard behind them costs a second one.
        Assert.Equal(before + 2 + 2, world.Virtual.TablePages);
        seed.LockVmArea(task, area, world.Map);
        Assert.Equal((513, 513, 1L), (seed.Touches, seed.Faults, ranges.Repairs));
        seed.UnlockVmArea(task, area);
        seed.FreeVmArea(task, area);

        using var second = new World(task, regime: KernelRegime.Copied);
        var ours = new KernelRanges(task, second.Virtual, 4096);
        before = second.Virtual.TablePages;
        var range = ours.Reserve(task, 512)!;
        Assert.Equal(before + 2 + 1, second.Virtual.TablePages);
        Assert.Equal((1L, 0L), (ours.Synchronisations, ours.Repairs));
        Assert.True(ours.IsLinked(task, second.Map, range.End.PlusPages(-1)));
        ours.Release(task, range);
        machine.AssertClean();
    }

    [Fact]
    public void E2_5_E2_6_LockedInOneTree_IsMissingInTheOther_AndWhereNobodyLocked()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var (mine, others) = (world.Map, new MemoryMap(task, world.Virtual));
        var ranges = new KernelRanges(task, world.Virtual, 64);
        var seed = new SeedVmAreas(ranges);
        var area = seed.AllocVmArea(task, Pages);

        // A hypercall takes no fault: what is not linked, it does not find. That was 2.6.39, without the synchronising.
        Assert.False(ranges.IsLinked(task, mine, area.Start));
        seed.LockVmArea(task, area, mine);
        Assert.Equal((true, false), (ranges.IsLinked(task, mine, area.Start), ranges.IsLinked(task, others, area.Start)));
        seed.UnlockVmArea(task, area);
        seed.FreeVmArea(task, area);

        ranges.IsLazy = false;
        var range = ranges.Reserve(task, Pages)!;
        var later = new MemoryMap(task, world.Virtual);
        Assert.All((MemoryMap[])[mine, others, later], map => Assert.True(ranges.IsLinked(task, map, range.Start)));
        ranges.Release(task, range);
        later.Exit(task);
        others.Exit(task);
        machine.AssertClean();
    }

    [Fact]
    public void E2_9_RepairInABatchOfWrites_DoesNotSeeItself_OursIsThereAtOnce()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 64) { IsLazy = true };
        var range = ranges.Allocate(task, 1)!;
        range.Bytes[0] = 7;

        // Lazy MMU mode: writes of entries are collected, and done when the mode ends. The access that was repaired comes before that.
        var batch = new List<Action>();
        void RepairLazily() => batch.Add(() => _ = ranges.Repair(task, world.Map, range.Start));
        RepairLazily();
        Assert.False(ranges.IsLinked(task, world.Map, range.Start));
        Assert.Equal(0, ranges.Repairs);

        using (task.PreemptOff()) Assert.True(ranges.TryRead(task, world.Map, range.Start, out var value) && value == 7);
        foreach (var write in batch) write();
        Assert.Equal(1, ranges.Repairs);
        ranges.Free(task, range);
    }

    [Fact]
    public void E2_10_SecondRangeInATopLevelEntry_SkipsTheSynchronisingThatTheFirstStillOwes()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 64) { IsLazy = true };

        // The first has made the table in the master and not told anybody yet. By the seed's rule the second, who adds no entry, is done.
        var first = ranges.Reserve(task, 2)!;
        var second = ranges.Reserve(task, 2)!;
        Assert.False(ranges.IsLinked(task, world.Map, second.Start));

        ranges.IsLazy = false;
        var third = ranges.Reserve(task, 2)!;
        Assert.Equal(1, ranges.Synchronisations);
        Assert.All((KernelRange[])[first, second, third], range => Assert.True(ranges.IsLinked(task, world.Map, range.Start)));
        foreach (var range in (KernelRange[])[first, second, third]) ranges.Release(task, range);
    }

    [Fact]
    public void E2_11_TableFreedInTheMasterAlone_IsStillFoundThroughTheOtherTrees()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        var range = ranges.Reserve(task, 2)!;
        var slot = range.Start.Index(PageTables.TopLevel);
        var table = new Pte(world.Virtual.Access.Entry(world.Map.Tables.Root, slot)).Pfn;
        ranges.Release(task, range);

        const ulong Bits48 = (1UL << 48) - 1;
        var from = range.Start.Value & Bits48 & ~((1UL << 39) - 1);
        world.Virtual.Kernel.FreeEmpty(task, from, from + (1UL << 39));
        machine.Rcu.Barrier(task);
        Assert.Equal(0, world.References(table));
        Assert.Equal(table, new Pte(world.Virtual.Access.Entry(world.Map.Tables.Root, slot)).Pfn);
        world.Virtual.Access.Entry(world.Map.Tables.Root, slot) = 0;

        using var second = new World(task, regime: KernelRegime.Copied);
        var ours = new KernelRanges(task, second.Virtual, 64);
        ours.Release(task, ours.Reserve(task, 2)!);
        ours.Trim(task);
        machine.Rcu.Barrier(task);
        Assert.Equal(0UL, second.Virtual.Access.Entry(second.Map.Tables.Root, slot));
    }
}
