// What removing memory asks of a zone's allocator: that a range is handed out no more, and then taken out.
// Context: any but NMI; never sleeps. Both allocators have it; one without it keeps its memory for ever.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

/// <summary>Isolates ranges of a zone: what is free in them is neither handed out nor counted, and what is freed there stays there.</summary>
public interface IBlockIsolation
{
    /// <summary>The binary logarithm of the unit in which ranges are isolated: a pageblock, 2 MiB.</summary>
    public const int BlockOrder = 9;

    /// <summary>How many free pages lie in isolated ranges.</summary>
    int IsolatedPages { get; }

    /// <summary>Isolates a range, with what is free in it. The caches of the CPUs must be off and empty.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">Whole blocks of the zone.</param>
    /// <returns>False if a part of it is isolated already: nothing has changed.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    bool TryIsolate(MachineTask task, FrameRange range);

    /// <summary>Ends the isolation of a range: what is free in it can be handed out again.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">What was isolated.</param>
    [Never<Sleep>, Might<SpinOnLock>]
    void EndIsolation(MachineTask task, FrameRange range);

    /// <summary>How many pages of an isolated range are free.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">The range.</param>
    [Never<Sleep>, Might<SpinOnLock>]
    int CountFree(MachineTask task, FrameRange range);

    /// <summary>Takes what is free in an isolated range out of the allocator, and ends the isolation.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">What was isolated.</param>
    /// <param name="expected">How many pages of it must be free.</param>
    /// <returns>False if it is another number: nothing has changed.</returns>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    bool TryRemove(MachineTask task, FrameRange range, int expected);
}
