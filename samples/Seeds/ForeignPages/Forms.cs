// How the two versions are run: packets are dropped under a driver's lock; a process maps /dev/mem on a machine without Xen.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Owners;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Seeds.ForeignPages;

internal static class Forms
{
    private const string Sleeps = "BUG: sleeping function called from invalid context";

    [Trusted("calls the bugs, to see the machine trap")]
    public static IEnumerable<Form> All() =>
    [
        new("ForeignPages, a hook that takes a mutex", Sleeps, static stage =>
        {
            var pool = new Bug.PacketPool(stage.Machine);
            PageOwner owner = stage.Pages.Owners.Register(stage.Task, "netback", new Bug.ArchHooks(pool).FreePage);
            Pfn page = stage.Page();
            stage.Pages.Owners.SetOwner(stage.Task, page, owner);
            new Bug.NetworkDriver(stage.Machine, stage.Pages, pool).Drop(stage.Task, page);
        }),
        new("ForeignPages, a free path that forgot the hook", Sleeps, static stage =>
        {
            var pool = new Bug.PacketPool(stage.Machine);
            new Bug.NetworkDriver(stage.Machine, stage.Pages, pool).DropMany(stage.Task, [stage.Page()]);
        }),
        new("ForeignPages, Xen's function in a file of all architectures", "kernel BUG: BUG_ON(!isXenDomain)", static stage =>
            OnRegisters(stage, (map, area) => new Bug.MemoryDevice(new Bug.XenMemory(isXenDomain: false)).Map(stage.Task, map, area, 0xfee00, Pfn.PageSize))),
        new("ForeignPages, repaired", null, static stage =>
        {
            var pool = new Repaired.PacketPool(stage.Machine, stage.Pages);
            PageOwner owner = stage.Pages.Owners.Register(stage.Task, "netback", new Repaired.ArchHooks(pool).FreePage);
            var driver = new Repaired.NetworkDriver(stage.Machine, stage.Pages);
            driver.Drop(stage.Task, pool.Grow(stage.Task, owner)!.Value);
            driver.DropMany(stage.Task, [pool.Grow(stage.Task, owner)!.Value, stage.Page()]);
            Stage.Check(pool.Count == 2 && owner.LastPuts == 2);
            OnRegisters(stage, (map, area) => new Repaired.MemoryDevice(new Repaired.NativeDeviceMapper()).Map(stage.Task, map, area, 0xfee00, Pfn.PageSize));
        }),
        new("ForeignPages, repaired, on Xen", null, static stage =>
            OnRegisters(stage, (map, area) => new Repaired.MemoryDevice(new Repaired.XenDeviceMapper(new Repaired.XenMemory(isXenDomain: true))).Map(stage.Task, map, area, 0xfee00, Pfn.PageSize))),
    ];

    [Trusted("the host prepares the stage")]
    private static void OnRegisters(Stage stage, Func<MemoryMap, Vma, MapResult> remap)
    {
        MemoryMap map = stage.Map();
        Vma area = map.Map(stage.Task, new AreaRequest { Pages = 1, At = Stage.At, Flags = VmFlags.Read | VmFlags.Write | VmFlags.Shared });
        using (map.Lock.Write(stage.Task)) Stage.Check(remap(map, area) == MapResult.None);
    }
}
