// The table of page frames: who refers to a page, and what becomes of it at the last put.
// Context: matrix rows 18, 21–25, 35. Nothing here sleeps. A put may release the page, and its handler may spin: not in NMIs.
// Locks: none; counts and flags are atomic words.
// Invariants: F1 references ≥ 0; F2 mappings ≥ −1 or a type; F3 references ≥ mappings + 1; F4 a tail has a head that covers it, and no
//             references of its own; F5 a free block's first page has no references; F6 a quarantined page is never released;
//             F7 a cold half that holds something is marked in the hot one, but for the type of a free block.
// Lifetime: as long as the memory that it describes.
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

/// <summary>Takes a page that nobody refers to any more.</summary>
/// <param name="task">The running task, in whatever context the last put was.</param>
/// <param name="page">The page, or the first of a compound page; its count is 0.</param>
/// <param name="order">The binary logarithm of the number of pages.</param>
[Never<Sleep>, Might<SpinOnLock>]
public delegate void PageReleaseHandler(MachineTask task, Pfn page, int order);

/// <summary>Gives the last reference to a page back, and takes the page, if there is nothing special about it.</summary>
/// <param name="task">The running task, in whatever context the put is.</param>
/// <param name="page">The page.</param>
/// <returns>False if it is no such page: nothing has changed.</returns>
[Never<Sleep>, Might<SpinOnLock>]
internal delegate bool PlainPagePutHandler(MachineTask task, Pfn page);

/// <summary>The descriptors of a range of page frames.</summary>
public sealed partial class FrameTable : IDisposable
{
    private readonly Machine _machine;
    private readonly PageDescriptors _pages;

    // Copied before it is asked: of a copy the compiler loads what is needed, and of the field its address first.
    private HotPages _hot;
    private readonly PageReleaseHandler _release;

    /// <summary>Makes descriptors for frames: no references, no flags, not mapped.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="count">How many, at least one.</param>
    /// <param name="release">Takes pages at their last put.</param>
    public FrameTable(Machine machine, Pfn first, int count, PageReleaseHandler release)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(release);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first.Number + (ulong)count, uint.MaxValue, nameof(count));
        _machine = machine;
        _release = release;
        First = first;
        _pages = new PageDescriptors(count);
        _hot = _pages.HotPages(first);
        _locks = NewLockQueues(machine);
    }

    /// <summary>Puts and takes single pages that have no flags, no owner and no order; without it, they go as all others do.</summary>
    internal PlainPagePutHandler? PutPlain { get; init; }

    /// <summary>Waits until no last put of a page of a zone is under way that began before; without it, nobody puts pages in that way.</summary>
    internal Action<int>? AwaitPlainPuts { get; init; }

    /// <summary>Is told before the descriptors go, so that no way remains that does not ask whether there are any.</summary>
    internal Action? Disposing { get; init; }

    /// <summary>The first frame.</summary>
    public Pfn First { get; }

    /// <summary>How many frames there are; 0 after <see cref="Dispose"/>.</summary>
    public int Count => _pages.Count;

    /// <summary>True if a frame has a descriptor here.</summary>
    /// <param name="page">The frame.</param>
    public bool Contains(Pfn page)
    {
        var pages = _hot;
        return pages.Contains(page);
    }

    /// <summary>How many refer to a page, or to the compound page that it is part of. Anybody may change it at once.</summary>
    /// <param name="page">The page.</param>
    public int ReferenceCount(Pfn page)
    {
        const int Asking = (int)LastReference<HardwareAtomics>.Asking;
        var count = Volatile.Read(ref Hot(HeadIndex(page)).References);
        return count < Asking ? count : count - Asking + 1;
    }

    /// <summary>How many mappings of a page there are. Anybody may change it at once.</summary>
    /// <param name="page">The page.</param>
    public int MapCount(Pfn page)
    {
        var value = Volatile.Read(ref Cold(page).MapCountOrType);
        return IsType(value) ? 0 : value + 1;
    }

    /// <summary>Takes another reference. The caller has one already.</summary>
    /// <param name="page">The page, or a part of a compound page.</param>
    /// <exception cref="TrapException">Nobody refers to the page: nothing was taken.</exception>
    public void Get(Pfn page)
    {
        ref var hot = ref Hot(HeadIndex(page));
        if (unchecked((uint)Volatile.Read(ref hot.References) + 127u) <= 127u)
            ReportBug(page, "VM_BUG_ON_PAGE(page_ref_zero_or_close_to_overflow(page))");
        Interlocked.Increment(ref hot.References);
    }

    /// <summary>
    /// Takes a reference unless nobody has one: the only way from a bare frame number to a reference. The caller must then make
    /// sure that the page is still the one that it looked for.
    /// </summary>
    /// <param name="page">The page, or a part of a compound page.</param>
    /// <returns>True if a reference was taken.</returns>
    /// <remarks>
    /// Two instructions for a page that is mapped, in a cache, or somebody's. The first time for any other page it takes microseconds:
    /// until each CPU that is at its stacks has left them, which no CPU does anything long at.
    /// </remarks>
    [MustCheck]
    public bool TryGet(Pfn page)
    {
        while (true)
        {
            var head = HeadIndex(page);
            ref var hot = ref Hot(head);
            if (!TryGet(ref hot)) return false;

            // Between the look and the reference the compound page may have gone, and its first page have been handed out anew.
            if (HeadIndex(page) == head) return true;
            if (Interlocked.Decrement(ref hot.References) == 0) ReportBug(page, "VM_BUG_ON_PAGE(compound_head(page) != head)");
        }
    }

    [MustCheck]
    private bool TryGet(ref HotPage hot)
    {
        while (true)
        {
            switch (LastReference<HardwareAtomics>.TryGet(ref hot))
            {
                case Asked.Taken: return true;
                case Asked.Gone: return false;
                case Asked.Busy:
                    Thread.SpinWait(8);
                    break;
                default:
                    AwaitPlainPuts?.Invoke(ZoneOf(Volatile.Read(ref hot.Flags)));
                    if (LastReference<HardwareAtomics>.TryRedeem(ref hot)) return true;
                    break;
            }
        }
    }

    /// <summary>Gives a reference back. The last one releases the page: neither it nor its contents may be touched afterwards.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, or a part of a compound page.</param>
    /// <exception cref="TrapException">Nobody refers to the page: nothing was given back.</exception>
    [Might<SpinOnLock>, Trusted("the handler's contract")]
    public void Put(MachineTask task, Pfn page)
    {
        if (PutPlain is not { } put || !put(task, page)) PutTheLongWay(task, page);
    }

    [Might<SpinOnLock>]
    private void PutTheLongWay(MachineTask task, Pfn page)
    {
        if (!PutAndTest(task, page)) return;
        var head = HeadIndex(page);
        if ((Hot(head).Flags & (uint)PageFlags.Quarantined) != 0) return;
        _release(task, PfnAt(head), OrderAt(head));
    }

    /// <summary>Gives a reference back, and leaves it to the caller to release the page if it was the last.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, or a part of a compound page.</param>
    /// <returns>True if it was the last.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool PutAndTest(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        return DropReference(page, ref Hot(HeadIndex(page)));
    }

    /// <summary>Takes the page away from all who would get it, if nobody but the caller refers to it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <param name="expected">How many references there must be; they become 0.</param>
    /// <returns>True if it is frozen now.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool TryFreeze(MachineTask task, Pfn page, int expected)
    {
        CheckNotNmi(task);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expected);
        return Interlocked.CompareExchange(ref Hot(HeadIndex(page)).References, 0, expected) == expected;
    }

    /// <summary>Gives a frozen page its references again.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <param name="references">How many.</param>
    /// <exception cref="TrapException">It was not frozen: nothing has changed.</exception>
    [ForbiddenIn<Nmi>]
    public void Unfreeze(MachineTask task, Pfn page, int references)
    {
        CheckNotNmi(task);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(references);
        if (Interlocked.CompareExchange(ref Hot(HeadIndex(page)).References, references, 0) != 0)
            ReportBug(page, "VM_BUG_ON_PAGE(page_count(page) != 0)");
    }

    /// <summary>Counts a mapping of a page. The caller has a reference for it.</summary>
    /// <param name="page">The page.</param>
    public void AddMapping(Pfn page)
    {
        if (IsType(Volatile.Read(ref Cold(page).MapCountOrType))) ReportBug(page, "VM_BUG_ON_PAGE(page_has_type(page))");
        Expose(page);
        Interlocked.Increment(ref Cold(page).MapCountOrType);
    }

    /// <summary>Counts a mapping less.</summary>
    /// <param name="page">The page.</param>
    /// <exception cref="TrapException">It was not mapped: nothing has changed.</exception>
    public void RemoveMapping(Pfn page)
    {
        if (Volatile.Read(ref Cold(page).MapCountOrType) < 0) ReportBug(page, "VM_BUG_ON_PAGE(page_mapcount(page) == 0)");
        Interlocked.Decrement(ref Cold(page).MapCountOrType);
    }

    /// <summary>Looks for pages that break an invariant. For a table that nobody is changing.</summary>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<string> Validate()
    {
        var broken = new List<string>();
        for (var index = 0; index < _pages.Count; index++)
        {
            ref var hot = ref _pages.Hot(index);
            ref var cold = ref _pages.Cold(index);
            var flags = (PageFlags)hot.Flags;
            var isColdIdle = cold.Owner == 0 && cold.Mapping == 0 && (cold.MapCountOrType == -1 || TypeOf(cold.MapCountOrType) == PageType.Buddy);
            if (!isColdIdle && (hot.Flags & Exposed) == 0) broken.Add($"F7 page {PfnAt(index)} has a cold half that its flags do not tell of");
            if (hot.References < 0) broken.Add($"F1 page {PfnAt(index)} has {hot.References} references");
            if (cold.MapCountOrType < -1 && !IsType(cold.MapCountOrType)) broken.Add($"F2 page {PfnAt(index)} has {cold.MapCountOrType + 1} mappings");
            var references = _pages.Hot(HeadIndex(PfnAt(index))).References;
            if (!IsType(cold.MapCountOrType) && references < cold.MapCountOrType + 1) broken.Add($"F3 page {PfnAt(index)} has fewer references than mappings");
            if ((flags & PageFlags.Tail) != 0)
            {
                var head = cold.Head;
                if (hot.References != 0 || (_pages.Hot(head).Flags & (uint)PageFlags.Head) == 0 || index >= head + (1 << _pages.Order(head)))
                    broken.Add($"F4 page {PfnAt(index)} is the tail of no head");
            }

            if (TypeOf(cold.MapCountOrType) == PageType.Buddy && hot.References != 0) broken.Add($"F5 page {PfnAt(index)} is free and referred to");
        }

        return broken;
    }

    /// <summary>Gives the descriptors back. Nobody may use the table afterwards; who does is refused.</summary>
    public void Dispose()
    {
        Disposing?.Invoke();
        _hot = default;
        _pages.Dispose();
    }

    /// <summary>Refuses whoever comes when the descriptors are gone, where no frame number is checked.</summary>
    internal void CheckNotDisposed() => ObjectDisposedException.ThrowIf(_pages.Count == 0, this);

    private static void CheckNotNmi(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref HotPage Hot(int index) => ref _pages.Hot(index);

    private ref ColdPage Cold(Pfn page) => ref _pages.Cold(IndexOf(page));

    internal PageDescriptors Descriptors => _pages;

    internal Pfn PfnAt(int index) => First.Plus(index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int IndexOf(Pfn page)
    {
        var index = page.Number - First.Number;
        if (index >= (uint)_pages.Count) ThrowNoDescriptor(page);
        return (int)index;
    }

    [DoesNotReturn]
    private void ThrowNoDescriptor(Pfn page)
    {
        CheckNotDisposed();
        throw new ArgumentOutOfRangeException(nameof(page), $"There are descriptors for {_pages.Count} frames from {First} on; frame {page} is not among them.");
    }
}
