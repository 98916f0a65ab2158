using Mm.Core.Frames;
using Mm.Core.Discard;
using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Hotplug;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Hotplug;

/// <summary>Isolated blocks, and memory that goes and comes while it is used.</summary>
public abstract partial class MemoryHotplugTests
{
    [Fact]
    public void Isolation_CutsBlocksAtItsBorder_AndMergesThemAgainAfterwards()
    {
        _pages.DrainAll(_task);
        Assert.Equal((2, 0), (Zone.Allocator.CountBlocks(10), Zone.Allocator.CountBlocks(9)));
        Assert.True(Isolation.TryIsolate(_task, Range));
        Assert.False(Isolation.TryIsolate(_task, Range));
        Assert.Equal((1, 1, 512, Frames - 512), (Zone.Allocator.CountBlocks(10), Zone.Allocator.CountBlocks(9), Isolation.IsolatedPages, Zone.Allocator.FreePages));
        Assert.Equal(512, Isolation.CountFree(_task, Range));
        Assert.False(Isolation.TryRemove(_task, Range, 511));
        Assert.Empty(_pages.Validate());
        Isolation.EndIsolation(_task, Range);
        Assert.Equal((2, 0, 0, Frames), (Zone.Allocator.CountBlocks(10), Zone.Allocator.CountBlocks(9), Isolation.IsolatedPages, Zone.Allocator.FreePages));
        Assert.Throws<ArgumentException>(() => Isolation.TryIsolate(_task, Range with { Count = 100 }));
        _machine.AssertClean();
    }

    [Fact]
    public void LargestBlock_FreedAcrossTheBorderOfAnIsolation_StaysOnBothSides()
    {
        var block = _pages.Allocate(_task, Gfp.AllReserves, 10)!.Value;
        var half = new FrameRange(block, 512);
        Assert.True(Isolation.TryIsolate(_task, half));
        _pages.Free(_task, block, 10);
        Assert.Equal((512, 512), (Isolation.IsolatedPages, Isolation.CountFree(_task, half)));
        Isolation.EndIsolation(_task, half);
        _pages.DrainAll(_task);
        Assert.Equal(2, Zone.Allocator.CountBlocks(10));
    }

    [Fact]
    public void Offline_OfAMachineThatNamesNoAllocator_Succeeds()
    {
        using var pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 1024)] });
        var hotplug = new MemoryHotplug(_machine, pages);
        Assert.Equal(OfflineOutcome.Done, hotplug.Offline(_task, Range).Outcome);
        Assert.Equal((512, 512), (pages.Zones[0].ManagedPages, pages.Zones[0].Allocator.FreePages));
        Assert.True(hotplug.Online(_task, Range));
        Assert.Empty(pages.Validate());
    }

    [Fact]
    public void Offline_WhileOthersAllocateAndFree_LosesNothing()
    {
        var outcomes = new HashSet<OfflineOutcome>();
        for (var seed = 0UL; seed < 8; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            machine.Do("setup", task => made = NewAllocator(task, null));
            using var pages = made!;
            var hotplug = new MemoryHotplug(machine, pages);
            for (var t = 0; t < 2; t++)
            {
                machine.Start("user", task =>
                {
                    var mine = new Queue<Pfn>();
                    for (var i = 0; i < 40; i++)
                    {
                        if (pages.Allocate(task, Gfp.Kernel) is { } page) mine.Enqueue(page);
                        if (mine.Count == 3) pages.Free(task, mine.Dequeue());
                    }

                    while (mine.TryDequeue(out var rest)) pages.Free(task, rest);
                });
            }

            machine.Start("remover", task =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var outcome = hotplug.Offline(task, Range).Outcome;
                    outcomes.Add(outcome);
                    if (outcome == OfflineOutcome.Done) Assert.True(hotplug.Online(task, Range));
                }
            });
            machine.Run();
            machine.Do("check", task =>
            {
                pages.DrainAll(task);
                Assert.Equal((Frames, Frames), (pages.Zones[0].ManagedPages, pages.Zones[0].Allocator.FreePages));
                Assert.Empty(pages.Validate());
            });
            machine.AssertClean();
        }

        Assert.Contains(OfflineOutcome.Done, outcomes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Memory_AfterEachOperationOfAProgram_IsNeitherLostNorDoubled(int seed) =>
        RandomPrograms.Hold(() => new HotplugSubject(_kind), HotplugSubject.All, seed, length: 300);

    // What the host has dropped waits for every CPU; whoever takes its memory out does not leave that to others.
    [Fact]
    public void PagesThatAreQueuedAsDiscarded_AreReapedBeforeTheirMemoryGoes()
    {
        using var pages = NewAllocator(_task, null);
        var hotplug = new MemoryHotplug(_machine, pages);
        var states = new PageStates(_task, pages, new SimulatedHost(default, Frames));
        var queued = Enumerable.Range(0, 3).Select(_ => pages.Allocate(_task, Gfp.Kernel)!.Value).ToArray();
        foreach (var page in queued)
        {
            pages.Pages.Set(page, PageFlags.Discarded);
            pages.Free(_task, page);
        }

        Assert.Equal(3, states.Queue.Count);
        var block = new FrameRange(new Pfn(queued[0].Number & ~511u), 512);
        Assert.True(hotplug.Offline(_task, block).Succeeded);
        Assert.Equal(0, states.Queue.Count);
        Assert.Empty(pages.Validate());
        _machine.AssertClean();
    }
}
