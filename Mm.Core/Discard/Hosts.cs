// Two hosts: one that only keeps the books, for studies and tests, and one that takes the memory away for real.
// Context: that of HostPages. Invariants: those of HostPages. Lifetime: the real one as long as the memory that it takes from.
using System;
using System.Collections.Concurrent;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Physical;

namespace Mm.Core.Discard;

/// <summary>A host that keeps states and no memory.</summary>
/// <param name="first">The first frame.</param>
/// <param name="count">How many.</param>
public sealed class SimulatedHost(Pfn first, int count) : HostPages(first, count)
{
    /// <inheritdoc/>
    protected override void Drop(Pfn page)
    {
    }

    /// <inheritdoc/>
    protected override void Preserve(Pfn page)
    {
    }

    /// <inheritdoc/>
    protected override void Restore(Pfn page)
    {
    }
}

/// <summary>
/// A host that punches a hole where it drops a frame: its memory is the process's no longer, and reads as zeros. A frame that it swaps
/// out reads as zeros too until it is accessed through <see cref="IHost.Access"/>, since this process traps no plain access.
/// </summary>
/// <param name="pages">Whose frames.</param>
/// <param name="memory">Their memory; its frame 0 is the allocator's first.</param>
public sealed class PunchHoleHost(PageAllocator pages, PhysicalMemory memory) : HostPages(CheckedFirst(pages, memory), pages.Pages.Count)
{
    private readonly ConcurrentDictionary<Pfn, byte[]> _copies = new();

    /// <inheritdoc/>
    [Trusted("a system call of the host; its callers may sleep")]
    protected override void Drop(Pfn page) => memory.Punch(new FrameRange(InMemory(page), 1));

    /// <inheritdoc/>
    [Trusted("a system call of the host; its callers may sleep")]
    protected override void Preserve(Pfn page)
    {
        _copies[page] = memory.Frames(InMemory(page)).ToArray();
        Drop(page);
    }

    /// <inheritdoc/>
    [Trusted("what the guest waits for here is its own instruction")]
    protected override void Restore(Pfn page)
    {
        if (_copies.TryRemove(page, out var copy)) copy.CopyTo(memory.Frames(InMemory(page)));
    }

    private static Pfn CheckedFirst(PageAllocator pages, PhysicalMemory memory)
    {
        ArgumentNullException.ThrowIfNull(pages);
        ArgumentNullException.ThrowIfNull(memory);
        return pages.Pages.First;
    }

    private Pfn InMemory(Pfn page) => new(page.Number - pages.Pages.First.Number);
}
