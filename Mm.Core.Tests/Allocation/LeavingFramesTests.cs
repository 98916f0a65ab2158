using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>Single frames that wait in a CPU's stacks for others to go back to the trees with them.</summary>
public class LeavingFramesTests
{
    // What a CPU keeps of single frames, and what it lets leave together: an eighth of 252.
    private const int Kept = 126;
    private const int Together = 31;

    [Fact]
    public void Frames_LeaveTogether_AndAreCountedUntilThen()
    {
        using var zone = New(out var pages);
        Free(zone, 0, pages[..Kept]);
        var before = zone.Allocator.FreePages;
        Free(zone, 0, pages[Kept..(Kept + Together - 1)]);
        Assert.Equal((before, Kept + Together - 1), (zone.Allocator.FreePages, zone.Allocator.CachedPages));
        zone.Check(pages.Length - Kept - Together + 1);
        zone.Drain();
        Assert.Equal(0, zone.Allocator.CachedPages);
        zone.Check(pages.Length - Kept - Together + 1);
    }

    [Fact]
    public void Frame_ThatIsLeaving_IsRefusedASecondTime()
    {
        using var zone = New(out var pages);
        Free(zone, 0, pages[..(Kept + 3)]);
        foreach (var page in pages[Kept..(Kept + 3)])
        {
            Refuses(zone, 0, freed: page, names: page);
            Assert.Throws<TrapException>(() => zone.Allocator.Free(zone.Task, new Pfn(page.Number & ~7u), 3));
        }

        _ = zone.Machine.Traps.Clear();
        zone.Drain();
        zone.Check(pages.Length - Kept - 3);
    }

    [Fact]
    public void Frame_ThatTwoCpusLet_IsRefusedWhenItsSecondCopyLeaves_AndTheOthersOfItsRowAreFree()
    {
        using var zone = New(out var pages);
        Free(zone, 0, pages[..Kept]);
        Free(zone, 1, pages[Kept..(2 * Kept)]);
        var twice = pages[2 * Kept];
        var mine = pages[((2 * Kept) + 1)..((2 * Kept) + Together)];
        var theirs = pages[300..(300 + Together - 1)];
        Assert.Equal(twice.Number >> 6, mine[0].Number >> 6);
        zone.Allocator.Free(zone.Tasks[0], twice, 0);
        zone.Allocator.Free(zone.Tasks[1], twice, 0);
        Free(zone, 1, theirs);
        Free(zone, 0, mine[..^1]);
        Refuses(zone, 0, freed: mine[^1], names: twice);
        zone.Drain();
        var isFree = zone.Check(pages.Length - (2 * Kept) - 1 - mine.Length - theirs.Length);
        Assert.All(mine, page => Assert.True(isFree[page.Number - zone.First.Number]));
    }

    [Fact]
    public void SmallerLimit_LetsWhatIsThereLeave()
    {
        using var zone = New(out var pages);
        Free(zone, 0, pages[..(Kept + 20)]);
        zone.Allocator.SetCacheLimits(64, 15);
        Free(zone, 0, [pages[Kept + 20]]);
        Assert.Equal(Kept, zone.Allocator.CachedPages - Waiting());
        zone.Check(pages.Length - Kept - 21);

        // Frames whose bits are clear and whose counters are not raised yet are counted as at hand; looking at the blocks raises them.
        int Waiting()
        {
            var before = zone.Allocator.CachedPages;
            _ = zone.Allocator.FreeBlocks();
            return before - zone.Allocator.CachedPages;
        }
    }

    // All frames of a zone in use, in order.
    private static ZoneUnderTest New(out Pfn[] pages)
    {
        var zone = new ZoneUnderTest(ZoneAllocatorKind.Tree, 512, cpus: 2, high: 252);
        pages = [.. Enumerable.Range(0, 512).Select(_ => zone.Take(0)).Order()];
        return zone;
    }

    private static void Free(ZoneUnderTest zone, int cpu, Pfn[] pages)
    {
        foreach (var page in pages) zone.Allocator.Free(zone.Tasks[cpu], page, 0);
    }

    private static void Refuses(ZoneUnderTest zone, int cpu, Pfn freed, Pfn names)
    {
        var refused = Assert.Throws<TrapException>(() => zone.Allocator.Free(zone.Tasks[cpu], freed, 0));
        Assert.Contains($"pfn:0x{names.Number:x}\n", refused.Message, System.StringComparison.Ordinal);
    }
}
