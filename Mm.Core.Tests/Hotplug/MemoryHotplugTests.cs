using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Holders;
using Mm.Core.Hotplug;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Physical;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Hotplug;

public sealed class MemoryHotplugOverTreesTests() : MemoryHotplugTests(ZoneAllocatorKind.Tree);

public sealed class MemoryHotplugOverBuddyTests() : MemoryHotplugTests(ZoneAllocatorKind.Buddy);

/// <summary>The oracles of removing memory, S3, and the errata that speak of it, whichever allocator the zone has.</summary>
public abstract partial class MemoryHotplugTests : IDisposable
{
    private const int Frames = 2048;
    private static readonly FrameRange Range = new(new Pfn(512), 512);
    private readonly Machine _machine = Situation.NewMachine(cpus: 2);
    private readonly ZoneAllocatorKind _kind;
    private readonly MachineTask _task;
    private readonly PhysicalMemory _memory = PhysicalMemory.Create(Frames);
    private readonly PageAllocator _pages;
    private readonly MemoryHotplug _hotplug;
    private readonly List<string> _events = [];

    protected MemoryHotplugTests(ZoneAllocatorKind kind)
    {
        _kind = kind;
        _task = _machine.Attach("test");
        _pages = NewAllocator(_task, _memory);
        _hotplug = new MemoryHotplug(_machine, _pages);
        _hotplug.AddNotifier(_task, (_, what, range) =>
        {
            Assert.Equal(Range, range);
            _events.Add(what.ToString());
            return true;
        });
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _pages.Dispose();
        _memory.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    private PageAllocator NewAllocator(MachineTask task, PhysicalMemory? memory) => new(task, new PageAllocatorOptions
    {
        Zones = [(ZoneKind.Normal, Frames)],
        MinFreePages = 100,
        Memory = memory,
        Allocator = _kind,
    });

    private Zone Zone => _pages.Zones[0];

    private IBlockIsolation Isolation => (IBlockIsolation)Zone.Allocator;

    /// <summary>Allocates pages of the range, one at each place, and leaves everything else free.</summary>
    private Pfn[] TakeIn(params int[] places)
    {
        var all = new List<Pfn>();
        while (_pages.Allocate(_task, Gfp.AllReserves) is { } page) all.Add(page);
        var wanted = places.Select(static p => Range.First.Plus(p)).ToArray();
        foreach (var page in all.Except(wanted)) _pages.Free(_task, page);
        return wanted;
    }

    private void AssertUndone(params string[] events)
    {
        Assert.Equal(events, _events);
        Assert.Equal((Frames, 0), (Zone.ManagedPages, Isolation.IsolatedPages));
        Assert.Empty(_pages.Validate());
        Assert.Equal(0, _memory.ViewCount);
        Assert.Equal(0, Probe.Read(_memory.LinearAddress + (512 << 12)));
        var page = _pages.Allocate(_task, Gfp.Kernel)!.Value;
        _pages.Free(_task, page);
        Assert.NotEqual(0, Zone.Allocator.CachedPages);
        _pages.DrainAll(_task);
    }

    [Fact]
    public void S3_20_RangeOfFreeHeldMovableAndHomePages_GoesOut_AndItsMemoryIsTheHosts()
    {
        var pages = TakeIn(3, 4, 100, 511, 200);
        var cache = new PageCache(_task, _pages, _memory);
        _hotplug.SetMovable(_task, cache.Owner, cache);
        cache.Add(_task, pages[0], 1);
        cache.Add(_task, pages[2], 2);
        cache.Add(_task, pages[4], 3);
        cache.Pages.Remove(3);
        _pages.Pages.Put(_task, pages[4]);
        var holder = _pages.Holders.Register("driver", (task, page) =>
        {
            _pages.Free(task, page);
            return ReleaseAnswer.Released;
        });
        Assert.True(_pages.Holders.SetHold(_task, pages[1], holder).Succeeded);
        Assert.True(_pages.Holders.SetHold(_task, pages[3], holder).Succeeded);
        var watermark = Zone.Low;

        var result = _hotplug.Offline(_task, Range);

        Assert.True(result.Succeeded, result.ToString());
        Assert.Equal(["GoingOffline", "Offline"], _events);
        Assert.Equal((Frames - 512, Frames - 512, 2L, 0), (Zone.ManagedPages, Zone.PresentPages, _hotplug.MigratedPages, _pages.Holders.Count));
        Assert.True(cache.IsRight(1) && cache.IsRight(2));
        Assert.All(cache.Pages.Values, static page => Assert.NotInRange(page.Number, 512u, 1023u));
        Assert.Equal(2L, cache.Owner.LivePages);
        for (var i = 0; i < 512; i += 73)
        {
            Assert.True(_hotplug.IsOut(Range.First.Plus(i)));
            Assert.Equal(Probe.Fault, Probe.Read(_memory.LinearAddress + ((512 + i) << 12)));
        }

        Assert.Equal((0, 0), (Probe.Read(_memory.LinearAddress + (511 << 12)), Probe.Read(_memory.LinearAddress + (1024 << 12))));
        Assert.True(Zone.Low <= watermark);
        Assert.Empty(_pages.Validate());
        var rest = new HashSet<Pfn>();
        while (_pages.Allocate(_task, Gfp.AllReserves) is { } page) rest.Add(page);
        Assert.Equal(Frames - 512 - 2, rest.Count);
        Assert.DoesNotContain(rest, static page => page.Number is >= 512 and < 1024);
        foreach (var page in rest) _pages.Free(_task, page);

        _events.Clear();
        Assert.True(_hotplug.Online(_task, Range));
        Assert.Equal(["GoingOnline", "Online"], _events);
        Assert.Equal((Frames, Frames - 2), (Zone.ManagedPages, FreePages()));
        Assert.Equal(-1, _memory.Frames(Range.First, 512).IndexOfAnyExcept((byte)0));
        _pages.DrainAll(_task);
        Assert.Empty(_pages.Validate());
        _machine.AssertClean();
    }

    private int FreePages() => Zone.Allocator.FreePages + Zone.Allocator.CachedPages;

    [Fact]
    public void S3_22_Veto_UndoesEverything_AndTellsThoseWhoWereAsked()
    {
        _hotplug.AddNotifier(_task, (_, what, _) =>
        {
            _events.Add("veto " + what);
            return what != MemoryEvent.GoingOffline;
        }, priority: -1);
        _hotplug.AddNotifier(_task, (_, _, _) => throw new InvalidOperationException("asked after a veto"), priority: -2);
        Assert.Equal(OfflineOutcome.Vetoed, _hotplug.Offline(_task, Range).Outcome);
        AssertUndone("GoingOffline", "veto GoingOffline", "CancelOffline", "veto CancelOffline");
        _machine.AssertClean();
    }

    [Fact]
    public void S3_24_LogicallyOfflinePage_GoesIfItsHolderLetsItGo_AndStaysIfNot()
    {
        var balloon = TakeIn(7)[0];
        _hotplug.MarkOffline(balloon);
        Assert.Equal((OfflineOutcome.Unmovable, balloon), (_hotplug.Offline(_task, Range) is var stays ? stays.Outcome : default, stays.Page));
        AssertUndone("GoingOffline", "CancelOffline");

        var veto = true;
        _hotplug.AddNotifier(_task, (task, what, _) =>
        {
            if (what == MemoryEvent.GoingOffline) Assert.True(_pages.Pages.TryFreeze(task, balloon, 1));
            if (what == MemoryEvent.CancelOffline) _pages.Pages.Unfreeze(task, balloon, 1);
            return true;
        });
        _hotplug.AddNotifier(_task, (_, what, _) => what != MemoryEvent.GoingOffline || !veto, priority: -1);
        Assert.Equal(OfflineOutcome.Vetoed, _hotplug.Offline(_task, Range).Outcome);
        Assert.Equal(1, _pages.Pages.ReferenceCount(balloon));
        veto = false;
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.True(_hotplug.IsOut(balloon));
        _machine.AssertClean();
    }

    [Fact]
    public void S3_26_PagesInTheCachesOfOtherCpus_AreDrained_AndCachesStayOffMeanwhile()
    {
        var other = 0;
        _machine.Start("other cpu", task =>
        {
            var pages = new Pfn[20];
            Assert.Equal(20, _pages.AllocateMany(task, Gfp.Kernel, pages));
            foreach (var page in pages) _pages.Free(task, page);
            other = Zone.Allocator.CachedPages;
        });
        _machine.Run();
        Assert.NotEqual(0, other);
        _hotplug.AddNotifier(_task, (task, what, _) =>
        {
            if (what != MemoryEvent.GoingOffline) return true;
            Assert.Equal(0, Zone.Allocator.CachedPages);
            _pages.Free(task, _pages.Allocate(task, Gfp.Kernel)!.Value);
            Assert.Equal(0, Zone.Allocator.CachedPages);
            return true;
        });
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        _pages.Free(_task, _pages.Allocate(_task, Gfp.Kernel)!.Value);
        Assert.NotEqual(0, Zone.Allocator.CachedPages);
        _machine.AssertClean();
    }

    [Fact]
    public void S3_28_SignalDuringTheLoop_EndsItWithEverythingUndone()
    {
        var page = TakeIn(9)[0];
        using var signal = new CancellationTokenSource();
        var asked = 0;
        var holder = _pages.Holders.Register("busy", (_, _) =>
        {
            if (++asked == 3) signal.Cancel();
            return ReleaseAnswer.Busy;
        });
        Assert.True(_pages.Holders.SetHold(_task, page, holder).Succeeded);
        Assert.Equal(OfflineOutcome.Interrupted, _hotplug.Offline(_task, Range, signal.Token).Outcome);
        Assert.Equal(3, asked);
        AssertUndone("GoingOffline", "CancelOffline");
        Assert.Same(holder, _pages.Holders.HolderOf(page));
        _machine.AssertClean();
    }

    [Fact]
    public void E3_15_HolderThatIsBusy_IsAskedAgain_AndHearsThatNothingCameOfIt()
    {
        var page = TakeIn(9)[0];
        var (asked, patience) = (0, 3);
        var holder = _pages.Holders.Register("busy", (task, held) =>
        {
            if (++asked < patience) return ReleaseAnswer.Busy;
            _pages.Free(task, held);
            return ReleaseAnswer.Released;
        });
        Assert.True(_pages.Holders.SetHold(_task, page, holder).Succeeded);
        patience = int.MaxValue;
        var result = _hotplug.Offline(_task, Range);
        Assert.Equal((OfflineOutcome.Busy, page, "held by busy"), (result.Outcome, result.Page, result.Reason));
        AssertUndone("GoingOffline", "CancelOffline");
        (asked, patience) = (0, 3);
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.Equal(3, asked);
    }

    [Fact]
    public void E3_16_LookupOfAPageThatIsOut_IsSafe()
    {
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.Null(_pages.Holders.HolderOf(Range.First));
        Assert.Equal(ReleaseOutcome.Gone, _pages.Holders.Release(_task, Range.First));
        Assert.Equal(HoldError.NoReference, _pages.Holders.SetHold(_task, Range.First, _pages.Holders.Register("late")).Error);
        Assert.Equal((OfflineOutcome.InvalidRange, false), (_hotplug.Offline(_task, Range).Outcome, _pages.Pages.TryGet(Range.First)));
    }

    [Fact]
    public void E3_17_PageThatCanBeMoved_NeedNotBeGivenUp()
    {
        var page = TakeIn(9)[0];
        var cache = new PageCache(_task, _pages, _memory) { Refusals = 2 };
        _hotplug.SetMovable(_task, cache.Owner, cache);
        cache.Add(_task, page, 5);
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.True(cache.IsRight(5));
        Assert.Equal([page, page], cache.PutBacks);
        Assert.Equal((1L, 1L), (_hotplug.MigratedPages, cache.Owner.LivePages));
        _machine.AssertClean();
    }

    [Fact]
    public void Notifier_ThatThrows_LeavesEverythingUndone()
    {
        _hotplug.AddNotifier(_task, static (_, what, _) => what == MemoryEvent.GoingOffline ? throw new InvalidOperationException("no") : true, priority: -1);
        Assert.Throws<InvalidOperationException>(() => _hotplug.Offline(_task, Range));
        AssertUndone("GoingOffline", "CancelOffline");
    }

    [Fact]
    public void PageInQuarantine_GoesOutWithItsBlock_AndIsNeverReused()
    {
        var broken = TakeIn(9)[0];
        _pages.Pages.AddMapping(broken);
        _pages.Free(_task, broken);
        Assert.Equal(1, _pages.Pages.QuarantinedCount);
        Assert.NotEmpty(_machine.Traps.Clear());
        Assert.True(_hotplug.Offline(_task, Range).Succeeded);
        Assert.True(_hotplug.Online(_task, Range));
        _pages.DrainAll(_task);
        Assert.Equal((1, Frames - 1), (_pages.Pages.QuarantinedCount, FreePages()));
        Assert.Empty(_pages.Validate());
    }

    [Fact]
    public void Unmovable_Page_IsNamedBeforeAnybodyIsTold()
    {
        var page = TakeIn(40)[0];
        var result = _hotplug.Offline(_task, Range);
        Assert.Equal((OfflineOutcome.Unmovable, page), (result.Outcome, result.Page));
        Assert.Contains("1 references", result.Reason, StringComparison.Ordinal);
        AssertUndone();
        _machine.AssertClean();
    }
}
