using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Physical;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Memory with page frames and, behind them, frames without a page; and one address space over it.</summary>
internal sealed class World : IDisposable
{
    public static readonly Pfn First = new(0x1000);
    private readonly MachineTask _task;

    public World(MachineTask task, int frames = 1024, int bare = 64, bool specialBit = true, bool strict = true, int mirrored = 0, Func<MemoryModel, IMemoryModel>? model = null, KernelRegime regime = KernelRegime.Shared, int mirrorBudget = 16_384)
    {
        _task = task;
        Memory = PhysicalMemory.Create(frames + bare);
        Pages = new PageAllocator(task, new PageAllocatorOptions { First = First, Zones = [(ZoneKind.Normal, frames)], Memory = Memory });
        Bare = First.Plus(frames);
        Model = new SegmentListModel(task.Machine, new FrameRange(First, frames + bare));
        Model.Initialise(task, new FrameRange(First, frames));
        Model.MakeReady(task);
        Model.Attach(task, new Segment("xip", new FrameRange(Bare, bare), HasPages: false));
        Virtual = new VirtualMemory(task, new VirtualMemoryOptions
        {
            Pages = Pages, Memory = Memory, Model = model?.Invoke(Model) ?? Model, HasSpecialBit = specialBit, IsStrict = strict, Regime = regime, MirrorBudget = mirrorBudget,
        });
        Map = new MemoryMap(task, Virtual, At, mirrored);
        task.Machine.Traps.Clear();
    }


    /// <summary>Where tests map things; mirrored if anything is.</summary>
    public static VirtualAddress At => new(0x4000_0000);

    public PhysicalMemory Memory { get; }

    public PageAllocator Pages { get; }

    public MemoryModel Model { get; }

    public VirtualMemory Virtual { get; }

    public MemoryMap Map { get; }

    /// <summary>The first frame without a page.</summary>
    public Pfn Bare { get; }

    public int FreePages => Pages.Zones[0].Allocator.FreePages + Pages.Zones[0].Allocator.CachedPages;

    public Span<byte> Bytes(Pfn frame) => Memory.Frames(new Pfn(frame.Number - First.Number));

    public Vma MapAt(long pages, VmFlags flags = VmFlags.Read | VmFlags.Write, IVmOperations? operations = null, VirtualAddress? at = null) =>
        Map.Map(_task, new AreaRequest { Pages = pages, At = at ?? At, Flags = flags, Operations = operations });

    public byte Read(VirtualAddress address) => ReadAs(_task, address);

    public byte ReadAs(MachineTask task, VirtualAddress address)
    {
        Span<byte> bytes = stackalloc byte[1];
        Assert.Equal(0, Map.CopyFromUser(task, address, bytes));
        return bytes[0];
    }

    public void Write(VirtualAddress address, byte value) => Assert.Equal(0, Map.CopyToUser(_task, address, [value]));

    public Pte Entry(VirtualAddress address) => Map.EntryOf(_task, address);

    public Pfn Allocate() => Pages.Allocate(_task, Gfp.Kernel)!.Value;

    public int References(Pfn page) => Pages.Pages.ReferenceCount(page);

    public int Mappings(Pfn page) => Pages.Pages.MapCount(page);

    /// <summary>Table pages that wait for their walkers are freed behind the test's back: the books are looked at when that is done.</summary>
    public void AssertValid()
    {
        _task.Machine.Rcu.Barrier(_task);
        Assert.Empty(Virtual.Validate(_task, static address => (Probe.Read(address) == 0, Probe.Write(address) == 0)));
    }

    /// <summary>Ends the address space and everything below it: what is not given back then is lost.</summary>
    public void AssertNothingLeaks(params MemoryMap[] others)
    {
        foreach (var other in others) other.Exit(_task);
        Map.Exit(_task);
        _task.Machine.Rcu.Barrier(_task);
        _task.Machine.Rcu.Barrier(_task);
        Assert.Empty(Virtual.Validate(_task));
        Virtual.Dispose(_task);
        _task.Machine.Rcu.Barrier(_task);
        Assert.Equal(0, Virtual.TablePages);
        Assert.Equal(Pages.Zones[0].ManagedPages, FreePages);
        Assert.Empty(Pages.Validate());
    }

    public void Dispose()
    {
        Map.Exit(_task);
        _task.Machine.Rcu.Barrier(_task);
        Pages.Dispose();
        Memory.Dispose();
    }

    /// <summary>A file whose pages are in memory already.</summary>
    public sealed class PageFile(World world) : IVmOperations
    {
        public Dictionary<ulong, Pfn> Cache { get; } = [];

        public int Faults { get; private set; }

        public int MadeWritable { get; private set; }

        public FaultResult Result { get; set; }

        public FaultResult Fault(MachineTask task, ref VmFault fault)
        {
            Faults++;
            if (Result != FaultResult.None) return Result;
            if (!Cache.TryGetValue(fault.PageOffset, out var page))
            {
                page = world.Allocate();
                world.Bytes(page).Fill((byte)(fault.PageOffset + 1));
                Cache[fault.PageOffset] = page;
            }

            world.Pages.Pages.Get(page);
            fault.Page = page;
            return FaultResult.None;
        }

        public FaultResult PageMakeWrite(MachineTask task, ref VmFault fault)
        {
            MadeWritable++;
            return FaultResult.None;
        }

        public void Drop(MachineTask task)
        {
            foreach (var page in Cache.Values) world.Pages.Pages.Put(task, page);
            Cache.Clear();
        }
    }
}
