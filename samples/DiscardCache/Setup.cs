using Mm.Core;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace DiscardCache;

/// <summary>A machine under a host, a file that is larger than its memory, a cache of it, and an address space that shows it.</summary>
internal sealed class Setup
{
    private readonly VirtualMemory _memory;

    public Setup(MachineTask task, HostPages host, int filePages)
    {
        var machine = task.Machine;
        Host = host;
        States = new PageStates(task, machine.Pages, host);
        var all = new FrameRange(machine.Pages.Pages.First, machine.Memory.FrameCount);
        var model = new FlatModel(machine, all);
        model.Initialise(task, all);
        model.MakeReady(task);
        _memory = new VirtualMemory(task, new VirtualMemoryOptions { Pages = machine.Pages, Memory = machine.Memory, Model = model });
        File = new CachedFile(task, _memory, new Records(filePages));
        Map = new MemoryMap(task, _memory);
        Area = File.Map(task, Map, new AreaRequest { Pages = filePages, Flags = VmFlags.Read });
    }

    public HostPages Host { get; }

    public PageStates States { get; }

    public CachedFile File { get; }

    public MemoryMap Map { get; }

    public Vma Area { get; }

    /// <summary>Ends everything.</summary>
    /// <returns>How many pages did not come back.</returns>
    public int End(MachineTask task)
    {
        Map.Exit(task);
        File.Dispose(task);
        _memory.Dispose(task);
        task.Machine.Rcu.Barrier(task);
        _ = States.Queue.Reap(task);
        task.Machine.Pages.DrainAll(task);
        var zone = task.Machine.Pages.Zones[0];
        return zone.ManagedPages - zone.Allocator.FreePages;
    }
}
