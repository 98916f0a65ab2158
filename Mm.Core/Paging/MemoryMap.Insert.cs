// Putting frames into areas by hand: pages, bare frame numbers, both mixed, and whole ranges. mm/memory.c of Linux 6.1.
//
//   InsertPage   a counted page, an ordinary entry           InsertPfn    a bare frame, a special entry, nothing counted
//   InsertMixed  the one or the other, by what is there      Remap        a range of bare frames; the area becomes a PFNMAP
//
// Context: a task (matrix rows 41, 86–88). Locks: mmap_lock as each says; pte_lock inside. Invariants: NP1; IN1 with a special bit and
// strict, a frame with a page is never special in a mixed map.
using System;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    /// <summary>Maps a page that the caller refers to; the mapping gets a reference of its own. The area becomes a mixed map.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area; the mmap lock is held, for writing unless it is a mixed map already.</param>
    /// <param name="address">The address.</param>
    /// <param name="page">The page: counted, not anonymous, of no type, no slab.</param>
    /// <remarks>Traps: <c>BUG_ON(mmap_read_trylock(vma->vm_mm))</c>, <c>BUG_ON(vma->vm_flags &amp; VM_PFNMAP)</c>.</remarks>
    [MustCheck, Might<Sleep>]
    public MapResult InsertPage(MachineTask task, Vma area, VirtualAddress address, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(area);
        task.MightSleep();
        if (!area.Contains(address)) return MapResult.Fault;
        if (_memory.Frames.ReferenceCount(page) == 0) return MapResult.Invalid;
        if ((area.Flags & VmFlags.MixedMap) == 0)
        {
            if (!Lock.IsWriteLocked) TrapTexts.ReportBug(task, "BUG_ON(mmap_read_trylock(vma->vm_mm))");
            if ((area.Flags & VmFlags.PfnMap) != 0) TrapTexts.ReportBug(task, "BUG_ON(vma->vm_flags & VM_PFNMAP)");
            area.Flags |= VmFlags.MixedMap;
        }

        return InsertCounted(task, area, address.Page, page, area.Protection);
    }

    /// <summary>Maps a frame of which nothing is counted.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area, a PFNMAP or a mixed map; the mmap lock is held.</param>
    /// <param name="address">The address.</param>
    /// <param name="frame">The frame; in a mixed map one without a page.</param>
    /// <returns><see cref="FaultResult.NoPage"/>, also where something is mapped already.</returns>
    /// <remarks>Traps: the kernel's BUG_ONs of vmf_insert_pfn_prot, word by word.</remarks>
    [MustCheck, Might<Sleep>]
    public FaultResult InsertPfn(MachineTask task, Vma area, VirtualAddress address, Pfn frame)
    {
        ArgumentNullException.ThrowIfNull(area);
        task.MightSleep();
        const VmFlags Both = VmFlags.PfnMap | VmFlags.MixedMap;
        if ((area.Flags & Both) == 0) TrapTexts.ReportBug(task, "BUG_ON(!(vma->vm_flags & (VM_PFNMAP|VM_MIXEDMAP)))");
        if ((area.Flags & Both) == Both) TrapTexts.ReportBug(task, "BUG_ON((vma->vm_flags & (VM_PFNMAP|VM_MIXEDMAP)) == (VM_PFNMAP|VM_MIXEDMAP))");
        if ((area.Flags & VmFlags.PfnMap) != 0 && area.IsCopyOnWrite) TrapTexts.ReportBug(task, "BUG_ON((vma->vm_flags & VM_PFNMAP) && is_cow_mapping(vma->vm_flags))");
        if ((area.Flags & VmFlags.MixedMap) != 0 && _memory.Options.Model.PfnValid(task, frame))
            TrapTexts.ReportBug(task, "BUG_ON((vma->vm_flags & VM_MIXEDMAP) && pfn_valid(pfn))");
        return area.Contains(address) ? InsertBare(task, area, address.Page, Pte.Of(frame, area.Protection)) : FaultResult.BusError;
    }

    /// <summary>Maps a frame as what it is: counted if it has a page, bare if it has none.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area, a mixed map; the mmap lock is held.</param>
    /// <param name="address">The address.</param>
    /// <param name="frame">The frame. One with a page must be referred to by the caller.</param>
    /// <returns><see cref="FaultResult.NoPage"/>, also where something is mapped already.</returns>
    /// <remarks>
    /// Where the memory is not strict, the kernel's rule holds, by which the same call counts a page or not depending on whether
    /// entries have a special bit. Trap: <c>BUG_ON(!vm_mixed_ok(vma, pfn))</c>.
    /// </remarks>
    [MustCheck, Might<Sleep>]
    public FaultResult InsertMixed(MachineTask task, Vma area, VirtualAddress address, Pfn frame)
    {
        ArgumentNullException.ThrowIfNull(area);
        task.MightSleep();
        if ((area.Flags & VmFlags.MixedMap) == 0 && frame != _memory.ZeroPage) TrapTexts.ReportBug(task, "BUG_ON(!vm_mixed_ok(vma, pfn))");
        if (!area.Contains(address)) return FaultResult.BusError;
        var isCounted = _memory.Options.IsStrict || !_memory.Options.HasSpecialBit;
        if (!isCounted || frame == _memory.ZeroPage || !_memory.Options.Model.PfnValid(task, frame))
            return InsertBare(task, area, address.Page, Pte.Of(frame, area.Protection));
        return InsertCounted(task, area, address.Page, frame, area.Protection) switch
        {
            MapResult.None or MapResult.Busy => FaultResult.NoPage,
            MapResult.OutOfMemory => FaultResult.OutOfMemory,
            _ => FaultResult.BusError,
        };
    }

    /// <summary>Maps a range of frames of the kernel's numbering, one after the other, counting nothing.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area; the mmap lock is held for writing.</param>
    /// <param name="address">The first address, page aligned.</param>
    /// <param name="frame">The first frame.</param>
    /// <param name="bytes">How many bytes, rounded up to pages.</param>
    /// <returns><see cref="MapResult.OutOfMemory"/> with nothing of the range left.</returns>
    /// <remarks>Trap: <c>BUG_ON(!pte_none(*pte))</c>.</remarks>
    [MustCheck, Might<Sleep>]
    public MapResult Remap(MachineTask task, Vma area, VirtualAddress address, Pfn frame, ulong bytes) =>
        RemapBare(task, area, address, new IoPfn(0, frame.Number), bytes);

    /// <summary>Maps a range of registers: the same as <see cref="Remap"/>, with the space in the frame number.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area; the mmap lock is held for writing.</param>
    /// <param name="address">The first address, page aligned.</param>
    /// <param name="frame">The first frame, with its space.</param>
    /// <param name="bytes">How many bytes, rounded up to pages.</param>
    /// <returns><see cref="MapResult.OutOfMemory"/> with nothing of the range left.</returns>
    [MustCheck, Might<Sleep>]
    public MapResult RemapIo(MachineTask task, Vma area, VirtualAddress address, IoPfn frame, ulong bytes) => RemapBare(task, area, address, frame, bytes);

    /// <summary>Maps as much of a range of registers as an area shows. The kernel's vm_iomap_memory.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area; the mmap lock is held for writing.</param>
    /// <param name="start">The first byte of the registers.</param>
    /// <param name="bytes">How many bytes there are.</param>
    /// <param name="space">The input/output space.</param>
    /// <returns><see cref="MapResult.Invalid"/> if the range wraps, or the area shows more than there is.</returns>
    [MustCheck, Might<Sleep>]
    public MapResult MapIoMemory(MachineTask task, Vma area, PhysicalAddress start, ulong bytes, int space = 0)
    {
        ArgumentNullException.ThrowIfNull(area);
        if (start.Value + bytes < start.Value) return MapResult.Invalid;
        var length = bytes + (start.Value & (Pfn.PageSize - 1));
        var first = start.Value >> Pfn.PageShift;
        var pages = (length + Pfn.PageSize - 1) >> Pfn.PageShift;
        if (first + pages > uint.MaxValue || area.PageOffset > pages) return MapResult.Invalid;
        first += area.PageOffset;
        pages -= area.PageOffset;
        if ((ulong)area.PageCount > pages) return MapResult.Invalid;
        return RemapBare(task, area, area.Start, new IoPfn(space, (uint)first), (ulong)area.PageCount << Pfn.PageShift);
    }

    [MustCheck, Might<Sleep>]
    private MapResult RemapBare(MachineTask task, Vma area, VirtualAddress address, IoPfn frame, ulong bytes)
    {
        ArgumentNullException.ThrowIfNull(area);
        task.MightSleep();
        AssertWriteLocked(task);
        if (address.Offset != 0) return MapResult.Invalid;
        var end = address.Plus((bytes + Pfn.PageSize - 1) & ~(ulong)(Pfn.PageSize - 1));
        if (end.Value <= address.Value || !area.Contains(address) || end.Value > area.End.Value) return MapResult.Invalid;
        if (area.IsCopyOnWrite)
        {
            // The first frame is kept in the offset, to know later which of the entries are copies: so there is one range for all.
            if (address != area.Start || end != area.End) return MapResult.Invalid;
            area.PageOffset = frame.Frame;
        }

        area.Flags |= VmFlags.Io | VmFlags.PfnMap | VmFlags.DontExpand | VmFlags.DontDump;
        var special = _memory.Options.HasSpecialBit ? Pte.SpecialBit : 0;
        for (var at = address; at.Value < end.Value;)
        {
            var modified = TableLevels.None;
            if (!_tables.TryAllocate(task, at, out var leaf, ref modified))
            {
                ZapRange(task, area, address, end);
                return MapResult.OutOfMemory;
            }

            var next = EndOfLeaf(at, end);
            using (_memory.PteLockOf(leaf).Lock(task))
            {
                for (; at.Value < next.Value; at = at.PlusPages(1))
                {
                    if (EntryAt(leaf, at) != 0) TrapTexts.ReportBug(task, "BUG_ON(!pte_none(*pte))");
                    var pages = (uint)((at.Value - address.Value) >> Pfn.PageShift);
                    SetEntry(leaf, at, Pte.Of(new IoPfn(frame.Space, frame.Frame + pages), area.Protection | special));
                }
            }
        }

        return MapResult.None;
    }

    [MustCheck, Might<Sleep>]
    private MapResult InsertCounted(MachineTask task, Vma area, VirtualAddress at, Pfn page, ulong protection)
    {
        var frames = _memory.Frames;
        if (frames.IsAnonymous(page) || (frames.Flags(page) & PageFlags.Slab) != 0 || frames.TypeOf(page) != PageType.None) return MapResult.Invalid;
        var modified = TableLevels.None;
        if (!_tables.TryAllocate(task, at, out var leaf, ref modified)) return MapResult.OutOfMemory;
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) != 0) return MapResult.Busy;
            frames.Get(page);
            if (!TryCountFileMapping(task, page, (protection & Pte.WriteBit) != 0)) return PutRefused(task, page);
            SetEntry(leaf, at, Pte.Of(page, protection));
            return MapResult.None;
        }
    }

    // The caller has a reference, so this is not the last.
    private MapResult PutRefused(MachineTask task, Pfn page)
    {
        PutPage(task, page);
        return MapResult.Invalid;
    }

    [MustCheck, Might<Sleep>]
    private FaultResult InsertBare(MachineTask task, Vma area, VirtualAddress at, Pte pte)
    {
        var modified = TableLevels.None;
        if (!_tables.TryAllocate(task, at, out var leaf, ref modified)) return FaultResult.OutOfMemory;
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) == 0) SetEntry(leaf, at, _memory.Options.HasSpecialBit ? pte.With(Pte.SpecialBit) : pte);
        }

        return FaultResult.NoPage;
    }
}
