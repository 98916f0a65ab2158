// How the pages of an owner are moved elsewhere, so that the memory under them can go.
// Context: all in a task. Isolate and PutBack with the page locked and a reference; Migrate with both (matrix rows 68, 69).
// Invariants: MV1 isolated ⇒ migrated or put back. By owner, not by page: as the kernel's set_movable_ops by page type.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Hotplug;

/// <summary>Moves the pages of one owner.</summary>
public interface IMovableOperations
{
    /// <summary>Takes a page off the owner's lists, so that he does not use it meanwhile.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, locked, with a reference of the caller's.</param>
    /// <returns>False if that cannot be now.</returns>
    [MustCheck, Might<Sleep>]
    bool TryIsolate(MachineTask task, Pfn page);

    /// <summary>Moves what a page holds, contents and references of the owner's, to another one.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="from">The page, isolated, with a reference of the caller's.</param>
    /// <param name="to">The other one: the owner's already, with one reference, which becomes his.</param>
    /// <returns>True if the owner refers to <paramref name="from"/> no longer.</returns>
    [MustCheck, Might<Sleep>]
    bool TryMigrate(MachineTask task, Pfn from, Pfn to);

    /// <summary>Takes a page back that was isolated and not migrated.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, locked.</param>
    [Might<Sleep>]
    void PutBack(MachineTask task, Pfn page);

    /// <summary>Gives up a page that is at home, without references.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page.</param>
    /// <returns>False if it is not at home any more.</returns>
    [MustCheck, Might<Sleep>]
    bool TryGiveUp(MachineTask task, Pfn page);
}
