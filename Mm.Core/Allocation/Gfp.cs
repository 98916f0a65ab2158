// What an allocation may do to find memory, and how far it may go down: the GFP flags as a lattice.
//
//   A ≤ B  where what A may do, B may do too:   NoWait, Atomic  ≤  NoIo  ≤  NoFileSystem  ≤  Kernel
//   A task's bound:  task: all · preemption, bottom halves or interrupts off, or an RCU reader open: no Block
//
// Context: a constant at the call is judged at compile time (MM1003), the same at run time (might_alloc).
using System;
using Mm.Core.Contexts;

namespace Mm.Core.Allocation;

/// <summary>How an allocation may find memory, and what it gets.</summary>
[Flags]
public enum Gfp
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>May sleep until memory is there. The only flag that lets an allocation sleep.</summary>
    Block = 1 << 0,

    /// <summary>May start input and output. Means something with <see cref="Block"/> only.</summary>
    Io = 1 << 1,

    /// <summary>May call into file systems. Means something with <see cref="Block"/> only.</summary>
    FileSystem = 1 << 2,

    /// <summary>Wakes the background reclaim.</summary>
    Wake = 1 << 3,

    /// <summary>May use half of what is below the mark.</summary>
    High = 1 << 4,

    /// <summary>Cannot sleep and must not fail lightly: a quarter further down. Never with <see cref="Block"/>.</summary>
    Harder = 1 << 5,

    /// <summary>May use everything: for those who free memory by it.</summary>
    AllReserves = 1 << 6,

    /// <summary>Takes <see cref="AllReserves"/> back.</summary>
    NoReserves = 1 << 7,

    /// <summary>Fails rather than try twice.</summary>
    NoRetry = 1 << 8,

    /// <summary>Tries as long as that helps, then fails.</summary>
    RetryMayFail = 1 << 9,

    /// <summary>Never fails. Needs <see cref="Block"/>, and an order of at most 1.</summary>
    NoFail = 1 << 10,

    /// <summary>The pages read as zeros.</summary>
    Zero = 1 << 11,

    /// <summary>Several pages are one compound page.</summary>
    Compound = 1 << 12,

    /// <summary>A failure is no news.</summary>
    NoWarn = 1 << 13,

    /// <summary>The pages can be moved: they may come from any zone.</summary>
    Movable = 1 << 14,

    /// <summary>The pages can be reclaimed. Never with <see cref="Movable"/>.</summary>
    Reclaimable = 1 << 15,

    /// <summary>From the lowest zone only.</summary>
    Dma = 1 << 16,

    /// <summary>For code that cannot sleep.</summary>
    Atomic = High | Harder | Wake,

    /// <summary>For code that cannot sleep and has something else to do if there is none.</summary>
    NoWait = Wake,

    /// <summary>For code that input and output wait for.</summary>
    NoIo = Block | Wake,

    /// <summary>For code that file systems wait for.</summary>
    NoFileSystem = NoIo | Io,

    /// <summary>For ordinary code.</summary>
    Kernel = NoFileSystem | FileSystem,
}

/// <summary>The order of what allocations may do.</summary>
public static class GfpLattice
{
    private const Gfp Capabilities = Gfp.Block | Gfp.Io | Gfp.FileSystem;

    /// <summary>What the flags allow; without <see cref="Gfp.Block"/>, nothing.</summary>
    /// <param name="gfp">The flags.</param>
    public static Gfp CapabilitiesOf(Gfp gfp) => (gfp & Gfp.Block) == 0 ? Gfp.None : gfp & Capabilities;

    /// <summary>True if everything that one may do, the other may do too.</summary>
    /// <param name="gfp">The one.</param>
    /// <param name="bound">The other.</param>
    public static bool IsAtMost(Gfp gfp, Gfp bound) => (CapabilitiesOf(gfp) & ~CapabilitiesOf(bound)) == 0;

    /// <summary>What both may do.</summary>
    /// <param name="gfp">The flags, of which everything but capabilities stays.</param>
    /// <param name="bound">What is allowed.</param>
    public static Gfp Meet(Gfp gfp, Gfp bound) => (gfp & ~Capabilities) | (CapabilitiesOf(gfp) & CapabilitiesOf(bound));

    /// <summary>What a task may do here at most, by its context.</summary>
    /// <param name="task">The running task.</param>
    public static Gfp BoundOf(MachineTask task) => task.Preemptible && task.RcuDepth == 0 ? Capabilities : Gfp.None;

    /// <summary>False for what is certainly in order: most calls, with one look at the flags.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    internal static bool NeedsALook(Gfp gfp, int order) =>
        (uint)order > Frames.FrameTable.MaximalOrder || (gfp & (Gfp.NoFail | Gfp.Harder | Gfp.Movable)) != 0;

    /// <summary>Why flags make no sense together, or null.</summary>
    /// <param name="gfp">The flags.</param>
    /// <param name="order">The order.</param>
    /// <returns>The kernel's condition.</returns>
    internal static string? Objection(Gfp gfp, int order)
    {
        if ((uint)order > Frames.FrameTable.MaximalOrder) return "WARN_ON_ONCE_GFP(order >= MAX_ORDER, gfp)";
        if ((gfp & Gfp.NoFail) != 0 && (gfp & Gfp.Block) == 0) return "WARN_ON_ONCE_GFP(!can_direct_reclaim, gfp_mask)";
        if ((gfp & Gfp.NoFail) != 0 && order > 1) return "WARN_ON_ONCE((gfp_flags & __GFP_NOFAIL) && (order > 1))";
        if ((gfp & Gfp.Harder) != 0 && (gfp & Gfp.Block) != 0)
            return "WARN_ON_ONCE((gfp_mask & (__GFP_ATOMIC|__GFP_DIRECT_RECLAIM)) == (__GFP_ATOMIC|__GFP_DIRECT_RECLAIM))";
        return (gfp & Gfp.Movable) != 0 && (gfp & Gfp.Reclaimable) != 0 ? "VM_WARN_ON((gfp_flags & GFP_MOVABLE_MASK) == GFP_MOVABLE_MASK)" : null;
    }
}
