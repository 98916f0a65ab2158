using System;
using System.Diagnostics;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Physical;
using Xunit;
using Xunit.Abstractions;

namespace Mm.Core.Tests.Paging;

public class FaultTests(ITestOutputHelper output)
{
    private static VirtualAddress At => World.At;

    [Fact]
    public void B_30_Anonymous_ReadThenWritten_IsTheZeroPageThenItsOwn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        world.MapAt(8);
        Assert.Equal(0, world.Read(At.Plus(5)));
        Assert.True(world.Entry(At) is { IsSpecial: true, IsWritable: false } zero && zero.Pfn == world.Virtual.ZeroPage);
        Assert.Equal((0, 0), (world.Map.AnonymousPages, world.Map.FilePages));
        world.Write(At.Plus(7), 42);
        Assert.Equal(42, world.Read(At.Plus(7)));
        Assert.True(world.Entry(At) is { IsSpecial: false, IsWritable: true, IsDirty: true } own && own.Pfn != world.Virtual.ZeroPage);
        Assert.Equal(1, world.Map.AnonymousPages);
        Assert.Equal(0, world.Bytes(world.Virtual.ZeroPage)[7]);
        world.AssertValid();
        world.AssertNothingLeaks();
        machine.AssertClean();
    }

    [Fact]
    public void B_32_Write_OfAPageThatIsSharedAfterAFork_CopiesItAndThenReusesTheOther()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        world.MapAt(2);
        world.Write(At, 1);
        var original = world.Entry(At).Pfn;
        var child = world.Map.Fork(task)!;
        Assert.Equal((2, 2), (world.References(original), world.Mappings(original)));
        Assert.False(world.Entry(At).IsWritable);
        world.AssertValid();
        world.Write(At, 2);
        Assert.NotEqual(original, world.Entry(At).Pfn);
        Assert.Equal((1, 1), (world.References(original), world.Mappings(original)));
        Span<byte> seen = stackalloc byte[1];
        Assert.Equal(0, child.CopyFromUser(task, At, seen));
        Assert.Equal(1, seen[0]);
        Assert.Equal(0, child.CopyToUser(task, At, [3]));
        Assert.Equal(original, child.EntryOf(task, At).Pfn);
        Assert.Equal(2, world.Read(At));
        world.AssertValid();
        world.AssertNothingLeaks(child);
    }

    [Fact]
    public void B_34_Unmap_TheMiddle_SplitsTheAreaAndTakesItsEntries()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        world.MapAt(8);
        for (var i = 0; i < 8; i++) world.Write(At.PlusPages(i), (byte)i);
        var address = world.Map.Mirror!.At(At);
        Assert.Equal(0, Probe.Read(address + (3 * 4096)));
        world.Map.Unmap(task, At.PlusPages(2), 3);
        Assert.Equal([(0L, 2L), (5L, 3L)], System.Linq.Enumerable.Select(world.Map.Areas, static a => ((long)(a.Start.Value - At.Value) >> 12, a.PageCount)));
        Assert.Equal(5UL, world.Map.Areas[1].PageOffset);
        Assert.Equal(5, world.Map.AnonymousPages);
        for (var i = 0; i < 8; i++) Assert.Equal(i is >= 2 and < 5 ? Probe.Fault : 0, Probe.Read(address + (i * 4096)));
        Assert.Equal(1, world.Map.CopyFromUser(task, At.PlusPages(2), new byte[1]));
        world.AssertValid();
        world.AssertNothingLeaks();
    }

    [Fact]
    public void B_36_Tables_TwoFaultsOfOneRegion_InstallOneAndFreeTheOther()
    {
        var raced = 0;
        for (var seed = 0UL; seed < 40; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup);
            world.MapAt(1024);
            var asked = 0;
            world.Virtual.RefuseTable = _ => { asked++; return false; };
            var before = world.Virtual.TablePages;
            for (var i = 0; i < 2; i++)
            {
                var page = i;
                machine.Start("t" + i, task => Assert.Equal(FaultResult.None, world.Map.Fault(task, At.PlusPages(page), AccessKind.Write)));
            }

            machine.Run();
            Assert.Equal(3, world.Virtual.TablePages - before);
            if (asked > 3) raced++;
            world.AssertValid();
            world.AssertNothingLeaks();
        }

        Assert.True(raced > 0, "no seed made both tasks allocate the same table");
    }

    [Fact]
    public void Fault_ByTwoTasksOnOnePage_KeepsOnePageAndLosesNone()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup);
            world.MapAt(1);
            if (seed % 2 == 0) world.Read(At);
            for (var i = 0; i < 2; i++)
            {
                var offset = (ulong)i;
                machine.Start("t" + i, task => Assert.Equal(0, world.Map.CopyToUser(task, At.Plus(offset), [7])));
            }

            machine.Run();
            Assert.Equal((7, 7, 1L), (world.Read(At), world.Read(At.Plus(1)), world.Map.AnonymousPages));
            world.AssertValid();
            world.AssertNothingLeaks();
        }
    }

    [Fact]
    public void Faults_OfAFile_ReadPrivateWriteAndSharedWrite_AreThree()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        var file = new World.PageFile(world);
        world.MapAt(4, operations: file);
        world.MapAt(4, VmFlags.Read | VmFlags.Write | VmFlags.Shared, file, At.PlusPages(4));
        Assert.Equal(1, world.Read(At));
        Assert.Equal((1L, 0L), (world.Map.FilePages, world.Map.AnonymousPages));
        world.Write(At, 9);
        Assert.Equal((0L, 1L), (world.Map.FilePages, world.Map.AnonymousPages));
        Assert.Equal(1, world.Bytes(file.Cache[0])[0]);
        world.Write(At.PlusPages(1), 9);
        Assert.Equal((0L, 2L), (world.Map.FilePages, world.Map.AnonymousPages));
        Assert.Equal(1, world.References(file.Cache[1]));
        var shared = At.PlusPages(4);
        Assert.Equal(1, world.Read(shared));
        Assert.False(world.Entry(shared).IsWritable);
        Assert.Equal(0, file.MadeWritable);
        world.Write(shared, 8);
        Assert.Equal(1, file.MadeWritable);
        Assert.Equal(8, world.Bytes(file.Cache[0])[0]);
        world.AssertValid();
        file.Result = FaultResult.BusError;
        Assert.Equal(FaultResult.BusError, world.Map.Fault(task, At.PlusPages(3), AccessKind.Write));
        Assert.Equal(1, world.Map.CopyToUser(task, At.PlusPages(3), [1]));
        file.Drop(task);
        world.AssertNothingLeaks();
        machine.AssertClean();
    }

    [Fact]
    public void Protect_TakesAndGivesAccess_WithoutLosingWhatWasWritten()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 4);
        world.MapAt(4);
        for (var i = 0; i < 4; i++) world.Write(At.PlusPages(i), (byte)(i + 1));
        Assert.Equal(MapResult.None, world.Map.Protect(task, At.PlusPages(1), 2, VmFlags.Read));
        Assert.Equal(3, world.Map.Areas.Count);
        Assert.Equal(FaultResult.SegmentationFault, world.Map.Fault(task, At.PlusPages(1), AccessKind.Write));
        Assert.Equal(2, world.Read(At.PlusPages(1)));
        world.AssertValid();
        Assert.Equal(MapResult.None, world.Map.Protect(task, At.PlusPages(1), 1, VmFlags.None));
        Assert.Equal(1, world.Map.CopyFromUser(task, At.PlusPages(1), new byte[1]));
        world.AssertValid();
        Assert.Equal(MapResult.None, world.Map.Protect(task, At, 4, VmFlags.Read | VmFlags.Write));
        world.Write(At.PlusPages(1), 7);
        Assert.Equal(4, world.Map.AnonymousPages);
        Assert.Equal(MapResult.OutOfMemory, world.Map.Protect(task, At, 5, VmFlags.Read));
        Assert.Equal(MapResult.Invalid, world.Map.Protect(task, At, 1, VmFlags.Shared));
        world.AssertValid();
        world.AssertNothingLeaks();
    }

    [Fact]
    public void Copy_WithPageFaultsOff_StopsAtWhatIsNotThere_AndInAtomicContextTraps()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        world.MapAt(2);
        world.Write(At, 5);
        var bytes = new byte[6000];
        using (task.DisablePageFaults()) Assert.Equal(6000 - 4096, world.Map.CopyFromUser(task, At, bytes));
        machine.AssertClean();
        using (task.PreemptOff()) Assert.Equal(6000 - 4096, world.Map.CopyFromUser(task, At, bytes));
        Assert.Equal(TrapKind.SleepInInvalidContext, machine.TakeSingle().Kind);
        using (task.IrqsOff()) Assert.Equal(6000 - 4096, world.Map.CopyFromUserNoFault(task, At, bytes));
        machine.AssertClean();
        Assert.Equal(0, world.Map.CopyFromUser(task, At, bytes));
        Assert.Equal(4096 * 2 + 100 - 8192, world.Map.CopyFromUser(task, At, new byte[8292]));
    }

    [Fact]
    public void Mapping_WithoutTheLock_IsABug()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var trap = Assert.Throws<TrapException>(() => world.Map.FindArea(task, At)).Trap;
        Assert.Equal("kernel BUG: VM_BUG_ON_MM(!rwsem_is_locked(&mm->mmap_lock))", trap.Text);
        trap = Assert.Throws<TrapException>(() => world.Map.UnmapLocked(task, At, 1)).Trap;
        Assert.Equal("kernel BUG: VM_BUG_ON_MM(!rwsem_is_write_locked(&mm->mmap_lock))", trap.Text);
        Assert.Throws<ArgumentException>(() => world.Map.Unmap(task, At.Plus(1), 1));
        Assert.Throws<ArgumentException>(() => world.MapAt(1, at: VirtualAddress.EndOfUser));
    }

    [Fact]
    public void S4_38_Mirror_OverItsBudget_GoesDark_AndTheEntriesGoOn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 16, mirrorBudget: 10);
        world.MapAt(16);
        for (var i = 0; i < 10; i++) world.Write(At.PlusPages(i), (byte)i);
        Assert.False(world.Map.IsMirrorDark);
        world.AssertValid();
        for (var i = 10; i < 16; i++) world.Write(At.PlusPages(i), (byte)i);
        Assert.True(world.Map.IsMirrorDark);
        Assert.Equal(Probe.Fault, Probe.Read(world.Map.Mirror!.At(At)));
        Assert.Equal(15, world.Read(At.PlusPages(15)));
        world.AssertValid();
    }

    [Fact]
    public void OutOfMemory_AtAnyTable_FailsTheFaultAndLeavesAValidMap()
    {
        for (var refused = 0; refused < 4; refused++)
        {
            using var machine = Situation.NewMachine();
            using var task = machine.Attach("test");
            using var world = new World(task);
            world.MapAt(1);
            var count = 0;
            world.Virtual.RefuseTable = _ => count++ == refused;
            Assert.Equal(refused < 3 ? FaultResult.OutOfMemory : FaultResult.None, world.Map.Fault(task, At, AccessKind.Write));
            world.Virtual.RefuseTable = null;
            world.AssertValid();
            world.Write(At, 1);
            world.AssertNothingLeaks();
        }
    }

    [Fact]
    public void Fault_WhatItCosts_IsPrinted()
    {
        if (Environment.GetEnvironmentVariable("MM_MEASURE") is null) return;
        const int Pages = 16_384;
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, frames: Pages + 2048);
        var (write, read, pin) = (double.MaxValue, double.MaxValue, double.MaxValue);
        var pinned = new Mm.Core.Physical.Pfn[1];
        for (var round = 0; round < 12; round++)
        {
            world.MapAt(Pages);
            read = Math.Min(read, Time(AccessKind.Read));
            world.Map.Unmap(task, At, Pages);
            world.MapAt(Pages);
            write = Math.Min(write, Time(AccessKind.Write));
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Pages; i++)
            {
                Assert.Equal(1, world.Map.GetUserPagesFastOnly(task, At.PlusPages(i), pinned, forWriting: true));
                world.Pages.Pages.Put(task, pinned[0]);
            }

            pin = Math.Min(pin, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Pages);
            world.Map.Unmap(task, At, Pages);
        }

        output.WriteLine($"fault: {write:f0} ns to a fresh page, {read:f0} ns to the zero page; {pin:f0} ns to pin and put");

        double Time(AccessKind access)
        {
            using (world.Map.Lock.Read(task))
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < Pages; i++) Assert.Equal(FaultResult.None, world.Map.HandleFault(task, At.PlusPages(i), access));
                return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Pages;
            }
        }
    }
}
