// How the two versions are run: a driver holds a page, and gives it back only after it has waited for its device.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Holders;
using Mm.Core.Physical;

namespace Seeds.ReleaseHandlers;

internal static class Forms
{
    private const string Sleeps = "BUG: sleeping function called from invalid context";

    [Trusted("calls the bugs, to see the machine trap")]
    public static IEnumerable<Form> All() =>
    [
        new("ReleaseHandlers, a node allocated under the lock", Sleeps, static stage =>
            _ = new Bug.HolderRegistry(stage.Machine, stage.Pages).SetHolder(stage.Task, stage.Page(), new Bug.PageHolderOps("driver", WaitForDevice))),
        new("ReleaseHandlers, the handler called under the lock", Sleeps, static stage =>
        {
            var registry = new Bug.HolderRegistry(stage.Machine, stage.Pages);
            Pfn page = stage.Page();
            Stage.Check(registry.TrySetHolder(stage.Task, page, new Bug.PageHolderOps("driver", WaitForDevice)));
            _ = registry.Release(stage.Task, page);
        }),
        new("ReleaseHandlers, a lookup that switches interrupts on", "releasing zone->page_holder_lock enabled irqs that were off when it was taken", static stage =>
        {
            var registry = new Bug.HolderRegistry(stage.Machine, stage.Pages);
            Pfn page = stage.Page();
            Stage.Check(registry.TrySetHolder(stage.Task, page, new Bug.PageHolderOps("driver", WaitForDevice)));
            _ = Bug.Diagnosis.OwnerOf(stage.Task, registry, stage.Pages.Pages, page);
        }),
        new("ReleaseHandlers, repaired", null, static stage =>
        {
            var registry = new Repaired.HolderRegistry(stage.Machine, stage.Pages);
            Pfn page = stage.Page();
            Stage.Check(registry.SetHolder(stage.Task, page, new Repaired.PageHolderOps("driver", WaitForDevice)));
            Stage.Check(Repaired.Diagnosis.OwnerOf(stage.Task, registry, stage.Pages.Pages, page) == "driver");
            Stage.Check(registry.Release(stage.Task, page) == ReleaseOutcome.Released && registry.Find(stage.Task, page) is null);
        }),
        new("ReleaseHandlers, by Mm.Core's holders", null, static stage =>
        {
            var removal = new Repaired.Removal(stage.Pages);
            Pfn page = stage.Page();
            Stage.Check(removal.Hold(stage.Task, page, stage.Pages.Holders.Register("driver", WaitForDevice)));
            Stage.Check(removal.OwnerOf(stage.Task, page) == "driver");
            Stage.Check(removal.Release(stage.Task, page) == ReleaseOutcome.Released && removal.OwnerOf(stage.Task, page) is null);
        }),
    ];

    private static ReleaseAnswer WaitForDevice(MachineTask task, Pfn page)
    {
        task.SleepFor(TimeSpan.FromMilliseconds(1));
        return ReleaseAnswer.Released;
    }
}
