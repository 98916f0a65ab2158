using System;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>A file that lies outside of the machine. Page n is full of n + 1 at first.</summary>
internal sealed class Disk(int pages, bool isWritable = true) : IFileBacking
{
    private readonly byte[][] _pages = Create(pages);

    public int PageCount => pages;

    public bool IsWritable => isWritable;

    public bool IsBroken { get; set; }

    public int Writes { get; private set; }

    public byte this[int page] => _pages[page][0];

    public bool TryRead(MachineTask task, int page, Span<byte> bytes)
    {
        task.Point();
        if (IsBroken) return false;
        _pages[page].CopyTo(bytes);
        return true;
    }

    public bool TryWrite(MachineTask task, int page, ReadOnlySpan<byte> bytes)
    {
        task.Point();
        if (IsBroken) return false;
        bytes.CopyTo(_pages[page]);
        Writes++;
        return true;
    }

    private static byte[][] Create(int pages)
    {
        var all = new byte[pages][];
        for (var i = 0; i < pages; i++)
        {
            all[i] = new byte[Pfn.PageSize];
            Array.Fill(all[i], (byte)(i + 1));
        }

        return all;
    }
}

/// <summary>A world under a host that takes memory away for real, with a cached file of eight pages.</summary>
internal sealed class HostedWorld : IDisposable
{
    public HostedWorld(MachineTask task, bool isWritable = true, int pages = 8, int frames = 256)
    {
        World = new World(task, frames);
        Host = new PunchHoleHost(World.Pages, World.Memory);
        States = new PageStates(task, World.Pages, Host);
        Disk = new Disk(pages, isWritable);
        File = new CachedFile(task, World.Virtual, Disk);
    }

    public World World { get; }

    public PunchHoleHost Host { get; }

    public PageStates States { get; }

    public Disk Disk { get; }

    public CachedFile File { get; }

    public FrameTable Frames => World.Pages.Pages;

    public Vma Show(MachineTask task, VmFlags flags, MemoryMap? map = null, VirtualAddress? at = null) =>
        File.Map(task, map ?? World.Map, new AreaRequest { Pages = Disk.PageCount, At = at ?? World.At, Flags = flags });

    /// <summary>Shows a page at an address, and lets the host drop it.</summary>
    public Pfn Drop(MachineTask task, VirtualAddress at)
    {
        Span<byte> bytes = stackalloc byte[1];
        Assert.Equal(0, World.Map.CopyFromUser(task, at, bytes));
        var page = World.Entry(at).Pfn;
        Assert.True(Host.TryDiscard(task, page));
        Assert.Equal("Vz", StateOf(page));
        return page;
    }

    public string StateOf(Pfn page) => Host.StateOf(page).ToString();

    /// <summary>G16 and the invariants of address spaces: every page is somewhere, and counted as what it is.</summary>
    public void AssertValid(MachineTask task)
    {
        task.Machine.Rcu.Barrier(task);
        Assert.Empty(World.Virtual.Validate(task));
        Assert.Empty(States.Queue.Validate());

        // What an address shows of the file is what the cache has: no entry outlives its page there.
        foreach (var (address, pte) in World.Virtual.EntriesOf(World.Map))
        {
            if (!Frames.IsAnonymous(pte.Pfn) && pte.Pfn != World.Virtual.ZeroPage) Assert.True(File.IsFoundAgain(pte.Pfn), $"{address} shows {pte.Pfn}, which is cached no more");
        }

        var allocated = 0;
        for (var i = 0; i < Frames.Count; i++)
        {
            var page = World.First.Plus(i);
            Assert.True(Host.StateOf(page).IsLegal);
            if (Frames.ReferenceCount(page) != 0) allocated++;
        }

        Assert.Equal(World.Pages.Zones[0].ManagedPages, World.FreePages + States.Queue.Count + allocated + Frames.QuarantinedCount);
    }

    /// <summary>Ends everything: what is not given back then is lost.</summary>
    public void AssertNothingLeaks(MachineTask task, params MemoryMap[] others)
    {
        foreach (var other in others) other.Exit(task);
        World.Map.Exit(task);
        File.Dispose(task);
        _ = States.Queue.Reap(task);
        World.AssertNothingLeaks();
        Assert.Equal((0, 0), (File.CachedPages, States.Queue.Count));
    }

    public void Dispose() => World.Dispose();
}
