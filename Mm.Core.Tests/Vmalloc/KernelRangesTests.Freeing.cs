using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Diagnostics;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Mm.Core.Tests.Physical;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Vmalloc;

/// <summary>Ranges at random, and from where they may be freed.</summary>
public partial class KernelRangesTests
{
    [Theory]
    [InlineData(KernelRegime.Shared, 120)]
    [InlineData(KernelRegime.Copied, 120)]
    public void S2_24_Ranges_AtRandom_KeepEveryTreeLikeTheMaster(KernelRegime regime, int steps)
    {
        steps = int.TryParse(Environment.GetEnvironmentVariable("MM_SOAK"), out var factor) ? steps * factor : steps;
        var random = new Random(24);
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, frames: 2048, regime: regime);
        var ranges = new KernelRanges(task, world.Virtual, 8192);
        var maps = new List<MemoryMap> { world.Map };
        var live = new List<(KernelRange Range, byte Mark)>();
        for (var step = 0; step < steps; step++)
        {
            switch (random.Next(5))
            {
                case 0 when ranges.Reserve(task, random.Next(1, 1500)) is { } reserved:
                    live.Add((reserved, 0));
                    break;
                case 1 or 2 when ranges.Allocate(task, random.Next(1, 40)) is { } allocated:
                    var mark = (byte)random.Next(1, 256);
                    allocated.Bytes.Fill(mark);
                    live.Add((allocated, mark));
                    break;
                case 3 when live.Count != 0:
                    var (gone, _) = live[random.Next(live.Count)];
                    if (gone.Kind == KernelRangeKind.Reserved) ranges.Release(task, gone);
                    else if (random.Next(2) == 0) ranges.Free(task, gone);
                    else using (task.BottomHalvesOff()) ranges.Free(task, gone);
                    live.RemoveAll(l => l.Range == gone);
                    if (random.Next(3) == 0) ranges.FlushDeferred(task);
                    break;
                case 4 when maps.Count < 3:
                    maps.Add(new MemoryMap(task, world.Virtual));
                    break;
                case 4 when maps.Count > 1 && random.Next(4) == 0:
                    maps[^1].Exit(task);
                    maps.RemoveAt(maps.Count - 1);
                    break;
            }

            foreach (var (range, mark) in live)
            {
                foreach (var map in maps)
                {
                    Assert.True(ranges.IsLinked(task, map, range.Start));
                    var at = range.Start.PlusPages(random.Next(range.PageCount));
                    Assert.Equal(mark != 0, ranges.TryRead(task, map, at, out var value));
                    Assert.Equal(mark, value);
                }
            }

            Assert.Empty(Overlaps(live.Select(static l => l.Range)));
        }

        Assert.Equal(0, ranges.Repairs);
        if (regime == KernelRegime.Shared) Assert.Equal(0, ranges.Synchronisations);
        foreach (var (range, _) in live)
        {
            if (range.Kind == KernelRangeKind.Reserved) ranges.Release(task, range);
            else ranges.Free(task, range);
        }

        AssertNothingLeaks(task, world, ranges, [.. maps.Skip(1)]);
        machine.AssertClean();

        static IEnumerable<KernelRange> Overlaps(IEnumerable<KernelRange> all)
        {
            var behind = 0UL;
            foreach (var range in all.OrderBy(static r => r.Start.Value))
            {
                if (range.Start.Value < behind) yield return range;
                behind = range.End.PlusPages(1).Value;
            }
        }
    }

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
