// Looks whether the allocator's books are right. For tests and dumps; nobody may be allocating.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    /// <summary>Looks for broken invariants, in the descriptors and in the zones.</summary>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<string> Validate()
    {
        var broken = new List<string>(Pages.Validate());
        var seen = new HashSet<Pfn>();
        foreach (var zone in _zones)
        {
            var (free, cached) = (0, 0);
            var heads = new HashSet<(Pfn, int)>();
            foreach (var (first, order, isCached) in zone.Allocator.FreeBlocks())
            {
                var pages = 1 << order;
                if (isCached) cached += pages;
                else free += pages;
                if (first.Number % (uint)pages != 0) broken.Add($"Z1 free block {first} of order {order} is not aligned");
                if (!isCached && order < FrameTable.MaximalOrder && heads.Contains((new Pfn(first.Number ^ (uint)pages), order)))
                    broken.Add($"Z2 free block {first} of order {order} has a free buddy");
                if (!isCached) heads.Add((first, order));
                for (var i = 0; i < pages; i++)
                {
                    var page = first.Plus(i);
                    if (!seen.Add(page)) broken.Add($"G1 page {page} is free twice");
                    var isHead = !isCached && i == 0 && zone.Allocator.MarksFreePages;
                    if (Pages.TypeOf(page) != (isHead ? PageType.Buddy : PageType.None)) broken.Add($"Z3 page {page} of free block {first} has type {Pages.TypeOf(page)}");
                    if (Pages.ReferenceCount(page) != 0 || Pages.Flags(page) is not (PageFlags.None or PageFlags.HardwarePoison))
                        broken.Add($"G4 free page {page} has references or flags");
                }
            }

            broken.AddRange(zone.Allocator.Validate());
            if (free != zone.Allocator.FreePages) broken.Add($"Z4 zone {zone.Kind} counts {zone.Allocator.FreePages} free pages and has {free}");
            if (cached != zone.Allocator.CachedPages) broken.Add($"G5 zone {zone.Kind} counts {zone.Allocator.CachedPages} cached pages and has {cached}");
        }

        for (var i = 0; i < Pages.Count; i++)
        {
            var id = Pages.OwnOwnerId(Pages.PfnAt(i));
            if (id != 0 && Owners.Find(id) is null) broken.Add($"OR1 page {Pages.PfnAt(i)} has owner {id}, whom nobody knows");
        }

        ValidatePlaces(seen, broken);
        Holders.Validate(broken);
        return broken;
    }

    // Each page is in one place: free, queued, out of the machine, in quarantine, its owner's, or part of a block that is referred to.
    // Isolated pages are none of the allocator's while they are isolated.
    private void ValidatePlaces(HashSet<Pfn> free, List<string> broken)
    {
        foreach (var zone in _zones)
        {
            if (zone.Allocator is IBlockIsolation { IsolatedPages: not 0 }) return;
        }

        var queued = new HashSet<Pfn>();
        _states?.Queue.AddTo(queued);
        var owned = new long[256];
        var endOfBlock = 0;
        for (var i = 0; i < Pages.Count; i++)
        {
            var page = Pages.PfnAt(i);
            var isReferredTo = Pages.ReferenceCount(page) > 0 && Pages.HeadOf(page) == page;
            var owner = Pages.OwnOwnerId(page);
            if (isReferredTo || owner != 0) endOfBlock = System.Math.Max(endOfBlock, i + (1 << Pages.BlockOrderOf(page)));
            owned[owner] += 1 << Pages.OrderOf(page);
            var isElsewhere = i < endOfBlock || (Pages.Flags(page) & (PageFlags.Quarantined | PageFlags.HardwarePoison)) != 0 || Pages.TypeOf(page) == PageType.Offline;
            if (queued.Contains(page) && (isElsewhere || free.Contains(page))) broken.Add($"G1 page {page} is queued, and somewhere else as well");
            else if (free.Contains(page) && i < endOfBlock) broken.Add($"G1 page {page} is free, and part of a block in use");
            else if (!queued.Contains(page) && !free.Contains(page) && !isElsewhere) broken.Add($"G16 page {page} is nowhere");
        }

        for (var id = 1; id < owned.Length; id++)
        {
            if (Owners.Find((byte)id) is { } owner && owner.LivePages != owned[id]) broken.Add($"G15 owner {owner.Name} counts {owner.LivePages} pages and has {owned[id]}");
        }
    }
}
