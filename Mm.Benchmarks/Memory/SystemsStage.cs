using System;
using System.Collections.Generic;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace Mm.Benchmarks.Memory;

/// <summary>A machine with memory, a memory model of 64 segments, and an address space.</summary>
internal sealed class SystemsStage : IDisposable
{
    private const int Frames = 1 << 17;
    private const uint FirstOfSegments = 0x40000;
    private const int Segments = 64;

    public SystemsStage(string model = "sparse", bool specialBit = true)
    {
        Machine = Machine.Create(new MachineOptions { CpuCount = 2 });
        Task = Machine.Attach("benchmark");
        Memory = PhysicalMemory.Create(Frames);
        Pages = new PageAllocator(Task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)], MinFreePages = 128, Memory = Memory });
        Model = NewModel(model, Task);
        Virtual = new VirtualMemory(Task, new VirtualMemoryOptions { Pages = Pages, Memory = Memory, Model = Model, HasSpecialBit = specialBit });
        Map = new MemoryMap(Task, Virtual);
    }

    public static VirtualAddress At => new(0x4000_0000);

    public Machine Machine { get; }

    public MachineTask Task { get; }

    public PhysicalMemory Memory { get; }

    public PageAllocator Pages { get; }

    public MemoryModel Model { get; }

    public VirtualMemory Virtual { get; }

    public MemoryMap Map { get; }

    /// <summary>Frames of the segments, at random.</summary>
    public static Pfn[] Questions(int count)
    {
        var random = new Random(1);
        var pfns = new Pfn[count];
        for (var i = 0; i < count; i++) pfns[i] = new Pfn(FirstOfSegments + (uint)random.Next(Segments * 1024));
        return pfns;
    }

    /// <summary>The same, but half of the frames are of no segment.</summary>
    public static Pfn[] HalfMissing(int count)
    {
        var pfns = Questions(count);
        var random = new Random(2);
        for (var i = 0; i < count; i++) pfns[i] = new Pfn(pfns[i].Number + (uint)(random.Next(2) * Segments * 1024));
        return pfns;
    }

    public static MemoryModel NewModel(string kind, MachineTask task)
    {
        var linear = new FrameRange(new Pfn(0), Frames);
        MemoryModel model = kind switch
        {
            "flat" => new FlatModel(task.Machine, linear),
            "sparse" => new SparseModel(task.Machine, linear),
            _ => new SegmentListModel(task.Machine, linear),
        };
        model.Initialise(task, linear);
        model.MakeReady(task);
        if (kind == "flat") return model;
        foreach (var segment in AllSegments()) model.Attach(task, segment);
        return model;
    }

    public static IEnumerable<Segment> AllSegments()
    {
        for (var i = 0u; i < Segments; i++) yield return new Segment("s" + i, new FrameRange(new Pfn(FirstOfSegments + (i * 1024)), 1024), HasPages: true);
    }

    public void Dispose()
    {
        Map.Exit(Task);
        Machine.Rcu.Barrier(Task);
        Virtual.Dispose(Task);
        Machine.Rcu.Barrier(Task);
        Task.Dispose();
        Machine.Dispose();
        Pages.Dispose();
        Memory.Dispose();
    }
}

/// <summary>A cache of pages that may be dropped, as little of one as there can be.</summary>
internal sealed class BareCache(PageStates states, FrameTable frames) : IDiscardableCache
{
    public void Unmap(MachineTask task, Pfn page)
    {
    }

    public void Remove(MachineTask task, Pfn page)
    {
        if (states.TryBeginRemoval(task, page)) frames.Put(task, page);
    }
}
