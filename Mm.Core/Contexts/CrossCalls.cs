// Calls to other CPUs: smp_call_function and its family.
// Context: a task with interrupts on (matrix row 130). Waits by spinning, serving its own interrupts meanwhile; never sleeps.
// Locks: none; the caller must hold none that the handler, or any interrupt, takes. Handlers: hard interrupt context (row 131).
using System;
using System.Runtime.ExceptionServices;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

/// <summary>Calls to the other CPUs of a machine.</summary>
public sealed class CrossCalls
{
    private readonly Machine _machine;

    internal CrossCalls(Machine machine) => _machine = machine;

    /// <summary>Runs a handler on one CPU, which may be the caller's own, and waits until it has run.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU, from 0.</param>
    /// <param name="handler">Runs in hard interrupt context; on the caller's own CPU with interrupts off.</param>
    /// <param name="argument">Passed on to the handler.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    [Might<CrossCall>, ForbiddenIn<SoftIrq>, Trusted("primitive: waits for the answer")]
    public void Call(MachineTask task, int cpu, InterruptHandler handler, object? argument = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, _machine.CpuCount);
        Call(task, target => target == cpu, handler, argument, wait: true);
    }

    /// <summary>Runs a handler on every other CPU and waits until all have run it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="handler">Runs in hard interrupt context on each.</param>
    /// <param name="argument">Passed on to the handler.</param>
    [Might<CrossCall>, ForbiddenIn<SoftIrq>, Trusted("primitive: waits for the answers")]
    public void CallOthers(MachineTask task, InterruptHandler handler, object? argument = null) =>
        Call(task, target => target != task.State.CpuIndex, handler, argument, wait: true);

    /// <summary>Runs a handler on every CPU, the caller's own included, and waits until all have run it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="handler">Runs in hard interrupt context; on the caller's own CPU with interrupts off.</param>
    /// <param name="argument">Passed on to the handler.</param>
    [Might<CrossCall>, ForbiddenIn<SoftIrq>, Trusted("primitive: waits for the answers")]
    public void CallEach(MachineTask task, InterruptHandler handler, object? argument = null) =>
        Call(task, static _ => true, handler, argument, wait: true);

    /// <summary>Sends an interrupt to a CPU and does not wait. Any context but an NMI; to the own CPU it comes as soon as interrupts are on.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU, from 0.</param>
    /// <param name="handler">Runs in hard interrupt context on that CPU.</param>
    /// <param name="argument">Passed on to the handler.</param>
    [ForbiddenIn<Nmi>, Trusted("primitive: queues and returns")]
    public void Send(MachineTask task, int cpu, InterruptHandler handler, object? argument = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Post(task, cpu, new InterruptRequest(handler, argument), nmi: false);
    }

    /// <summary>Sends an NMI to a CPU and does not wait. Interrupts being off there does not keep it out.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU, from 0.</param>
    /// <param name="handler">Runs in NMI context on that CPU; it must not spin on any lock.</param>
    /// <param name="argument">Passed on to the handler.</param>
    [Trusted("primitive: queues and returns")]
    public void SendNmi(MachineTask task, int cpu, [RunsIn<Nmi>] InterruptHandler handler, object? argument = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Post(task, cpu, new InterruptRequest(handler, argument), nmi: true);
    }

    // In a section, so that the own CPU is served here and by nobody else.
    private void Post(MachineTask task, int cpu, InterruptRequest request, bool nmi)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)_machine.CpuCount, nameof(cpu));
        task.EnterSection(PreemptBits.PreemptOffset);
        _machine.Scheduler.Post(_machine.Cpus[cpu], request, nmi);
        task.CheckInterrupts();
        task.LeaveSection(PreemptBits.PreemptOffset);
    }

    private void Call(MachineTask task, Func<int, bool> isTarget, InterruptHandler handler, object? argument, bool wait)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (RuntimeChecks.Enabled)
        {
            if (task.IrqsDisabled) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(cpu_online(this_cpu) && irqs_disabled() && !oops_in_progress)");
            if (task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(!in_task())");
        }

        task.EnterSection(PreemptBits.PreemptOffset);
        Exception? failure = null;
        try
        {
            var requests = new InterruptRequest?[_machine.CpuCount];
            var self = task.State.CpuIndex;
            for (var cpu = 0; cpu < requests.Length; cpu++)
            {
                if (cpu == self || !isTarget(cpu)) continue;
                requests[cpu] = new InterruptRequest(handler, argument);
                _machine.Scheduler.Post(_machine.Cpus[cpu], requests[cpu]!);
            }

            if (isTarget(self)) task.RunLocally(new InterruptRequest(handler, argument));
            if (wait) failure = WaitFor(task, requests);
        }
        finally
        {
            task.LeaveSection(PreemptBits.PreemptOffset);
        }

        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    // A CPU that stands outside of sections, or idles, is acted for; any other one answers when its section ends.
    private Exception? WaitFor(MachineTask task, InterruptRequest?[] requests)
    {
        Exception? failure = null;
        for (var cpu = 0; cpu < requests.Length; cpu++)
        {
            if (requests[cpu] is not { } request) continue;
            var spins = 0;
            while (!request.IsDone)
            {
                if (spins % 16 == 0 && _machine.Scheduler.TryServe(_machine.Cpus[cpu], withSoftIrqs: false, task)) continue;
                task.Relax(ref spins);
            }

            failure ??= request.Failure;
        }

        return failure;
    }
}
