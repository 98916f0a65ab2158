using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Hotplug;
using Mm.Core.Locking;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Discard;
using Mm.Core.Tests.Paging;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public partial class ForbiddenCellTests
{
    private const VmFlags ReadShared = VmFlags.Read | VmFlags.Shared;

    // Rows whose call goes through all of their members, and is allowed everywhere or asks them all alike.
    private static readonly HashSet<string> Joint =
    [
        "page-where", "page-flags", "page-counts", "rcu-read", "caches-off", "pfn-valid", "bytes",

        // One member by its interface and by its class.
        "pfn-ram",

        // The zone allocators are reached through the page allocator, which reports for them: the tree allocator takes no lock that could.
        "alloc-atomic", "block-isolation",
    ];

    // The members behind the first of each row.
    private static Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> MemberCalls() => new()
    {
        ["spin-lock RawSpinLock.Acquire"] = static (m, task) => { var l = UsedRaw(m, task); return t => { l.Acquire(t); l.Release(t); }; },
        ["spin-lock ReadWriteSpinLock.AcquireRead"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { l.AcquireRead(t); l.ReleaseRead(t); }; },
        ["spin-lock ReadWriteSpinLock.AcquireWrite"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { l.AcquireWrite(t); l.ReleaseWrite(t); }; },
        ["spin-guard RawSpinLock.Lock"] = static (m, task) => { var l = UsedRaw(m, task); return t => { using (l.Lock(t)) { } }; },
        ["spin-guard ReadWriteSpinLock.Read"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { using (l.Read(t)) { } }; },
        ["spin-guard ReadWriteSpinLock.Write"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { using (l.Write(t)) { } }; },
        ["spin-lock-irq RawSpinLock.AcquireIrq"] = static (m, task) => { var l = UsedRaw(m, task); return t => { l.AcquireIrq(t); l.ReleaseIrq(t); }; },
        ["spin-lock-irq ReadWriteSpinLock.AcquireReadIrq"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { l.AcquireReadIrq(t); l.ReleaseReadIrq(t); }; },
        ["spin-lock-irq ReadWriteSpinLock.AcquireWriteIrq"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { l.AcquireWriteIrq(t); l.ReleaseWriteIrq(t); }; },
        ["spin-lock-irqsave RawSpinLock.AcquireIrqSave"] = static (m, task) => { var l = UsedRaw(m, task); return t => l.ReleaseIrqRestore(t, l.AcquireIrqSave(t)); },
        ["spin-lock-irqsave ReadWriteSpinLock.AcquireReadIrqSave"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => l.ReleaseReadIrqRestore(t, l.AcquireReadIrqSave(t)); },
        ["spin-lock-irqsave ReadWriteSpinLock.AcquireWriteIrqSave"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => l.ReleaseWriteIrqRestore(t, l.AcquireWriteIrqSave(t)); },
        ["spin-lock-bh RawSpinLock.AcquireBottomHalf"] = static (m, _) => { var l = new RawSpinLock(m, "test"); return t => { l.AcquireBottomHalf(t); l.ReleaseBottomHalf(t); }; },
        ["spin-trylock RawSpinLock.TryAcquire"] = static (m, task) => { var l = UsedRaw(m, task); return t => { Assert.True(l.TryAcquire(t)); l.Release(t); }; },
        ["spin-trylock ReadWriteSpinLock.TryAcquireRead"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { Assert.True(l.TryAcquireRead(t)); l.ReleaseRead(t); }; },
        ["spin-trylock ReadWriteSpinLock.TryAcquireWrite"] = static (m, task) => { var l = UsedReadWrite(m, task); return t => { Assert.True(l.TryAcquireWrite(t)); l.ReleaseWrite(t); }; },
        ["mutex-lock Mutex.Lock"] = static (m, _) => { var l = new Mutex(m, "test"); return t => { using (l.Lock(t)) { } }; },
        ["rwsem-read RwSemaphore.Read"] = static (m, _) => { var l = new RwSemaphore(m, "test"); return t => { using (l.Read(t)) { } }; },
        ["rwsem-write RwSemaphore.Write"] = static (m, _) => { var l = new RwSemaphore(m, "test"); return t => { using (l.Write(t)) { } }; },
        ["mutex-trylock RwSemaphore.TryAcquireRead"] = static (m, _) => { var l = new RwSemaphore(m, "test"); return t => { if (l.TryAcquireRead(t)) l.ReleaseRead(t); }; },
        ["mutex-trylock RwSemaphore.TryAcquireWrite"] = static (m, _) => { var l = new RwSemaphore(m, "test"); return t => { if (l.TryAcquireWrite(t)) l.ReleaseWrite(t); }; },
        ["synchronize Rcu.Barrier"] = static (m, _) => m.Rcu.Barrier,
        ["page-freeze FrameTable.Unfreeze"] = static (m, task) => { var table = Pages(m); Assert.True(table.TryFreeze(task, Page, 1)); return t => table.Unfreeze(t, Page, 1); },
        ["page-flags-plain FrameTable.ClearUnpublished"] = static (m, _) => { var table = Pages(m); return t => table.ClearUnpublished(t, Page, PageFlags.Dirty); },
        ["alloc-blocking PageAllocator.AllocateMany"] = static (_, task) => { var pages = Allocator(task); return t => Assert.Equal(1, pages.AllocateMany(t, Gfp.Kernel, new Pfn[1])); },
        ["free BuddyAllocator.Free"] = static (_, task) => { var pages = Allocator(task); var page = pages.Allocate(task, Gfp.Kernel)!.Value; return t => pages.Pages.Put(t, page); },
        ["free TreeAllocator.Free"] = static (_, task) => { var pages = Allocator(task); var page = pages.Allocate(task, Gfp.Kernel)!.Value; return t => pages.FreeMany(t, [page]); },
        ["segments MemoryModel.Detach"] = static (_, task) => { var model = Model(task); var segment = new Segment("test", new FrameRange(new Pfn(0x10000), 512), HasPages: true); model.Attach(task, segment); return t => model.Detach(t, segment); },
        ["segments MemoryModel.SetOnline"] = static (_, task) => { var model = Model(task); var segment = new Segment("test", new FrameRange(new Pfn(0x10000), 512), HasPages: true); model.Attach(task, segment); return t => model.SetOnline(t, segment, false); },
        ["hold-release HolderRegistry.Unregister"] = static (_, task) => { var (pages, _, _) = Owned(task); var holder = pages.Holders.Register("x"); return t => pages.Holders.Unregister(t, holder); },
        ["hold-release HolderRegistry.UnsetHoldAndWait"] = static (_, task) =>
        {
            var (pages, page, _) = Owned(task);
            var hold = pages.Holders.SetHold(task, page, pages.Holders.Register("x")).Token;
            return t => Assert.True(pages.Holders.UnsetHoldAndWait(t, hold));
        },
        ["memory-notifiers MemoryHotplug.RemoveNotifier"] = static (m, task) => { var hotplug = new MemoryHotplug(m, Allocator(task)); return t => hotplug.RemoveNotifier(t, static (_, _, _) => true); },
        ["memory-notifiers MemoryHotplug.SetMovable"] = static (m, task) => { var (pages, _, owner) = Owned(task); var hotplug = new MemoryHotplug(m, pages); return t => hotplug.SetMovable(t, owner, null); },
        ["remap MemoryMap.RemapIo"] = static (_, task) => WriteLocked(task, ReadShared, static (t, world, area) => Assert.Equal(MapResult.None, world.Map.RemapIo(t, area, World.At, new IoPfn(1, 5), 4096))),
        ["map-areas MemoryMap.Unmap"] = static (_, task) => { var world = new World(task); world.MapAt(2); return t => world.Map.Unmap(t, World.At, 2); },
        ["map-areas MemoryMap.Protect"] = static (_, task) => { var world = new World(task); world.MapAt(2); return t => Assert.Equal(MapResult.None, world.Map.Protect(t, World.At, 2, VmFlags.Read)); },
        ["map-areas MemoryMap.MapLocked"] = static (_, task) => WriteLocked(task, VmFlags.Read, static (t, world, _) => world.Map.MapLocked(t, new AreaRequest { Pages = 1 })),
        ["map-areas MemoryMap.UnmapLocked"] = static (_, task) => WriteLocked(task, VmFlags.Read, static (t, world, _) => world.Map.UnmapLocked(t, World.At, 1)),
        ["handle-fault MemoryMap.Fault"] = static (_, task) => { var world = new World(task); world.MapAt(1); return t => Assert.Equal(FaultResult.None, world.Map.Fault(t, World.At, AccessKind.Write)); },
        ["copy-user MemoryMap.CopyToUser"] = static (_, task) => { var world = new World(task); world.MapAt(1); return t => Assert.Equal(0, world.Map.CopyToUser(t, World.At, [1])); },
        ["map-exit MemoryMap.Fork"] = static (_, task) => { var world = new World(task); return t => world.Map.Fork(t)!.Exit(t); },
        ["reserve-range KernelRanges.Release"] = static (_, task) => { var ranges = Ranges(task, out var _); var range = ranges.Reserve(task, 2)!; return t => ranges.Release(t, range); },
        ["vmalloc KernelRanges.Map"] = static (_, task) => { var ranges = Ranges(task, out var _); return t => Assert.NotNull(ranges.Map(t, [World.First])); },
        ["vmalloc-flush KernelRanges.Trim"] = static (_, task) => { var ranges = new KernelRanges(task, new World(task).Virtual, 64); return ranges.Trim; },
        ["vmalloc-flush KernelRanges.FreeInBackground"] = static (_, task) => { var ranges = new KernelRanges(task, new World(task).Virtual, 64); ranges.StopFreeing(task); return ranges.FreeInBackground; },
        ["vmalloc-fault KernelRanges.TryRead"] = static (_, task) =>
        {
            var world = new World(task, regime: KernelRegime.Copied);
            var ranges = new KernelRanges(task, world.Virtual, 64);
            var range = ranges.Allocate(task, 1)!;
            return t => Assert.True(ranges.TryRead(t, world.Map, range.Start, out byte value));
        },
        ["xip XipFile.MakeBlock"] = static (_, task) => { var world = new World(task); var file = new XipFile(task, world.Virtual, new XipFileTests.Device(world)); return t => Assert.Equal(BlockResult.Found, file.MakeBlock(t, 1, out var _)); },
        ["xip IVmOperations.Fault"] = static (_, task) => { var hosted = new HostedWorld(task); hosted.Show(task, VmFlags.Read); return t => Assert.Equal(1, hosted.World.ReadAs(t, World.At)); },
        ["xip IVmOperations.PageMakeWrite"] = static (_, task) => { var hosted = new HostedWorld(task); hosted.Show(task, ReadShared | VmFlags.Write); return t => Assert.Equal(0, hosted.World.Map.CopyToUser(t, World.At, [1])); },
        ["cached-file CachedFile.Read"] = static (_, task) => { var hosted = new HostedWorld(task); return t => Assert.Equal(FaultResult.None, hosted.File.Read(t, 1, 0, new byte[1])); },
        ["cached-file CachedFile.Write"] = static (_, task) => { var hosted = new HostedWorld(task); return t => Assert.Equal(FaultResult.None, hosted.File.Write(t, 1, 0, [1])); },
        ["cached-file CachedFile.WriteBack"] = static (_, task) => { var hosted = new HostedWorld(task); return t => Assert.True(hosted.File.WriteBack(t)); },
        ["cached-file CachedFile.Truncate"] = static (_, task) => { var hosted = new HostedWorld(task); return t => hosted.File.Truncate(t, 1); },
        ["cached-file CachedFile.Map"] = static (_, task) => { var hosted = new HostedWorld(task); return t => hosted.Show(t, VmFlags.Read); },
        ["cached-file CachedFile.Dispose"] = static (_, task) => new HostedWorld(task).File.Dispose,
        ["unmap-everywhere IDiscardableCache.Remove"] = static (_, task) =>
        {
            var hosted = new HostedWorld(task);
            Assert.Equal(FaultResult.None, hosted.File.Get(task, 1, out var page));
            hosted.Frames.Lock(task, page);
            return t => hosted.File.Remove(t, page);
        },
        ["page-unused PageStates.SetStable"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Allocate(task); return t => world.States.SetStable(t, page); },
        ["make-stable PageStates.TransferDirty"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); Assert.Equal(HostAccess.Done, world.Host.Access(page, isWrite: true)); return t => Assert.True(world.States.TransferDirty(t, page)); },
        ["make-stable PageStates.TryBeginRemoval"] = static (_, task) => { var world = new DiscardWorld(task); var page = world.Cached(task, 1); return t => Assert.True(world.States.TryBeginRemoval(t, page)); },
        ["map-discardable PageStates.RemoveMapping"] = static (_, task) =>
        {
            var world = new DiscardWorld(task);
            var page = world.Cached(task, 1);
            world.Pages.Get(page);
            Assert.True(world.States.TryAddMapping(task, page, isWritable: true));
            return t => Assert.True(world.States.RemoveMapping(t, page));
        },
        ["discard-fault-end PageStates.Access"] = static (_, task) => { var (world, page) = Dropped(task); return t => Assert.Equal(HostAccess.DiscardFault, world.States.Access(t, page, isWrite: false)); },
        ["reporting PageReporting.Run"] = static (m, task) => { var reporting = new PageReporting(m, Allocator(task), static (_, _) => true); return t => RunOnce(t, reporting); },
    };

    private static void RunOnce(MachineTask task, PageReporting reporting)
    {
        using var stop = new System.Threading.CancellationTokenSource(TimeSpan.FromMilliseconds(5));
        reporting.Run(task, TimeSpan.FromMilliseconds(2), stop.Token);
    }

    private static RawSpinLock UsedRaw(Machine machine, MachineTask task)
    {
        var l = new RawSpinLock(machine, "test");
        using (l.LockIrqSave(task)) { }
        return l;
    }

    private static ReadWriteSpinLock UsedReadWrite(Machine machine, MachineTask task)
    {
        var l = new ReadWriteSpinLock(machine, "test");
        using (l.WriteIrqSave(task)) { }
        return l;
    }
}
