// Looks whether the books of all address spaces are right. For tests and dumps; nobody may be changing them.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class VirtualMemory
{
    /// <summary>Looks for broken invariants in areas, entries, counters and descriptors.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="ask">Asks the host whether an address of a mirror may be read, and whether it may be written; null for not asking.</param>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<string> Validate(MachineTask task, Func<nint, (bool Read, bool Write)>? ask = null)
    {
        var broken = new List<string>(Options.Pages.Validate());
        var mappings = new Dictionary<Pfn, int>();
        foreach (var map in _maps)
        {
            ValidateAreas(map, broken);
            var (anonymous, file) = (0L, 0L);
            foreach (var (address, pte) in EntriesOf(map))
            {
                if (map.Areas is var areas && FindArea(areas, address) is not { } area)
                {
                    broken.Add($"G14 entry {pte} of {address} lies in no area");
                    continue;
                }

                Pfn? page;
                using (task.PreemptOff()) page = map.NormalPage(task, area, address, pte);
                if (page is not { } counted) continue;
                mappings[counted] = mappings.GetValueOrDefault(counted) + 1;
                if (Frames.IsAnonymous(counted)) anonymous++;
                else file++;
            }

            if (anonymous != map.AnonymousPages || file != map.FilePages)
                broken.Add($"G7 a map counts {map.AnonymousPages} anonymous and {map.FilePages} file pages and has {anonymous} and {file}");
            if (ask is not null && map.Mirror is { IsDark: false } mirror) ValidateMirror(map, mirror, ask, broken);
        }

        for (var i = 0; i < Frames.Count; i++)
        {
            var page = Frames.PfnAt(i);
            var found = mappings.GetValueOrDefault(page);
            if (Frames.MapCount(page) != found) broken.Add($"G8 page {page} counts {Frames.MapCount(page)} mappings and has {found}");
            if (Frames.ReferenceCount(page) < found) broken.Add($"G6 page {page} has {Frames.ReferenceCount(page)} references and {found} mappings");
        }

        return broken;
    }

    /// <summary>All present user entries of a map, by address.</summary>
    internal IEnumerable<(VirtualAddress Address, Pte Pte)> EntriesOf(MemoryMap map) => EntriesOf(map.Tables.Root, PageTables.TopLevel, 0);

    private IEnumerable<(VirtualAddress Address, Pte Pte)> EntriesOf(Pfn table, int level, ulong start)
    {
        var end = level == PageTables.TopLevel ? PageTables.EntriesInTable / 2 : PageTables.EntriesInTable;
        for (var i = 0; i < end; i++)
        {
            var pte = new Pte(Access.Entry(table, i));
            if (!pte.IsPresent) continue;
            var at = start + ((ulong)i << (Pfn.PageShift + (9 * level)));
            if (level == 0)
            {
                yield return (new VirtualAddress(at), pte);
                continue;
            }

            foreach (var below in EntriesOf(pte.Pfn, level - 1, at)) yield return below;
        }
    }

    private static Vma? FindArea(IReadOnlyList<Vma> areas, VirtualAddress address)
    {
        foreach (var area in areas)
        {
            if (area.Contains(address)) return area;
        }

        return null;
    }

    private static void ValidateAreas(MemoryMap map, List<string> broken)
    {
        var behind = 0UL;
        foreach (var area in map.Areas)
        {
            if (area.Start.Value < behind || area.End.Value <= area.Start.Value) broken.Add($"G14 area {area} is empty, or overlaps the one before");
            if (area.Start.Offset != 0 || area.End.Offset != 0) broken.Add($"G14 area {area} is not page aligned");
            behind = area.End.Value;
        }
    }

    private void ValidateMirror(MemoryMap map, Mirror mirror, Func<nint, (bool Read, bool Write)> ask, List<string> broken)
    {
        for (var page = 0L; page < mirror.Window.PageCount; page++)
        {
            var address = mirror.Start.PlusPages(page);
            var pte = map.Tables.TryFind(address, out var leaf) ? new Pte(Access.Entry(leaf, address.Index(0))) : default;
            var isMemory = pte.IoSpace == 0 && pte.IsPresent && Access.Contains(pte.Pfn);
            var expected = (isMemory && pte.Permits(write: false), isMemory && pte.Permits(write: true));
            if (ask(mirror.At(address)) != expected) broken.Add($"G10 entry {pte} of {address} is not what the host shows");
            else if (expected.Item1 && !mirror.Window.Bytes(page, Pfn.PageSize).SequenceEqual(Access.Bytes(pte.Pfn))) broken.Add($"G10 address {address} does not show frame {pte.Pfn}");
        }
    }
}
