// Many single pages at once: what a page costs by itself, the section, the gate of the CPU, and a wait for its descriptor, they share.
// Context: as for one page; at most a batch at a time with preemption off. Invariants: those of PageAllocator; MP1 the pages before one
// that is refused are free, and none behind it has changed.
using System;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    private const int Batch = 64;

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
            if (IsPlain(gfp)) found += TakeAtHand(task, pages.Slice(found, Math.Min(Batch, pages.Length - found)));
        }

        return found;
    }

    [MustCheck, Never<Sleep>]
    private int TakeAtHand(MachineTask task, Span<Pfn> pages) =>
        _plain is { HasSinglesToSpare: true } tree && !task.InNmi ? tree.AllocateAtHand(task, Pages, pages) : 0;

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

    // Those of one zone go together, as long as there is nothing special about them.
    [Might<SpinOnLock>]
    private void FreeBatch(MachineTask task, ReadOnlySpan<Pfn> pages)
    {
        var mayBePlain = _freesPlain && !task.InNmi;
        while (!pages.IsEmpty)
        {
            var count = mayBePlain && Pages.MayPutLastPlain(pages[0], out var zone) ? _trees[zone]!.FreePlain(task, Pages, pages) : 0;
            pages = pages[count..];
            if (count != 0) continue;

            // What is refused, or has an owner who may do anything, comes after those before it.
            Pages.Put(task, pages[0]);
            pages = pages[1..];
        }
    }
}
