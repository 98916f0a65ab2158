using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>The way of a discarded page from its last put to its next use.</summary>
public sealed class DiscardQueueTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly DiscardWorld _world;

    public DiscardQueueTests()
    {
        _task = _machine.Attach("test");
        _world = new DiscardWorld(_task);
    }

    private DiscardQueue Queue => _world.States.Queue;

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    [Fact]
    public void S5_16_ADiscardedPage_AtItsLastPut_GoesToTheListOfTheCpu()
    {
        var (free, frees) = (_world.Allocator.Zones[0].Allocator.FreePages + _world.Allocator.Zones[0].Allocator.CachedPages, _world.Allocator.Frees);
        var page = Assert.Single(_world.Queue(_task, 1));
        Assert.Equal((1, 1, 0), (Queue.Count, Queue.LocalCount, Queue.GatheredCount));
        Assert.Equal((free - 1, frees), (_world.Allocator.Zones[0].Allocator.FreePages + _world.Allocator.Zones[0].Allocator.CachedPages, _world.Allocator.Frees));
        Assert.Equal((0, PageFlags.Discarded), (_world.Pages.ReferenceCount(page), _world.Pages.Flags(page) & PageFlags.Discarded));

        // E5.9: what is queued counts as to be had.
        Assert.Equal(1, Queue.CountReclaimable(_world.Allocator.Zones[0]));
        Assert.Equal(1, Queue.Reap(_task));
        Assert.Equal((0, "Uz", frees + 1), (Queue.Count, _world.Host.StateOf(page).ToString(), _world.Allocator.Frees));
        _world.AssertConserved(0);
        Assert.Empty(_world.Allocator.Validate());
    }

    // E5.1, E5.5, E5.6, E5.7: lists that are not full are reached on every CPU, and what they give counts as progress.
    [Fact]
    public void S5_18_PagesOnTheListOfAnotherCpu_AreFoundByAnAllocationThatHasNothingElse()
    {
        var pages = Enumerable.Range(0, 3).Select(i => _world.DropOne(_task, i)).ToArray();
        _machine.CrossCalls.Call(_task, 1 - _task.RawCpuIndex, (here, _) => _world.Allocator.FreeMany(here, pages));
        var taken = new List<Pfn>();
        while (_world.Allocator.Allocate(_task, Gfp.Atomic) is { } page) taken.Add(page);
        Assert.Equal(61, taken.Count);
        Assert.NotNull(_world.Allocator.Allocate(_task, Gfp.Kernel));
        Assert.Equal((0, 3), (Queue.Count, _world.Allocator.ReclaimedPages));
        _world.AssertConserved(62);
    }

    // E5.2: nothing stays behind on a CPU that goes, and what is put there later is handed on at once.
    [Fact]
    public void S5_20_ACpuThatGoes_LeavesNothingBehindAndIsWaitedForNoMore()
    {
        var pages = Enumerable.Range(0, 6).Select(i => _world.DropOne(_task, i)).ToArray();
        var other = 1 - _task.RawCpuIndex;
        _machine.CrossCalls.Call(_task, other, (here, _) => _world.Allocator.FreeMany(here, pages.AsSpan(0, 5)));
        Assert.Equal((5, 0), (Queue.LocalCount, Queue.GatheredCount));
        Queue.TakeOffline(_task, other);
        Assert.Equal((0, 5), (Queue.LocalCount, Queue.GatheredCount));
        _machine.CrossCalls.Call(_task, other, (here, _) => _world.Allocator.FreeMany(here, pages.AsSpan(5)));
        Assert.Equal((0, 6), (Queue.LocalCount, Queue.GatheredCount));
        Assert.Equal(6, SignOff(1 - other));
        Queue.BringOnline(_task, other);
        _world.AssertConserved(0);
    }

    [Fact]
    public void E5_3_AnInterrupt_ThatFreesADiscardedPageAnywhere_BreaksNoList()
    {
        var pages = Enumerable.Range(0, 40).Select(i => _world.DropOne(_task, i)).ToArray();
        for (var i = 0; i < pages.Length; i += 2)
        {
            var late = pages[i + 1];
            _machine.CrossCalls.Send(_task, _task.RawCpuIndex, (here, _) => _world.Pages.Put(here, late));
            using (_task.PreemptOff()) _world.Pages.Put(_task, pages[i]);
        }

        _world.AssertConserved(0);
        Assert.Equal(40, Queue.Reap(_task));
        _world.AssertConserved(0);
    }

    // E5.3 as it was posted: the list's lock taken with interrupts on, and from an interrupt. The checks of locks find it at once.
    [Fact]
    public void S5_22_TheFirstForm_ThatTakesTheQueueLockWithInterruptsOn_IsReported()
    {
        var plain = new SpinLock(_machine, "page_hva_discard_list_lock");
        using (plain.Lock(_task)) { }
        _machine.CrossCalls.Send(_task, _task.RawCpuIndex, (here, _) => { using (plain.Lock(here)) { } });
        Assert.StartsWith("WARNING: inconsistent lock state", _machine.Traps.Clear()[0].Headline, StringComparison.Ordinal);
    }

    // E5.4: interrupts are as they were, wherever a page is put.
    [Theory]
    [InlineData("T")]
    [InlineData("P")]
    [InlineData("S")]
    [InlineData("Id")]
    [InlineData("Ih")]
    public void E5_4_PuttingADiscardedPage_InAnyContext_LeavesTheContextAlone(string column)
    {
        var pages = Enumerable.Range(0, DiscardQueue.LocalBatch + 1).Select(i => _world.DropOne(_task, i)).ToArray();
        Situation.In(column, _task, task => Situation.AssertUnchanged(task, () => _world.Allocator.FreeMany(task, pages)));
        Assert.Equal((1, DiscardQueue.LocalBatch), (Queue.LocalCount, Queue.GatheredCount));
    }

    // E5.17 as well: no CPU is called with the queue's lock held.
    [Fact]
    public void S5_28_Reap_WhereNoCpuMayBeCalled_IsReportedAndFreesNothing()
    {
        _world.Queue(_task, 2);
        foreach (var column in (string[])["S", "Id", "Ih"])
        {
            Situation.In(column, _task, task => Assert.Equal(0, Queue.Reap(task)));
            Assert.Contains("WARN_ON_ONCE(irqs_disabled() || in_interrupt())", _machine.TakeSingle().Text, StringComparison.Ordinal);
        }

        Assert.Equal(2, Queue.Reap(_task));
    }

    // Were anybody called, he would never answer: his interrupts stay off until the empty queue has been reaped. E5.8.
    [Fact]
    public void S5_30_Reap_OfAnEmptyQueue_CallsNobody()
    {
        for (var seed = 0UL; seed < 10; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            DiscardWorld? world = null;
            machine.Do("setup", task => world = new DiscardWorld(task, 16));
            var (isOff, isReaped) = (false, false);
            machine.Start("deaf", task =>
            {
                using (task.IrqsOff())
                {
                    isOff = true;
                    for (var spins = 0; !isReaped;) task.Machine.Scheduler.Pause(task, ref spins);
                }
            });
            machine.Start("reaps", task =>
            {
                for (var spins = 0; !isOff;) task.Machine.Scheduler.Pause(task, ref spins);
                Assert.Equal(0, world!.States.Queue.Reap(task));
                isReaped = true;
            });
            machine.Run();
        }
    }

    [Fact]
    public void SignOff_OfEveryCpu_FreesABatchAndBeginsTheNext()
    {
        _world.Queue(_task, 3);
        var self = _task.RawCpuIndex;
        Assert.Equal((0, 3), (SignOff(self), Queue.WaitingCount));
        Assert.Equal((0, 3), (SignOff(self), Queue.WaitingCount));
        Assert.Equal((3, 0), (SignOff(1 - self), Queue.Count));
        _world.AssertConserved(0);
    }

    // E5.7: the background way, by a timer.
    [Fact]
    public void Ticking_WithoutAnybodyReaping_EmptiesTheQueue()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = 1 });
        machine.Start("user", task =>
        {
            var world = new DiscardWorld(task);
            world.States.Queue.StartTicking(task, TimeSpan.FromMilliseconds(4));
            world.Queue(task, 5);
            for (var i = 0; i < 10 && world.States.Queue.Count != 0; i++) task.SleepFor(TimeSpan.FromMilliseconds(4));
            world.States.Queue.StopTicking();
            world.AssertConserved(0);
            Assert.Equal(0, world.States.Queue.Count);
        });
        machine.Run();
    }

    [Fact]
    public void S5_32_ACpuThatNeverSignsOff_IsNamedOnceAndNothingIsFreed()
    {
        _world.Queue(_task, 4);
        Queue.StallLimit = TimeSpan.Zero;
        var self = _task.RawCpuIndex;
        Assert.Equal(0, SignOff(self));
        Assert.Contains($"discard stall: 4 pages wait for CPUs {1 - self}", _machine.TakeSingle().Text, StringComparison.Ordinal);
        for (var i = 0; i < 3; i++) Assert.Equal((0, 4), (SignOff(self), Queue.WaitingCount));
        Assert.Equal(4, Queue.Reap(_task));
    }

    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void S5_34_AFreePage_ThatIsMarkedAsDiscarded_IsReportedAndNotHandedOut(ZoneAllocatorKind kind)
    {
        var world = new DiscardWorld(_task, kind: kind);
        var page = world.Allocate(_task);
        world.Pages.Put(_task, page);
        world.Pages.Set(page, PageFlags.Discarded);
        for (var i = 0; i < 63; i++) Assert.NotEqual(page, world.Allocate(_task));
        Assert.Null(world.Allocator.Allocate(_task, Gfp.Atomic));
        Assert.StartsWith("BUG: Bad page state in process", _machine.TakeSingle().Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void E5_10_ABlockOfSeveralPages_ThatIsMarkedAsDiscarded_IsABadPage()
    {
        var block = _world.Allocator.Allocate(_task, Gfp.Kernel | Gfp.Compound, 2)!.Value;
        _world.Pages.Set(block, PageFlags.Discarded);
        _world.Pages.Put(_task, block);
        Assert.Contains("a block of several pages is marked as discarded", _machine.TakeSingle().Text, StringComparison.Ordinal);
        Assert.Equal((0, 4), (Queue.Count, _world.Pages.QuarantinedCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S5_24_AFault_WithInterruptsOffUntilItsReference_MeetsNoPageThatIsUsedAgain(bool keepsInterruptsOff)
    {
        var (pinned, reused) = (0, 0);
        for (var seed = 0UL; seed < 120; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 4, Seed = seed });
            var (world, page) = DiscardWorld.WithOnePage(machine, 8, isDropped: true);
            var seedOf = seed;
            machine.Start("fault", task =>
            {
                var flags = keepsInterruptsOff ? task.IrqSave() : default;
                var isFault = world.Host.StateOf(page).IsDiscarded && world.Pages.ReferenceCount(page) != 0;
                for (var i = (int)seedOf % 41; i > 0; i--) task.Point();

                // S5-26: the first form of the mistake, interrupts on before the reference.
                var isPinned = isFault && (keepsInterruptsOff ? world.States.TryPinDiscarded(task, page) : world.Pages.TryGetOwn(page));
                if (isPinned) pinned++;
                if (isPinned && !world.Host.StateOf(page).IsDiscarded) reused++;
                if (keepsInterruptsOff) task.IrqRestore(flags);
                if (isPinned) world.Pages.Put(task, page);
            });
            machine.Start("remove", task => world.Truncate(task, 1));
            machine.Start("use", task =>
            {
                for (var spins = 0; world.States.Queue.Count == 0;) task.Machine.Scheduler.Pause(task, ref spins);
                _ = world.States.Queue.Reap(task);
                for (var i = 0; i < 8; i++) _ = world.Allocator.Allocate(task, Gfp.Atomic);
            });
            machine.Run();
            machine.AssertClean();
        }

        Assert.NotEqual(0, pinned);
        if (keepsInterruptsOff) Assert.Equal(0, reused);
        else Assert.NotEqual(0, reused);
    }

    [Fact]
    public void S5_24_AFault_ThatBeginsWhileAReapIsUnderWay_MeetsNoPageThatIsUsedAgain()
    {
        var pinned = 0;
        for (var seed = 0UL; seed < 200; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 4, Seed = seed });
            var (world, page) = DiscardWorld.WithOnePage(machine, 8, isDropped: true);
            machine.Do("queues", task => world.Queue(task, 1));
            var points = seed % 40;
            machine.Start("fault", task =>
            {
                for (var n = 0; n < 8; n++)
                {
                    bool isPinned;
                    using (task.IrqsOff())
                    {
                        // Who can access the page has a reference to it: none begins a fault for it afterwards.
                        var isFault = world.Host.StateOf(page).IsDiscarded && world.Pages.ReferenceCount(page) != 0;
                        for (var i = (int)points; isFault && i > 0; i--) task.Point();
                        isPinned = isFault && world.States.TryPinDiscarded(task, page);
                        if (isPinned) Assert.True(world.Host.StateOf(page).IsDiscarded, "used again");
                    }

                    if (!isPinned) continue;
                    pinned++;
                    world.Pages.Put(task, page);
                }
            });
            machine.Start("remove", task => world.Truncate(task, 1));
            machine.Start("use", task =>
            {
                for (var n = 0; n < 2; n++)
                {
                    _ = world.States.Queue.Reap(task);
                    for (var i = 0; i < 8; i++) _ = world.Allocator.Allocate(task, Gfp.Atomic);
                }
            });
            machine.Run();
            machine.AssertClean();
        }

        Assert.NotEqual(0, pinned);
    }

    // Collecting the lists is no proof: a CPU may have answered, and have taken a fault since, when the page comes to the list of another.
    [Fact]
    public void S5_24_AFault_ThatBeginsAfterItsCpuHasAnswered_KeepsThePageThatALaterAnswerBrings()
    {
        for (var seed = 0UL; seed < 60; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 4, Seed = seed });
            DiscardWorld? made = null;
            Pfn page = default;
            machine.Do("setup", task =>
            {
                made = new DiscardWorld(task, 8);
                page = made.DropOne(task, 1);
                made.Queue(task, 1);
            });
            var (world, points) = (made!, seed % 20);
            var (isDeaf, isReaping, isFaulting, isUsed) = (false, false, false, false);
            machine.Start("frees", task =>
            {
                using (task.IrqsOff())
                {
                    isDeaf = true;
                    for (var spins = 0; !isFaulting;) task.Machine.Scheduler.Pause(task, ref spins);
                    world.Pages.Put(task, page);
                }
            });
            machine.Start("faults", task =>
            {
                for (var spins = 0; !isReaping;) task.Machine.Scheduler.Pause(task, ref spins);
                for (var i = 0UL; i < points; i++) task.Point();
                using (task.IrqsOff())
                {
                    Assert.Equal((1, true), (world.Pages.ReferenceCount(page), world.Host.StateOf(page).IsDiscarded));
                    isFaulting = true;
                    for (var i = 0; i < 400 && !isUsed; i++) task.Point();
                    if (world.States.TryPinDiscarded(task, page)) Assert.True(world.Host.StateOf(page).IsDiscarded, "used again");
                }
            });
            machine.Start("reaps", task =>
            {
                for (var spins = 0; !isDeaf;) task.Machine.Scheduler.Pause(task, ref spins);
                isReaping = true;
                Assert.Equal(2, world.States.Queue.Reap(task));
                while (world.Allocator.Allocate(task, Gfp.Atomic) is not null) { }
                isUsed = true;
            });
            machine.Run();
            machine.AssertClean();
        }
    }

    private int SignOff(int cpu)
    {
        var freed = 0;
        if (cpu == _task.RawCpuIndex) _machine.CrossCalls.Send(_task, cpu, (here, _) => freed = Queue.SignOff(here));
        else _machine.CrossCalls.Call(_task, cpu, (here, _) => freed = Queue.SignOff(here));
        return freed;
    }
}
