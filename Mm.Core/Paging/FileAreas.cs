// The areas that show a file: the kernel's i_mmap, by which a page of the file is found wherever it is mapped.
// Context: a task. Locks: i_mmap_rwsem, inside mmap_lock and the page lock, outside pte_lock. Invariants: FR1 an area is in the list from
// before it can have entries until they are gone. Lifetime: that of the file.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

internal sealed class FileAreas(Machine machine)
{
    private readonly RwSemaphore _lock = new(machine, "i_mmap_rwsem");
    private readonly List<Vma> _areas = [];

    public int Count => _areas.Count;

    [Might<Sleep>]
    public void Add(MachineTask task, Vma area)
    {
        using (_lock.Write(task)) _areas.Add(area);
    }

    [Might<Sleep>]
    public void Remove(MachineTask task, Vma area)
    {
        using (_lock.Write(task)) _areas.Remove(area);
    }

    /// <summary>Takes away every entry that shows a frame at a place of the file.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="offset">The place, in pages.</param>
    /// <param name="frame">The frame.</param>
    [Might<Sleep>]
    public void Unmap(MachineTask task, ulong offset, Pfn frame)
    {
        using (_lock.Read(task))
        {
            foreach (var area in _areas)
            {
                var pages = offset - area.PageOffset;
                if (pages < (ulong)area.PageCount) area.Map.UnmapPage(task, area, area.Start.PlusPages((long)pages), frame);
            }
        }
    }
}
