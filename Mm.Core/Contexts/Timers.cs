// Timers: a handler that runs in softirq context once a time has come, on the CPU that armed it.
// Context: arming and cancelling anywhere but in an NMI; never sleeps, except CancelAndWait. Locks: one of the host's.
// Invariants: M1 an armed timer fires once; M2 after Cancel returned true it does not fire.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

/// <summary>A timer of a machine, not armed when made.</summary>
/// <param name="machine">The machine whose clock counts.</param>
/// <param name="name">For reports.</param>
/// <param name="handler">Runs in softirq context on the CPU that armed the timer.</param>
public sealed class MachineTimer(Machine machine, string name, SoftIrqHandler handler)
{
    internal string Name { get; } = name;

    internal SoftIrqHandler Handler { get; } = handler;

    internal long Deadline { get; set; }

    internal Cpu? Cpu { get; set; }

    internal int Generation { get; set; }

    /// <summary>True from arming to firing or cancelling.</summary>
    public bool IsArmed => Cpu is not null;

    /// <summary>Arms the timer, anew if it was armed.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="delay">How long from now; zero or less fires at the next opportunity.</param>
    [ForbiddenIn<Nmi>, Trusted("a list of the host")]
    public void Arm(MachineTask task, TimeSpan delay)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        task.EnterSection(PreemptBits.PreemptOffset);
        machine.Timers.Arm(this, task.Cpu, delay);
        task.LeaveSection(PreemptBits.PreemptOffset);
    }

    /// <summary>Keeps the timer from firing.</summary>
    /// <returns>True if it was armed, false if it had fired, is about to, or was never armed.</returns>
    [Trusted("a list of the host")]
    public bool Cancel() => machine.Timers.Cancel(this);
}

[Trusted("the host's side of the machine")]
internal sealed class Timers(Machine machine)
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(MachineTimer Timer, int Generation), long> _armed = new();
    private readonly Dictionary<Cpu, Queue<MachineTimer>> _due = [];

    public void Arm(MachineTimer timer, Cpu cpu, TimeSpan delay)
    {
        lock (_gate)
        {
            timer.Generation++;
            timer.Cpu = cpu;
            timer.Deadline = machine.Time.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * machine.Time.TimestampFrequency);
            _armed.Enqueue((timer, timer.Generation), timer.Deadline);
        }

        machine.Service.Signal();
    }

    public bool Cancel(MachineTimer timer)
    {
        lock (_gate)
        {
            if (timer.Cpu is null) return false;
            timer.Cpu = null;
            timer.Generation++;
            return true;
        }
    }

    /// <summary>Moves what is due to its CPU and raises the soft interrupt there.</summary>
    public bool ExpireDue()
    {
        var raised = false;
        while (TryTakeDue() is { } cpu)
        {
            raised = true;
            cpu.RaiseSoftIrq((int)SoftIrqVector.Timer);
            machine.Scheduler.NoteSoftIrqs(cpu.Proxy, cpu);
        }

        return raised;
    }

    /// <summary>How long until the next timer; null if none is armed.</summary>
    public TimeSpan? UntilNext()
    {
        lock (_gate)
        {
            if (!TryPeek(out var timer)) return null;
            var left = machine.Time.GetElapsedTime(machine.Time.GetTimestamp(), timer.Deadline);
            return left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    /// <summary>In virtual time: goes to the next deadline. False if there is none, or time is real.</summary>
    public bool AdvanceToNext()
    {
        if (machine.Time is not VirtualTime time || UntilNext() is not { } left) return false;
        time.Advance(left);
        return ExpireDue();
    }

    /// <summary>The soft interrupt: runs what is due on this CPU.</summary>
    public void Run(MachineTask task)
    {
        while (TryTakeFor(task.Cpu) is { } timer)
        {
            var before = task.PreemptCount;
            timer.Handler(task);
            if (task.PreemptCount == before) continue;
            var text = TrapTexts.TimerLeak(timer.Name, before, task.PreemptCount);
            task.State.PreemptCount = before;
            machine.Traps.Log(task, TrapKind.ContextLeak, text);
        }
    }

    private Cpu? TryTakeDue()
    {
        lock (_gate)
        {
            if (!TryPeek(out var timer) || timer.Deadline > machine.Time.GetTimestamp()) return null;
            _armed.Dequeue();
            var cpu = timer.Cpu!;
            if (!_due.TryGetValue(cpu, out var queue)) _due[cpu] = queue = new Queue<MachineTimer>();
            queue.Enqueue(timer);
            return cpu;
        }
    }

    private MachineTimer? TryTakeFor(Cpu cpu)
    {
        lock (_gate)
        {
            if (!_due.TryGetValue(cpu, out var queue)) return null;
            while (queue.TryDequeue(out var timer))
            {
                if (timer.Cpu is null) continue;
                timer.Cpu = null;
                timer.Generation++;
                return timer;
            }

            return null;
        }
    }

    private bool TryPeek(out MachineTimer timer)
    {
        while (_armed.TryPeek(out var entry, out _))
        {
            timer = entry.Timer;
            if (entry.Generation == timer.Generation && timer.Cpu is not null) return true;
            _armed.Dequeue();
        }

        timer = null!;
        return false;
    }
}

/// <summary>Time that stands still until it is told to move.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, Math.Max(0, by.Ticks));
}
