// References to the pages behind user addresses. mm/gup.c of Linux 6.1.
//
//   fast: interrupts off, no lock · read the entry · try-get the page · read the entry again: the same, or give the page back
//   slow: mmap lock, a look under the pte lock, a fault where there is nothing
//
// Context: matrix rows 92–94. Locks: mmap_lock for the slow path. Without a special bit an entry alone does not tell a page from a bare
// frame: then there is no fast path. Invariants: GU1 a page that is returned was behind the address while a reference to it was held.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    /// <summary>Takes references to the pages behind addresses; faults in what is not there. The mmap lock is held.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The first address.</param>
    /// <param name="pages">Gets the pages.</param>
    /// <param name="forWriting">True if they are to be written: copies are made first.</param>
    /// <param name="error">Why there are fewer than asked for: <see cref="MapResult.Fault"/>, <see cref="MapResult.Exists"/>, <see cref="MapResult.OutOfMemory"/>.</param>
    /// <returns>How many pages, each with a reference that is the caller's.</returns>
    [MustCheck, Might<Sleep>]
    public int GetUserPages(MachineTask task, VirtualAddress address, Span<Pfn> pages, bool forWriting, out MapResult error)
    {
        task.MightSleep();
        error = MapResult.None;
        for (var i = 0; i < pages.Length; i++)
        {
            error = GetUserPage(task, address.Page.PlusPages(i), forWriting, out pages[i]);
            if (error != MapResult.None) return i;
        }

        return pages.Length;
    }

    /// <summary>Takes references without a lock where it can, and slowly where not.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The first address.</param>
    /// <param name="pages">Gets the pages.</param>
    /// <param name="forWriting">True if they are to be written.</param>
    /// <param name="error">Why there are fewer than asked for.</param>
    /// <returns>How many pages.</returns>
    [MustCheck, Might<Sleep>]
    public int GetUserPagesFast(MachineTask task, VirtualAddress address, Span<Pfn> pages, bool forWriting, out MapResult error)
    {
        task.MightSleep();
        error = MapResult.None;
        var count = GetUserPagesFastOnly(task, address, pages, forWriting);
        if (count == pages.Length) return count;
        using (Lock.Read(task))
            return count + GetUserPages(task, address.Page.PlusPages(count), pages[count..], forWriting, out error);
    }

    /// <summary>Takes references without a lock, as far as that goes. Never sleeps, never faults.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">The first address.</param>
    /// <param name="pages">Gets the pages.</param>
    /// <param name="forWriting">True if they are to be written.</param>
    /// <returns>How many pages, 0 at worst: never an error.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public int GetUserPagesFastOnly(MachineTask task, VirtualAddress address, Span<Pfn> pages, bool forWriting)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        if (!_memory.Options.HasSpecialBit) return 0;
        using (task.IrqsOff())
        {
            for (var i = 0; i < pages.Length; i++)
            {
                if (!TryGetFast(task, address.Page.PlusPages(i), forWriting, out pages[i])) return i;
            }
        }

        return pages.Length;
    }

    // Interrupts are off, so that the tables stay: whoever frees one waits until they are on here.
    [MustCheck, Requires<IrqOff>]
    private bool TryGetFast(MachineTask task, VirtualAddress at, bool forWriting, out Pfn page)
    {
        page = default;
        if (at.Value >= VirtualAddress.EndOfUser.Value || !_tables.TryFind(at, out var leaf)) return false;
        ref var entry = ref EntryAt(leaf, at);
        var pte = new Pte(Volatile.Read(ref entry));
        if (!pte.Permits(forWriting) || pte.IsSpecial || !_memory.Frames.Contains(pte.Pfn)) return false;
        task.Point();
        if (!_memory.Frames.TryGet(pte.Pfn)) return false;
        task.Point();
        if (Volatile.Read(ref entry) == pte.Bits && TryKeep(task, pte.Pfn))
        {
            page = pte.Pfn;
            return true;
        }

        PutPage(task, pte.Pfn);
        return false;
    }

    [Might<Sleep>]
    private MapResult GetUserPage(MachineTask task, VirtualAddress at, bool forWriting, out Pfn page)
    {
        while (true)
        {
            page = default;
            if (FindArea(task, at) is not { } area || !area.Contains(at) || (area.Flags & (VmFlags.Io | VmFlags.PfnMap)) != 0) return MapResult.Fault;
            if (!Permits(area, forWriting ? AccessKind.Write : AccessKind.Read)) return MapResult.Fault;
            switch (FollowPage(task, area, at, forWriting, out page))
            {
                case Followed.Page: return MapResult.None;
                case Followed.NoPage: return MapResult.Exists;
                case Followed.Dropped:
                    States!.EndFault(task, page);
                    continue;
            }

            var result = HandleFault(task, at, forWriting ? AccessKind.Write : AccessKind.Read);
            if ((result & FaultResult.OutOfMemory) != 0) return MapResult.OutOfMemory;
            if ((result & FaultResult.Error) != 0) return MapResult.Fault;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Followed FollowPage(MachineTask task, Vma area, VirtualAddress at, bool forWriting, out Pfn page)
    {
        page = default;
        if (!_tables.TryFind(at, out var leaf)) return Followed.Nothing;
        using (_memory.PteLockOf(leaf).Lock(task))
        {
            var pte = new Pte(EntryAt(leaf, at));
            if (!pte.Permits(forWriting)) return Followed.Nothing;
            if (NormalPage(task, area, at, pte) is { } found) page = found;
            else if (pte.Pfn == _memory.ZeroPage) page = pte.Pfn;
            else return Followed.NoPage;
            _memory.Frames.Get(page);
            var isDropped = States is { } states && _memory.Frames.CacheIdOf(page) != 0 && !states.MakeStable(task, page);
            return isDropped ? Followed.Dropped : Followed.Page;
        }
    }

    // Whoever gets the page touches its bytes without asking the host: it stays stable until it is offered again.
    [MustCheck]
    private bool TryKeep(MachineTask task, Pfn page) => States is not { } states || _memory.Frames.CacheIdOf(page) == 0 || states.TryMakeStable(task, page);

    private enum Followed
    {
        Nothing,
        Page,
        NoPage,
        Dropped,
    }
}
