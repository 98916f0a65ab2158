// The questions that code asks about a frame number, kept apart: none of them answers another.
//
//   PfnValid        is there a descriptor?              PfnIsOnline  … and is its memory in use?
//   PfnInLinearMap  has the linear view its bytes?      PfnIsRam     does the firmware call it memory?   SegmentOf  which segment?
//
// Context: all but PfnIsRam in any context, NMI included, without a lock (matrix rows 74, 84); PfnIsRam sleeps.
// Invariants: MO1 the questions are answered from phase Early on; MO2 in phase Early for what was there at boot only.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Models;

/// <summary>How far a memory model has come.</summary>
public enum ModelPhase
{
    /// <summary>Its data do not exist: to ask it anything is a bug.</summary>
    None,

    /// <summary>It knows what was there at boot.</summary>
    Early,

    /// <summary>It knows everything, and segments come and go.</summary>
    Ready,
}

/// <summary>
/// What there is behind a frame number. In 2008 one predicate, <c>pfn_valid</c>, was asked several of these questions at once
/// (the thread on VM_MIXEDMAP, linux-mm, January 2008).
/// </summary>
public interface IMemoryModel
{
    /// <summary>How far it has come.</summary>
    ModelPhase Phase { get; }

    /// <summary>The last frame that has ever had a descriptor.</summary>
    Pfn Highest { get; }

    /// <summary>Whether a frame has an initialised descriptor. It need not be memory, online, counted, or in the linear view.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pfn">Any number.</param>
    /// <remarks>Trap in <see cref="ModelPhase.None"/>: <c>kernel BUG: pfn_valid() before the memory model is initialised</c>.</remarks>
    [Never<Sleep>]
    bool PfnValid(MachineTask task, Pfn pfn);

    /// <summary>Whether a frame has a descriptor and its memory is online: the kernel's <c>pfn_to_online_page</c>. It stays so only while the page is pinned or hotplug kept out.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pfn">Any number.</param>
    [Never<Sleep>]
    bool PfnIsOnline(MachineTask task, Pfn pfn);

    /// <summary>Whether the bytes of a frame are reached through the linear view.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pfn">Any number.</param>
    [Never<Sleep>]
    bool PfnInLinearMap(MachineTask task, Pfn pfn);

    /// <summary>The segment that a frame belongs to, or null. What it leads to stays valid inside an RCU reader.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pfn">Any number.</param>
    [Never<Sleep>]
    Segment? SegmentOf(MachineTask task, Pfn pfn);

    /// <summary>Whether the firmware calls a frame memory.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="pfn">Any number.</param>
    [Might<Sleep>]
    bool PfnIsRam(MachineTask task, Pfn pfn);
}
