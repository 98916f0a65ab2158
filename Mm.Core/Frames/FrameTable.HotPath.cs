// What every allocation and free does to descriptors, in as few loads and stores as it takes: the checks are those of FrameTable.BadPages.
// The cold half of a page is looked at only if a flag in the hot one says that the page is exposed: that something may be in the cold half,
// or somebody may come by the page's number (LastReference.cs). Whoever puts something there sets the flag before; it stays until the page
// is free, and is cleared there once the cold half was found to be as it must.
// Context: any but NMI; never sleeps. Who calls has the block to himself: nobody refers to it, or his is the reference that goes.
// Invariants: those of FrameTable. What these find wrong they leave as it is, for the slow ones to say what.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    private const ulong ReferencesMask = 0xffff_ffff;
    private const int FlagsShift = 32;
    private const uint Exposed = LastReference<HardwareAtomics>.Exposed;
    private const uint HasOrder = 1u << 29;
    private const uint ClearedAtFree = (uint)PageFlags.CheckedAtAllocation | Exposed | HasOrder;

    // References, and flags that keep a page from the short way at a free.
    private const uint FlagsSpecialAtFree = ClearedAtFree | (uint)(PageFlags.CheckedAtFree | PageFlags.Tail | PageFlags.Quarantined);
    private const ulong SpecialAtFree = ReferencesMask | ((ulong)FlagsSpecialAtFree << FlagsShift);

    // No mappings and no type, no owner.
    private const ulong ColdMask = 0xff_ffff_ffff;
    private const ulong ColdPristine = 0xffff_ffff;

    /// <summary>Whether all pages of a block may be handed out; says nothing if not.</summary>
    internal bool AreGoodForAllocation(Pfn page, int order) => AreClean(IndexOf(page), 1 << order, PageFlags.CheckedAtAllocation, out _);

    /// <summary>Checks the pages of a block that is about to be free, and clears the flags that free pages must not have.</summary>
    /// <returns>False if any is broken, or may be: nothing has changed, and each is to be checked by itself.</returns>
    internal bool TryCleanAtFree(Pfn page, int order)
    {
        var index = IndexOf(page);
        if (!AreClean(index, 1 << order, PageFlags.CheckedAtFree, out var flags)) return false;
        if ((flags & ClearedAtFree) == 0) return true;
        if ((flags & ClearedAtFree) == HasOrder) Hot(index).Flags &= ~HasOrder;
        else for (var end = index + (1 << order); index < end; index++) Hot(index).Flags &= ~ClearedAtFree;
        return true;
    }

    /// <summary>Gives the first page of a block its order and its first reference. Nobody can reach it, so plain stores do.</summary>
    /// <exception cref="Diagnostics.TrapException">Somebody refers to it: nothing has changed.</exception>
    internal void PublishBlock(Pfn page, int order)
    {
        var index = IndexOf(page);
        ref var hot = ref Hot(index);
        if (order != 0)
        {
            _pages.Order(index) = (byte)order;
            hot.Flags |= HasOrder;
        }

        Publish(page, ref hot);
    }

    /// <summary>Gives a page of the table its first reference if nobody refers to it, it has no flags, and nothing is in its cold half.</summary>
    /// <returns>False if it is not such a page: nothing has changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPublishPlain(Pfn page)
    {
        // Two loads, since both may follow a store of as many bytes closely.
        var pages = _hot;
        ref var hot = ref pages[page];
        if ((Volatile.Read(ref hot.Flags) & (ClearedAtFree | (uint)PageFlags.Quarantined)) != 0 || Volatile.Read(ref hot.References) != 0) return false;
        Volatile.Write(ref hot.References, 1);
        return true;
    }

    /// <summary>The same for all pages of a block; the reference is that of the first, which gets its order.</summary>
    internal bool TryPublishPlain(Pfn first, int order)
    {
        const ulong Special = ReferencesMask | ((ulong)(ClearedAtFree | (uint)PageFlags.Quarantined) << FlagsShift);
        var index = IndexOf(first);
        if (index + (1 << order) > _pages.Count || (_pages.HotWords(index, 1 << order) & Special) != 0) return false;
        ref var hot = ref Hot(index);
        _pages.Order(index) = (byte)order;
        hot.Flags |= HasOrder;
        Volatile.Write(ref hot.References, 1);
        return true;
    }

    /// <summary>Whether a page may be one for <see cref="TryPutLastPlain(Pfn)"/>, and where it belongs. Any frame number may be given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MayPutLastPlain(Pfn page, out int zone)
    {
        zone = 0;
        var pages = _hot;
        if (!pages.Contains(page)) return false;
        var flags = Volatile.Read(ref pages[page].Flags);
        zone = ZoneOf(flags);
        return (flags & FlagsSpecialAtFree) == 0;
    }

    /// <summary>
    /// Gives the only reference to a page back that has no flags that matter at a free, and nothing in its cold half. By a CPU at its
    /// stacks, not in an NMI; <see cref="MayPutLastPlain(Pfn, out int)"/> has said yes.
    /// </summary>
    /// <returns>False if it is not such a page: nothing has changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPutLastPlain(Pfn page) => LastReference<HardwareAtomics>.TryPut(ref _hot[page], FlagsSpecialAtFree);

    /// <summary>The same of a page of the table, if it is of a zone whose flags are these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPutLastPlain(Pfn page, uint flagsOfZone)
    {
        var pages = _hot;
        return LastReference<HardwareAtomics>.TryPut(ref pages[page], FlagsSpecialAtFree | (3u << ZoneShift), flagsOfZone);
    }

    /// <summary>How the flags say that a page is of a zone.</summary>
    internal static uint FlagsOfZone(int zone) => (uint)zone << ZoneShift;

    /// <summary>The same as <see cref="MayPutLastPlain(Pfn, out int)"/> of a block that is not compound, as it was handed out.</summary>
    internal bool MayPutLastPlain(Pfn first, int order, out int zone)
    {
        zone = 0;
        var index = IndexOf(first);
        if (_pages.Order(index) != order || index + (1 << order) > _pages.Count) return false;
        ref var hot = ref Hot(index);
        var flags = Volatile.Read(ref hot.Flags);
        zone = ZoneOf(flags);
        if ((flags & FlagsSpecialAtFree) != HasOrder || Volatile.Read(ref hot.References) != 1) return false;
        return (_pages.HotWords(index + 1, (1 << order) - 1) & SpecialAtFree) == 0;
    }

    /// <summary>The same as <see cref="TryPutLastPlain(Pfn)"/> of a block: its order goes with the reference, the other pages have none.</summary>
    internal bool TryPutLastPlainOfBlock(Pfn first)
    {
        ref var hot = ref _hot[first];
        if (!LastReference<HardwareAtomics>.TryPut(ref hot, FlagsSpecialAtFree & ~HasOrder)) return false;
        hot.Flags &= ~HasOrder;
        return true;
    }

    /// <summary>Asks for what a put will look at. Any frame number may be given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(Pfn page) => _hot.Prefetch(page);

    /// <summary>True if nobody refers to a page, it has no flags that matter at a free, and nothing is in its cold half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsPlain(Pfn page, out int zone)
    {
        var word = Volatile.Read(ref Hot(IndexOf(page)).Word);
        zone = ZoneOf((uint)(word >> FlagsShift));
        return (word & SpecialAtFree) == 0;
    }

    /// <summary>Gives a reference to a single page back.</summary>
    /// <returns>How many are left; below 0 if it is no single page or anything else is wrong: then nothing has changed.</returns>
    /// <remarks>Two loads, since the first of them may follow a store of as many bytes closely.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int TryPutSingle(MachineTask task, Pfn page)
    {
        ref var hot = ref Hot(IndexOf(page));
        if ((Volatile.Read(ref hot.Flags) & ((uint)PageFlags.Tail | HasOrder)) != 0 || Volatile.Read(ref hot.References) <= 0) return -1;
        if (RuntimeChecks.Enabled && task.InNmi) return -1;
        var left = Interlocked.Decrement(ref hot.References);
        if (left < 0) Interlocked.Increment(ref hot.References);
        return left;
    }

    /// <summary>False if a page has certainly no owner.</summary>
    internal bool MayBeOwned(Pfn page, out bool isCompound)
    {
        var flags = Volatile.Read(ref Hot(IndexOf(page)).Flags);
        isCompound = (flags & (uint)PageFlags.Head) != 0;
        return (flags & Exposed) != 0;
    }

    /// <summary>Refuses a free of what is no block of this order, and gives the reference back otherwise.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The first page.</param>
    /// <param name="order">The order that the caller names.</param>
    /// <param name="flags">What the page was.</param>
    /// <returns>True if it was the last reference.</returns>
    internal bool PutBlockAndTest(MachineTask task, Pfn page, int order, out PageFlags flags)
    {
        var index = IndexOf(page);
        ref var hot = ref Hot(index);
        flags = (PageFlags)(Volatile.Read(ref hot.Flags) & FlagMask);
        if ((flags & PageFlags.Tail) != 0 || Volatile.Read(ref hot.References) <= 0 || BlockOrderAt(index) != order) CheckOrder(page, order);
        CheckNotNmi(task);
        return DropReference(page, ref hot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(Pfn page, ref HotPage hot)
    {
        if (Volatile.Read(ref hot.References) != 0) ReportBug(page, "VM_BUG_ON_PAGE(page_ref_count(page))");
        Volatile.Write(ref hot.References, 1);
    }

    // The look comes first, so that a put too many changes nothing; two of them at once are found by the count below zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool DropReference(Pfn page, ref HotPage hot)
    {
        if (Volatile.Read(ref hot.References) <= 0) ReportBug(page, "VM_BUG_ON_PAGE(page_ref_count(page) == 0)");
        var left = Interlocked.Decrement(ref hot.References);
        if (left >= 0) return left == 0;
        Interlocked.Increment(ref hot.References);
        ReportBug(page, "VM_BUG_ON_PAGE(page_ref_count(page) == 0)");
        return false;
    }

    private bool AreClean(int index, int count, PageFlags forbidden, out uint flags)
    {
        count = System.Math.Min(count, _pages.Count - index);
        var hot = count == 1 ? Hot(index).Word : _pages.HotWords(index, count);
        flags = (uint)(hot >> FlagsShift);
        if ((hot & (ReferencesMask | ((ulong)(forbidden | PageFlags.Quarantined) << FlagsShift))) != 0) return false;
        return (flags & Exposed) == 0 || AreColdHalvesClean(index, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AreColdHalvesClean(int index, int count)
    {
        ulong cold = 0;
        for (var end = index + count; index < end; index++)
        {
            ref var rest = ref _pages.Cold(index);
            cold |= ((rest.Word & ColdMask) ^ ColdPristine) | (ulong)rest.Mapping;
        }

        return cold == 0;
    }

    // Before anything is put into the cold half. Whoever does has a reference, or the page to himself.
    private void Expose(Pfn page)
    {
        ref var flags = ref Hot(IndexOf(page)).Flags;
        if ((Volatile.Read(ref flags) & Exposed) == 0) Interlocked.Or(ref flags, Exposed);
    }

    /// <summary>The order of the block in use that begins with a page, compound or not.</summary>
    internal int BlockOrderOf(Pfn page) => BlockOrderAt(IndexOf(page));

    private int BlockOrderAt(int index) => (Volatile.Read(ref Hot(index).Flags) & HasOrder) == 0 ? 0 : _pages.Order(index);
}
