// How the two versions are run: pages are discarded and reaped, and a discard fault comes in with interrupts off.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Physical;

namespace Seeds.DiscardList;

internal static class Forms
{
    private const string Sleeps = "BUG: sleeping function called from invalid context";

    [Trusted("calls the bugs, to see the machine trap")]
    public static IEnumerable<Form> All() =>
    [
        new("DiscardList, a vector that is not put back", Sleeps, static stage =>
        {
            new Bug.DiscardList(stage.Machine, stage.Pages).Add(stage.Task, stage.Page());
            stage.Task.ConditionalReschedule();
        }),
        new("DiscardList, other CPUs called under the lock", "WARN_ON_ONCE(cpu_online(this_cpu) && irqs_disabled() && !oops_in_progress)", static stage =>
            _ = new Bug.DiscardList(stage.Machine, stage.Pages).Shrink(stage.Task)),
        new("DiscardList, a guard that is dropped", "WARNING: possible recursive locking detected", static stage =>
        {
            var list = new Bug.DiscardList(stage.Machine, stage.Pages);
            _ = list.Count(stage.Task);
            _ = list.Count(stage.Task);
        }),
        new("DiscardList, a fault handler that locks the page", Sleeps, static stage =>
        {
            Pfn page = stage.Page();
            using (stage.Task.IrqsOff()) new Bug.DiscardFault(stage.Pages.Pages).Handle(stage.Task, page);
        }),
        new("DiscardList, repaired", null, static stage =>
        {
            var list = new Repaired.DiscardList(stage.Machine, stage.Pages);
            for (int i = 0; i < 15; i++) list.Add(stage.Task, stage.Page());
            Stage.Check(list.Count(stage.Task) == 14 && list.Shrink(stage.Task) == 14);
            var later = new Repaired.WorkQueue();
            Pfn page = stage.Page();
            using (stage.Task.IrqsOff()) new Repaired.DiscardFault(stage.Pages.Pages, later).Handle(stage.Task, page);
            later.Run(stage.Task);
            stage.Pages.Free(stage.Task, page);
        }),
    ];
}
