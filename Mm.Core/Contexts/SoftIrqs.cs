// Soft interrupts: what an interrupt leaves to be done with interrupts on, on the same CPU, before tasks go on.
// Context: raised from anywhere but an NMI; a handler runs in softirq context and must not sleep.
// Invariants: Q1 a raised vector runs once or more afterwards; Q2 on the CPU that raised it.
using System;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

/// <summary>A handler of a soft interrupt.</summary>
/// <param name="task">The token of the CPU on which it runs.</param>
[RunsIn<SoftIrq>]
public delegate void SoftIrqHandler(MachineTask task);

/// <summary>The vectors of soft interrupts, lowest first.</summary>
public enum SoftIrqVector
{
    /// <summary>Urgent work.</summary>
    High = 0,

    /// <summary>Timers that are due.</summary>
    Timer = 1,

    /// <summary>For the users of a machine.</summary>
    User1 = 2,

    /// <summary>For the users of a machine.</summary>
    User2 = 3,

    /// <summary>Callbacks whose grace period is over.</summary>
    Rcu = 9,
}

/// <summary>The soft interrupts of a machine.</summary>
public sealed class SoftIrqs
{
    internal const int MaxRounds = 10;
    private readonly SoftIrqHandler?[] _handlers = new SoftIrqHandler?[10];
    private readonly Machine _machine;

    internal SoftIrqs(Machine machine) => _machine = machine;

    /// <summary>Gives a vector its handler. Before the vector is first raised.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="handler">Runs in softirq context on the CPU that raised the vector.</param>
    /// <exception cref="InvalidOperationException">The vector has a handler already.</exception>
    public void Open(SoftIrqVector vector, SoftIrqHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (_handlers[(int)vector] is not null) throw new InvalidOperationException($"The soft interrupt {vector} has a handler already.");
        _handlers[(int)vector] = handler;
    }

    /// <summary>Marks a vector as pending on this CPU; it is served when the CPU next leaves interrupt context.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="vector">The vector.</param>
    [ForbiddenIn<Nmi>, Trusted("marks a bit; what is served is judged as its own context")]
    public void Raise(MachineTask task, SoftIrqVector vector)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        var flags = task.IrqSave();
        var cpu = task.Cpu;
        cpu.RaiseSoftIrq((int)vector);
        _machine.Scheduler.NoteSoftIrqs(task, cpu);
        task.IrqRestore(flags);
    }

    internal string NameOf(int vector) => ((SoftIrqVector)vector).ToString().ToUpperInvariant();

    internal void Run(MachineTask task, int vector)
    {
        if (_handlers[vector] is not { } handler) return;
        try
        {
            handler(task);
        }
        catch (Exception failure) when (failure is not MachineDeadlockException)
        {
            // Whoever is interrupted is not to blame; the log has it.
            if (failure is not TrapException)
                _machine.Traps.Log(task, TrapKind.Bug, TrapTexts.Format($"kernel BUG: softirq {NameOf(vector)} threw {failure.GetType().Name}: {failure.Message}"));
        }
    }
}
