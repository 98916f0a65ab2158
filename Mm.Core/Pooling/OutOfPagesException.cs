// What a rent says that found no pages.
using System;
using System.Globalization;
using System.Text;
using Mm.Core.Allocation;

namespace Mm.Core.Pooling;

/// <summary>There are no such pages: all are in use, or none that follow each other are left.</summary>
public sealed class OutOfPagesException : OutOfMemoryException
{
    internal OutOfPagesException(int order, PageAllocator pages, long lost)
        : base(Describe(order, pages, lost)) => Order = order;

    /// <summary>The binary logarithm of the number of pages that were asked for.</summary>
    public int Order { get; }

    private static string Describe(int order, PageAllocator pages, long lost)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"No block of {1 << order} pages is free:");
        foreach (var zone in pages.Zones)
        {
            text.Append(CultureInfo.InvariantCulture, $" zone {zone.Kind} has {zone.Allocator.FreePages} pages free and {zone.Allocator.CachedPages} cached of {zone.ManagedPages}, and keeps {zone.Min};");
        }

        text[^1] = '.';
        if (lost != 0) text.Append(CultureInfo.InvariantCulture, $" {lost} buffers were never disposed of.");
        return text.Append(" Give buffers back, rent smaller ones, or make the machine with more memory.").ToString();
    }
}
