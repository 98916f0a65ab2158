// How the two versions are run: a ring of eight pages, through the tables of one process.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Paging;
using Mm.Core.Vmalloc;

namespace Seeds.LockedArea;

internal static class Forms
{
    private const string Sleeps = "BUG: sleeping function called from invalid context";

    [Trusted("calls the bugs, to see the machine trap")]
    public static IEnumerable<Form> All() =>
    [
        new("LockedArea, touched with preemption off", Sleeps, static stage =>
        {
            var (map, _, ring) = Prepare(stage);
            new Bug.VmAreas(map).Lock(stage.Task, ring);
        }),
        new("LockedArea, touched two calls below", Sleeps, static stage => Rings(stage, out KernelRange ring).Map(stage.Task, ring)),
        new("LockedArea, freed while it is locked", Sleeps, static stage => Rings(stage, out KernelRange ring).Drop(stage.Task, ring)),
        new("LockedArea, unlocked without a lock", "DEBUG_LOCKS_WARN_ON(val > preempt_count())", static stage =>
        {
            var (map, _, ring) = Prepare(stage);
            new Bug.VmAreas(map).Unlock(stage.Task, ring);
        }),
        new("LockedArea, an early return that does not unlock", Sleeps, static stage =>
        {
            Bug.Rings rings = Rings(stage, out KernelRange ring);
            _ = rings.Connect(stage.Task, ring, ready: false);
            stage.Task.ConditionalReschedule();
        }),
        new("LockedArea, synchronised by an interrupt", "WARN_ON_ONCE(in_interrupt())", static stage =>
        {
            Bug.Rings rings = Rings(stage, out KernelRange ring);
            stage.Machine.CrossCalls.CallOthers(stage.Task, rings.OnInterrupt, ring);
        }),
        new("LockedArea, repaired", null, static stage =>
        {
            var (map, ranges, ring) = Prepare(stage);
            var rings = new Repaired.Rings(ranges, map);
            map.Map(stage.Task, new AreaRequest { Pages = 1, At = Stage.At });
            Stage.Check(rings.Connect(stage.Task, ring) && rings.ConnectLocked(stage.Task, ring, ready: true) && !rings.ConnectLocked(stage.Task, ring, ready: false));
            Stage.Check(rings.TryUse(stage.Task, Stage.At));
            stage.Machine.CrossCalls.CallOthers(stage.Task, rings.OnInterrupt, ring);
            rings.Drop(stage.Task, ring);
        }),
    ];

    [Trusted("the host prepares the stage")]
    private static (MemoryMap Map, KernelRanges Ranges, KernelRange Ring) Prepare(Stage stage)
    {
        MemoryMap map = stage.Map();
        KernelRanges ranges = stage.Ranges();
        return (map, ranges, ranges.Allocate(stage.Task, 8)!);
    }

    [Trusted("the host prepares the stage")]
    private static Bug.Rings Rings(Stage stage, out KernelRange ring)
    {
        (MemoryMap map, KernelRanges ranges, ring) = Prepare(stage);
        return new Bug.Rings(ranges, map, new Bug.VmAreas(map));
    }
}
