using System;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Discard faults in address spaces, on memory that is really gone: what is read is the file, whatever the host takes away.</summary>
public sealed class CachedFileTests : IDisposable
{
    private const VmFlags SharedWrite = VmFlags.Read | VmFlags.Write | VmFlags.Shared;
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly HostedWorld _hosted;

    public CachedFileTests()
    {
        _task = _machine.Attach("test");
        _hosted = new HostedWorld(_task);
    }

    private static VirtualAddress At => World.At;

    private World World => _hosted.World;

    public void Dispose()
    {
        _hosted.AssertValid(_task);
        _hosted.AssertNothingLeaks(_task);
        _hosted.Dispose();
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    // E5.11: the dropped page keeps its cache until the fault has found every entry that shows it.
    [Fact]
    public void S5_10_AReadOfAMappedPage_ThatTheHostDropped_ReadsTheFileAnew()
    {
        _hosted.Show(_task, VmFlags.Read);
        var other = World.Map.Fork(_task)!;
        var seen = new byte[1];
        Assert.Equal(0, other.CopyFromUser(_task, At.PlusPages(3), seen));
        var page = _hosted.Drop(_task, At.PlusPages(3));
        Assert.Equal((0, 2), (World.Bytes(page)[0], World.Mappings(page)));
        Assert.Equal(4, World.Read(At.PlusPages(3)));
        Assert.NotEqual(page, World.Entry(At.PlusPages(3)).Pfn);
        Assert.True(other.EntryOf(_task, At.PlusPages(3)).IsNone);
        Assert.Equal((0, 1, 2L, 1L), (World.Mappings(page), _hosted.States.Queue.Count, _hosted.File.Reads, _hosted.File.DroppedPages));
        Assert.Equal(0, other.CopyFromUser(_task, At.PlusPages(3), seen));
        Assert.Equal((4, 2), (seen[0], World.Mappings(World.Entry(At.PlusPages(3)).Pfn)));
        other.Exit(_task);
    }

    [Fact]
    public void AFault_ThatShowsAPage_OffersItAgain()
    {
        _hosted.Show(_task, SharedWrite);
        Assert.Equal(1, World.Read(At));
        Assert.Equal("Vr", _hosted.StateOf(World.Entry(At).Pfn));
        World.Write(At, 50);
        Assert.Equal("Pr", _hosted.StateOf(World.Entry(At).Pfn));
        World.Write(At.PlusPages(1), 51);
        Assert.Equal("Pr", _hosted.StateOf(World.Entry(At.PlusPages(1)).Pfn));
    }

    // The host must not drop what was written through a map, and brings back what it has swapped before it is read.
    [Fact]
    public void S5_08_APageWrittenThroughAMap_IsKeptUntilTheFileHasIt()
    {
        _hosted.Show(_task, SharedWrite);
        World.Write(At, 50);
        var page = World.Entry(At).Pfn;
        Assert.False(_hosted.Host.TryDiscard(_task, page));
        Assert.True(_hosted.Host.TrySwap(_task, page));
        Assert.Equal((0, 50), (World.Bytes(page)[0], World.Read(At)));
        Assert.Equal("Sr", _hosted.StateOf(page));
        Assert.True(_hosted.File.WriteBack(_task));
        Assert.Equal((50, "Pr"), (_hosted.Disk[0], _hosted.StateOf(page)));
        Assert.True(_hosted.Host.TryDiscard(_task, page));
        Assert.Equal((50, 2L), (World.Read(At), _hosted.File.Reads));
    }

    [Fact]
    public void S5_06_TheLastUnmapping_TakesTheDirtyBitAndTheWritableFlag()
    {
        _hosted.Show(_task, SharedWrite);
        World.Write(At, 50);
        var page = World.Entry(At).Pfn;
        Assert.Equal(PageFlags.Writable, _hosted.Frames.Flags(page) & (PageFlags.Writable | PageFlags.Dirty));
        World.Map.Unmap(_task, At, 8);
        Assert.Equal(PageFlags.Dirty, _hosted.Frames.Flags(page) & (PageFlags.Writable | PageFlags.Dirty));
        Assert.Equal("Sr", _hosted.StateOf(page));
        Assert.True(_hosted.File.WriteBack(_task));
        Assert.Equal((50, "Vr"), (_hosted.Disk[0], _hosted.StateOf(page)));
    }

    [Fact]
    public void AWritableEntry_ForAPageThatIsShownAlready_IsRefusedOnceItIsDropped()
    {
        _hosted.Show(_task, SharedWrite);
        var page = _hosted.Drop(_task, At);
        World.Write(At.Plus(1), 9);
        Assert.NotEqual(page, World.Entry(At).Pfn);
        Assert.Equal((1, 9), (World.Read(At), World.Read(At.Plus(1))));
    }

    [Fact]
    public void APrivateWrite_OfADroppedPage_CopiesTheFile()
    {
        _hosted.Show(_task, VmFlags.Read | VmFlags.Write);
        _hosted.Drop(_task, At.PlusPages(2));
        World.Write(At.PlusPages(2).Plus(1), 9);
        Assert.Equal((3, 9), (World.Read(At.PlusPages(2)), World.Read(At.PlusPages(2).Plus(1))));
        Assert.Equal((1L, 0L), (World.Map.AnonymousPages, World.Map.FilePages));
        Assert.Equal((FaultResult.None, 3), (_hosted.File.Read(_task, 2, 1, new byte[1]), _hosted.Disk[2]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AReference_ToAPageBehindAnAddress_IsToAStablePageWithTheFilesBytes(bool isFast)
    {
        _hosted.Show(_task, VmFlags.Read);
        var dropped = _hosted.Drop(_task, At);
        var pages = new Pfn[1];
        MapResult error;
        if (isFast)
        {
            Assert.Equal(0, World.Map.GetUserPagesFastOnly(_task, At, pages, forWriting: false));
            Assert.Equal(1, World.Map.GetUserPagesFast(_task, At, pages, forWriting: false, out error));
        }
        else
        {
            using (World.Map.Lock.Read(_task)) Assert.Equal(1, World.Map.GetUserPages(_task, At, pages, forWriting: false, out error));
        }

        Assert.NotEqual(dropped, pages[0]);
        Assert.Equal((MapResult.None, "Sr", 1), (error, _hosted.StateOf(pages[0]), World.Bytes(pages[0])[0]));
        Assert.False(_hosted.States.MakeVolatile(_task, pages[0], 1));
        _hosted.File.Put(_task, pages[0]);
        Assert.Equal("Vr", _hosted.StateOf(pages[0]));
        Assert.Equal(1, World.Map.GetUserPagesFastOnly(_task, At, pages, forWriting: false));
        Assert.Equal("Sr", _hosted.StateOf(pages[0]));
        _hosted.File.Put(_task, pages[0]);
    }

    // E5.16: where nobody may sleep, the access fails as any fault there does; nothing is forced, and the page waits for the next fault.
    [Theory]
    [InlineData("T")]
    [InlineData("P")]
    [InlineData("S")]
    [InlineData("Id")]
    [InlineData("Ih")]
    public void E5_16_AnAccessThatMustNotFault_ToADroppedPage_FailsAndLeavesItAlone(string column)
    {
        _hosted.Show(_task, VmFlags.Read);
        var page = _hosted.Drop(_task, At.PlusPages(1));
        var bytes = new byte[Pfn.PageSize];
        Assert.Equal(1, World.Read(At));
        Situation.In(column, _task, task => Situation.AssertUnchanged(task, () =>
            Assert.Equal(100, World.Map.CopyFromUserNoFault(task, At.Plus(Pfn.PageSize - 50), bytes.AsSpan(0, 150)))));
        using (_task.DisablePageFaults()) Assert.Equal(1, World.Map.CopyFromUser(_task, At.PlusPages(1), bytes.AsSpan(0, 1)));
        Assert.Equal((2, "Vz"), (World.References(page), _hosted.StateOf(page)));
        Assert.Equal(2, World.Read(At.PlusPages(1)));
    }

    [Fact]
    public void E5_11_APageThatIsLeavingItsCache_CannotBeInserted()
    {
        var page = World.Allocate();
        _hosted.Frames.Set(page, PageFlags.Discarded);
        var area = World.MapAt(1, VmFlags.Read | VmFlags.Shared | VmFlags.MixedMap);
        using (World.Map.Lock.Write(_task)) Assert.Equal(MapResult.Invalid, World.Map.InsertPage(_task, area, At, page));
        Assert.Equal((1, 0), (World.References(page), World.Mappings(page)));
        _hosted.Frames.Clear(page, PageFlags.Discarded);
        World.Pages.Pages.Put(_task, page);
    }

    [Fact]
    public void AnonymousPages_ThatTheHostSwapped_ComeBackBeforeTheyAreTouched()
    {
        World.MapAt(2);
        World.Write(At, 7);
        var page = World.Entry(At).Pfn;
        Assert.True(_hosted.Host.TrySwap(_task, page));
        Assert.Equal((0, 7), (World.Bytes(page)[0], World.Read(At)));
        Assert.True(_hosted.Host.TrySwap(_task, page));
        var child = World.Map.Fork(_task)!;
        World.Write(At.Plus(1), 8);
        Assert.Equal((7, 8), (World.Read(At), World.Read(At.Plus(1))));
        child.Exit(_task);
    }

    [Fact]
    public void WhileItIsAccessed_AFrame_IsNeitherDroppedNorSwapped()
    {
        var host = _hosted.Host;
        Assert.Equal(FaultResult.None, _hosted.File.Get(_task, 0, out var page));
        Assert.Equal(HostAccess.Done, host.BeginAccess(page, isWrite: false));
        Assert.Equal(HostAccess.Done, host.BeginAccess(page, isWrite: false));
        Assert.False(host.TrySwap(_task, page));
        _hosted.File.Put(_task, page);
        Assert.False(host.TryDiscard(_task, page));
        host.EndAccess(page);
        Assert.False(host.TryDiscard(_task, page));
        host.EndAccess(page);
        Assert.True(host.TryDiscard(_task, page));
        Assert.Throws<InvalidOperationException>(() => host.EndAccess(page));
        Assert.Equal(HostAccess.DiscardFault, host.BeginAccess(page, isWrite: false));
        Assert.Equal("Vz", _hosted.StateOf(page));
    }

    [Fact]
    public void Truncation_OfAMappedPage_TakesItFromTheMapAndTheCache()
    {
        _hosted.Show(_task, SharedWrite);
        World.Write(At, 50);
        _hosted.File.Truncate(_task, 0);
        Assert.True(World.Entry(At).IsNone);
        Assert.Equal((0, 1), (_hosted.File.CachedPages, World.Read(At)));
    }

    [Fact]
    public void APageThatCannotBeRead_IsABusErrorAndLeavesNothing()
    {
        _hosted.Show(_task, VmFlags.Read);
        _hosted.Disk.IsBroken = true;
        Assert.Equal(1, World.Map.CopyFromUser(_task, At, new byte[1]));
        Assert.Equal(FaultResult.BusError, _hosted.File.Get(_task, 0, out Pfn _));
        Assert.Equal(FaultResult.BusError, _hosted.File.Get(_task, 8, out Pfn _));
        Assert.Equal(0, _hosted.File.CachedPages);
        _hosted.Disk.IsBroken = false;
        Assert.Equal(FaultResult.None, _hosted.File.Write(_task, 0, 0, [9]));
        _hosted.Disk.IsBroken = true;
        Assert.False(_hosted.File.WriteBack(_task));
        _hosted.Disk.IsBroken = false;
        Assert.True(_hosted.File.WriteBack(_task));
        Assert.Equal(9, _hosted.Disk[0]);
    }

    // Allocations get what is cached and clean, mapped or not; what is dirty stays.
    [Fact]
    public void MemoryThatRunsOut_IsTakenFromTheCacheAndFromTheQueue()
    {
        _hosted.Show(_task, SharedWrite);
        for (var i = 0; i < 8; i++) Assert.Equal(i + 1, World.Read(At.PlusPages(i)));
        Assert.Equal(FaultResult.None, _hosted.File.Write(_task, 5, 0, [99]));
        World.Write(At.PlusPages(6), 98);
        _hosted.Drop(_task, At);
        Assert.Equal(1, World.Read(At));
        var taken = new System.Collections.Generic.List<Pfn>();
        while (World.Pages.Allocate(_task, Gfp.Kernel | Gfp.NoRetry) is { } page) taken.Add(page);
        Assert.Equal((2, 0), (_hosted.File.CachedPages, _hosted.States.Queue.Count));
        foreach (var page in taken) World.Pages.Free(_task, page);
        Assert.Equal((99, 98, 1), (World.Read(At.PlusPages(5)), World.Read(At.PlusPages(6)), World.Read(At)));
    }

    [Fact]
    public void WithoutAHost_TheCacheIsAnOrdinaryOne()
    {
        using var world = new World(_task, frames: 128);
        var disk = new Disk(4);
        var file = new CachedFile(_task, world.Virtual, disk);
        file.Map(_task, world.Map, new AreaRequest { Pages = 4, At = At, Flags = SharedWrite });
        for (var round = 0; round < 2; round++)
        {
            world.Write(At, (byte)(50 + round));
            Assert.True(file.WriteBack(_task));
            Assert.Equal(50 + round, disk[0]);
        }

        Assert.Equal(FaultResult.None, file.Write(_task, 1, 0, [60]));
        Assert.Equal(60, world.Read(At.PlusPages(1)));
        Assert.Throws<InvalidOperationException>(() => file.Dispose(_task));
        world.Map.Unmap(_task, At, 4);
        file.Dispose(_task);
        world.AssertNothingLeaks();
    }

    [Fact]
    public void AFileThatCannotBeWritten_GivesNoWritableMap()
    {
        var file = new CachedFile(_task, World.Virtual, new Disk(2, isWritable: false));
        var area = file.Map(_task, World.Map, new AreaRequest { Pages = 2, At = At.PlusPages(64), Flags = SharedWrite });
        Assert.Equal(1, World.Map.CopyToUser(_task, area.Start, [1]));
        Assert.Equal(FaultResult.BusError, file.Write(_task, 0, 0, [1]));
        World.Map.Unmap(_task, area.Start, 2);
        file.Dispose(_task);
    }
}
