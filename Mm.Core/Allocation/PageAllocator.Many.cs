// Many single pages at once: what a page costs by itself, the section, the gate of the CPU, and a wait for its descriptor, they share.
// Context: as for one page; at most a batch at a time with preemption off. Invariants: those of PageAllocator; MP1 the pages before one
// that is refused are free, and none behind it has changed.
using System;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    private const int Batch = 64;
    private const int DescriptorsAhead = 16;

    /// <summary>Allocates single pages, as many as there are and fit.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="gfp">What it may do to find memory.</param>
    /// <param name="pages">Where they go.</param>
    /// <returns>How many were found, from the beginning.</returns>
    /// <remarks>Traps: those of <see cref="Allocate"/>.</remarks>
    [MustCheck, Might<Sleep>(When = nameof(gfp), Has = Gfp.Block), Might<SpinOnLock>]
    public int AllocateMany(MachineTask task, Gfp gfp, Span<Pfn> pages)
    {
        ArgumentNullException.ThrowIfNull(task);
        var found = 0;

        // One by itself: it checks what is asked for, and fills the stack if that is empty.
        while (found < pages.Length && Allocate(task, gfp) is { } page)
        {
            pages[found++] = page;
            if (IsOrdinary(task, gfp)) found += TakeAtHand(task, pages.Slice(found, Math.Min(Batch, pages.Length - found)));
        }

        return found;
    }

    [MustCheck, Never<Sleep>]
    private int TakeAtHand(MachineTask task, Span<Pfn> pages) =>
        _ordinary is { HasSinglesToSpare: true, Tree: { } tree } && !_isUnderHost ? tree.AllocateAtHand(task, Pages, pages) : 0;

    /// <summary>Gives back one reference to each of many pages, single, compound or owned: the kernel's release_pages.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pages">The pages.</param>
    /// <exception cref="TrapException">Nobody refers to a page: those before it have been given back, and none behind it.</exception>
    [Might<SpinOnLock>]
    public void FreeMany(MachineTask task, ReadOnlySpan<Pfn> pages)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (pages.Length > Batch)
        {
            FreeBatch(task, pages[..Batch]);
            pages = pages[Batch..];
        }

        FreeBatch(task, pages);
    }

    // Those of one zone that nobody refers to any more, and that have nothing special about them, wait for each other.
    [Might<SpinOnLock>]
    private void FreeBatch(MachineTask task, ReadOnlySpan<Pfn> pages)
    {
        var room = default(PlainPages);
        Span<Pfn> plain = room;
        var (count, tree) = (0, (TreeAllocator?)null);
        var isOrdinary = MayFreePlain(task);
        for (var i = 0; i < Math.Min(DescriptorsAhead, pages.Length); i++) Pages.Prefetch(pages[i]);
        try
        {
            for (var i = 0; i < pages.Length; i++)
            {
                if (i + DescriptorsAhead < pages.Length) Pages.Prefetch(pages[i + DescriptorsAhead]);
                var page = pages[i];
                if (isOrdinary && Pages.TryPutLastPlain(page, out var zone))
                {
                    if (_trees[zone] != tree) FreePlain(task, tree, plain, ref count);
                    tree = _trees[zone];
                    plain[count++] = page;
                    continue;
                }

                // What is refused, or has an owner who may do anything, comes after those before it.
                FreePlain(task, tree, plain, ref count);
                Pages.Put(task, page);
            }
        }
        finally
        {
            // Also where a page is none of this allocator's: those before it are nobody's any more.
            FreePlain(task, tree, plain, ref count);
        }
    }

    [Might<SpinOnLock>]
    private static void FreePlain(MachineTask task, TreeAllocator? tree, ReadOnlySpan<Pfn> plain, ref int count)
    {
        if (count == 0) return;
        plain = plain[..count];
        count = 0;
        tree!.FreeCounted(task, plain);
    }

    [InlineArray(Batch)]
    private struct PlainPages
    {
        private Pfn _first;
    }
}
