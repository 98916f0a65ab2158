using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Mm.Core.Tests.Physical;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Vmalloc;

public partial class KernelRangesTests
{
    private static void AssertNothingLeaks(MachineTask task, World world, KernelRanges ranges, params MemoryMap[] maps)
    {
        ranges.Dispose(task);
        world.AssertNothingLeaks(maps);
    }

    [Fact]
    public void Allocate_ScatteredFrames_IsOneSpan_AndTheHostSeesItWithItsGuard()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 1024);

        // Every other page is taken, so that no two of the range follow each other.
        var all = Enumerable.Range(0, 200).Select(_ => world.Allocate()).ToArray();
        var kept = all.Where((_, i) => i % 2 == 0).ToArray();
        var order = kept.ToArray();
        new Random(5).Shuffle(order);
        var range = ranges.Map(task, order)!;
        for (var i = 0; i < 100; i++) world.Bytes(order[i]).Fill((byte)i);
        for (var i = 0; i < 100; i++) Assert.Equal(4096, range.Bytes.Slice(i * 4096, 4096).Count((byte)i));
        Assert.Equal(100 * 4096, range.Bytes.Length);
        range.Bytes[50 * 4096] = 200;
        Assert.Equal(200, world.Bytes(order[50])[0]);
        Assert.True(ranges.TryRead(task, world.Map, range.Start.PlusPages(50), out var read) && read == 200);
        for (var i = 0; i < 100; i++) Assert.Equal((0, 0), (Probe.Read(range.Address + (i * 4096)), Probe.Write(range.Address + (i * 4096))));
        Assert.Equal(Probe.Fault, Probe.Read(range.Address + (100 * 4096)));
        Assert.False(ranges.TryRead(task, world.Map, range.End, out _));
        var address = range.Address;
        ranges.Unmap(task, range);
        Assert.Equal(Probe.Fault, Probe.Read(address));
        Assert.Throws<ObjectDisposedException>(() => range.Bytes.Length);
        Assert.All(order, page => Assert.Equal(1, world.References(page)));
        foreach (var page in all) world.Pages.Free(task, page);
        AssertNothingLeaks(task, world, ranges);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(KernelRegime.Shared)]
    [InlineData(KernelRegime.Copied)]
    public void Reserve_IsLinkedInEveryTree_ThoseToComeIncluded(KernelRegime regime)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: regime);
        var ranges = new KernelRanges(task, world.Virtual, 4096);
        var other = new MemoryMap(task, world.Virtual);
        var range = ranges.Reserve(task, 1500)!;
        var later = new MemoryMap(task, world.Virtual);
        foreach (var map in (MemoryMap[])[world.Map, other, later])
        {
            for (var i = 0; i < 1500; i += 100) Assert.True(ranges.IsLinked(task, map, range.Start.PlusPages(i)));
            Assert.False(ranges.TryRead(task, map, range.Start, out _));
        }

        Assert.Equal(0, ranges.Repairs);
        Assert.Throws<InvalidOperationException>(() => range.Bytes.Length);
        ranges.Release(task, range);
        AssertNothingLeaks(task, world, ranges, other, later);
        machine.AssertClean();
    }

    [Fact]
    public void S2_02_E2_2_Lazily_TheFirstAccessRepairsTheTree_AndStillFails()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 1024) { IsLazy = true };
        var range = ranges.Reserve(task, 4)!;
        Assert.False(ranges.IsLinked(task, world.Map, range.Start));
        Assert.False(ranges.TryRead(task, world.Map, range.Start, out _));
        Assert.Equal(1, ranges.Repairs);
        Assert.True(ranges.IsLinked(task, world.Map, range.Start));
        Assert.Equal(RepairResult.Elsewhere, ranges.Repair(task, world.Map, World.At));
        Assert.Equal(RepairResult.NotMapped, ranges.Repair(task, world.Map, range.Start));
        Assert.Equal(1, ranges.Repairs);
        ranges.Release(task, range);
    }

    [Theory]
    [InlineData("P")]
    [InlineData("S")]
    [InlineData("Id")]
    [InlineData("Ih")]
    public void S2_04_Repair_InEachContext_TakesNoLockAndChangesNoContext(string column)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 1024) { IsLazy = true };
        var range = ranges.Allocate(task, 1)!;
        range.Bytes[9] = 33;
        Situation.In(column, task, here =>
        {
            var before = (here.PreemptCount, here.IrqsDisabled, here.Locks.Count);
            Assert.True(ranges.TryRead(here, world.Map, range.Start.Plus(9), out var value));
            Assert.Equal((33, before), (value, (here.PreemptCount, here.IrqsDisabled, here.Locks.Count)));
        });
        Assert.Equal(1, ranges.Repairs);
        machine.AssertClean();
    }

    [Fact]
    public void S2_06_UserAddress_WithPreemptionOff_IsNotServed()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        world.MapAt(1);
        using (task.PreemptOff())
        {
            Assert.False(ranges.TryRead(task, world.Map, World.At, out _));
            Assert.Equal(1, world.Map.CopyFromUserNoFault(task, World.At, new byte[1]));
            Assert.Equal(1, world.Map.CopyFromUser(task, World.At, new byte[1]));
        }

        Assert.StartsWith("BUG: sleeping function called from invalid context", machine.TakeSingle().Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void S2_08_E2_5_E2_6_BorrowedTree_AfterAnEagerReserve_WorksWithoutATouch()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("kthread");
        using var world = new World(task, regime: KernelRegime.Copied);
        var borrowed = new MemoryMap(task, world.Virtual);
        var ranges = new KernelRanges(task, world.Virtual, 1024);
        var range = ranges.Allocate(task, 3)!;
        range.Bytes[5000] = 4;
        using (task.PreemptOff())
        {
            Assert.True(ranges.IsLinked(task, borrowed, range.Start.Plus(5000)));
            Assert.True(ranges.TryRead(task, borrowed, range.Start.Plus(5000), out var value) && value == 4);
        }

        Assert.Equal(0, ranges.Repairs);
        ranges.Free(task, range);
        AssertNothingLeaks(task, world, ranges, borrowed);
    }

    [Theory]
    [InlineData("P", "BUG: sleeping function called from invalid context at ")]
    [InlineData("Id", "BUG: sleeping function called from invalid context at ")]
    [InlineData("S", "kernel BUG: BUG_ON(in_interrupt())")]
    [InlineData("Ih", "kernel BUG: BUG_ON(in_interrupt())")]
    [InlineData("N", "kernel BUG: BUG_ON(in_interrupt())")]
    public void S2_14_Reserve_InEachForbiddenContext_TrapsAndReservesNothing(string column, string headline)
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw);
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        _ = Record.Exception(() => Situation.In(column, task, here => _ = ranges.Reserve(here, 4)));
        Assert.StartsWith(headline, machine.Traps.Clear()[0].Headline, StringComparison.Ordinal);
        Assert.Equal(0, ranges.Count);
    }

    [Theory]
    [InlineData(KernelRegime.Shared)]
    [InlineData(KernelRegime.Copied)]
    public void S2_16_E2_13_Reserve_WithoutMemoryForATable_LeavesNothing(KernelRegime regime)
    {
        for (var refused = 0; refused < 6; refused++)
        {
            using var machine = Situation.NewMachine();
            using var task = machine.Attach("test");
            using var world = new World(task, frames: 2048, regime: regime);
            var ranges = new KernelRanges(task, world.Virtual, 2048);
            var asked = 0;
            world.Virtual.RefuseTable = _ => asked++ == refused;
            var range = ranges.Allocate(task, 1024);
            world.Virtual.RefuseTable = null;
            Assert.Equal(asked <= refused, range is not null);
            Assert.Equal(range is null ? 0 : 1, ranges.Count);
            if (range is not null) ranges.Free(task, range);
            var again = ranges.Reserve(task, 900)!;
            Assert.Equal(ranges.Start, again.Start);
            ranges.Release(task, again);
            AssertNothingLeaks(task, world, ranges);
            machine.AssertClean();
        }
    }

    [Fact]
    public void S2_18_Free_TwiceOrOfAnotherRegionsRange_Traps()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        var range = ranges.Allocate(task, 2)!;
        ranges.Free(task, range);
        ranges.Free(task, range);
        Assert.Contains($"Trying to vfree() nonexistent vm area ({range.Start})", machine.TakeSingle().Text, StringComparison.Ordinal);
        var reserved = ranges.Reserve(task, 2)!;
        var forged = new KernelRange(ranges, reserved.Start, 2, KernelRangeKind.Reserved, []);
        Assert.Equal("kernel BUG: BUG_ON(ret != area)", Assert.Throws<TrapException>(() => ranges.Release(task, forged)).Trap.Text);
        ranges.Release(task, reserved);
        Assert.Throws<TrapException>(() => ranges.Release(task, reserved));
        var owned = ranges.Allocate(task, 1)!;
        Assert.Throws<ArgumentException>(() => ranges.Unmap(task, owned));
        Assert.Throws<ArgumentException>(() => ranges.Allocate(task, 1, Gfp.Atomic));
        Assert.Null(ranges.Reserve(task, 64));
    }

    [Fact]
    public void S2_20_AddressSpace_MadeWhileARangeIsReserved_HasItsTables()
    {
        var runs = Interleavings.ForEach(2, choice =>
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Choice = choice });
            using var setup = machine.Attach("setup");
            using var world = new World(setup, regime: KernelRegime.Copied);
            var ranges = new KernelRanges(setup, world.Virtual, 1024);
            MemoryMap? child = null;
            KernelRange? range = null;
            machine.Start("fork", task => child = new MemoryMap(task, world.Virtual));
            machine.Start("reserve", task => range = ranges.Reserve(task, 2));
            machine.Run();
            Assert.True(ranges.IsLinked(setup, child!, range!.Start));
            Assert.Equal(0, ranges.Repairs);
            machine.AssertClean();
        });
        Assert.InRange(runs, 100, int.MaxValue);
    }

    [Fact]
    public void E2_10_TwoReservesInOneTopLevelEntry_BothReturnLinkedEverywhere()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup, regime: KernelRegime.Copied);
            var ranges = new KernelRanges(setup, world.Virtual, 1024);
            for (var i = 0; i < 2; i++)
            {
                machine.Start("reserve" + i, task =>
                {
                    var range = ranges.Reserve(task, 2)!;
                    Assert.True(ranges.IsLinked(task, world.Map, range.Start));
                });
            }

            machine.Run();
            Assert.Equal(0, ranges.Repairs);
        }
    }

    [Fact]
    public void S2_22_E2_11_Trim_TakesTheEntryFromEveryTree_BeforeItsTableIsFreed()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var other = new MemoryMap(task, world.Virtual);
        var ranges = new KernelRanges(task, world.Virtual, 1024);
        var before = world.Virtual.TablePages;
        var range = ranges.Allocate(task, 4)!;
        Assert.Equal(before + 3, world.Virtual.TablePages);
        ranges.Free(task, range);
        Assert.True(ranges.IsLinked(task, other, range.Start));
        ranges.Trim(task);
        foreach (var map in (MemoryMap[])[world.Map, other])
        {
            Assert.False(ranges.IsLinked(task, map, range.Start));
            Assert.False(ranges.TryRead(task, map, range.Start, out _));
        }

        machine.Rcu.Barrier(task);
        machine.Rcu.Barrier(task);
        Assert.Equal(before, world.Virtual.TablePages);
        range = ranges.Allocate(task, 4)!;
        Assert.True(ranges.TryRead(task, other, range.Start, out _));
        Assert.Equal(0, ranges.Repairs);
        ranges.Free(task, range);
        AssertNothingLeaks(task, world, ranges, other);
    }

    [Fact]
    public void Free_WhileAReaderStandsInTheTables_DoesNotWait_AndKeepsThePagesUntilItIsGone()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            World world;
            KernelRanges ranges;
            KernelRange range;
            MemoryMap map;
            using (var setup = machine.Attach("setup"))
            {
                world = new World(setup);
                map = world.Map;
                ranges = new KernelRanges(setup, world.Virtual, 64);
                range = ranges.Allocate(setup, 1)!;
            }

            var (isInside, isFreed, hasLeft) = (false, false, false);
            machine.Start("reader", task =>
            {
                using (machine.Rcu.Read(task))
                {
                    isInside = true;
                    while (!isFreed) task.Point();
                    for (var i = 0; i < 4; i++)
                    {
                        task.Point();
                        Assert.Equal(1, world.References(range.Frames[0]));
                    }

                    hasLeft = true;
                }
            });
            machine.Start("writer", task =>
            {
                while (!isInside) task.Point();
                ranges.Free(task, range);
                isFreed = true;
                Assert.False(hasLeft);
                machine.Rcu.Barrier(task);
                Assert.True(hasLeft);
                Assert.Equal(0, world.References(range.Frames[0]));
            });
            machine.Run();
            using var last = machine.Attach("last");
            ranges.Dispose(last);
            map.Exit(last);
            machine.Rcu.Barrier(last);
            machine.AssertClean();
            world.Pages.Dispose();
            world.Memory.Dispose();
        }
    }
}
