using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Hotplug;
using Mm.Core.Owners;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Hotplug;

/// <summary>A small cache whose pages can be moved: what a file system would have.</summary>
internal sealed class PageCache : IMovableOperations
{
    private readonly PageAllocator _pages;
    private readonly PhysicalMemory _memory;
    private readonly Stack<Pfn> _home = new();

    public PageCache(MachineTask task, PageAllocator pages, PhysicalMemory memory)
    {
        (_pages, _memory) = (pages, memory);
        Owner = pages.Owners.Register(task, "cache", (_, page, _) =>
        {
            _home.Push(page);
            return PageFate.Taken;
        });
    }

    public PageOwner Owner { get; }

    /// <summary>What is cached where.</summary>
    public Dictionary<int, Pfn> Pages { get; } = [];

    public List<Pfn> PutBacks { get; } = [];

    /// <summary>How many times moving fails before it succeeds.</summary>
    public int Refusals { get; set; }

    /// <summary>What else happens when a page is moved.</summary>
    public Action<MachineTask>? WhileMoving { get; set; }

    public void Add(MachineTask task, Pfn page, int key)
    {
        _pages.Owners.SetOwner(task, page, Owner);
        _memory.Frames(page)[..4].Fill((byte)key);
        Pages.Add(key, page);
    }

    public bool IsRight(int key) => _memory.Frames(Pages[key])[3] == (byte)key;

    public bool TryIsolate(MachineTask task, Pfn page) => true;

    public bool TryMigrate(MachineTask task, Pfn from, Pfn to)
    {
        if (Refusals-- > 0) return false;
        WhileMoving?.Invoke(task);
        foreach (var (key, page) in Pages)
        {
            if (page != from) continue;
            _memory.Frames(from).CopyTo(_memory.Frames(to));
            Pages[key] = to;
            _pages.Pages.Put(task, from);
            return true;
        }

        return false;
    }

    public void PutBack(MachineTask task, Pfn page) => PutBacks.Add(page);

    public bool TryGiveUp(MachineTask task, Pfn page)
    {
        if (!_home.Contains(page)) return false;
        var rest = new Stack<Pfn>();
        while (_home.TryPop(out var one))
        {
            if (one != page) rest.Push(one);
        }

        while (rest.TryPop(out var one)) _home.Push(one);
        return true;
    }
}
