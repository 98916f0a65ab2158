// A file whose pages are cached in memory that the host may take away at any time. mm/filemap.c, under page host virtual assist.
//
//   Get ─► in its slot, reference, stable? ── yes ─► the page          Put ─► offered to the host if nobody else needs it; reference back
//             └ dropped: unmap, out of the slot ─► read anew
//
// Context: a task. Locks: mmap_lock → page lock → i_mmap_rwsem → pte_lock; a slot changes under the page lock, and is read without.
// Invariants: CF1 a page in a slot has a reference of the cache's and its index; CF2 what Get hands out is up to date, and stays until Put;
//             CF3 a page is taken out of its slot under its lock, after it was unmapped. Lifetime: until Dispose; no area shows it then.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>Where the contents of a file are.</summary>
public interface IFileBacking
{
    /// <summary>How many pages the file has.</summary>
    int PageCount { get; }

    /// <summary>Whether it can be written.</summary>
    bool IsWritable { get; }

    /// <summary>Reads a page.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">Its place in the file.</param>
    /// <param name="bytes">Where it goes.</param>
    /// <returns>False if it cannot be read.</returns>
    [MustCheck, Might<Sleep>]
    bool TryRead(MachineTask task, int page, Span<byte> bytes);

    /// <summary>Writes a page.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">Its place in the file.</param>
    /// <param name="bytes">What.</param>
    /// <returns>False if it cannot be written.</returns>
    [MustCheck, Might<Sleep>]
    bool TryWrite(MachineTask task, int page, ReadOnlySpan<byte> bytes);
}

/// <summary>A cache of the pages of a file, which may be mapped, and which the host may drop.</summary>
public sealed partial class CachedFile : IVmOperations, IDiscardableCache
{
    private readonly VirtualMemory _memory;
    private readonly IFileBacking _backing;
    private readonly FileAreas _areas;
    private readonly int _id;

    // The number of the page plus one, 0 for none.
    private readonly uint[] _slots;
    private long _hits;
    private long _reads;
    private long _dropped;

    // By zone.
    private readonly int[] _counts;

    /// <summary>Makes a cache without pages.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="memory">Virtual memory; if its allocator is under a host, the host may drop what is cached.</param>
    /// <param name="backing">Where the contents are.</param>
    [Might<Sleep>]
    public CachedFile(MachineTask task, VirtualMemory memory, IFileBacking backing)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(backing);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(backing.PageCount, nameof(backing));
        task.MightSleep();
        (_memory, _backing) = (memory, backing);
        _areas = new FileAreas(task.Machine);
        _slots = new uint[backing.PageCount];
        _counts = new int[memory.Options.Pages.Zones.Count];
        _id = States?.Register(this) ?? 0;
        memory.Options.Pages.AddReclaimer(this);
    }

    /// <summary>How many pages are cached.</summary>
    public int CachedPages
    {
        get
        {
            var count = 0;
            for (var zone = 0; zone < _counts.Length; zone++) count += Volatile.Read(ref _counts[zone]);
            return count;
        }
    }

    /// <summary>How often a page was asked for and was there.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>How often a page had to be read.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>How many cached pages the host has dropped, as far as anybody has found out.</summary>
    public long DroppedPages => Volatile.Read(ref _dropped);

    private FrameTable Frames => _memory.Frames;

    private PageStates? States => _memory.Options.Pages.States;

    /// <summary>Finds a page, or reads it. It is up to date, and stays so until <see cref="Put"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="index">Its place in the file.</param>
    /// <param name="page">The page, with a reference.</param>
    /// <returns><see cref="FaultResult.None"/>; or <see cref="FaultResult.OutOfMemory"/>, or <see cref="FaultResult.BusError"/> if it cannot be read.</returns>
    [MustCheck, Might<Sleep>]
    public FaultResult Get(MachineTask task, int index, out Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        page = default;
        if ((uint)index >= (uint)_slots.Length) return FaultResult.BusError;
        while (true)
        {
            if (TryPin(task, index, out page))
            {
                if (IsUsable(task, page, out var wasDropped))
                {
                    Interlocked.Increment(ref _hits);
                    return FaultResult.None;
                }

                if (wasDropped) States!.EndFault(task, page);
                else Frames.Put(task, page);
                continue;
            }

            if (TryRead(task, index, out page, out var failure)) return FaultResult.None;
            if (failure != FaultResult.None) return failure;
        }
    }

    /// <summary>Gives a page back, and offers it to the host.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">What <see cref="Get"/> found.</param>
    [ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public void Put(MachineTask task, Pfn page)
    {
        _ = States?.MakeVolatile(task, page, 2);
        Frames.Put(task, page);
    }

    /// <summary>Copies from the file.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="index">The page.</param>
    /// <param name="offset">Where in the page.</param>
    /// <param name="bytes">Where it goes; not beyond the page.</param>
    [MustCheck, Might<Sleep>]
    public FaultResult Read(MachineTask task, int index, int offset, Span<byte> bytes)
    {
        while (true)
        {
            var result = Get(task, index, out var page);
            if (result != FaultResult.None) return result;
            var isThere = TryBeginAccess(page, isWrite: false);
            if (isThere)
            {
                _memory.Access.Bytes(page).Slice(offset, bytes.Length).CopyTo(bytes);
                EndAccess(page);
            }

            Put(task, page);
            if (isThere) return FaultResult.None;
        }
    }

    /// <summary>Copies into the cache. The file has it after <see cref="WriteBack"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="index">The page.</param>
    /// <param name="offset">Where in the page.</param>
    /// <param name="bytes">What; not beyond the page.</param>
    [MustCheck, Might<Sleep>]
    public FaultResult Write(MachineTask task, int index, int offset, ReadOnlySpan<byte> bytes)
    {
        if (!_backing.IsWritable) return FaultResult.BusError;
        while (true)
        {
            var result = Get(task, index, out var page);
            if (result != FaultResult.None) return result;
            Frames.Lock(task, page);
            var isDone = IsAt(index, page) && TryBeginAccess(page, isWrite: true);
            if (isDone)
            {
                bytes.CopyTo(_memory.Access.Bytes(page).Slice(offset, bytes.Length));
                EndAccess(page);
                _ = Frames.Set(page, PageFlags.Dirty);
            }

            Frames.Unlock(task, page);
            Put(task, page);
            if (isDone) return FaultResult.None;
        }
    }

    /// <summary>Maps the file. A shared map of a file that cannot be written cannot become writable.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="map">The address space.</param>
    /// <param name="request">How; its owner is this file.</param>
    [Might<Sleep>]
    public Vma Map(MachineTask task, MemoryMap map, AreaRequest request)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(request);
        var (flags, may) = (request.Flags, request.May);
        if ((flags & VmFlags.Shared) != 0 && !_backing.IsWritable) (flags, may) = (flags & ~VmFlags.Write, may & ~VmFlags.MayWrite);
        return map.Map(task, request with { Flags = flags, May = may, Operations = this });
    }

    /// <inheritdoc/>
    public FaultResult Fault(MachineTask task, ref VmFault fault)
    {
        if (fault.PageOffset >= (ulong)_slots.Length) return FaultResult.BusError;
        while (true)
        {
            var result = Get(task, (int)fault.PageOffset, out var page);
            if (result != FaultResult.None) return result;
            Frames.Lock(task, page);
            fault.Page = page;
            if (IsAt((int)fault.PageOffset, page)) return FaultResult.Locked;
            Frames.Unlock(task, page);
            Frames.Put(task, page);
        }
    }

    /// <inheritdoc/>
    public FaultResult PageMakeWrite(MachineTask task, ref VmFault fault)
    {
        if (States is null && fault.Page is { } page) _ = Frames.Set(page, PageFlags.Dirty);
        return FaultResult.None;
    }

    /// <inheritdoc/>
    public bool IsFoundAgain(Pfn page)
    {
        var index = Frames.IndexInCache(page);
        return index < (ulong)_slots.Length && IsAt((int)index, page);
    }

    /// <inheritdoc/>
    public void Opened(MachineTask task, Vma area) => _areas.Add(task, area);

    /// <inheritdoc/>
    public void Closed(MachineTask task, Vma area) => _areas.Remove(task, area);

    /// <inheritdoc/>
    public void Unmap(MachineTask task, Pfn page) => _areas.Unmap(task, Frames.IndexInCache(page), page);

    /// <inheritdoc/>
    public void Remove(MachineTask task, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        var index = (int)Frames.IndexInCache(page);
        if (!IsAt(index, page) || (States is { } states && !states.TryBeginRemoval(task, page))) return;
        if ((Frames.Flags(page) & PageFlags.Discarded) != 0) Interlocked.Increment(ref _dropped);
        Empty(index, page);
        Frames.Put(task, page);
    }

    private void Empty(int index, Pfn page)
    {
        Volatile.Write(ref _slots[index], 0);
        Interlocked.Decrement(ref _counts[Frames.ZoneOf(page)]);
    }

    private bool IsAt(int index, Pfn page) => Volatile.Read(ref _slots[index]) == page.Number + 1;

    // filemap_get_entry: the reference may be to a page that has gone elsewhere in between.
    [MustCheck]
    private bool TryPin(MachineTask task, int index, out Pfn page)
    {
        while (true)
        {
            var slot = Volatile.Read(ref _slots[index]);
            page = new Pfn(slot - 1);
            if (slot == 0) return false;
            if (!Frames.TryGet(page)) continue;
            if (IsAt(index, page)) return true;
            Frames.Put(task, page);
        }
    }

    [MustCheck]
    private bool TryBeginAccess(Pfn page, bool isWrite) => States is not { } states || states.Host.BeginAccess(page, isWrite) == HostAccess.Done;

    private void EndAccess(Pfn page) => States?.Host.EndAccess(page);
}
