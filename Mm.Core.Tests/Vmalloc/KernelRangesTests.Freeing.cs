using System;
using System.Linq;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Mm.Core.Tests.Physical;
using Mm.Core.Tests.Programs;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Vmalloc;

/// <summary>Ranges at random, and from where they may be freed.</summary>
public partial class KernelRangesTests
{
    [Theory]
    [InlineData(KernelRegime.Shared)]
    [InlineData(KernelRegime.Copied)]
    public void S2_24_Ranges_AfterEachOperationOfAProgram_AreInEveryTreeAsInTheMaster(KernelRegime regime) =>
        RandomPrograms.Hold(() => new RangeSubject(regime), RangeSubject.All, seed: 24, length: 120);

    [Theory]
    [InlineData("T", null, 0)]
    [InlineData("P", "BUG: sleeping function called from invalid context at ", 0)]
    [InlineData("S", null, 1)]
    [InlineData("Id", "BUG: sleeping function called from invalid context at ", 0)]
    [InlineData("Ih", null, 1)]
    [InlineData("N", "kernel BUG: BUG_ON(in_nmi())", 0)]
    public void S2_26_Free_FromEachContext_IsDonePutOffOrABug(string column, string? headline, int deferred)
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw);
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        var range = ranges.Allocate(task, 2)!;
        var address = range.Address;
        _ = Record.Exception(() => Situation.In(column, task, here => ranges.Free(here, range)));
        var traps = machine.Traps.Clear();
        if (headline is null) Assert.Empty(traps);
        else Assert.StartsWith(headline, traps[0].Headline, StringComparison.Ordinal);
        Assert.Equal(deferred, ranges.DeferredCount);
        Assert.Equal(column == "T" ? Probe.Fault : 0, Probe.Read(address));
        Assert.Equal(headline is null, range.HasEnded);
        Assert.Equal(deferred, ranges.FlushDeferred(task));
        if (headline is null) Assert.Equal(Probe.Fault, Probe.Read(address));
        else ranges.Free(task, range);
        AssertNothingLeaks(task, world, ranges);
    }

    [Theory]
    [InlineData("P")]
    [InlineData("S")]
    [InlineData("Id")]
    [InlineData("Ih")]
    public void FreeAtomic_FromEachContext_IsPutOff_AndTheMemoryStaysUntilThen(string column)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        var first = ranges.Allocate(task, 2)!;
        var second = ranges.Allocate(task, 2)!;
        var address = first.Address;
        Situation.In(column, task, here => { ranges.FreeAtomic(here, first); ranges.FreeAtomic(here, second); });
        Assert.Equal((2, 0), (ranges.DeferredCount, Probe.Read(address)));
        Assert.Equal(2, ranges.FlushDeferred(task));
        Assert.Equal((0, Probe.Fault), (ranges.Count, Probe.Read(address)));
        machine.AssertClean();
    }

    [Fact]
    public void TheWorker_WokenByAFreeFromAnInterrupt_FreesWhatWasPutOff()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup);
            var ranges = new KernelRanges(setup, world.Virtual, 64);
            KernelRange[] all = [.. System.Linq.Enumerable.Range(0, 4).Select(_ => ranges.Allocate(setup, 2)!)];
            machine.Start("vfree", ranges.FreeInBackground);
            machine.Start("user", task =>
            {
                foreach (var range in all)
                {
                    using (task.PreemptOff()) task.Machine.CrossCalls.Send(task, task.CpuIndex, (here, _) => ranges.Free(here, range));
                }

                for (var i = 0; i < 1000 && ranges.Count != 0; i++) task.SleepFor(TimeSpan.FromMilliseconds(1));
                Assert.Equal((0, 0), (ranges.Count, ranges.DeferredCount));
                ranges.StopFreeing(task);
            });
            machine.Run();
            machine.AssertClean();
            AssertNothingLeaks(setup, world, ranges);
        }
    }

    [Fact]
    public void S2_28_E2_3_E2_4_Synchronising_TouchesTopLevelEntries_NotPages_AndNotTheGuard()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var other = new MemoryMap(task, world.Virtual);
        var ranges = new KernelRanges(task, world.Virtual, 20_000);
        var before = world.Virtual.TablePages;

        // 64 MiB: 32 leaves, of which the seed's form would have touched every page, the guard's included.
        var range = ranges.Reserve(task, 16_384)!;
        Assert.Equal(before + 2 + 32, world.Virtual.TablePages);
        Assert.Equal(1, ranges.Synchronisations);
        Assert.False(ranges.IsLinked(task, other, range.End));
        var next = ranges.Reserve(task, 10)!;
        Assert.Equal(1, ranges.Synchronisations);
        ranges.Release(task, range);
        ranges.Release(task, next);
        AssertNothingLeaks(task, world, ranges, other);
    }

    [Fact]
    public void E2_1_NothingThatReserves_ReturnsWithPreemptionOff()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, regime: KernelRegime.Copied);
        var ranges = new KernelRanges(task, world.Virtual, 64);
        Situation.AssertUnchanged(task, () =>
        {
            var range = ranges.Allocate(task, 2)!;
            ranges.Synchronise(task, range.Start, 2);
            ranges.Free(task, range);
        });
        machine.AssertClean();
    }
}
