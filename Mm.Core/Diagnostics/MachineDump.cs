// What a machine's memory looks like at this moment, as the kernel's files under /proc show it, and as JSON.
// Context: a thread of the host; racy reads of counters and descriptors, no locks: a dump of a busy machine need not add up.
// Formats: mm/vmstat.c of Linux 6.1, frag_show_print and zoneinfo_show_print, without the lines of which the machine knows nothing.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Frames;
using Mm.Core.Zones;

namespace Mm.Core.Diagnostics;

/// <summary>Text and JSON dumps of a page allocator.</summary>
[Trusted("for tests and dumps")]
public static class MachineDump
{
    private const int BlockOrder = 9;

    /// <summary>Free blocks of each order, zone by zone: /proc/buddyinfo.</summary>
    /// <param name="pages">The allocator.</param>
    public static string BuddyInfo(PageAllocator pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        var text = new StringBuilder();
        foreach (var zone in pages.Zones)
        {
            text.Append(CultureInfo.InvariantCulture, $"Node 0, zone {zone.Kind,8} ");
            for (var order = 0; order <= FrameTable.MaximalOrder; order++) text.Append(CultureInfo.InvariantCulture, $"{zone.Allocator.CountBlocks(order),6} ");
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Watermarks, sizes and reserves, zone by zone: /proc/zoneinfo.</summary>
    /// <param name="pages">The allocator.</param>
    public static string ZoneInfo(PageAllocator pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        var text = new StringBuilder();
        foreach (var zone in pages.Zones)
        {
            text.Append(CultureInfo.InvariantCulture, $"Node 0, zone {zone.Kind,8}\n");
            text.Append(CultureInfo.InvariantCulture, $"  pages free     {zone.Allocator.FreePages}\n");
            text.Append(CultureInfo.InvariantCulture, $"        min      {zone.Min}\n");
            text.Append(CultureInfo.InvariantCulture, $"        low      {zone.Low}\n");
            text.Append(CultureInfo.InvariantCulture, $"        high     {zone.High}\n");
            text.Append(CultureInfo.InvariantCulture, $"        spanned  {zone.SpannedPages}\n");
            text.Append(CultureInfo.InvariantCulture, $"        present  {zone.PresentPages}\n");
            text.Append(CultureInfo.InvariantCulture, $"        managed  {zone.ManagedPages}\n");
            text.Append(CultureInfo.InvariantCulture, $"        protection: ({string.Join(", ", Protection(zone))})\n");
            text.Append(CultureInfo.InvariantCulture, $"  pagesets\n              count: {zone.Allocator.CachedPages}\n              batch: {zone.Batch}\n");
            text.Append(CultureInfo.InvariantCulture, $"  start_pfn:           {zone.First.Number}\n");
        }

        return text.ToString();
    }

    /// <summary>What the pages are, zone by zone, in the manner of /proc/pagetypeinfo: by state, as there are no migrate types.</summary>
    /// <param name="pages">The allocator.</param>
    public static string PageTypeInfo(PageAllocator pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Page block order: {BlockOrder}\nPages per block:  {1 << BlockOrder}\n\n");
        var header = true;
        foreach (var zone in pages.Zones)
        {
            var census = Census(pages, zone);
            if (header)
            {
                text.Append("Number of pages by state     ");
                foreach (var (name, _) in census) text.Append(CultureInfo.InvariantCulture, $"{name,12} ");
                text.Append('\n');
                header = false;
            }

            text.Append(CultureInfo.InvariantCulture, $"Node 0, zone {zone.Kind,8}        ");
            foreach (var (_, count) in census) text.Append(CultureInfo.InvariantCulture, $"{count,12} ");
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>All of it as JSON, indented.</summary>
    /// <param name="pages">The allocator.</param>
    public static string Json(PageAllocator pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("allocations", pages.Allocations);
            json.WriteNumber("frees", pages.Frees);
            json.WriteNumber("quarantined", pages.Pages.QuarantinedCount);
            json.WriteStartArray("zones");
            foreach (var zone in pages.Zones) Write(json, pages, zone);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter json, PageAllocator pages, Zone zone)
    {
        json.WriteStartObject();
        json.WriteString("name", zone.Kind.ToString());
        json.WriteNumber("startPfn", zone.First.Number);
        json.WriteNumber("spanned", zone.SpannedPages);
        json.WriteNumber("present", zone.PresentPages);
        json.WriteNumber("managed", zone.ManagedPages);
        json.WriteNumber("free", zone.Allocator.FreePages);
        json.WriteNumber("cached", zone.Allocator.CachedPages);
        json.WriteNumber("min", zone.Min);
        json.WriteNumber("low", zone.Low);
        json.WriteNumber("high", zone.High);
        json.WriteStartArray("protection");
        foreach (var kept in Protection(zone)) json.WriteNumberValue(kept);
        json.WriteEndArray();
        json.WriteStartArray("freeBlocks");
        for (var order = 0; order <= FrameTable.MaximalOrder; order++) json.WriteNumberValue(zone.Allocator.CountBlocks(order));
        json.WriteEndArray();
        json.WriteStartObject("pages");
        foreach (var (name, count) in Census(pages, zone)) json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(name), count);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static int[] Protection(Zone zone) => Array.ConvertAll(Enum.GetValues<ZoneKind>(), zone.ReserveFor);

    private static List<(string Name, int Count)> Census(PageAllocator pages, Zone zone)
    {
        var (inUse, quarantined, compound, locked, mapped, tables, blocks) = (0, 0, 0, 0, 0, 0, 0);
        var usedInBlock = 0;
        for (var i = 0; i < zone.SpannedPages; i++)
        {
            var page = zone.First.Plus(i);
            var flags = pages.Pages.Flags(page);
            var isUsed = pages.Pages.ReferenceCount(page) != 0 || (flags & PageFlags.Quarantined) != 0;
            if (isUsed) usedInBlock++;
            if ((flags & PageFlags.Quarantined) != 0) quarantined++;
            else if (isUsed) inUse++;
            if ((flags & (PageFlags.Head | PageFlags.Tail)) != 0) compound++;
            if ((flags & PageFlags.Locked) != 0) locked++;
            if (pages.Pages.MapCount(page) != 0) mapped++;
            if (pages.Pages.TypeOf(page) == PageType.Table) tables++;
            if ((page.Number + 1) % (1 << BlockOrder) != 0) continue;
            if (usedInBlock == 0 && i + 1 >= 1 << BlockOrder) blocks++;
            usedInBlock = 0;
        }

        return
        [
            ("Free", zone.SpannedPages - inUse - quarantined), ("InUse", inUse), ("Quarantined", quarantined), ("Compound", compound),
            ("Locked", locked), ("Mapped", mapped), ("Tables", tables), ("FreeBlocks", blocks),
        ];
    }
}
