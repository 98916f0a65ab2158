// Assertions about the context, and how a task gives its CPU up.
// Context: MightSleep and its family anywhere, they say themselves what is wrong (matrix rows 129, 141, 142).
// Invariants: W1 a wake-up between the decision to wait and the wait is not lost.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

public sealed partial class MachineTask
{
    private const int Running = 0;
    private const int Waiting = 2;
    private int _runState;

    // Made with the task: one made at its first use could be another one for who waits than for who wakes him.
    internal Parker Parker { get; }

    /// <summary>For a proxy: the task whose thread acts for the CPU.</summary>
    internal MachineTask? ActsThrough { get; set; }

    /// <summary>Says that the CPU may be given up here. The trap of every function that sleeps.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>
    /// Trap: <c>BUG: sleeping function called from invalid context</c>, unless the preempt count is zero, interrupts are on,
    /// blocking is allowed and no RCU reader is open. At most one report a second where traps are recorded.
    /// </remarks>
    [Might<Sleep>, Trusted("asserts")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MightSleep([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (!RuntimeChecks.Enabled) return;
        ref var state = ref State;
        if ((state.Section | state.Depths) != 0 || IsCpuProxy) TrapTexts.ReportSleep(this, file, line, 0);
    }

    /// <summary>True if <see cref="MightSleep"/> is silent here, and no lock is held either.</summary>
    internal bool MayClearlySleep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (!RuntimeChecks.Enabled) return true;
            ref var state = ref State;
            if ((state.Section | state.Depths) != 0 || IsCpuProxy) return false;
            return Locks.Count == 0;
        }
    }

    /// <summary>Says that memory may be touched here that is not mapped. Silent where page faults are off: then the access fails instead.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Fault>, Trusted("asserts")]
    public void MightFault([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && State.FaultsOff == 0) MightSleep(file, line);
    }

    /// <summary>Says that the CPU cannot be given up here.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>Trap: <c>BUG: assuming atomic context</c>. Silent with interrupts off, as in the kernel.</remarks>
    [Requires<PreemptOff>, Trusted("asserts")]
    public void CantSleep([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && State.IrqsOff == 0 && State.PreemptCount == 0) TrapTexts.ReportNotAtomic(this, file, line);
    }

    /// <summary>Gives the CPU to a task that waits for one, if there is any.</summary>
    /// <remarks>Trap: <c>BUG: scheduling while atomic</c>; the preempt count is then set to zero, so that the machine can limp on.</remarks>
    [Might<Sleep>, Trusted("primitive: gives the CPU up")]
    public void Schedule()
    {
        if (RuntimeChecks.Enabled && InAtomic)
        {
            TrapTexts.ReportSchedulingWhileAtomic(this);
            State.PreemptCount = 0;
        }

        if (RuntimeChecks.Enabled && IrqsDisabled)
        {
            MightSleep();
            State.IrqsOff = 0;
        }

        if (RuntimeChecks.Enabled && RcuDepth != 0)
            TrapTexts.ReportSuspiciousRcu(this, "Voluntary context switch within RCU read-side critical section!");
        ReportQuiescence();
        EnterSection(PreemptBits.PreemptOffset);
        Machine.Scheduler.ReleaseCpu(this);
        while (Volatile.Read(ref _runState) != Running) Parker.Park();
        Machine.Scheduler.AcquireCpu(this);
    }

    /// <summary>Gives the CPU away if another task wants it.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>, Trusted("primitive: gives the CPU up")]
    public void ConditionalReschedule([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        MightSleep(file, line);
        CheckInterrupts();
        ReportQuiescence();
    }

    /// <summary>Sleeps for a time.</summary>
    /// <param name="time">How long, at least.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>, Trusted("primitive: gives the CPU up")]
    public void SleepFor(TimeSpan time, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        MightSleep(file, line);
        var timer = new MachineTimer(Machine, "SleepFor", _ => Wake());
        PrepareToWait();
        timer.Arm(this, time);
        Schedule();
        timer.Cancel();
    }

    /// <summary>A point where, in a machine with a seed, another task may go on; nothing otherwise.</summary>
    [Trusted("the host's side of the machine")]
    public void Point() => Machine.Schedule?.Point(this);

    /// <summary>From now on <see cref="Schedule"/> waits for <see cref="Wake"/>. The caller then tests its condition, and schedules.</summary>
    internal void PrepareToWait() => Interlocked.Exchange(ref _runState, Waiting);

    /// <summary>The wait is over, or was not needed.</summary>
    internal void FinishWait() => Interlocked.Exchange(ref _runState, Running);

    /// <summary>Lets the task go on. Any context but an NMI; true if it waited.</summary>
    internal bool Wake()
    {
        if (Interlocked.Exchange(ref _runState, Running) == Running) return false;
        Parker.Unpark();
        return true;
    }

    /// <summary>One step of a spin: serves interrupts if they are on, then lets others go on.</summary>
    internal void Relax(ref int spins)
    {
        if (Volatile.Read(ref State.AttentionBits) != 0) DeliverOnly();
        Machine.Scheduler.Pause(this, ref spins);
    }

    private void ReportQuiescence()
    {
        if ((State.AttentionBits & (int)Attention.Quiesce) != 0 && State.RcuDepth == 0) PassQuiescentState();
    }
}
