// Interrupts, soft interrupts and NMIs reach a CPU here: where interrupts go on, where a section ends, in a spin, and when idle.
// Context: any, after the state change that made delivery possible. Locks: the scheduler's gate, briefly.
// Invariants: D1 a handler sees its own context bits and interrupts off; D2 it leaves with what it entered with, or that is a trap;
//             D3 soft interrupts run only with no interrupt bit set, and at most ten rounds at a time.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

public sealed partial class MachineTask
{
    /// <summary>
    /// A point at which the CPU looks for interrupts and, outside of sections, for tasks that want it. Long computations
    /// outside of any section need none: others then act for this CPU.
    /// </summary>
    [Trusted("delivers what the interrupt flag allows")]
    public void CheckInterrupts()
    {
        if (Volatile.Read(ref State.AttentionBits) != 0) Deliver();
    }

    /// <summary>
    /// The section's first store is done and somebody wants the CPU. From inside a section that is no matter; a section that
    /// just began is taken back until the CPU is ours again.
    /// </summary>
    /// <param name="entered">The section word if nothing but this entry is in it.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void StopBeforeSection(ulong entered)
    {
        ref var state = ref State;
        if (IsDetached) throw new System.ObjectDisposedException(Name, "The task has ended; its token cannot be used any more.");
        if ((state.AttentionBits & (int)Attention.Scripted) != 0) Machine.Schedule?.Point(this);
        while (state.Section == entered && (Volatile.Read(ref state.AttentionBits) & (int)Attention.Taken) != 0)
        {
            Volatile.Write(ref state.Section, 0);
            if ((Volatile.Read(ref state.AttentionBits) & (int)Attention.NoCpu) != 0) Machine.Scheduler.AcquireCpu(this);
            else Machine.Scheduler.WaitWhileClaimed(this);
            Volatile.Write(ref state.Section, entered);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [Trusted("primitive: what runs here is judged as its own context")]
    internal void Deliver()
    {
        if ((Volatile.Read(ref State.AttentionBits) & (int)Attention.Scripted) != 0) Machine.Schedule?.Point(this);
        DeliverOnly();
    }

    /// <summary>The same where somebody spins, who lets others go on himself.</summary>
    [Trusted("primitive: what runs here is judged as its own context")]
    internal void DeliverOnly()
    {
        ref var state = ref State;
        var attention = (Attention)Volatile.Read(ref state.AttentionBits);
        if ((attention & Attention.Nmi) != 0 && !InNmi) RunNmis();
        if (state.IrqsOff != 0 || InHardIrq) return;
        if ((attention & Attention.Claimed) != 0 && state.Section == 0) Machine.Scheduler.WaitWhileClaimed(this);
        if ((attention & Attention.Interrupt) != 0) RunInterrupts();
        if ((attention & Attention.SoftIrq) != 0 && !InInterrupt) RunSoftIrqsFromTask();
        if (state.Section != 0) return;
        if ((attention & Attention.Quiesce) != 0) PassQuiescentState();
        if ((attention & Attention.Reschedule) != 0) Machine.Scheduler.Reschedule(this);
    }

    /// <summary>Runs a handler as a hard interrupt of this CPU, now. Interrupts are off already, and stay off.</summary>
    internal void RunAsInterrupt(InterruptRequest request)
    {
        ref var state = ref State;
        state.PreemptCount += PreemptBits.HardIrqOffset;
        Invoke(request);
        state.PreemptCount -= PreemptBits.HardIrqOffset;
        request.SetDone();
        if (!InInterrupt && !IsCpuProxy && Cpu.PendingSoftIrqs != 0) RunSoftIrqs();
    }

    /// <summary>Runs a handler on this CPU with interrupts off and no interrupt bit, as a cross call does for its own CPU.</summary>
    internal void RunLocally(InterruptRequest request)
    {
        var flags = IrqSave();
        try
        {
            request.Handler(this, request.Argument);
        }
        finally
        {
            IrqRestore(flags);
        }
    }

    /// <summary>Runs a handler as an NMI of this CPU, now. Interrupts are off already, and stay off.</summary>
    internal void RunAsNmi(InterruptRequest request)
    {
        ref var state = ref State;
        state.PreemptCount += PreemptBits.NmiOffset + PreemptBits.HardIrqOffset;
        Invoke(request);
        state.PreemptCount -= PreemptBits.NmiOffset + PreemptBits.HardIrqOffset;
        request.SetDone();
    }

    /// <summary>Serves the soft interrupts of this CPU. Called with interrupts off and no interrupt bit set; returns the same way.</summary>
    internal void RunSoftIrqs()
    {
        ref var state = ref State;
        var cpu = Cpu;
        state.PreemptCount += PreemptBits.SoftIrqOffset;
        var before = state.PreemptCount;
        try
        {
            for (var round = 0; round < SoftIrqs.MaxRounds; round++)
            {
                var pending = cpu.TakeSoftIrqs();
                if (pending == 0) break;
                EnableIrqs();
                for (var vector = 0; pending >> vector != 0; vector++)
                {
                    if ((pending & (1 << vector)) == 0) continue;
                    Machine.SoftIrqs.Run(this, vector);
                    if (state.PreemptCount == before) continue;
                    var text = TrapTexts.SoftIrqLeak(Machine.SoftIrqs.NameOf(vector), vector, before, state.PreemptCount);
                    state.PreemptCount = before;
                    Machine.Traps.Log(this, TrapKind.ContextLeak, text);
                }

                DisableIrqs();
            }
        }
        finally
        {
            state.PreemptCount = before - PreemptBits.SoftIrqOffset;
            state.IrqsOff = 1;
            Machine.Scheduler.NoteSoftIrqs(this, cpu);
        }
    }

    // Interrupts go off first: only a section keeps the CPU whose queue is emptied.
    private void RunInterrupts()
    {
        if (InHardIrq) return;
        var wereOff = State.IrqsOff;
        DisableIrqs();
        while (Machine.Scheduler.TryTakeInterrupt(this, out var request)) RunAsInterrupt(request);
        State.IrqsOff = wereOff;
    }

    private void RunNmis()
    {
        var wereOff = State.IrqsOff;
        DisableIrqs();
        while (Machine.Scheduler.TryTakeNmi(this, out var request)) RunAsNmi(request);
        State.IrqsOff = wereOff;
    }

    private void RunSoftIrqsFromTask()
    {
        DisableIrqs();
        if (Cpu.PendingSoftIrqs != 0) RunSoftIrqs();
        else Machine.Scheduler.NoteSoftIrqs(this, Cpu);
        State.IrqsOff = 0;
    }

    internal void PassQuiescentState()
    {
        ref var state = ref State;
        Interlocked.And(ref state.AttentionBits, ~(int)Attention.Quiesce);
        Volatile.Write(ref state.QuiescentStates, state.QuiescentStates + 1);
    }

    private void Invoke(InterruptRequest request)
    {
        ref var state = ref State;
        var before = state.PreemptCount;
        var locks = Locks.Count;
        try
        {
            request.Handler(this, request.Argument);
        }
        catch (System.Exception failure) when (request.Failure is null)
        {
            request.Failure = failure;
            state.PreemptCount = before;
            Locks.TruncateTo(locks);
            if (failure is not TrapException)
                Machine.Traps.Log(this, TrapKind.Bug, TrapTexts.Format($"kernel BUG: interrupt handler {NameOf(request)} threw {failure.GetType().Name}: {failure.Message}"));
        }

        if (state.PreemptCount != before)
        {
            var text = TrapTexts.HandlerLeak(NameOf(request), before, state.PreemptCount);
            state.PreemptCount = before;
            request.Failure ??= Machine.Traps.Log(this, TrapKind.ContextLeak, text);
        }

        if (state.IrqsOff != 0) return;
        Volatile.Write(ref state.IrqsOff, 1);
        request.Failure ??= Machine.Traps.Log(this, TrapKind.ContextLeak, TrapTexts.InterruptLeak(NameOf(request)));
    }

    private static string NameOf(InterruptRequest request)
    {
        var method = request.Handler.Method;
        return method.DeclaringType?.Name + "." + method.Name;
    }
}
