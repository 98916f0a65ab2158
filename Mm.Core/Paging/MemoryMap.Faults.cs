// Page faults: from an address and an access to an entry that permits it. mm/memory.c:handle_mm_fault of Linux 6.1.
//
//   no entry:  anonymous read → zero page · anonymous write → fresh page · file read, private write, shared write → its owner
//   an entry:  still the same under the lock? · write and not writable: exclusive page → reuse · shared area → its owner · else copy
//
// Context: a task with the mmap lock held for reading (matrix row 89). Locks: pages are allocated before the pte lock is taken.
// Invariants: FA1 an entry is replaced only if it is still the one that was judged; FA2 who loses a race gives his page back.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>What an access does.</summary>
public enum AccessKind
{
    /// <summary>It reads.</summary>
    Read,

    /// <summary>It writes.</summary>
    Write,

    /// <summary>It executes.</summary>
    Execute,
}

public sealed partial class MemoryMap
{
    /// <summary>Serves a fault: takes the mmap lock, and begins again as long as an owner asks for it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What was to be done there.</param>
    [MustCheck, Might<Sleep>]
    public FaultResult Fault(MachineTask task, VirtualAddress address, AccessKind access)
    {
        while (true)
        {
            FaultResult result;
            using (Lock.Read(task)) result = HandleFault(task, address, access);
            if ((result & FaultResult.Retry) == 0) return result;
        }
    }

    /// <summary>Serves a fault. The mmap lock is held.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What was to be done there.</param>
    /// <remarks>Traps: the sleeping function's; <c>kernel BUG: VM_BUG_ON_MM(!rwsem_is_locked(&amp;mm->mmap_lock))</c>.</remarks>
    [MustCheck, Might<Sleep>]
    public FaultResult HandleFault(MachineTask task, VirtualAddress address, AccessKind access)
    {
        task.MightSleep();
        if (FindArea(task, address) is not { } area || !area.Contains(address)) return FaultResult.SegmentationFault;
        if (!Permits(area, access)) return FaultResult.SegmentationFault;
        var modified = TableLevels.None;
        if (!_tables.TryAllocate(task, address, out var leaf, ref modified)) return FaultResult.OutOfMemory;
        var at = address.Page;
        var pte = new Pte(Volatile.Read(ref EntryAt(leaf, at)));
        var isWrite = access == AccessKind.Write;
        if (pte.IsNone) return area.Operations is null ? FaultAnonymous(task, area, at, leaf, isWrite) : FaultFile(task, area, at, leaf, isWrite);
        if (isWrite && !pte.IsWritable) return FaultWriteProtected(task, area, at, leaf, pte);
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) == pte.Bits) SetEntry(leaf, at, pte.With(Pte.YoungBit | (isWrite ? Pte.DirtyBit : 0) | (area.Protection & Pte.UserBit)));
        }

        return FaultResult.None;
    }

    private static bool Permits(Vma area, AccessKind access) => access switch
    {
        AccessKind.Write => (area.Flags & VmFlags.Write) != 0,
        AccessKind.Execute => (area.Flags & VmFlags.Execute) != 0,
        _ => (area.Flags & (VmFlags.Read | VmFlags.Write | VmFlags.Execute)) != 0,
    };

    private Pte ZeroEntry(Vma area) =>
        Pte.Of(_memory.ZeroPage, (area.Protection & ~Pte.WriteBit) | Pte.YoungBit | (_memory.Options.HasSpecialBit ? Pte.SpecialBit : 0));

    [Might<Sleep>]
    private FaultResult FaultAnonymous(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, bool isWrite)
    {
        if ((area.Flags & VmFlags.Shared) != 0) return FaultResult.BusError;
        if (!isWrite)
        {
            using (_memory.PteLockOf(leaf).Lock(task))
            {
                if (EntryAt(leaf, at) == 0) SetEntry(leaf, at, ZeroEntry(area));
            }

            return FaultResult.None;
        }

        if (AllocateUserPage(task) is not { } page) return FaultResult.OutOfMemory;
        Clear(page);
        if (!TryInstallAnonymous(task, area, at, leaf, default, page)) PutPage(task, page);
        return FaultResult.None;
    }

    [Might<Sleep>]
    private Pfn? AllocateUserPage(MachineTask task) => _memory.Options.Pages.Allocate(task, Gfp.Kernel | Gfp.Movable);

    // The entry becomes a private, writable, dirty one, unless it has changed.
    [MustCheck]
    private bool TryInstallAnonymous(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pte expected, Pfn page)
    {
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) != expected.Bits) return false;
            InstallAnonymous(area, at, leaf, page);
            return true;
        }
    }

    private void InstallAnonymous(Vma area, VirtualAddress at, Pfn leaf, Pfn page)
    {
        area.HasAnonymous = true;
        _memory.Frames.MapFirst(page);
        Interlocked.Increment(ref _anonymousPages);
        var write = (area.Flags & VmFlags.Write) != 0 ? Pte.WriteBit : 0;
        SetEntry(leaf, at, Pte.Of(page, area.Protection | Pte.YoungBit | Pte.DirtyBit | write));
    }

    [Might<Sleep>]
    private FaultResult FaultFile(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, bool isWrite)
    {
        var fault = new VmFault { Area = area, Address = at, PageOffset = area.PageOffsetOf(at), IsWrite = isWrite };
        var isCopy = isWrite && (area.Flags & VmFlags.Shared) == 0;
        Pfn? copy = null;
        if (isCopy && (copy = AllocateUserPage(task)) is null) return FaultResult.OutOfMemory;
        var result = area.Operations!.Fault(task, ref fault);
        if ((result & (FaultResult.Error | FaultResult.NoPage | FaultResult.Retry)) != 0 || fault.Page is not { } page)
        {
            if (copy is { } unused) PutPage(task, unused);
            return fault.Page is null && result == FaultResult.None ? FaultResult.BusError : result;
        }

        // The page stays locked until the entry is set, if its owner has locked it: so nobody takes it out of a cache in between.
        var isLocked = (result & FaultResult.Locked) != 0;
        result &= ~FaultResult.Locked;
        if (copy is { } fresh) return FinishCopy(task, area, at, leaf, page, fresh, isLocked) | result;
        if (isWrite)
        {
            var made = area.Operations.PageMakeWrite(task, ref fault);
            if ((made & (FaultResult.Error | FaultResult.NoPage | FaultResult.Retry)) != 0)
            {
                EndShowing(task, page, isLocked);
                return result | made;
            }
        }

        var isHeld = isLocked || States is not null;
        if (isHeld) _memory.Frames.Get(page);
        if (!TryInstallFile(task, area, at, leaf, page, isWrite)) PutPage(task, page);
        if (isHeld) EndShowing(task, page, isLocked);
        return result;
    }

    // A private write: a copy is shown, and the page of the file goes back. If the host has dropped that, the access comes here again.
    [Might<Sleep>]
    private FaultResult FinishCopy(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pfn page, Pfn fresh, bool isLocked)
    {
        var isCopied = TryCopy(page, fresh);
        if (!isCopied || !TryInstallAnonymous(task, area, at, leaf, default, fresh)) PutPage(task, fresh);
        if (!isCopied) _memory.Frames.Get(page);
        EndShowing(task, page, isLocked);
        if (isCopied) return FaultResult.DoneCopyOnWrite;
        States!.EndFault(task, page);
        return FaultResult.None;
    }

    // finish_fault: the reference of the fault becomes that of the mapping.
    [MustCheck]
    private bool TryInstallFile(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pfn page, bool isWrite)
    {
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) != 0) return false;
            if (!TryCountFileMapping(task, page, isWrite)) return false;

            // A shared page that was only read stays unwritable, so that its owner hears of the first write.
            SetEntry(leaf, at, Pte.Of(page, (area.Protection & ~Pte.WriteBit) | Pte.YoungBit | (isWrite ? Pte.WriteBit | Pte.DirtyBit : 0)));
            return true;
        }
    }
}
