// What a zone asks of its allocator. Two stand behind it: the tree allocator, by default, and the buddy, as reference.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

/// <summary>Hands out and takes back blocks of 2ⁿ page frames of one zone. Knows no watermarks, no flags and no references.</summary>
public interface IZoneAllocator
{
    /// <summary>How many pages are free and in nobody's cache. A lower bound while others allocate.</summary>
    int FreePages { get; }

    /// <summary>How many free pages lie in the CPUs' caches.</summary>
    int CachedPages { get; }

    /// <summary>Takes a block. Any context but NMI; never sleeps.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="order">The binary logarithm of the number of pages.</param>
    /// <param name="first">The first page, aligned to the block's size; without references.</param>
    /// <returns>False if there is none.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    bool TryAllocate(MachineTask task, int order, out Pfn first);

    /// <summary>Gives a block back. Any context but NMI; never sleeps.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="first">The first page; checked, and without references.</param>
    /// <param name="order">The binary logarithm of the number of pages.</param>
    [Never<Sleep>, Might<SpinOnLock>]
    void Free(MachineTask task, Pfn first, int order);

    /// <summary>True if a block of an order or a larger one is free, at this moment.</summary>
    /// <param name="order">The order.</param>
    bool HasBlock(int order);

    /// <summary>How many free blocks of an order there are, those in caches not counted. Racy, for dumps.</summary>
    /// <param name="order">The order.</param>
    [Trusted("for tests and dumps")]
    int CountBlocks(int order)
    {
        var count = 0;
        foreach (var (_, of, cached) in FreeBlocks()) count += of == order && !cached ? 1 : 0;
        return count;
    }

    /// <summary>Empties the cache of one CPU. Not from interrupts: whom they interrupt may be at it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU, from 0.</param>
    [Never<Sleep>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    void Drain(MachineTask task, int cpu);

    /// <summary>Sets how many pages a CPU may cache; 0 switches caching off, for the frees to come.</summary>
    /// <param name="high">At which number a CPU gives pages back.</param>
    /// <param name="batch">How many at a time, at least.</param>
    void SetCacheLimits(int high, int batch);

    /// <summary>True if the first page of a free block has type <see cref="Frames.PageType.Buddy"/>; false if nothing of a page tells.</summary>
    bool MarksFreePages { get; }

    /// <summary>Looks for broken invariants of its own. For a zone that nobody is changing.</summary>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    IReadOnlyList<string> Validate() => [];

    /// <summary>The pages that are free or cached, each as a block. For a zone that nobody is changing.</summary>
    IReadOnlyList<(Pfn First, int Order, bool Cached)> FreeBlocks();
}
