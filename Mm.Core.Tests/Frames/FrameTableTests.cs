using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Frames;

public partial class FrameTableTests
{
    private static readonly Pfn First = new(0x1000);

    private static Pfn At(int index) => First.Plus(index);

    private static void Nothing(MachineTask task, Pfn page, int order)
    {
    }

    [Fact]
    public void Put_TheLast_ReleasesOnceWithItsOrder()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var released = new List<(Pfn, int)>();
        using var table = new FrameTable(machine, First, 16, (_, page, order) => released.Add((page, order)));
        table.Publish(At(8));
        table.MakeCompound(task, At(8), 2);
        table.Get(At(10));
        Assert.Equal(2, table.ReferenceCount(At(11)));
        table.Put(task, At(9));
        Assert.Empty(released);
        table.Put(task, At(8));
        Assert.Equal([(At(8), 2)], released);
    }

    [Fact]
    public void Get_OfAPageThatNobodyHas_IsABugAndTakesNothing()
    {
        using var machine = Situation.NewMachine();
        using var table = new FrameTable(machine, First, 4, Nothing);
        var trap = Assert.Throws<TrapException>(() => table.Get(At(1))).Trap;
        Assert.Equal(
            """
            page:01001 refcount:0 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x1001
            flags: 0x0(zone=0)
            page dumped because: VM_BUG_ON_PAGE(page_ref_zero_or_close_to_overflow(page))
            """,
            trap.Text);
        Assert.Equal(0, table.ReferenceCount(At(1)));
    }

    [Fact]
    public void B_38_TryGet_OfAFreeOrFrozenPage_Fails()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        Assert.False(table.TryGet(At(0)));
        table.Publish(At(0));
        Assert.True(table.TryGet(At(0)));
        Assert.False(table.TryFreeze(task, At(0), 1));
        Assert.True(table.TryFreeze(task, At(0), 2));
        Assert.False(table.TryGet(At(0)));
        table.Unfreeze(task, At(0), 2);
        Assert.Equal(2, table.ReferenceCount(At(0)));
        Assert.Throws<TrapException>(() => table.Unfreeze(task, At(0), 1));
    }

    [Fact]
    public void Put_OfAFreePage_IsABugAndReleasesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var count = 0;
        using var table = new FrameTable(machine, First, 4, (_, _, _) => count++);
        var trap = Assert.Throws<TrapException>(() => table.Put(task, At(0))).Trap;
        Assert.EndsWith("page dumped because: VM_BUG_ON_PAGE(page_ref_count(page) == 0)", trap.Text, StringComparison.Ordinal);
        Assert.Equal((0, 0), (count, table.ReferenceCount(At(0))));
    }

    public static TheoryData<string, string> BadStates() => new()
    {
        { "mapped", "nonzero mapcount" },
        { "of a file", "non-NULL mapping" },
        { "referred to", "nonzero _refcount" },
        { "lru", "PAGE_FLAGS_CHECK_AT_FREE flag(s) set" },
        { "locked", "PAGE_FLAGS_CHECK_AT_FREE flag(s) set" },
    };

    [Theory]
    [MemberData(nameof(BadStates))]
    public void B_10_CheckAtFree_OfABrokenPage_ReportsAndKeepsItForEver(string state, string reason)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        switch (state)
        {
            case "mapped":
                table.AddMapping(At(2));
                break;
            case "of a file":
                table.SetMapping(At(2), 7);
                break;
            case "referred to":
                table.Publish(At(2));
                break;
            case "lru":
                table.Set(At(2), PageFlags.Lru);
                break;
            default:
                Assert.True(table.TryLock(task, At(2)));
                break;
        }

        Assert.False(table.CheckAtFree(task, At(2)));
        var trap = machine.TakeSingle();
        Assert.Equal("BUG: Bad page state in process test  pfn:01002", trap.Headline);
        Assert.EndsWith("page dumped because: " + reason, trap.Text, StringComparison.Ordinal);
        Assert.Equal(1, table.QuarantinedCount);
        Assert.False(table.CheckAtAllocation(task, At(2)));
        Assert.Equal(1, table.QuarantinedCount);
    }

    [Fact]
    public void CheckAtFree_OfAGoodPage_ClearsWhatAFreePageMustNotHave()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        table.SetZone(At(0), 3);
        table.Set(At(0), PageFlags.Dirty | PageFlags.Referenced | PageFlags.HardwarePoison);
        Assert.True(table.CheckAtFree(task, At(0)));
        Assert.Equal(PageFlags.HardwarePoison, table.Flags(At(0)));
        Assert.Equal(3, table.ZoneOf(At(0)));
        Assert.True(table.CheckAtAllocation(task, At(0)));
        machine.AssertClean();
    }

    [Fact]
    public void Put_OfAQuarantinedPage_ReleasesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var count = 0;
        using var table = new FrameTable(machine, First, 4, (_, _, _) => count++);
        table.Publish(At(0));
        Assert.False(table.CheckAtFree(task, At(0)));
        table.Put(task, At(0));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Types_ShareThePlaceOfMappings()
    {
        using var machine = Situation.NewMachine();
        using var table = new FrameTable(machine, First, 4, Nothing);
        foreach (var type in (PageType[])[PageType.Buddy, PageType.Offline, PageType.Table, PageType.Guard])
        {
            table.SetType(At(0), type);
            Assert.Equal((type, 0), (table.TypeOf(At(0)), table.MapCount(At(0))));
            Assert.Throws<TrapException>(() => table.AddMapping(At(0)));
        }

        table.SetType(At(0), PageType.None);
        table.AddMapping(At(0));
        Assert.Equal((PageType.None, 1), (table.TypeOf(At(0)), table.MapCount(At(0))));
        Assert.Throws<TrapException>(() => table.SetType(At(0), PageType.Buddy));
        table.RemoveMapping(At(0));
        Assert.Throws<TrapException>(() => table.RemoveMapping(At(0)));
    }

    [Fact]
    public void SetUnpublished_OfASharedPage_IsABug()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        table.Publish(At(0));
        table.SetUnpublished(task, At(0), PageFlags.UpToDate);
        table.Get(At(0));
        Assert.Throws<TrapException>(() => table.ClearUnpublished(task, At(0), PageFlags.UpToDate));
        Assert.Equal(PageFlags.UpToDate, table.Flags(At(0)));
        Assert.Throws<ArgumentException>(() => table.Set(At(0), PageFlags.Head));
    }

    [Fact]
    public void MakeCompound_OfPagesThatCannotBeOne_ChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 12, Nothing);
        Assert.Throws<ArgumentException>(() => table.MakeCompound(task, At(1), 1));
        Assert.Throws<ArgumentException>(() => table.MakeCompound(task, At(8), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.MakeCompound(task, At(0), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.MakeCompound(task, At(0), 11));
        table.Publish(At(3));
        Assert.Throws<TrapException>(() => table.MakeCompound(task, At(0), 2));
        table.MakeCompound(task, At(4), 1);
        Assert.Throws<TrapException>(() => table.MakeCompound(task, At(4), 2));
        Assert.Equal([0, 0, 0, 0, 1, 1, 0], Enumerable.Range(0, 7).Select(i => table.OrderOf(At(i))));
        table.BreakCompound(task, At(4));
        Assert.Throws<TrapException>(() => table.BreakCompound(task, At(4)));
        Assert.Equal(PageFlags.None, table.Flags(At(5)));
    }

    [Fact]
    public void Pages_OutsideTheTable_AreRefusedWithTheirNumber()
    {
        using var machine = Situation.NewMachine();
        var table = new FrameTable(machine, First, 4, Nothing);
        foreach (var page in (Pfn[])[new(0), new(0xfff), At(4), new(uint.MaxValue)])
        {
            Assert.False(table.Contains(page));
            Assert.Contains($"frame {page}", Assert.Throws<ArgumentOutOfRangeException>(() => table.Get(page)).Message, StringComparison.Ordinal);
        }

        table.Dispose();
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.Get(At(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameTable(machine, First, 0, Nothing));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameTable(machine, new Pfn(uint.MaxValue), 4, Nothing));
    }

    [Fact]
    public void Lock_Contended_LetsOneInAtATimeInAnyInterleaving()
    {
        for (var seed = 0UL; seed < 40; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var table = new FrameTable(machine, First, 4, Nothing);
            var inside = 0;
            for (var i = 0; i < 3; i++)
            {
                machine.Start("user", task =>
                {
                    table.Lock(task, At(1));
                    Assert.Equal(1, ++inside);
                    task.Point();
                    inside--;
                    table.Unlock(task, At(1));
                });
            }

            machine.Run();
            machine.AssertClean();
        }
    }

    [Fact]
    public void Unlock_OfAnUnlockedPage_IsABug()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        Assert.EndsWith("VM_BUG_ON_PAGE(!PageLocked(page))", Assert.Throws<TrapException>(() => table.Unlock(task, At(0))).Trap.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void References_TakenAndGivenBackByManyThreads_ReleaseExactlyOnce()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var released = 0;
        using var table = new FrameTable(machine, First, 1, (_, _, _) => Interlocked.Increment(ref released));
        const int Rounds = 2000;
        using var barrier = new Barrier(2);
        for (var i = 0; i < 2; i++)
        {
            var owner = i == 0;
            machine.Start("user", task =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    if (owner) table.Publish(At(0));
                    barrier.SignalAndWait();
                    if (owner) table.Put(task, At(0));
                    else if (table.TryGet(At(0))) table.Put(task, At(0));
                    barrier.SignalAndWait();
                    Assert.Equal(round + 1, Volatile.Read(ref released));
                    barrier.SignalAndWait();
                }
            });
        }

        machine.Run();
        machine.AssertClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Table_AfterEachOperationOfAProgram_AgreesWithAModelAndKeepsItsInvariants(int seed) =>
        RandomPrograms.Hold(() => new FrameSubject(), FrameSubject.All, seed, length: 500, count: 8);

    [Fact]
    public void ReferencesAndFlags_AllocateNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var table = new FrameTable(machine, First, 4, Nothing);
        table.Publish(At(0));
        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            table.Get(At(0));
            Assert.True(table.TryGet(At(0)));
            table.Set(At(0), PageFlags.Dirty);
            table.Clear(At(0), PageFlags.Dirty);
            table.Put(task, At(0));
            table.Put(task, At(0));
            using (task.PreemptOff()) { }
        }
    }
}
