// What the page allocator asks of whoever can move pages: a whole block out of scattered free ones.
// Context: called in the allocating task, outside of every lock of the allocator's; may sleep. Allocations in it do not reclaim again
//          (MachineTask.AllocateFromReserves). Locks: as for reclaimers, lock class "fs_reclaim" reports who must not be waited for.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

/// <summary>Makes whole blocks by moving pages that are in use.</summary>
internal interface ICompactor
{
    /// <summary>Moves what is in use in a block of a zone elsewhere, unless that has failed too often lately.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="order">The order of the block that somebody waits for.</param>
    /// <returns>True if a block has become free that somebody else may have taken by now.</returns>
    [MustCheck, Might<Sleep>]
    bool TryCompact(MachineTask task, Zone zone, int order);
}
