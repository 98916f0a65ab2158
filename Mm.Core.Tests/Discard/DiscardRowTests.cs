using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>The rows between those of the other tests: what follows from the text of the series and stands in no table of it.</summary>
public sealed class DiscardRowTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly PhysicalMemory _memory = PhysicalMemory.Create(64);
    private readonly DiscardWorld _world;

    public DiscardRowTests()
    {
        _task = _machine.Attach("test");
        _world = new DiscardWorld(_task, memory: _memory);
    }

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void S5_01_APage_IsStableFromItsAllocationToItsFree()
    {
        for (var i = 0; i < 64; i++) Assert.Equal("Ur", State(new Pfn((uint)i)));
        var block = _world.Allocator.Allocate(_task, Gfp.Kernel, 2)!.Value;
        for (var i = 0; i < 4; i++) Assert.Equal("Sr", State(block.Plus(i)));
        Assert.False(_world.Host.TryDiscard(_task, block.Plus(3)));
        _world.Allocator.Free(_task, block, 2);
        for (var i = 0; i < 4; i++) Assert.Equal("Ur", State(block.Plus(i)));
    }

    [Fact]
    public void S5_03_AFreePage_ThatTheHostTook_IsBackedAgainWhenItIsHandedOut()
    {
        for (var i = 0; i < 64; i++) Assert.True(_world.Host.TryDiscard(_task, new Pfn((uint)i)));
        var page = _world.Allocate(_task);
        Assert.Equal("Sr", State(page));
        _world.Allocator.BytesOf(page).Fill(7);
        Assert.Equal(7, _world.Byte(page));
    }

    [Fact]
    public void S5_07_ADroppedPage_FaultsForEverybodyUntilItIsOutOfItsCache()
    {
        var page = Dropped(1);
        _world.Pages.Get(page);
        for (var i = 0; i < 2; i++) Assert.Equal(HostAccess.DiscardFault, _world.Host.Access(page, isWrite: i == 1));
        Assert.Equal(HostAccess.DiscardFault, _world.States.Access(_task, page, isWrite: false));
        Assert.Equal((0, 1), (_world.CachedCount, _world.Pages.ReferenceCount(page)));
        _world.Pages.Put(_task, page);
        Assert.Equal(1, _world.States.Queue.Reap(_task));
    }

    [Fact]
    public void S5_09_TakingADroppedPageBack_FailsAndChangesNothing()
    {
        var page = Dropped(1);
        Assert.False(_world.States.MakeStable(_task, page) || _world.States.TryMakeStable(_task, page));
        Assert.Equal("Vz", State(page));
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
    }

    // PG_discarded is "removed once": whoever comes second leaves the page alone.
    [Fact]
    public void S5_11_ARemoval_OfAPageThatIsBeingRemoved_IsRefused()
    {
        var page = Dropped(1);
        Assert.True(_world.States.TryBeginRemoval(_task, page));
        Assert.False(_world.States.TryBeginRemoval(_task, page));
        Assert.Equal(1, _world.CachedCount);
    }

    [Fact]
    public void S5_13_TakingBack_WhileTheStateChanges_WaitsAndTryingGivesUp()
    {
        var gaveUp = 0;
        for (var seed = 0UL; seed < 100; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 3, Seed = seed });
            var (world, page) = DiscardWorld.WithOnePage(machine);
            machine.Start("offers", task => { for (var i = 0; i < 6; i++) _ = world.States.MakeVolatile(task, page, 1); });
            machine.Start("tries", task =>
            {
                world.Pages.Get(page);
                for (var i = 0; i < 6; i++)
                {
                    if (!world.States.TryMakeStable(task, page)) gaveUp++;
                    task.Point();
                }

                Assert.True(world.States.MakeStable(task, page));
                Assert.Equal(PageUsage.Stable, world.Host.StateOf(page).Usage);
            });
            machine.Run();
            machine.AssertClean();
        }

        Assert.NotEqual(0, gaveUp);
    }

    [Fact]
    public void S5_17_AFullList_GoesToTheGatheredOnesAsAWhole()
    {
        var pages = new List<Pfn>();
        for (var i = 0; i < DiscardQueue.LocalBatch; i++) pages.Add(_world.DropOne(_task, i));
        var queue = _world.States.Queue;
        for (var i = 0; i < pages.Count; i++)
        {
            _world.Pages.Put(_task, pages[i]);
            Assert.Equal(i + 1 < pages.Count ? (i + 1, 0) : (0, i + 1), (queue.LocalCount, queue.GatheredCount));
        }

        Assert.Equal(pages.Count, queue.Reap(_task));
    }

    // The reference of a fault keeps a page from the queue, whoever else has let go of it and whatever is reaped meanwhile.
    [Fact]
    public void S5_25_APageThatAFaultHolds_IsQueuedAtItsPutAndNotBefore()
    {
        var page = Dropped(1);
        using (_task.IrqsOff()) Assert.True(_world.States.TryPinDiscarded(_task, page));
        _world.Truncate(_task, 1);
        Assert.Equal((0, 1), (_world.States.Queue.Count, _world.Pages.ReferenceCount(page)));
        Assert.Equal(0, _world.States.Queue.Reap(_task));
        _world.States.EndFault(_task, page);
        Assert.Equal((1, 1), (_world.States.Queue.Count, _world.Removals));
        Assert.Equal(1, _world.States.Queue.Reap(_task));
    }

    [Fact]
    public void S5_31_ACpuWithoutATask_SignsOffAllTheSame()
    {
        _world.Queue(_task, 2);
        var queue = _world.States.Queue;
        for (var i = 0; i < 100 && queue.Count != 0; i++)
        {
            queue.Tick(_task);
            _task.SleepFor(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void S5_33_PagesInTheQueue_AreReclaimableAndNeitherFreeNorLost()
    {
        var zone = _world.Allocator.Zones[0];
        _world.Queue(_task, 20);
        Assert.Equal(20, _world.States.Queue.CountReclaimable(zone));
        Assert.Equal(44, zone.Allocator.FreePages + zone.Allocator.CachedPages);
        Assert.Empty(_world.Allocator.Validate());
        Assert.Equal(20, _world.States.Queue.Reap(_task));
        Assert.Equal((0, 64), (_world.States.Queue.CountReclaimable(zone), zone.Allocator.FreePages + zone.Allocator.CachedPages));
    }

    [Fact]
    public void S5_37_WhatIsDropped_IsReadAnewAndNotTheOldFrame()
    {
        for (var round = 0; round < 5; round++)
        {
            var page = _world.Lookup(_task, 9);
            Assert.Equal(9, _world.Byte(page));
            Assert.True(_world.States.MakeVolatile(_task, page, 2));
            _world.Pages.Put(_task, page);
            Assert.True(_world.Host.TryDiscard(_task, page));
            Assert.Equal(0, _world.Byte(page));
        }

        Assert.Equal((4, 4), (_world.Removals, _world.States.Queue.Count));
    }

    [Fact]
    public void S5_41_ASwappedPage_ComesBackAsItWas_AndIsGoneIfItIsOffered()
    {
        var page = _world.Cached(_task, 5);
        Assert.True(_world.Host.TrySwap(_task, page));
        Assert.Equal(HostAccess.Done, _world.Host.Access(page, isWrite: false));
        Assert.Equal(("Sr", (byte)5), (State(page), _world.Byte(page)));
        Assert.True(_world.Host.TrySwap(_task, page) && _world.States.MakeVolatile(_task, page, 1));
        Assert.Equal("Vz", State(page));
    }

    [Fact]
    public void S5_45_AFault_ForAFrameThatNobodyHas_IsNothing()
    {
        var page = _world.Allocate(_task);
        _world.Pages.Put(_task, page);
        using (_task.IrqsOff()) Assert.False(_world.States.TryPinDiscarded(_task, page));
        Assert.Equal(0, _world.Pages.ReferenceCount(page));
    }

    private string State(Pfn page) => _world.Host.StateOf(page).ToString();

    private Pfn Dropped(int key)
    {
        var page = _world.Cached(_task, key);
        Assert.True(_world.States.MakeVolatile(_task, page, 1) && _world.Host.TryDiscard(_task, page));
        return page;
    }
}
