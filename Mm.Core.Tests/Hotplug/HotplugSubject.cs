using System.Linq;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Hotplug;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Hotplug;

/// <summary>What a program does to memory that goes and comes while its pages are used.</summary>
internal enum HotplugDo
{
    /// <summary>The A-th block of 2 MiB, but for the first.</summary>
    Offline,
    Online,

    /// <summary>A page more in the cache.</summary>
    Cache,

    /// <summary>The A-th page of the cache is given back.</summary>
    Drop,

    /// <summary>A block of order A.</summary>
    Compact,
}

/// <summary>Zone and cache beside what must be in them, on real memory: pages that were moved have their contents. G1, G2, G11 to G13, G15, G16.</summary>
internal sealed class HotplugSubject : Subject<HotplugDo>
{
    public static readonly Gen<Operation<HotplugDo>> All = Operations.OneOf(
        (2, Operations.Of(HotplugDo.Offline, Operations.UpTo(2))),
        (2, Operations.Of(HotplugDo.Online, Operations.UpTo(2))),
        (2, Operations.Of(HotplugDo.Compact, Operations.UpTo(10))),
        (20, Operations.Of(HotplugDo.Cache)),
        (16, Operations.Of(HotplugDo.Drop, Operations.Any)));

    private const int Frames = 2048;
    private const int Block = 512;
    private readonly ZoneAllocatorKind _kind;
    private readonly Machine _machine = Situation.NewMachine(cpus: 2);
    private readonly MachineTask _task;
    private readonly PhysicalMemory _memory = PhysicalMemory.Create(Frames);
    private readonly PageAllocator _pages;
    private readonly MemoryHotplug _hotplug;
    private readonly PageCache _cache;
    private readonly bool[] _isOut = new bool[3];
    private int _key;

    public HotplugSubject(ZoneAllocatorKind kind)
    {
        _kind = kind;
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)], MinFreePages = 100, Memory = _memory, Allocator = kind });
        _hotplug = new MemoryHotplug(_machine, _pages);
        _cache = new PageCache(_task, _pages, _memory);
        _hotplug.SetMovable(_task, _cache.Owner, _cache);
    }

    public override void Do(Operation<HotplugDo> operation)
    {
        var which = operation.A % _isOut.Length;
        var range = new FrameRange(new Pfn((uint)((1 + which) * Block)), Block);
        switch (operation.What)
        {
            case HotplugDo.Offline when !_isOut[which]:
                Assert.True(_hotplug.Offline(_task, range).Succeeded);
                _isOut[which] = true;
                break;
            case HotplugDo.Online when _isOut[which]:
                Assert.True(_hotplug.Online(_task, range));
                _isOut[which] = false;
                break;
            case HotplugDo.Cache when _cache.Pages.Count < 300 && _pages.Allocate(_task, Gfp.Kernel) is { } page:
                _cache.Add(_task, page, _key++);
                break;
            case HotplugDo.Compact:
                _ = _hotplug.Compact(_task, _pages.Zones[0], operation.A % 11);
                break;
            case HotplugDo.Drop when _cache.Pages.Count != 0:
                var key = _cache.Pages.Keys.Order().ElementAt(operation.A % _cache.Pages.Count);
                _pages.Owners.ClearOwner(_task, _cache.Pages[key], _cache.Owner);
                _pages.Free(_task, _cache.Pages[key]);
                _cache.Pages.Remove(key);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        AssertNone(_pages.Validate());
        var allocator = _pages.Zones[0].Allocator;
        var managed = Frames - (Block * _isOut.Count(static isOut => isOut));
        Assert.Equal(managed, _pages.Zones[0].ManagedPages);
        Assert.Equal(managed - _cache.Pages.Count, allocator.FreePages + allocator.CachedPages);
        Assert.Equal(_cache.Pages.Count, _cache.Pages.Values.Distinct().Count());
        foreach (var (key, page) in _cache.Pages)
        {
            if (!_cache.IsRight(key)) Assert.Fail($"the contents of page {page} are not those of key {key}");
            if (page.Number >= Block && _isOut[(page.Number / Block) - 1]) Assert.Fail($"G1 page {page} is used and out");
        }
    }

    public override void Dispose()
    {
        _pages.Dispose();
        _memory.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(HotplugSubject)}(ZoneAllocatorKind.{_kind})";
}
