// What the page allocator asks of those who can give memory back: reclaimers, and the handler of last resort.
// Context: called in the allocating task or in the background one, outside of every lock; both may sleep. Allocations in them use the
//          reserves and do not reclaim again (MachineTask.AllocateFromReserves).
// Locks: what a reclaimer takes must not be held over an allocation that may reclaim: lock class "fs_reclaim" reports who does.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

/// <summary>What is wanted of a reclaimer.</summary>
/// <param name="Zone">The zone that needs pages.</param>
/// <param name="Target">How many pages would do.</param>
/// <param name="Order">The order of the block that somebody waits for.</param>
/// <param name="Capabilities">Of <see cref="Gfp.Block"/>, <see cref="Gfp.Io"/> and <see cref="Gfp.FileSystem"/>, what the reclaimer may use.</param>
/// <param name="IsBackground">True if nobody waits.</param>
public readonly record struct ReclaimRequest(Zone Zone, int Target, int Order, Gfp Capabilities, bool IsBackground);

/// <summary>Gives memory back on request: a cache, a queue of pages that are not needed.</summary>
public interface IReclaimer
{
    /// <summary>Frees pages.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="request">What is wanted.</param>
    /// <returns>How many pages became free, 0 if none could be had. More than was asked for is welcome.</returns>
    [MustCheck, Might<Sleep>]
    int Reclaim(MachineTask task, in ReclaimRequest request);

    /// <summary>How many pages of a zone could be had at most, roughly. As long as that would be enough, allocations keep trying.</summary>
    /// <param name="zone">The zone.</param>
    int CountReclaimable(Zone zone);
}

/// <summary>What the handler of last resort has done.</summary>
public enum OomOutcome
{
    /// <summary>Nothing: the allocation fails, unless it must not.</summary>
    None,

    /// <summary>Somebody is going to give memory up: the allocation tries again.</summary>
    Killed,
}

/// <summary>Is asked when nothing can be reclaimed. One call at a time in an allocator.</summary>
/// <param name="task">The running task, whose allocation cannot go on.</param>
/// <param name="gfp">What it may do.</param>
/// <param name="order">What it wants.</param>
[Might<Sleep>]
public delegate OomOutcome OomHandler(MachineTask task, Gfp gfp, int order);
