// What the hardware does by itself: the clock ticks, interrupts reach idle CPUs, grace periods move on.
// Context: a thread of the host, or the schedule between two steps. Locks: none while it serves.
// Lifetime: the thread is started by the first signal and ends with the machine.
using System;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

[Trusted("the host's side of the machine")]
internal sealed class ServiceLoop(Machine machine) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Lock _gate = new();
    private Thread? _thread;
    private bool _stopped;

    /// <summary>Says that there is work. Any context.</summary>
    public void Signal()
    {
        if (machine.Schedule is not null) return;
        lock (_gate)
        {
            if (_stopped) return;
            if (_thread is null)
            {
                _thread = new Thread(Loop) { IsBackground = true, Name = "machine service" };
                _thread.Start();
            }

            if (_signal.CurrentCount == 0) _signal.Release();
        }
    }

    /// <summary>Does what can be done now.</summary>
    /// <returns>True if work was found.</returns>
    public bool Step(MachineTask? claimant = null)
    {
        var worked = machine.Timers.ExpireDue();
        worked |= machine.Rcu.Advance();
        foreach (var cpu in machine.Cpus)
        {
            if (machine.Scheduler.HasWork(cpu)) worked |= machine.Scheduler.TryServe(cpu, withSoftIrqs: true, claimant);
        }

        return worked;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            if (_signal.CurrentCount == 0) _signal.Release();
        }

        _thread?.Join();
    }

    private void Loop()
    {
        while (!_stopped)
        {
            Step();
            var wait = machine.Timers.UntilNext();
            if (HasPendingWork()) wait = Tick;

            // A timer may be late and never early; a wait of less than a tick would not wait at all.
            _signal.Wait(wait is { } left ? left < Tick ? Tick : left : Timeout.InfiniteTimeSpan);
        }
    }

    private bool HasPendingWork()
    {
        if (machine.Rcu.HasPending) return true;
        foreach (var cpu in machine.Cpus)
        {
            if (machine.Scheduler.HasWork(cpu)) return true;
        }

        return false;
    }
}
