// Files that are mapped where they lie, without a page cache. mm/filemap_xip.c of Linux 2.6.26 to 3.19, before DAX.
//
//   asked for a block ──found──► its frame, bare or counted         ──hole, may be written──► make a block, unmap the hole page, its frame
//                     ──hole, only read──► the shared hole page, under the sparse mutex and with the sequence odd
//
// Context: a task (matrix row 91). Locks: mmap_lock → xip_sparse_mutex → i_mmap_rwsem → pte_lock.
// Invariants: XF1 no entry shows the hole page where there is a block, once whoever made the block has returned.
// Lifetime: as long as the areas that map it; the hole page goes with it.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mutex = Mm.Core.Locking.Mutex;

namespace Mm.Core.Paging;

/// <summary>What a device answers when it is asked for a block.</summary>
public enum BlockResult
{
    /// <summary>It is there.</summary>
    Found = 0,

    /// <summary>Nothing has been written there: ENODATA.</summary>
    Hole = -61,

    /// <summary>The device failed: EIO.</summary>
    Failed = -5,

    /// <summary>There was no memory: ENOMEM.</summary>
    OutOfMemory = -12,

    /// <summary>The device is full: ENOSPC.</summary>
    Full = -28,
}

/// <summary>A device whose blocks are page frames.</summary>
public interface IXipBacking
{
    /// <summary>How many pages the file has.</summary>
    ulong PageCount { get; }

    /// <summary>Whether new blocks can be made.</summary>
    bool IsWritable { get; }

    /// <summary>The frame of a block.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page of the file.</param>
    /// <param name="create">Whether to make a block where there is a hole. One at a time does.</param>
    /// <param name="frame">Its frame.</param>
    [Might<Sleep>]
    BlockResult Find(MachineTask task, ulong page, bool create, out Pfn frame);
}

/// <summary>A file that is mapped where it lies.</summary>
public sealed class XipFile : IVmOperations
{
    private readonly VirtualMemory _memory;
    private readonly IXipBacking _backing;
    private readonly Mutex _sparseMutex;
    private readonly FileAreas _areas;
    private uint _sequence;

    /// <summary>Makes a file that can be mapped.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="memory">Virtual memory.</param>
    /// <param name="backing">Where its blocks are.</param>
    /// <exception cref="OutOfMemoryException">There is no page to show for holes.</exception>
    [Might<Sleep>]
    public XipFile(MachineTask task, VirtualMemory memory, IXipBacking backing)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(backing);
        _memory = memory;
        _backing = backing;
        _sparseMutex = new Mutex(task.Machine, "xip_sparse_mutex");
        _areas = new FileAreas(task.Machine);
        HolePage = memory.Options.Pages.Allocate(task, Gfp.Kernel) ?? throw new OutOfMemoryException("There is no page to show for holes.");
        memory.Access.Bytes(HolePage).Clear();
    }

    /// <summary>The page that is shown where nothing has been written.</summary>
    public Pfn HolePage { get; }

    /// <summary>Maps the file. A shared map of a file that cannot be written cannot become writable.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="map">The address space.</param>
    /// <param name="request">How; its owner is this file.</param>
    [Might<Sleep>]
    public Vma Map(MachineTask task, MemoryMap map, AreaRequest request)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(request);
        var (flags, may) = (request.Flags | VmFlags.MixedMap, request.May);
        if ((flags & VmFlags.Shared) != 0 && !_backing.IsWritable) (flags, may) = (flags & ~VmFlags.Write, may & ~VmFlags.MayWrite);
        return map.Map(task, request with { Flags = flags, May = may, Operations = this });
    }

    /// <inheritdoc/>
    public FaultResult Fault(MachineTask task, ref VmFault fault)
    {
        if (fault.PageOffset >= _backing.PageCount) return FaultResult.BusError;
        var result = _backing.Find(task, fault.PageOffset, create: false, out var frame);
        if (result == BlockResult.Hole)
        {
            const VmFlags SharedWrite = VmFlags.Shared | VmFlags.MayWrite;
            if ((fault.Area.Flags & SharedWrite) == SharedWrite && _backing.IsWritable)
            {
                using (_sparseMutex.Lock(task)) result = _backing.Find(task, fault.PageOffset, create: true, out frame);
                if (result == BlockResult.Found) UnmapHole(task, fault.PageOffset);
            }
            else
            {
                var shown = ShowHole(task, ref fault, out result, out frame);
                if (result == BlockResult.Hole) return shown;
            }
        }

        // What the device says is not made into something else: in the file of 2.6 every failure but a hole was "out of memory".
        return result switch
        {
            BlockResult.Found => fault.Area.Map.InsertMixed(task, fault.Area, fault.Address, frame),
            BlockResult.OutOfMemory => FaultResult.OutOfMemory,
            _ => FaultResult.BusError,
        };
    }

    /// <summary>Makes a block where there is none, as a write to the file does, and lets no entry show the hole page there any more.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page of the file.</param>
    /// <param name="frame">The frame of the block.</param>
    [MustCheck, Might<Sleep>]
    public BlockResult MakeBlock(MachineTask task, ulong page, out Pfn frame)
    {
        BlockResult result;
        using (_sparseMutex.Lock(task)) result = _backing.Find(task, page, create: true, out frame);
        if (result == BlockResult.Found) UnmapHole(task, page);
        return result;
    }

    /// <summary>Gives the hole page back. Nothing maps the file any more.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void Dispose(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        if (_areas.Count != 0) throw new InvalidOperationException($"{_areas.Count} areas map the file; they end before it.");
        _memory.Options.Pages.Free(task, HolePage);
    }

    /// <inheritdoc/>
    public bool IsFoundAgain(Pfn page) => page == HolePage;

    /// <inheritdoc/>
    public void Opened(MachineTask task, Vma area) => _areas.Add(task, area);

    /// <inheritdoc/>
    public void Closed(MachineTask task, Vma area) => _areas.Remove(task, area);

    // Under the mutex nobody makes a block; the odd sequence tells an unmapper that has not taken it.
    [Might<Sleep>]
    private FaultResult ShowHole(MachineTask task, ref VmFault fault, out BlockResult result, out Pfn frame)
    {
        using (_sparseMutex.Lock(task))
        {
            Interlocked.Increment(ref _sequence);
            result = _backing.Find(task, fault.PageOffset, create: false, out frame);
            var inserted = result == BlockResult.Hole ? fault.Area.Map.InsertPage(task, fault.Area, fault.Address, HolePage) : MapResult.None;
            Interlocked.Increment(ref _sequence);
            return inserted switch
            {
                MapResult.None or MapResult.Busy => FaultResult.NoPage,
                MapResult.OutOfMemory => FaultResult.OutOfMemory,
                _ => FaultResult.BusError,
            };
        }
    }

    [Might<Sleep>]
    private void UnmapHole(MachineTask task, ulong page)
    {
        var before = Volatile.Read(ref _sequence);
        _areas.Unmap(task, page, HolePage);
        if ((before & 1) == 0 && Volatile.Read(ref _sequence) == before) return;
        using (_sparseMutex.Lock(task)) _areas.Unmap(task, page, HolePage);
    }
}
