// A task: one thread of the process at work in a machine, and the token that every call passes along.
// Context: only the thread that is the task may use its token; interrupt handlers get a token of their own or the one they interrupt.
// Locks: none here. Lifetime: from Machine.Attach or Machine.Start to Dispose; a token used later throws.
// Invariants: C1 section word 0 exactly when preemptible; C2 a section runs with a CPU, and keeps it to its end.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;

namespace Mm.Core.Contexts;

/// <summary>
/// A task of a <see cref="Machine"/>: the thread that runs it, its preempt count, its interrupt flag, the CPU it works as.
/// Every operation of the machine takes it as its first argument, so that no hot path looks it up.
/// </summary>
/// <remarks>
/// The preempt count has the layout of Linux 6.1 (<see cref="PreemptBits"/>). It belongs to the task, as on most architectures
/// of the kernel; the CPU can be taken from a task that is in no section, and its next section waits until it has one again.
/// </remarks>
public sealed partial class MachineTask : IDisposable
{
    private StateHandle _state;

    internal MachineTask(Machine machine, int id, string name, StateHandle state, bool isCpuProxy = false)
    {
        Machine = machine;
        Id = id;
        Name = name;
        IsCpuProxy = isCpuProxy;
        Thread = isCpuProxy ? null : Thread.CurrentThread;
        _state = state;
        State.CpuIndex = -1;
        Locks = new HeldLocks();
        Parker = new Parker(this);
    }

    /// <summary>The machine that the task works in.</summary>
    public Machine Machine { get; }

    /// <summary>The number of the task, the kernel's pid. 0 for what runs on a CPU without a task.</summary>
    public int Id { get; }

    /// <summary>The name of the task, the kernel's comm.</summary>
    public string Name { get; }

    /// <summary>The preempt count, laid out as <see cref="PreemptBits"/> says.</summary>
    public int PreemptCount => State.PreemptCount;

    /// <summary>True if interrupts are off on this CPU.</summary>
    [Tests<IrqOff>]
    public bool IrqsDisabled => State.IrqsOff != 0;

    /// <summary>
    /// True if the preempt count is not zero. It says nothing of interrupts: a task that merely switched them off is not
    /// "in atomic", and still must not sleep.
    /// </summary>
    public bool InAtomic => State.PreemptCount != 0;

    /// <summary>True if the CPU may be taken away: preempt count 0 and interrupts on.</summary>
    public bool Preemptible => State.Section == 0;

    /// <summary>True in a handler of hard or soft interrupts or of NMIs, and also with bottom halves merely off.</summary>
    public bool InInterrupt => (State.PreemptCount & PreemptBits.InterruptMask) != 0;

    /// <summary>True in a hard interrupt handler.</summary>
    [Tests<HardIrq>]
    public bool InHardIrq => (State.PreemptCount & (PreemptBits.HardIrqMask | PreemptBits.NmiMask)) != 0;

    /// <summary>True in an NMI.</summary>
    [Tests<Nmi>]
    public bool InNmi => (State.PreemptCount & PreemptBits.NmiMask) != 0;

    /// <summary>True while a soft interrupt is served, false with bottom halves merely off.</summary>
    public bool InServingSoftIrq => (State.PreemptCount & PreemptBits.SoftIrqOffset) != 0;

    /// <summary>True outside of every handler. Bottom halves being off does not matter.</summary>
    public bool InTask => (State.PreemptCount & (PreemptBits.NmiMask | PreemptBits.HardIrqMask | PreemptBits.SoftIrqOffset)) == 0;

    /// <summary>True between <see cref="DisablePageFaults"/> and its end: an access that faults fails instead of being served.</summary>
    [Tests<FaultsOff>]
    public bool PageFaultsDisabled => State.FaultsOff != 0;

    /// <summary>How deep the task is in RCU readers.</summary>
    public int RcuDepth => State.RcuDepth;

    /// <summary>The CPU that the task works as: stable only in a section, and asking outside of one is a trap.</summary>
    /// <remarks>Context: preemption or interrupts off (matrix row 117). Trap: <c>BUG: using smp_processor_id() in preemptible</c>.</remarks>
    public int CpuIndex
    {
        [Requires<PreemptOff>, Trusted("reads a word")]
        get
        {
            if (RuntimeChecks.Enabled && State.Section == 0) TrapTexts.ReportPreemptibleCpuNumber(this, "smp_processor_id");
            return State.CpuIndex;
        }
    }

    /// <summary>The CPU at this moment, −1 if the task has none; it may be another one at once.</summary>
    public int RawCpuIndex => State.CpuIndex;

    internal ref ExecutionState State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _state.Value;
    }

    internal HeldLocks Locks { get; }

    /// <summary>True for the token under which a CPU without a task of its own, or a claimed one, serves interrupts.</summary>
    internal bool IsCpuProxy { get; }

    internal Thread? Thread { get; set; }

    /// <summary>True for a token that threads borrow (<see cref="BorrowedTask"/>).</summary>
    internal bool IsLent { get; set; }

    internal Cpu Cpu => Machine.Cpus[State.CpuIndex];

    /// <summary>
    /// Ends the task. It must be in no section and hold no lock; what it leaves is a trap, and is undone so that the CPU is
    /// usable again. Its thread may go on outside of the machine.
    /// </summary>
    [Trusted("gives the CPU back to the host")]
    public void Dispose()
    {
        if (IsCpuProxy || IsDetached) return;
        ReportLeaksAtExit();
        Machine.Scheduler.Detach(this);
    }

    /// <summary>Ends the task after a failure, whatever it holds.</summary>
    internal void Abandon()
    {
        if (IsDetached) return;
        ForgetContext();
        Machine.Scheduler.Detach(this);
    }

    internal bool IsDetached => (State.AttentionBits & (int)Attention.Detached) != 0;

    /// <summary>Points the token at a state that refuses every use. The caller holds the scheduler's gate.</summary>
    internal StateHandle ReplaceState(StateHandle dead)
    {
        var old = _state;
        _state = dead;
        return old;
    }

    private void ForgetContext()
    {
        ref var state = ref State;
        state.Section = 0;
        state.RcuDepth = 0;
        state.FaultsOff = 0;
        state.NonBlock = 0;
        Locks.Clear();
    }

    private void ReportLeaksAtExit()
    {
        ref var state = ref State;
        if (state.Section == 0 && state.RcuDepth == 0 && state.FaultsOff == 0 && Locks.Count == 0) return;
        var text = TrapTexts.TaskLeak(this);
        ForgetContext();
        try
        {
            Machine.Traps.Report(this, TrapKind.ContextLeak, text);
        }
        finally
        {
            Machine.Scheduler.Detach(this);
        }
    }
}
