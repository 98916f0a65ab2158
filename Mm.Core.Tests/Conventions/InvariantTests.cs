using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Discard;
using Mm.Core.Tests.Paging;
using Mm.Core.Tests.Physical;
using Mm.Core.Zones;
using Xunit;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Tests.Conventions;

/// <summary>Each invariant is broken on purpose, behind the back of the code that keeps it: what looks for it must name it.</summary>
public sealed class InvariantTests : IDisposable
{
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;

    public InvariantTests() => _task = _machine.Attach("test");

    public void Dispose()
    {
        _task.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void G1_APageThatIsFreeAndInUse_IsNamed()
    {
        var pages = Allocator();
        var block = pages.Allocate(_task, Gfp.Kernel, 1)!.Value;
        AddFree(pages, block.Plus(1), 0);
        AssertNames("G1", pages.Validate());
    }

    [Fact]
    public void G1_APageThatIsFreeTwice_IsNamed()
    {
        var pages = Allocator();
        var page = pages.Allocate(_task, Gfp.Kernel, 1)!.Value;
        Hot(pages, page).References = 0;
        AddFree(pages, page, 1);
        AddFree(pages, page.Plus(1), 0);
        AssertNames("G1", pages.Validate());
    }

    [Fact]
    public void G2_AZoneThatMiscountsItsFreePages_IsNamed()
    {
        var pages = Allocator();
        Add(pages.Zones[0].Allocator, "_freePages", 1);
        AssertNames("Z4", pages.Validate());
    }

    [Fact]
    public void G3_ABlockThatIsNotAligned_OrHasAFreeBuddy_IsNamed()
    {
        var pages = Allocator();
        var pair = pages.Allocate(_task, Gfp.Kernel, 1)!.Value;
        Hot(pages, pair).References = 0;
        AddFree(pages, pair, 0);
        AddFree(pages, pair.Plus(1), 0);
        AssertNames("Z2", pages.Validate());

        pages = Allocator();
        pair = pages.Allocate(_task, Gfp.Kernel, 2)!.Value;
        AddFree(pages, pair.Plus(1), 1);
        AssertNames("Z1", pages.Validate());
    }

    [Theory]
    [InlineData(ZoneAllocatorKind.Tree)]
    [InlineData(ZoneAllocatorKind.Buddy)]
    public void G4_AFreePageWithAFlagOrAReference_IsNamed(ZoneAllocatorKind kind)
    {
        foreach (var hasFlag in (bool[])[true, false])
        {
            var pages = Allocator(kind);
            var page = pages.Allocate(_task, Gfp.Kernel)!.Value;
            pages.Free(_task, page);
            Assert.Empty(pages.Validate());
            if (hasFlag) pages.Pages.Set(page, PageFlags.Dirty);
            else Hot(pages, page).References = 1;
            AssertNames("G4", pages.Validate());
        }
    }

    [Fact]
    public void G5_AMiscountOfTheCaches_IsNamed()
    {
        var pages = Allocator();
        pages.Free(_task, pages.Allocate(_task, Gfp.Kernel)!.Value);
        var lists = (Array)Field(pages.Zones[0].Allocator, "_cpus").GetValue(pages.Zones[0].Allocator)!;
        var list = lists.Cast<object>().First(static l => (int)l.GetType().GetProperty("Count")!.GetValue(l)! != 0);
        var count = list.GetType().GetFields(BindingFlags.NonPublic | BindingFlags.Instance).First(static f => f.FieldType == typeof(int) && f.Name.Contains("ount", StringComparison.Ordinal));
        count.SetValue(list, (int)count.GetValue(list)! + 1);
        AssertNames("G5", pages.Validate());
    }

    [Fact]
    public void G6_APageWithMoreMappingsThanReferences_IsNamed()
    {
        using var world = new World(_task);
        world.MapAt(1);
        world.Write(World.At, 1);
        var page = world.Entry(World.At).Pfn;
        Hot(world.Pages, page).References = 0;
        AssertNames("G6", world.Virtual.Validate(_task));
        Hot(world.Pages, page).References = 1;
        Assert.Empty(world.Virtual.Validate(_task));
    }

    [Theory]
    [InlineData("_anonymousPages")]
    [InlineData("_filePages")]
    public void G7_AMapThatMiscountsItsPages_IsNamed(string counter)
    {
        using var world = new World(_task);
        world.MapAt(1);
        world.Write(World.At, 1);
        Add(world.Map, counter, 1);
        AssertNames("G7", world.Virtual.Validate(_task));
    }

    [Fact]
    public void G8_AMappingThatNoEntryShows_IsNamed()
    {
        using var world = new World(_task);
        var page = world.Allocate();
        world.Pages.Pages.AddMapping(page);
        AssertNames("G8", world.Virtual.Validate(_task));
        world.Pages.Pages.RemoveMapping(page);
    }

    // A special entry is in none of the counts: G7 and G8 say so.
    [Fact]
    public void G9_ASpecialEntryThatIsCounted_IsNamed()
    {
        using var world = new World(_task);
        world.MapAt(1, VmFlags.Read | VmFlags.Write | VmFlags.MixedMap);
        world.Write(World.At, 1);
        Entry(world, World.At) |= Pte.SpecialBit;
        AssertNames("G7", world.Virtual.Validate(_task));
        AssertNames("G8", world.Virtual.Validate(_task));
        Entry(world, World.At) &= ~Pte.SpecialBit;
    }

    [Fact]
    public void G10_AnEntryThatTheMirrorDoesNotShow_IsNamed()
    {
        using var world = new World(_task, mirrored: 2);
        if (!world.Memory.HasViews) return;
        world.MapAt(2);
        world.Write(World.At, 1);
        Assert.Empty(world.Virtual.Validate(_task, Ask));
        Entry(world, World.At) &= ~Pte.WriteBit;
        AssertNames("G10", world.Virtual.Validate(_task, Ask));
    }

    [Fact]
    public void G11_AHandlerThatLeavesAnotherContext_IsNamed()
    {
        _machine.CrossCalls.Send(_task, _task.RawCpuIndex, static (here, _) => here.PreemptDisable());
        Assert.StartsWith("context leak: ", _machine.TakeSingle().Text, StringComparison.Ordinal);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Situation.AssertUnchanged(_task, () => _task.PreemptDisable()));
        _task.PreemptEnable();
    }

    [Fact]
    public void G12_ATrapThatNobodyExpects_FailsTheTest()
    {
        _machine.Traps.Report(_task, TrapKind.Warning, "unexpected");
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(_machine.AssertClean);
        _machine.AssertClean();
    }

    [Fact]
    public void G13_AnOrderOrAUseOfLocksThatIsWrong_IsNamed()
    {
        var (a, b) = (new SpinLock(_machine, "a"), new SpinLock(_machine, "b"));
        using (a.Lock(_task))
        {
            using (b.Lock(_task)) { }
        }

        var order = _machine.LockOrder;
        Assert.Empty(order.Validate());
        var (first, second) = (order.ClassOf("a", false), order.ClassOf("b", false));
        first.AddUsage(LockUsage.UsedInHardIrq, "", 0);
        AssertNames("G13", order.Validate(), 1);
        second.AddAfter(first, default);
        AssertNames("G13", order.Validate(), 3);
        second.AddUsage(LockUsage.UsedInSoftIrq, "", 0);
        AssertNames("G13", order.Validate(), 4);
    }

    [Fact]
    public void G14_AnEntryOutsideOfAreas_OrAnAreaThatIsNotAligned_IsNamed()
    {
        using var world = new World(_task);
        var area = world.MapAt(2);
        world.Write(World.At, 1);
        area.Start = World.At.PlusPages(1);
        AssertNames("G14", world.Virtual.Validate(_task));
        area.Start = World.At;
        area.End = World.At.PlusPages(2).Plus(8);
        AssertNames("G14", world.Virtual.Validate(_task));
        area.End = World.At;
        AssertNames("G14", world.Virtual.Validate(_task));
        area.End = World.At.PlusPages(2);
        Assert.Empty(world.Virtual.Validate(_task));
    }

    [Fact]
    public void G15_AnOwnerThatMiscountsHisPages_IsNamed()
    {
        var pages = Allocator();
        var owner = pages.Owners.Register(_task, "x", static (_, _, _) => PageFate.Taken);
        pages.Owners.SetOwner(_task, pages.Allocate(_task, Gfp.Kernel)!.Value, owner);
        Assert.Empty(pages.Validate());
        owner.Add(1);
        AssertNames("G15", pages.Validate());
    }

    [Fact]
    public void G16_APageThatIsNowhere_OrThatTheQueueHasLost_IsNamed()
    {
        var pages = Allocator();
        var page = pages.Allocate(_task, Gfp.Kernel)!.Value;
        Hot(pages, page).References = 0;
        AssertNames("G16", pages.Validate());

        var world = new DiscardWorld(_task);
        world.Queue(_task, 2);
        Assert.Empty(world.Allocator.Validate());
        ((PageChain[])Field(world.States.Queue, "_local").GetValue(world.States.Queue)!)[_task.RawCpuIndex] = new PageChain();
        AssertNames("G16", world.Allocator.Validate(), 2);
        AssertNames("DQ1", world.States.Queue.Validate());
    }

    private static (bool Read, bool Write) Ask(nint address) => (Probe.Read(address) == 0, Probe.Write(address) == 0);

    private static void AssertNames(string invariant, IReadOnlyList<string> broken, int times = 0)
    {
        var named = broken.Count(line => line.StartsWith(invariant + " ", StringComparison.Ordinal));
        Assert.True(times == 0 ? named != 0 : named == times, $"{named} lines name {invariant}: {string.Join('\n', broken)}");
    }

    private static FieldInfo Field(object of, string name) => of.GetType().GetField(name, BindingFlags.NonPublic | BindingFlags.Instance)!;

    private static void Add(object of, string counter, int more)
    {
        var field = Field(of, counter);
        field.SetValue(of, field.FieldType == typeof(long) ? (object)((long)field.GetValue(of)! + more) : (int)field.GetValue(of)! + more);
    }

    private static ref HotPage Hot(PageAllocator pages, Pfn page) => ref pages.Pages.Descriptors.Hot(pages.Pages.IndexOf(page));

    private static ref ulong Entry(World world, VirtualAddress address)
    {
        Assert.True(world.Map.Tables.TryFind(address, out var leaf));
        return ref world.Virtual.Access.Entry(leaf, address.Index(0));
    }

    // Into the lists of the buddy, and into nothing else.
    private static void AddFree(PageAllocator pages, Pfn page, int order) =>
        typeof(BuddyAllocator).GetMethod("AddLocked", BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(pages.Zones[0].Allocator, [pages.Pages.IndexOf(page), order, false]);

    private PageAllocator Allocator(ZoneAllocatorKind kind = ZoneAllocatorKind.Buddy) =>
        new(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)], Allocator = kind });
}
