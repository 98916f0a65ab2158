using System;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Frames;

/// <summary>What the hot half of a descriptor tells of the cold one.</summary>
public partial class FrameTableTests
{
    [Fact]
    public void ColdHalf_WithSomethingInIt_IsLookedAtByEveryFreeAndAllocation()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        foreach (var (put, take) in ((Action<FrameTable, Pfn>, Action<FrameTable, Pfn>)[])
        [
            (static (table, page) => table.AddMapping(page), static (table, page) => table.RemoveMapping(page)),
            (static (table, page) => table.MapFirst(page), static (table, page) => _ = table.RemoveMappingAndTest(page)),
            (static (table, page) => table.SetCacheId(page, 7), static (table, page) => table.SetCacheId(page, 0)),
            (static (table, page) => table.SetType(page, PageType.Table), static (table, page) => table.SetType(page, PageType.None)),
            (static (table, page) => table.SetType(page, PageType.Offline), static (table, page) => table.SetType(page, PageType.None)),
        ])
        {
            using var table = new FrameTable(machine, First, 16, Nothing);
            foreach (var order in (int[])[0, 1, 3])
            {
                var odd = At((1 << order) - 1);
                put(table, odd);
                Assert.False(table.TryCleanAtFree(At(0), order));
                Assert.False(table.AreGoodForAllocation(At(0), order));
                Assert.DoesNotContain(table.Validate(), static broken => broken.StartsWith("F7", StringComparison.Ordinal));
                take(table, odd);
                Assert.True(table.TryCleanAtFree(At(0), order));
                Assert.True(table.AreGoodForAllocation(At(0), order));
            }
        }

        using (var owned = new FrameTable(machine, First, 4, Nothing))
        {
            owned.Publish(At(0));
            Assert.False(owned.MayBeOwned(At(0), out _));
            owned.SetOwner(task, At(0), 3);
            Assert.True(owned.MayBeOwned(At(0), out _));
            Assert.True(owned.TryFreeze(task, At(0), 1));
            Assert.False(owned.TryCleanAtFree(At(0), 0));
            Assert.True(owned.MayBeOwned(At(0), out _));
            owned.ForgetOwner(At(0));
            Assert.True(owned.TryCleanAtFree(At(0), 0));
            Assert.False(owned.MayBeOwned(At(0), out _));
            owned.Descriptors.Cold(1).Mapping = 8;
            Assert.StartsWith("F7 page", Assert.Single(owned.Validate()), StringComparison.Ordinal);
        }

        machine.AssertClean();
    }
}
