// Making, ending and changing areas. mm/mmap.c and mm/mprotect.c of Linux 6.1, without the merging of neighbours.
// Context: a task (matrix row 78). Locks: mmap_lock for writing, taken here, or held by the caller of a …Locked.
// Invariants: G14.
using System;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>What is to be mapped.</summary>
public sealed record AreaRequest
{
    /// <summary>How many pages.</summary>
    public required long Pages { get; init; }

    /// <summary>Where; null for the lowest place that is large enough. What is mapped there goes.</summary>
    public VirtualAddress? At { get; init; }

    /// <summary>What it permits: <see cref="VmFlags.Read"/>, <see cref="VmFlags.Write"/>, <see cref="VmFlags.Execute"/>, <see cref="VmFlags.Shared"/>, and the kind of map.</summary>
    public VmFlags Flags { get; init; } = VmFlags.Read | VmFlags.Write;

    /// <summary>What it may be made to permit: all by default.</summary>
    public VmFlags May { get; init; } = VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExecute;

    /// <summary>Its owner; null for anonymous memory.</summary>
    public IVmOperations? Operations { get; init; }

    /// <summary>Where it begins in its file, in pages.</summary>
    public ulong PageOffset { get; init; }
}

public sealed partial class MemoryMap
{
    private const ulong LowestAddress = 0x10000;

    /// <summary>Maps an area. Nothing is in it until it is touched.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="request">What.</param>
    /// <exception cref="ArgumentException">The place is not aligned, or not the user's.</exception>
    /// <exception cref="OutOfMemoryException">There is no place that is large enough.</exception>
    [Might<Sleep>]
    public Vma Map(MachineTask task, AreaRequest request)
    {
        using (Lock.Write(task)) return MapLocked(task, request);
    }

    /// <summary>Maps an area. The mmap lock is held for writing.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="request">What.</param>
    [Might<Sleep>]
    public Vma MapLocked(MachineTask task, AreaRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Pages, nameof(request));
        AssertWriteLocked(task);
        task.MightSleep();
        ObjectDisposedException.ThrowIf(_hasEnded, this);
        var bytes = (ulong)request.Pages << Pfn.PageShift;
        var start = request.At ?? FindPlace(bytes);
        if (start.Offset != 0 || start.Value >= VirtualAddress.EndOfUser.Value || bytes > VirtualAddress.EndOfUser.Value - start.Value)
            throw new ArgumentException($"{request.Pages} pages at {start} are not page aligned, or reach beyond the user's addresses, which end at {VirtualAddress.EndOfUser}.", nameof(request));
        var end = start.Plus(bytes);
        if (request.At is not null) UnmapLocked(task, start, request.Pages);
        var area = new Vma(this, start, end, request.Flags | request.May, request.Operations, request.PageOffset);
        _areas.Insert(IndexOfAreaBehind(start), area);
        area.Operations?.Opened(task, area);
        return area;
    }

    /// <summary>Ends what is mapped in a range; areas that reach beyond it are split.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="start">The first address, page aligned.</param>
    /// <param name="pages">How many pages.</param>
    /// <exception cref="ArgumentException">The range is not aligned, or not the user's.</exception>
    [Might<Sleep>]
    public void Unmap(MachineTask task, VirtualAddress start, long pages)
    {
        using (Lock.Write(task)) UnmapLocked(task, start, pages);
    }

    /// <summary>Ends what is mapped in a range. The mmap lock is held for writing.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="start">The first address, page aligned.</param>
    /// <param name="pages">How many pages.</param>
    [Might<Sleep>]
    public void UnmapLocked(MachineTask task, VirtualAddress start, long pages)
    {
        AssertWriteLocked(task);
        task.MightSleep();
        var end = CheckRange(start, pages);
        SplitAt(task, start);
        SplitAt(task, end);
        var first = IndexOfAreaBehind(start);
        var count = 0;
        while (first + count < _areas.Count && _areas[first + count].Start.Value < end.Value)
        {
            var area = _areas[first + count++];
            ZapRange(task, area, area.Start, area.End);
            area.Operations?.Closed(task, area);
        }

        if (count == 0) return;
        _areas.RemoveRange(first, count);

        // What lies between the neighbours may go whole, since nothing of theirs is in it.
        var floor = first == 0 ? 0 : _areas[first - 1].End.Value;
        var ceiling = first == _areas.Count ? VirtualAddress.EndOfUser.Value : _areas[first].Start.Value;
        _tables.FreeEmpty(task, floor, ceiling);
    }

    /// <summary>Changes what a range permits.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="start">The first address, page aligned.</param>
    /// <param name="pages">How many pages, all of them mapped.</param>
    /// <param name="access">Any of <see cref="VmFlags.Read"/>, <see cref="VmFlags.Write"/>, <see cref="VmFlags.Execute"/>.</param>
    /// <returns><see cref="MapResult.OutOfMemory"/> if part of it is not mapped, as in the kernel; <see cref="MapResult.Denied"/>; nothing has changed then.</returns>
    [MustCheck, Might<Sleep>]
    public MapResult Protect(MachineTask task, VirtualAddress start, long pages, VmFlags access)
    {
        const VmFlags Accesses = VmFlags.Read | VmFlags.Write | VmFlags.Execute;
        using (Lock.Write(task))
        {
            var end = CheckRange(start, pages);
            if ((access & ~Accesses) != 0) return MapResult.Invalid;
            var at = start.Value;
            for (var i = IndexOfAreaBehind(start); i < _areas.Count && at < end.Value; at = _areas[i++].End.Value)
            {
                if (_areas[i].Start.Value > at) return MapResult.OutOfMemory;
                if ((access & (VmFlags)((int)_areas[i].Flags >> 4)) != access) return MapResult.Denied;
            }

            if (at < end.Value) return MapResult.OutOfMemory;
            SplitAt(task, start);
            SplitAt(task, end);
            for (var i = IndexOfAreaBehind(start); i < _areas.Count && _areas[i].Start.Value < end.Value; i++)
            {
                _areas[i].Flags = (_areas[i].Flags & ~Accesses) | access;
                ProtectEntries(task, _areas[i]);
            }

            return MapResult.None;
        }
    }

    private static VirtualAddress CheckRange(VirtualAddress start, long pages)
    {
        if (start.Offset != 0 || pages <= 0 || start.Value >= VirtualAddress.EndOfUser.Value || (ulong)pages > (VirtualAddress.EndOfUser.Value - start.Value) >> Pfn.PageShift)
            throw new ArgumentException($"{pages} pages at {start} are not a page aligned range of the user's addresses, which end at {VirtualAddress.EndOfUser}.", nameof(start));
        return start.PlusPages(pages);
    }

    private VirtualAddress FindPlace(ulong bytes)
    {
        var at = LowestAddress;
        foreach (var area in _areas)
        {
            if (area.Start.Value >= at && area.Start.Value - at >= bytes) break;
            at = Math.Max(at, area.End.Value);
        }

        if (VirtualAddress.EndOfUser.Value - at < bytes) throw new OutOfMemoryException($"There is no gap of {bytes} bytes among the user's addresses.");
        return new VirtualAddress(at);
    }

    [Might<Sleep>]
    private void SplitAt(MachineTask task, VirtualAddress address)
    {
        var index = IndexOfAreaBehind(address);
        if (index == _areas.Count || _areas[index].Start.Value >= address.Value) return;
        var low = _areas[index];
        var high = new Vma(this, address, low.End, low.Flags, low.Operations, low.PageOffsetOf(address)) { HasAnonymous = low.HasAnonymous };

        // Opened before the other shrinks: whoever looks for the areas of a page finds one, or both.
        high.Operations?.Opened(task, high);
        low.End = address;
        _areas.Insert(index + 1, high);
    }

    // What may be written only after a fault has looked at it stays so: a write bit is taken away here and never given.
    private void ProtectEntries(MachineTask task, Vma area)
    {
        for (var at = area.Start; at.Value < area.End.Value;)
        {
            var next = EndOfLeaf(at, area.End);
            if (_tables.TryFind(at, out var leaf))
            {
                using (_memory.PteLockOf(leaf).Lock(task))
                {
                    for (; at.Value < next.Value; at = at.PlusPages(1))
                    {
                        var pte = new Pte(EntryAt(leaf, at));
                        if (!pte.IsPresent) continue;
                        var user = area.Protection & Pte.UserBit;
                        var write = (area.Flags & VmFlags.Write) != 0 ? pte.Bits & Pte.WriteBit : 0;
                        SetEntry(leaf, at, new Pte((pte.Bits & ~(Pte.UserBit | Pte.WriteBit)) | user | write));
                    }
                }
            }

            at = next;
        }
    }

    private static VirtualAddress EndOfLeaf(VirtualAddress at, VirtualAddress end)
    {
        const ulong Span = (ulong)Pfn.PageSize * PageTables.EntriesInTable;
        return new VirtualAddress(Math.Min((at.Value & ~(Span - 1)) + Span, end.Value));
    }
}
