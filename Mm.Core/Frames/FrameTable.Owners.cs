// Which owner a page has: a small number in its descriptor, 0 for the page allocator's own.
// Context: changed by whoever has the only reference, while the page is frozen; read anywhere (matrix rows 37–39).
// Invariants: O1 only a page that is one unit has an owner: a single page or the first of a compound one; O2 no other page of it has.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    /// <summary>The number of the owner of a page, or of the compound page that it is part of; 0 if it is the page allocator's.</summary>
    /// <param name="page">The page.</param>
    public byte OwnerIdOf(Pfn page) => Volatile.Read(ref _pages.Cold(HeadIndex(page)).Owner);

    /// <summary>The owner's number of this very page.</summary>
    internal byte OwnOwnerId(Pfn page) => Cold(page).Owner;

    /// <summary>Gives a page an owner. The caller has the only reference, and nobody gets one meanwhile.</summary>
    internal void SetOwner(MachineTask task, Pfn page, byte owner)
    {
        CheckNotNmi(task);
        var index = IndexOf(page);
        ref var cold = ref _pages.Cold(index);
        const PageFlags Never = PageFlags.Lru | PageFlags.Slab | PageFlags.Reserved | PageFlags.Quarantined;
        if ((Flags(page) & PageFlags.Tail) != 0) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(PageTail(page))");
        if (cold.Owner != 0) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page_owner_id(page) != 0)");
        if ((Flags(page) & Never) != 0) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page->flags & PAGE_FLAGS_NEVER_FOREIGN)");
        if (cold.MapCountOrType != -1) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page_mapped(page) || page_has_type(page))");
        if (cold.Mapping != 0) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page->mapping)");
        if (BlockOrderAt(index) != 0 && (Flags(page) & PageFlags.Head) == 0)
            ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(order && !PageHead(page)): a block that is not compound has no one last put; allocate it with Gfp.Compound, or split it");
        if (!TryFreeze(task, page, 1)) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page_ref_count(page) != 1)");
        Expose(page);
        Volatile.Write(ref cold.Owner, owner);
        Unfreeze(task, page, 1);
    }

    /// <summary>Makes a page the allocator's own again, with one reference, the caller's. It had one, or none: then it was in the owner's hands.</summary>
    internal void ClearOwner(MachineTask task, Pfn page, byte owner)
    {
        CheckNotNmi(task);
        CheckOwner(page, owner);
        if (!TryFreeze(task, page, 1) && Volatile.Read(ref Hot(IndexOf(page)).References) != 0)
            ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page_ref_count(page) > 1)");
        Volatile.Write(ref Cold(page).Owner, 0);
        Unfreeze(task, page, 1);
    }

    /// <summary>Gives a page that came home a reference again.</summary>
    internal void Revive(MachineTask task, Pfn page, byte owner)
    {
        CheckOwner(page, owner);
        Unfreeze(task, page, 1);
    }

    /// <summary>Takes the number away from a page that has no references.</summary>
    internal void ForgetOwner(Pfn page) => Volatile.Write(ref Cold(page).Owner, 0);

    /// <summary>Checks a page at its last put, before its owner sees it: as at a free, but its owner's number stays, and so do its flags.</summary>
    /// <returns>False if its state is broken: all of it was reported and put in quarantine.</returns>
    [MustCheck]
    internal bool CheckAtLastPut(MachineTask task, Pfn page, int order)
    {
        CheckNotNmi(task);
        const PageFlags Forbidden = PageFlags.CheckedAtFree;
        string? reason = null;
        for (var i = 0; i < 1 << order; i++)
            reason ??= WhyBad(page.Plus(i), Forbidden, "PAGE_FLAGS_CHECK_AT_FREE flag(s) set", i == 0 ? Cold(page).Owner : (byte)0);
        if (reason is null) return true;
        for (var i = (1 << order) - 1; i > 0; i--) QuarantineSilently(page.Plus(i));
        Quarantine(task, page, reason);
        return false;
    }

    /// <summary>Puts a page in quarantine whose owner did not say what became of it.</summary>
    internal void QuarantineLost(MachineTask task, Pfn page, int order, string reason)
    {
        for (var i = (1 << order) - 1; i > 0; i--) QuarantineSilently(page.Plus(i));
        Quarantine(task, page, reason);
    }

    internal void SetHeld(Pfn page, bool held)
    {
        if (held) Interlocked.Or(ref Hot(IndexOf(page)).Flags, (uint)PageFlags.Held);
        else Interlocked.And(ref Hot(IndexOf(page)).Flags, ~(uint)PageFlags.Held);
    }

    /// <summary>A page is not part of the machine any more: it is in no list and nobody refers to it.</summary>
    internal void SetOut(Pfn page)
    {
        ref var hot = ref Hot(IndexOf(page));
        ref var cold = ref Cold(page);

        // A page in quarantine goes out with its block, whatever was wrong with it.
        if ((hot.Flags & (uint)PageFlags.Quarantined) != 0) (hot.References, cold.MapCountOrType, cold.Mapping, cold.Owner) = (0, -1, 0, 0);
        Interlocked.Or(ref hot.Flags, (uint)PageFlags.Reserved);
        SetType(page, PageType.Offline);
    }

    /// <summary>A page is part of the machine again. False if it was in quarantine: there it stays.</summary>
    [MustCheck]
    internal bool ClearOut(Pfn page)
    {
        ref var flags = ref Hot(IndexOf(page)).Flags;
        Interlocked.And(ref flags, ~(uint)PageFlags.CheckedAtAllocation);
        SetType(page, PageType.None);
        return (Volatile.Read(ref flags) & (uint)PageFlags.Quarantined) == 0;
    }

    internal void CheckOwner(Pfn page, byte owner)
    {
        if (Cold(page).Owner != owner) ReportBug(page, "bad foreign: VM_BUG_ON_PAGE(page_owner_id(page) != owner->id)");
    }

    private void QuarantineSilently(Pfn page)
    {
        var before = Interlocked.Or(ref Hot(IndexOf(page)).Flags, (uint)PageFlags.Quarantined);
        if ((before & (uint)PageFlags.Quarantined) == 0) Interlocked.Increment(ref _quarantined);
    }
}
