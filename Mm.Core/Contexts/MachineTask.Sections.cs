// Explicit pairs and guards that switch preemption, interrupts, bottom halves and page faults off and on.
// Context: any (matrix rows 115–119). Nothing here sleeps; leaving the outermost section is a point of delivery and of rescheduling.
// Invariants: C3 what is off is on again when its last guard ends; C4 unlocking order is the reverse of locking order.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

/// <summary>What the interrupt flag was, for <see cref="MachineTask.IrqRestore"/>.</summary>
/// <param name="WereOff">True if interrupts were off already.</param>
public readonly record struct IrqFlags(bool WereOff);

public sealed partial class MachineTask
{
    private string _preemptOffFile = "";
    private int _preemptOffLine;

    /// <summary>Where interrupts and bottom halves went off and on.</summary>
    internal IrqTrace Interrupts;

    /// <summary>Switches preemption off; nests.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<PreemptOff>, Trusted("primitive")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PreemptDisable([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        EnterSection(PreemptBits.PreemptOffset);
        if (RuntimeChecks.Enabled) NotePreemptOff(PreemptBits.PreemptOffset, file, line);
    }

    /// <summary>Switches preemption on again, once; at the outermost the CPU may be given up.</summary>
    /// <remarks>Trap: <c>DEBUG_LOCKS_WARN_ON(val > preempt_count())</c> if it was not off, and nothing changes.</remarks>
    [Leaves<PreemptOff>, Trusted("primitive")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PreemptEnable()
    {
        if (RuntimeChecks.Enabled && (State.PreemptCount & PreemptBits.PreemptMask) == 0)
        {
            ReportUnderflow();
            return;
        }

        LeaveSection(PreemptBits.PreemptOffset);
    }

    /// <summary>Switches preemption off until the guard is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Trusted("primitive")]
    public PreemptGuard PreemptOff([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        PreemptDisable(file, line);
        return new PreemptGuard(this);
    }

    /// <summary>Switches interrupts off on this CPU.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<IrqOff>, ForbiddenIn<Nmi>, Trusted("primitive")]
    public void IrqDisable([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && InNmi) TrapTexts.ReportWarning(this, "WARN_ON_ONCE(in_nmi())");
        DisableIrqs(file, line);
    }

    /// <summary>Switches interrupts on, whatever they were before: right only where they are known to have been on.</summary>
    /// <remarks>Not in a hard interrupt handler (matrix row 118). Trap: <c>DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())</c>.</remarks>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Leaves<IrqOff>, ForbiddenIn<HardIrq>, Trusted("primitive")]
    public void IrqEnable([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && InHardIrq) TrapTexts.ReportWarning(this, "DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())");
        if (RuntimeChecks.Enabled) CheckIrqsGoOn();
        EnableIrqs();
        if (RuntimeChecks.Enabled) Interrupts.HardIrqsOnAt(file, line);
    }

    /// <summary>Switches interrupts off and says what they were.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<IrqOff>, Trusted("primitive")]
    public IrqFlags IrqSave([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var wereOff = State.IrqsOff != 0;
        DisableIrqs(file, line);
        return new IrqFlags(wereOff);
    }

    /// <summary>Puts interrupts back to what <see cref="IrqSave"/> found.</summary>
    /// <param name="flags">The result of the matching save, used once.</param>
    /// <remarks>Trap: <c>raw_local_irq_restore() called with IRQs enabled</c>.</remarks>
    [Leaves<IrqOff>, Trusted("primitive")]
    public void IrqRestore(IrqFlags flags)
    {
        if (RuntimeChecks.Enabled && State.IrqsOff == 0)
            TrapTexts.ReportWarning(this, "raw_local_irq_restore() called with IRQs enabled");
        if (flags.WereOff) return;
        try
        {
            if (RuntimeChecks.Enabled) CheckIrqsGoOn();
        }
        finally
        {
            // The section is over, even where its end is a trap.
            EnableIrqs();
        }
    }

    /// <summary>Switches interrupts off until the guard is disposed of, which puts them back to what they were.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Trusted("primitive")]
    public IrqGuard IrqsOff([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new(this, IrqSave(file, line));

    /// <summary>Switches bottom halves off: no soft interrupt is served on this CPU; nests.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>Not with interrupts off. Trap: <c>DEBUG_LOCKS_WARN_ON</c> at the enable, as in the kernel.</remarks>
    [Enters<SoftIrq>, ForbiddenIn<HardIrq>, Trusted("primitive")]
    public void BottomHalvesDisable([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && InHardIrq) TrapTexts.ReportWarning(this, "WARN_ON_ONCE(in_hardirq())");
        EnterSection(PreemptBits.SoftIrqDisableOffset);
        if (RuntimeChecks.Enabled) NoteBottomHalvesOff(PreemptBits.SoftIrqDisableOffset, file, line);
    }

    /// <summary>Switches bottom halves on again, once, and serves what has been raised meanwhile.</summary>
    [Leaves<SoftIrq>, ForbiddenIn<IrqOff>, Trusted("primitive")]
    public void BottomHalvesEnable()
    {
        if (RuntimeChecks.Enabled)
        {
            if (InHardIrq) TrapTexts.ReportWarning(this, "WARN_ON_ONCE(in_hardirq())");
            else if (IrqsDisabled) TrapTexts.ReportWarning(this, "lockdep_assert_irqs_enabled()");
            if ((State.PreemptCount & PreemptBits.SoftIrqMask) < PreemptBits.SoftIrqDisableOffset)
            {
                ReportUnderflow();
                return;
            }

            NoteBottomHalvesOn();
        }

        LeaveSection(PreemptBits.SoftIrqDisableOffset);
    }

    /// <summary>Switches bottom halves off until the guard is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [ForbiddenIn<HardIrq>, Trusted("primitive")]
    public BottomHalfGuard BottomHalvesOff([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        BottomHalvesDisable(file, line);
        return new BottomHalfGuard(this);
    }

    /// <summary>Until the guard is disposed of, an access to memory that is not mapped fails instead of being served.</summary>
    [Trusted("primitive")]
    public PageFaultGuard DisablePageFaults()
    {
        State.FaultsOff++;
        return new PageFaultGuard(this);
    }

    /// <summary>Until the guard is disposed of, the task must not block, although the context would allow it.</summary>
    [Trusted("primitive")]
    public NonBlockGuard MustNotBlock()
    {
        State.NonBlock++;
        return new NonBlockGuard(this);
    }

    internal void PageFaultsEnable() => State.FaultsOff--;

    internal void BlockingAllowed() => State.NonBlock--;

    internal string PreemptOffSite => _preemptOffLine == 0 ? "" : $"{SourceSite.Shorten(_preemptOffFile)}:{_preemptOffLine}";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EnterSection(int offset)
    {
        ref var state = ref State;
        Volatile.Write(ref state.PreemptCount, state.PreemptCount + offset);
        if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.Stop) != 0) StopBeforeSection((uint)offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LeaveSection(int offset)
    {
        ref var state = ref State;
        Volatile.Write(ref state.PreemptCount, state.PreemptCount - offset);
        if (Volatile.Read(ref state.AttentionBits) != 0) Deliver();
    }

    /// <summary>Begins a section that <see cref="EndSection"/> ends, with nothing between them that leaves the count another one.</summary>
    /// <returns>The count before: what it is afterwards need not be read again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int BeginSection(MachineTask task, ref ExecutionState state)
    {
        var before = state.PreemptCount;
        Volatile.Write(ref state.PreemptCount, before + PreemptBits.PreemptOffset);
        if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.Stop) != 0) task.StopBeforeSection(PreemptBits.PreemptOffset);
        return before;
    }

    /// <summary>The same, unless something wants the task first, or it is in an NMI.</summary>
    /// <returns>False if that is so: the caller ends the section with nothing in it, and goes another way.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryBeginSection(ref ExecutionState state, out int before)
    {
        before = state.PreemptCount;
        Volatile.Write(ref state.PreemptCount, before + PreemptBits.PreemptOffset);
        if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.Stop) != 0) return false;
        if (RuntimeChecks.Enabled && (before & PreemptBits.NmiMask) != 0) return false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void EndSection(MachineTask task, ref ExecutionState state, int before)
    {
        Volatile.Write(ref state.PreemptCount, before);
        if (Volatile.Read(ref state.AttentionBits) != 0) task.Deliver();
    }

    /// <summary>The same, without what waits being delivered.</summary>
    /// <returns>False if something waits: <see cref="Deliver"/> is to be called.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryEndSection(ref ExecutionState state, int before)
    {
        Volatile.Write(ref state.PreemptCount, before);
        return Volatile.Read(ref state.AttentionBits) == 0;
    }

    internal void DisableIrqs(string file = IrqTrace.Interrupt, int line = 0)
    {
        ref var state = ref State;
        if (state.IrqsOff != 0) return;
        Volatile.Write(ref state.IrqsOff, 1);
        if (RuntimeChecks.Enabled) Interrupts.HardIrqsOff(file, line);
        if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.Stop) != 0) StopBeforeSection(1UL << 32);
    }

    internal void EnableIrqs()
    {
        // What waits comes first, while the CPU is certainly still ours.
        ref var state = ref State;
        if (RuntimeChecks.Enabled && state.IrqsOff != 0) Interrupts.HardIrqsOn();
        if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.Interrupt) != 0 && state.IrqsOff != 0) RunInterrupts();
        Volatile.Write(ref state.IrqsOff, 0);
        if (Volatile.Read(ref state.AttentionBits) != 0) Deliver();
    }

    /// <summary>Interrupts are about to go on: what is still held is open to them from then on.</summary>
    internal void CheckIrqsGoOn()
    {
        if (Locks.Count != 0) Machine.LockOrder.CheckIrqsGoOn(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NotePreemptOff(int offset, string file, int line)
    {
        if (State.PreemptCount != offset)
        {
            if ((State.PreemptCount & PreemptBits.PreemptMask) >= PreemptBits.PreemptMask - 10) ReportOverflow();
            return;
        }

        _preemptOffFile = file;
        _preemptOffLine = line;
    }

    // Only the outermost is an event, as the kernel's lockdep_softirqs_off.
    internal void NoteBottomHalvesOff(int offset, string file, int line)
    {
        NotePreemptOff(offset, file, line);
        if ((State.PreemptCount & PreemptBits.SoftIrqMask) == PreemptBits.SoftIrqDisableOffset) Interrupts.SoftIrqsOff(file, line);
    }

    internal void NoteBottomHalvesOn()
    {
        if ((State.PreemptCount & PreemptBits.SoftIrqMask) != PreemptBits.SoftIrqDisableOffset) return;
        Interrupts.SoftIrqsOn();
        if (Locks.Count != 0 && !IrqsDisabled) Machine.LockOrder.CheckBottomHalvesGoOn(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportUnderflow() => TrapTexts.ReportWarning(this, "DEBUG_LOCKS_WARN_ON(val > preempt_count())");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportOverflow() =>
        TrapTexts.ReportWarning(this, "DEBUG_LOCKS_WARN_ON((preempt_count() & PREEMPT_MASK) >= PREEMPT_MASK - 10)");
}
