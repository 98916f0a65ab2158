// A write to an entry that is there and not writable. mm/memory.c:do_wp_page.
// Context: as the fault that it is part of. Locks: judged under the pte lock; dropped to allocate, to copy and to call the owner.
// Invariants: CW1 the copy replaces the entry only if that is still the one that was copied; CW2 the old page's mapping goes before its
//             reference: clear, count the new, set, uncount the old, put the old.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    private enum WriteCase
    {
        Changed,
        Reused,
        SharedPage,
        SharedPfn,
        Copy,
    }

    [Might<Sleep>]
    private FaultResult FaultWriteProtected(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pte pte)
    {
        var kind = JudgeWrite(task, area, at, leaf, pte, out var old);
        if (kind is WriteCase.Changed or WriteCase.Reused) return FaultResult.None;
        if (kind == WriteCase.Copy) return CopyForWrite(task, area, at, leaf, pte, old);
        var fault = new VmFault { Area = area, Address = at, PageOffset = area.PageOffsetOf(at), IsWrite = true, Page = old };
        var (result, isDropped) = (FaultResult.None, false);
        if (area.Operations is { } operations)
            result = kind == WriteCase.SharedPage ? operations.PageMakeWrite(task, ref fault) : operations.PfnMakeWrite(task, ref fault);
        if ((result & (FaultResult.Error | FaultResult.NoPage | FaultResult.Retry)) == 0)
        {
            using (_memory.PteLockOf(leaf).Lock(task))
            {
                if (EntryAt(leaf, at) == pte.Bits)
                {
                    isDropped = old is { } shared && States is { } states && !states.CheckWritable(task, shared, isWritable: true);
                    if (!isDropped) SetEntry(leaf, at, pte.With(Pte.WriteBit | Pte.YoungBit | Pte.DirtyBit));
                }
            }
        }

        if (old is { } held && isDropped) States!.EndFault(task, held);
        else if (old is { } other) PutPage(task, other);
        return result;
    }

    // Under the pte lock. The page comes back with a reference where it is needed outside of it.
    private WriteCase JudgeWrite(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pte pte, out Pfn? old)
    {
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            old = null;
            if (EntryAt(leaf, at) != pte.Bits) return WriteCase.Changed;
            var isShared = (area.Flags & VmFlags.Shared) != 0;
            if (NormalPage(task, area, at, pte) is not { } page) return isShared ? WriteCase.SharedPfn : WriteCase.Copy;
            if (!isShared && IsExclusive(page))
            {
                SetEntry(leaf, at, pte.With(Pte.WriteBit | Pte.YoungBit | Pte.DirtyBit));
                return WriteCase.Reused;
            }

            _memory.Frames.Get(page);
            old = page;
            return isShared ? WriteCase.SharedPage : WriteCase.Copy;
        }
    }

    // Nobody else maps it, and nobody holds it: then nobody can, for a further reference begins at an entry, under this lock.
    private bool IsExclusive(Pfn page) =>
        _memory.Frames.IsAnonymous(page) && _memory.Frames.ReferenceCount(page) == 1 && _memory.Frames.MapCount(page) == 1;

    [Might<Sleep>]
    private FaultResult CopyForWrite(MachineTask task, Vma area, VirtualAddress at, Pfn leaf, Pte pte, Pfn? old)
    {
        if (AllocateUserPage(task) is not { } fresh)
        {
            if (old is { } held) PutPage(task, held);
            return FaultResult.OutOfMemory;
        }

        // A frame without a page is copied by its number; registers cannot be copied, and read as zeros.
        if (pte.IoSpace != 0 || !_memory.Access.Contains(pte.Pfn))
        {
            Clear(fresh);
        }
        else if (!TryCopy(pte.Pfn, fresh))
        {
            PutPage(task, fresh);
            if (old is { } dropped) States!.EndFault(task, dropped);
            return FaultResult.None;
        }

        var copied = false;
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            if (EntryAt(leaf, at) == pte.Bits)
            {
                SetEntry(leaf, at, default);
                InstallAnonymous(area, at, leaf, fresh);
                if (old is { } page) UncountMapping(task, page);
                copied = true;
            }
        }

        if (!copied) PutPage(task, fresh);
        else if (old is { } mapped) PutPage(task, mapped);
        if (old is { } pinned) PutPage(task, pinned);
        return copied ? FaultResult.DoneCopyOnWrite : FaultResult.None;
    }
}
