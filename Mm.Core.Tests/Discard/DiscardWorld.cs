using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>An allocator under a host, and a small cache of a file whose pages the host may take away.</summary>
internal sealed class DiscardWorld : IDiscardableCache
{
    private readonly RawSpinLock _lock;
    private readonly Dictionary<int, Pfn> _cached = [];
    private readonly Dictionary<Pfn, int> _mapped = [];
    private readonly Dictionary<int, byte> _file = [];
    private readonly int _id;

    public DiscardWorld(MachineTask task, int frames = 64, PhysicalMemory? memory = null, ZoneAllocatorKind kind = ZoneAllocatorKind.Tree)
    {
        Allocator = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, frames)], Memory = memory, Allocator = kind });
        Host = memory is null ? new SimulatedHost(default, frames) : new PunchHoleHost(Allocator, memory);
        States = new PageStates(task, Allocator, Host);
        _lock = new RawSpinLock(task.Machine, "i_pages");
        _id = States.Register(this);
    }

    /// <summary>A world of a machine with a seed, and one page in its cache, which the host may have dropped.</summary>
    public static (DiscardWorld World, Pfn Page) WithOnePage(Machine machine, int frames = 16, bool isDropped = false)
    {
        DiscardWorld? world = null;
        Pfn page = default;
        machine.Do("setup", task =>
        {
            world = new DiscardWorld(task, frames);
            page = world.Cached(task, 1);
            if (isDropped) Assert.True(world.States.MakeVolatile(task, page, 1) && world.Host.TryDiscard(task, page));
        });
        return (world!, page);
    }

    public PageAllocator Allocator { get; }

    public FrameTable Pages => Allocator.Pages;

    public HostPages Host { get; }

    public PageStates States { get; }

    public int CachedCount => _cached.Count;

    public int Removals { get; private set; }

    public Pfn Allocate(MachineTask task) => Allocator.Allocate(task, Gfp.Kernel)!.Value;

    /// <summary>Puts a page of the file into the cache, which has the only reference to it.</summary>
    public Pfn Cached(MachineTask task, int key)
    {
        var page = Fill(task, key);
        Pages.Put(task, page);
        return page;
    }

    /// <summary>The page of a key with a reference for the caller, read anew if it is not there or not there any more.</summary>
    public Pfn Lookup(MachineTask task, int key)
    {
        while (true)
        {
            if (Find(task, key) is not { } page) return Fill(task, key);
            if (States.MakeStable(task, page)) return page;
            States.Discard(task, page);
            Pages.Put(task, page);
        }
    }

    /// <summary>The page of a key with a reference, whatever its state; null if it is not cached.</summary>
    public Pfn? Find(MachineTask task, int key)
    {
        using (_lock.LockIrqSave(task))
        {
            if (!_cached.TryGetValue(key, out var page)) return null;
            Pages.Get(page);
            return page;
        }
    }

    public byte FileByte(int key) => _file.GetValueOrDefault(key, (byte)key);

    public byte Byte(Pfn page) => Allocator.BytesOf(page)[17];

    public void Write(MachineTask task, Pfn page, int key, byte value)
    {
        Assert.Equal(HostAccess.Done, States.Access(task, page, isWrite: true));
        Allocator.BytesOf(page).Fill(value);
        _file[key] = value;
    }

    public bool Map(MachineTask task, Pfn page, bool isWritable)
    {
        Pages.Get(page);
        if (!States.TryAddMapping(task, page, isWritable))
        {
            Pages.Put(task, page);
            return false;
        }

        _mapped[page] = _mapped.GetValueOrDefault(page) + 1;
        return true;
    }

    public void UnmapOnce(MachineTask task, Pfn page)
    {
        _mapped[page]--;
        _ = States.RemoveMapping(task, page);
        Pages.Put(task, page);
    }

    public void Truncate(MachineTask task, int key)
    {
        if (Find(task, key) is not { } page) return;
        Pages.Lock(task, page);
        Unmap(task, page);
        Remove(task, page);
        Pages.Unlock(task, page);
        Pages.Put(task, page);
    }

    public void Unmap(MachineTask task, Pfn page)
    {
        while (_mapped.GetValueOrDefault(page) != 0) UnmapOnce(task, page);
    }

    public void Remove(MachineTask task, Pfn page)
    {
        using (_lock.LockIrqSave(task))
        {
            var key = -1;
            foreach (var (k, cached) in _cached)
            {
                if (cached == page) key = k;
            }

            if (key < 0 || !States.TryBeginRemoval(task, page)) return;
            _cached.Remove(key);
            Removals++;
        }

        Pages.Put(task, page);
    }

    /// <summary>Discarded pages, freed: they wait in the queue, on the list of this CPU.</summary>
    public List<Pfn> Queue(MachineTask task, int count)
    {
        var pages = new List<Pfn>();
        for (var i = 0; i < count; i++) pages.Add(DropOne(task, 1000 + i));
        foreach (var page in pages) Pages.Put(task, page);
        return pages;
    }

    /// <summary>A page that was cached, dropped by the host and taken out of the cache; the caller has the last reference.</summary>
    public Pfn DropOne(MachineTask task, int key)
    {
        var page = Fill(task, key);
        Assert.True(States.MakeVolatile(task, page, 2));
        Assert.True(Host.TryDiscard(task, page));
        States.Discard(task, page);
        Assert.Equal(1, Pages.ReferenceCount(page));
        return page;
    }

    /// <summary>Free, cached, queued and allocated pages are all there are.</summary>
    public void AssertConserved(int allocated)
    {
        var zone = Allocator.Zones[0];
        Assert.Equal(States.Queue.Count, States.Queue.LocalCount + States.Queue.GatheredCount + States.Queue.WaitingCount);
        Assert.Equal(zone.ManagedPages, zone.Allocator.FreePages + zone.Allocator.CachedPages + States.Queue.Count + allocated + Pages.QuarantinedCount);
        Assert.Empty(States.Queue.Validate());
    }

    private Pfn Fill(MachineTask task, int key)
    {
        var page = Allocate(task);
        Assert.Equal(HostAccess.Done, States.Access(task, page, isWrite: true));
        if (Host is PunchHoleHost) Allocator.BytesOf(page).Fill(FileByte(key));
        Host.ClearDirty(page);
        Pages.Set(page, PageFlags.UpToDate);
        using (_lock.LockIrqSave(task))
        {
            if (!_cached.TryGetValue(key, out var other))
            {
                _cached[key] = page;
                States.AddToCache(page, _id);
                Pages.Get(page);
                return page;
            }

            Pages.Get(other);
            Pages.Put(task, page);
            return other;
        }
    }
}
