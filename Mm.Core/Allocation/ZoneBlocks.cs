// What both allocators say of a block that cannot be one of their zone.
// Context: any; nothing has been changed yet. Locks: none.
using System;
using System.Diagnostics.CodeAnalysis;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

internal static class ZoneBlocks
{
    /// <summary>Refuses a block.</summary>
    /// <param name="zoneFirst">The first page of the zone.</param>
    /// <param name="zoneLast">The last page of the zone.</param>
    /// <param name="first">The first page of the block.</param>
    /// <param name="order">The binary logarithm of the number of its pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The order is none, or the block does not lie in the zone.</exception>
    /// <exception cref="ArgumentException">The first page is not aligned to the size of the block.</exception>
    [DoesNotReturn]
    public static void Refuse(Pfn zoneFirst, Pfn zoneLast, Pfn first, int order)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)order, (uint)FrameTable.MaximalOrder, nameof(order));
        if (first.Number < zoneFirst.Number || first.Number + (1ul << order) - 1 > zoneLast.Number)
            throw new ArgumentOutOfRangeException(nameof(first), $"The zone has pages {zoneFirst} to {zoneLast}; {1 << order} pages from {first} on are not all among them.");
        throw new ArgumentException($"Page {first} is not aligned to a block of {1 << order} pages: free it as the blocks that it was allocated as.", nameof(first));
    }
}
