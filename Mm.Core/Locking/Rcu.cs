// Read, copy, update: readers that write nothing shared; writers that wait until every reader of before is gone.
//
//   call ──► next ──(a grace period begins)──► waiting ──(every reader seen outside)──► ready ──► callbacks, in softirq context
//
// Context: reading anywhere; Call anywhere but in an NMI; Synchronize and Barrier sleep. Matrix rows 132–134.
// Locks: one of the host's. Readers store plainly; the rare side pays with a process-wide barrier.
// Invariants: R1 a callback runs after every reader, and every section, that was open at its Call; R2 each runs once.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Locking;

/// <summary>Read, copy, update. Sections with preemption, bottom halves or interrupts off are readers too.</summary>
[Trusted("primitive")]
public sealed class Rcu
{
    private readonly Machine _machine;
    private readonly Lock _gate = new();
    private readonly List<(MachineTask Reader, long Seen)> _awaited = [];
    private List<SoftIrqHandler> _next = [];
    private List<SoftIrqHandler> _waiting = [];
    private readonly Queue<SoftIrqHandler> _ready = new();
    private bool _inGracePeriod;
    private long _gracePeriods;

    internal Rcu(Machine machine) => _machine = machine;

    /// <summary>How many grace periods have ended.</summary>
    public long GracePeriods => Volatile.Read(ref _gracePeriods);

    internal bool HasPending
    {
        get { lock (_gate) return _inGracePeriod || _next.Count != 0; }
    }

    /// <summary>Begins a read; nests. What is reached from a published reference stays valid until the matching end.</summary>
    /// <param name="task">The running task.</param>
    [Enters<RcuRead>]
    public void AcquireRead(MachineTask task) => Volatile.Write(ref task.State.RcuDepth, task.State.RcuDepth + 1);

    /// <summary>Ends a read.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<RcuRead>]
    public void ReleaseRead(MachineTask task)
    {
        ref var state = ref task.State;
        if (RuntimeChecks.Enabled && state.RcuDepth == 0)
        {
            TrapTexts.ReportWarning(task, "WARN_ON_ONCE(rcu_preempt_depth() < 0)");
            return;
        }

        Volatile.Write(ref state.RcuDepth, state.RcuDepth - 1);
        if (Volatile.Read(ref state.AttentionBits) != 0 && state.RcuDepth == 0) EndReadSlow(task);
    }

    /// <summary>Reads until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    public RcuGuard Read(MachineTask task)
    {
        AcquireRead(task);
        return new RcuGuard(this, task);
    }

    /// <summary>Runs a callback once every reader of now is gone. Never waits.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="callback">Runs in softirq context, on any CPU.</param>
    [ForbiddenIn<Nmi>]
    public void Call(MachineTask task, [Deferred, RunsIn<SoftIrq>] SoftIrqHandler callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        lock (_gate) _next.Add(callback);
        _machine.Service.Signal();
    }

    /// <summary>Sleeps until every reader of now is gone.</summary>
    /// <param name="task">The running task, itself in no reader.</param>
    /// <remarks>Traps: <c>Illegal synchronize_rcu() in RCU read-side critical section</c>; the sleeping function's.</remarks>
    [Might<Sleep>]
    public void Synchronize(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.RcuDepth != 0)
        {
            TrapTexts.ReportSuspiciousRcu(task, "Illegal synchronize_rcu() in RCU read-side critical section!");
            return;
        }

        task.MightSleep();
        var done = new Completion(_machine, "rcu_synchronize");
        Call(task, done.Complete);
        done.Wait(task);
    }

    /// <summary>Sleeps until every callback that was given before has run.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void Barrier(MachineTask task) => Synchronize(task);

    /// <summary>Moves a grace period on as far as it goes now. The host's side.</summary>
    /// <returns>True if something changed.</returns>
    internal bool Advance()
    {
        lock (_gate)
        {
            // A grace period for which nobody has to be waited for ends in the step in which it began.
            var changed = false;
            while (true)
            {
                if (_inGracePeriod)
                {
                    if (!AllHavePassed()) break;
                    Interlocked.MemoryBarrierProcessWide();
                    _inGracePeriod = false;
                    _gracePeriods++;
                    foreach (var callback in _waiting) _ready.Enqueue(callback);
                    _waiting.Clear();
                    changed = true;
                }

                if (_next.Count == 0) break;
                (_waiting, _next) = (_next, _waiting);
                BeginGracePeriod();
                changed = true;
            }

            if (_ready.Count == 0) return changed;
        }

        var cpu = _machine.Cpus[0];
        cpu.RaiseSoftIrq((int)SoftIrqVector.Rcu);
        _machine.Scheduler.NoteSoftIrqs(cpu.Proxy, cpu);
        return true;
    }

    /// <summary>The soft interrupt: runs what is ready.</summary>
    internal void RunReady(MachineTask task)
    {
        while (true)
        {
            SoftIrqHandler? callback;
            lock (_gate)
            {
                if (!_ready.TryDequeue(out callback)) return;
            }

            callback(task);
        }
    }

    private void BeginGracePeriod()
    {
        _inGracePeriod = true;
        Interlocked.MemoryBarrierProcessWide();
        foreach (var reader in _machine.Scheduler.Readers())
        {
            if (IsOutside(reader)) continue;
            _awaited.Add((reader, Volatile.Read(ref reader.State.QuiescentStates)));
            Interlocked.Or(ref reader.State.AttentionBits, (int)Attention.Quiesce);
        }
    }

    private bool AllHavePassed()
    {
        _awaited.RemoveAll(static awaited =>
            awaited.Reader.IsDetached || IsOutside(awaited.Reader) || Volatile.Read(ref awaited.Reader.State.QuiescentStates) != awaited.Seen);
        return _awaited.Count == 0;
    }

    private static bool IsOutside(MachineTask reader) =>
        Volatile.Read(ref reader.State.Section) == 0 && Volatile.Read(ref reader.State.RcuDepth) == 0;

    private void EndReadSlow(MachineTask task)
    {
        if ((task.State.AttentionBits & (int)Attention.Quiesce) != 0 && task.State.Section == 0) task.PassQuiescentState();
        if (task.State.Section == 0) _machine.Service.Signal();
        task.Point();
    }
}

/// <summary>An RCU reader is open.</summary>
[Scope<RcuRead>]
public readonly ref struct RcuGuard
{
    private readonly Rcu _rcu;
    private readonly MachineTask _task;

    internal RcuGuard(Rcu rcu, MachineTask task)
    {
        _rcu = rcu;
        _task = task;
    }

    /// <summary>Ends the read.</summary>
    [Trusted("primitive")]
    public void Dispose() => _rcu.ReleaseRead(_task);
}
