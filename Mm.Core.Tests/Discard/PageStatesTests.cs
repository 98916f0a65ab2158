using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>The guest's half: which pages may be offered, taking them back, and faults.</summary>
public sealed class PageStatesTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly DiscardWorld _world;

    public PageStatesTests()
    {
        _task = _machine.Attach("test");
        _world = new DiscardWorld(_task);
    }

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    [Fact]
    public void S5_02_ACleanCachedPage_BecomesVolatile()
    {
        var page = _world.Cached(_task, 1);
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
        Assert.Equal("Vr", _world.Host.StateOf(page).ToString());
        Assert.True(_world.States.MakeStable(_task, page));
        Assert.Equal("Sr", _world.Host.StateOf(page).ToString());
    }

    [Fact]
    public void S5_04_AReferenceTooMany_KeepsThePageStable()
    {
        var page = _world.Lookup(_task, 1);
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
        Assert.True(_world.States.MakeVolatile(_task, page, 2));
    }

    [Theory]
    [InlineData(PageFlags.Reserved)]
    [InlineData(PageFlags.Dirty)]
    [InlineData(PageFlags.Writeback)]
    [InlineData(PageFlags.Private)]
    [InlineData(PageFlags.Discarded)]
    public void MakeVolatile_OfAPageThatIsNeeded_IsRefused(PageFlags flag)
    {
        var page = _world.Cached(_task, 1);
        _world.Pages.Set(page, flag);
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
        _world.Pages.Clear(page, flag);
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
    }

    [Fact]
    public void MakeVolatile_OfAPageThatIsLockedOldAnonymousOrInNoCache_IsRefused()
    {
        var page = _world.Cached(_task, 1);
        _world.Pages.Lock(_task, page);
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
        _world.Pages.Unlock(_task, page);
        _world.Pages.Clear(page, PageFlags.UpToDate);
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
        _world.Pages.Set(page, PageFlags.UpToDate);
        var other = _world.Allocate(_task);
        _world.Pages.Set(other, PageFlags.UpToDate);
        Assert.False(_world.States.MakeVolatile(_task, other, 1));
        _world.Pages.MapFirst(other);
        Assert.False(_world.States.MakeVolatile(_task, other, 1));
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
        Assert.True(_world.Host.TryDiscard(_task, page));
        Assert.False(_world.States.MakeVolatile(_task, page, 1));
    }

    [Fact]
    public void S5_06_AfterTheLastUnmapping_APageIsVolatileAgain()
    {
        var page = _world.Cached(_task, 1);
        Assert.True(_world.Map(_task, page, isWritable: true) && _world.Map(_task, page, isWritable: false));
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
        Assert.Equal("Pr", _world.Host.StateOf(page).ToString());
        _world.UnmapOnce(_task, page);
        Assert.Equal(PageFlags.Writable, _world.Pages.Flags(page) & PageFlags.Writable);
        _world.UnmapOnce(_task, page);
        Assert.Equal(PageFlags.None, _world.Pages.Flags(page) & PageFlags.Writable);
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
        Assert.Equal("Vr", _world.Host.StateOf(page).ToString());
    }

    [Fact]
    public void AWritableMapping_OfAVolatilePage_MakesItPotentiallyVolatile()
    {
        var page = _world.Cached(_task, 1);
        Assert.True(_world.States.MakeVolatile(_task, page, 1));
        Assert.True(_world.Map(_task, page, isWritable: true));
        Assert.Equal("Pr", _world.Host.StateOf(page).ToString());
    }

    [Fact]
    public void E5_11_APageThatIsBeingRemoved_GetsNoNewMapping()
    {
        var page = _world.DropOne(_task, 1);
        Assert.False(_world.Map(_task, page, isWritable: false) || _world.Map(_task, page, isWritable: true));
        _world.Pages.Put(_task, page);
    }

    // E5.14: the answer is a bool that must be looked at; a page that the host drops on the way is marked by the removal (E5.12).
    [Fact]
    public void S5_10_ALookup_OfAPageThatTheHostDropped_ReadsItAnew()
    {
        using var memory = PhysicalMemory.Create(64);
        var world = new DiscardWorld(_task, memory: memory);
        var page = world.Cached(_task, 9);
        Assert.True(world.States.MakeVolatile(_task, page, 1));
        Assert.True(world.Host.TryDiscard(_task, page));
        var again = world.Lookup(_task, 9);
        Assert.NotEqual(page, again);
        Assert.Equal((9, 1, 1), (world.Byte(again), world.Removals, world.States.Queue.Count));
        Assert.Equal(PageFlags.Discarded, world.Pages.Flags(page) & PageFlags.Discarded);
        Assert.Equal(1, world.States.Queue.Reap(_task));
        world.AssertConserved(1);
    }

    [Fact]
    public void E5_16_ADiscardFault_InAtomicContext_SleepsNowhereAndForcesNothing()
    {
        var page = _world.Cached(_task, 1);
        Assert.True(_world.States.MakeVolatile(_task, page, 1) && _world.Host.TryDiscard(_task, page));
        foreach (var column in (string[])["P", "S", "Id", "Ih"])
        {
            Situation.In(column, _task, task => Situation.AssertUnchanged(task, () => Assert.Equal(HostAccess.DiscardFault, _world.States.Access(task, page, isWrite: false))));
            Assert.StartsWith("BUG: sleeping function called from invalid context", _machine.TakeSingle().Headline, StringComparison.Ordinal);
            Assert.Equal((1, 1), (_world.Pages.ReferenceCount(page), _world.CachedCount));
        }

        Assert.Equal(HostAccess.DiscardFault, _world.States.Access(_task, page, isWrite: false));
        Assert.Equal((0, 0, 1), (_world.Pages.ReferenceCount(page), _world.CachedCount, _world.States.Queue.Count));
        Assert.Equal(1, _world.States.Queue.Reap(_task));
    }

    // E5.16b, too: the head of a compound page is not touched for a fault on what became its tail.
    [Fact]
    public void S5_46_AFault_OnWhatBecameATail_TakesNoReferenceToItsHead()
    {
        var head = _world.Allocator.Allocate(_task, Gfp.Kernel | Gfp.Compound, 2)!.Value;
        using (_task.IrqsOff())
        {
            Assert.False(_world.States.TryPinDiscarded(_task, head.Plus(1)));
            Assert.False(_world.States.TryPinDiscarded(_task, new Pfn(4000)));
        }

        Assert.Equal(1, _world.Pages.ReferenceCount(head));
        _world.Allocator.Free(_task, head, 2);
        _world.AssertConserved(0);
    }

    [Fact]
    public void S5_12_MakeVolatileAndMakeStable_InAnyOrder_NeverLeaveAStablePageOffered()
    {
        var lost = 0;
        var runs = Interleavings.ForEach(2, choice =>
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 3, Choice = choice });
            var (world, page) = DiscardWorld.WithOnePage(machine);
            machine.Start("offers", task => _ = world.States.MakeVolatile(task, page, 1));
            machine.Start("host", task => { for (var i = 0; i < 4; i++) { task.Point(); _ = world.Host.TryDiscard(task, page); } });
            machine.Start("needs", task =>
            {
                world.Pages.Get(page);
                if (!world.States.MakeStable(task, page))
                {
                    lost++;
                    Assert.True(world.Host.StateOf(page).IsDiscarded);
                    return;
                }

                for (var i = 0; i < 6; i++)
                {
                    Assert.Equal("Sr", world.Host.StateOf(page).ToString());
                    task.Point();
                }
            });
            machine.Run();
            machine.AssertClean();
        });
        Assert.InRange(runs, 100, int.MaxValue);

        Assert.InRange(lost, 1, runs - 1);
    }

    [Fact]
    public void DirtyTransfer_BesideAHostThatDropsWhatItMay_LosesNoWrite()
    {
        for (var seed = 0UL; seed < 100; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 3, Seed = seed });
            var (world, page) = DiscardWorld.WithOnePage(machine);
            machine.Do("setup", task =>
            {
                Assert.True(world.Map(task, page, isWritable: true) && world.States.MakeVolatile(task, page, 1));
                Assert.Equal(HostAccess.Done, world.Host.Access(page, isWrite: true));
                world.Pages.Get(page);
            });
            machine.Start("transfer", task => Assert.True(world.States.TransferDirty(task, page)));
            machine.Start("offers", task => { for (var i = 0; i < 4; i++) { task.Point(); _ = world.States.MakeVolatile(task, page, 2); } });
            machine.Start("host", task => { for (var i = 0; i < 8; i++) { task.Point(); Assert.False(world.Host.TryDiscard(task, page)); } });
            machine.Run();
            Assert.Equal(PageFlags.Dirty, world.Pages.Flags(page) & PageFlags.Dirty);
            machine.AssertClean();
        }
    }

    [Fact]
    public void S5_14_ADiscardFaultAndATruncation_RemoveAndFreeThePageOnce()
    {
        var runs = Interleavings.ForEach(2, choice =>
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 3, Choice = choice });
            var (world, page) = DiscardWorld.WithOnePage(machine);
            machine.Do("setup", task => Assert.True(world.States.MakeVolatile(task, page, 1) && world.Host.TryDiscard(task, page)));
            machine.Start("fault", task => _ = world.States.Access(task, page, isWrite: false));
            machine.Start("fault2", task => _ = world.States.Access(task, page, isWrite: false));
            machine.Start("truncate", task => world.Truncate(task, 1));
            machine.Run();
            Assert.Equal((0, 1, 1, 0), (world.CachedCount, world.Removals, world.States.Queue.Count, world.Pages.ReferenceCount(page)));
            machine.Do("reap", task => Assert.Equal(1, world.States.Queue.Reap(task)));
            world.AssertConserved(0);
            machine.AssertClean();
        });
        Assert.InRange(runs, 100, int.MaxValue);
    }

    // The whole of it, on real memory: every successful read gives the file's bytes, and every page is somewhere.
    [Theory]
    [InlineData(1, ZoneAllocatorKind.Tree)]
    [InlineData(2, ZoneAllocatorKind.Buddy)]
    public void G16_AfterEachOperationOfAProgram_ReadsAreRightAndPagesConserved(int seed, ZoneAllocatorKind kind)
    {
        var states = new HashSet<string>();
        RandomPrograms.Hold(() => new DiscardSubject(kind, states), DiscardSubject.All, seed, length: 1000);
        Assert.True(states.Count >= 6, string.Join(' ', states));
    }
}
