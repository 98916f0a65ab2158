using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
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
    public void Holds_AfterEachRandomOperation_AgreeWithTheModel(int seed)
    {
        var random = new Random(seed);
        var answers = new Queue<ReleaseAnswer>();
        var holders = Enumerable.Range(0, 3).Select(i => _pages.Holders.Register("h" + i, (_, _) => answers.Dequeue())).ToArray();
        var model = new Dictionary<Pfn, (PageHolder Holder, HoldToken Token)>();
        var stale = new List<HoldToken>();
        var owned = new List<Pfn> { _page };
        for (var step = 0; step < 2000; step++)
        {
            var page = owned[random.Next(owned.Count)];
            var isHeld = model.TryGetValue(page, out var held);
            switch (random.Next(6))
            {
                case 0 when owned.Count < 20:
                    owned.Add(_pages.Allocate(_task, Gfp.Kernel)!.Value);
                    break;
                case 1 when !isHeld && owned.Count > 1:
                    _pages.Free(_task, page);
                    owned.Remove(page);
                    Assert.Equal(ReleaseOutcome.Gone, _pages.Holders.Release(_task, page));
                    break;
                case 2 or 3:
                    var replace = random.Next(2) == 0;
                    var holder = holders[random.Next(3)];
                    var result = _pages.Holders.SetHold(_task, page, holder, replace);
                    Assert.Equal(!isHeld || replace, result.Succeeded);
                    Assert.Equal(isHeld ? held.Holder : null, result.Other);
                    if (!result.Succeeded) break;
                    if (isHeld) stale.Add(held.Token);
                    model[page] = (holder, result.Token);
                    break;
                case 4 when isHeld:
                    Assert.Equal(UnsetResult.Removed, _pages.Holders.UnsetHold(_task, held.Token));
                    stale.Add(held.Token);
                    model.Remove(page);
                    break;
                default:
                    var answer = (ReleaseAnswer)random.Next(1, 4);
                    if (isHeld) answers.Enqueue(answer);
                    var outcome = _pages.Holders.Release(_task, page);
                    Assert.Equal(!isHeld ? ReleaseOutcome.NoHolder : answer switch { ReleaseAnswer.Released => ReleaseOutcome.Released, ReleaseAnswer.Busy => ReleaseOutcome.Busy, _ => ReleaseOutcome.Failed }, outcome);
                    if (outcome == ReleaseOutcome.Released)
                    {
                        stale.Add(held.Token);
                        model.Remove(page);
                    }

                    break;
            }

            Assert.Equal(model.Count, _pages.Holders.Count);
            foreach (var one in owned) Assert.Equal(model.TryGetValue(one, out var m) ? m.Holder : null, _pages.Holders.HolderOf(one));
            if (stale.Count != 0) Assert.Equal(UnsetResult.Stale, _pages.Holders.UnsetHold(_task, stale[random.Next(stale.Count)]));
        }

        Assert.Equal(stale.Count, stale.Select(static t => t.Generation).Distinct().Count());
        _machine.AssertClean();
    }
}
