using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Holders;

/// <summary>What the registry promises beyond the errata.</summary>
public sealed partial class HolderErrataTests
{
    [Fact]
    public void S3_06_Release_OfAHeldPage_CallsTheHandlerOnceInATaskWithoutLocks()
    {
        var calls = new List<(bool, int)>();
        Set(_pages.Holders.Register("a", (task, page) =>
        {
            calls.Add((task.Preemptible, task.Locks.Count));
            return ReleaseAnswer.Released;
        }));
        Assert.Equal(ReleaseOutcome.Released, _pages.Holders.Release(_task, _page));
        Assert.Equal([(true, 0)], calls);
        Assert.Null(_pages.Holders.HolderOf(_page));
        Assert.Equal(1, _pages.Pages.ReferenceCount(_page));
        Assert.DoesNotContain(PageFlags.Held.ToString(), _pages.Pages.Flags(_page).ToString(), StringComparison.Ordinal);
        Assert.False(_pages.Holders.UnsetHoldAndWait(_task, default));
    }

    [Fact]
    public void S3_30_LookupsFromInterrupts_DuringAStormOfHolds_SeeALiveHolderOrNone()
    {
        for (var seed = 0UL; seed < 15; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            PageAllocator? made = null;
            Pfn page = default;
            machine.Do("setup", task =>
            {
                made = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 16)] });
                page = made.Allocate(task, Gfp.Kernel)!.Value;
            });
            using var pages = made!;
            var holders = Enumerable.Range(0, 3).Select(i => pages.Holders.Register("h" + i)).ToArray();
            for (var t = 0; t < 2; t++)
            {
                machine.Start("setter", task =>
                {
                    for (var i = 0; i < 6; i++)
                    {
                        machine.CrossCalls.Send(task, i % 2, (_, _) => Assert.True(pages.Holders.HolderOf(page) is null or { Name: "h0" or "h1" or "h2" }));
                        var result = pages.Holders.SetHold(task, page, holders[i % 3], replace: i % 2 == 0);
                        if (result.Succeeded) Assert.NotEqual(UnsetResult.Releasing, pages.Holders.UnsetHold(task, result.Token));
                    }
                });
            }

            machine.Run();
            Assert.Equal((0, PageFlags.None), (pages.Holders.Count, pages.Pages.Flags(page)));
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Holds_AfterEachOperationOfAProgram_AgreeWithTheModel(int seed) =>
        RandomPrograms.Hold(() => new HolderSubject(), HolderSubject.All, seed, length: 300, count: 4);
}
