// The background way out of the discard queue: CPUs sign off in their ticks, one batch at a time, and nobody waits.
// Context: SignOff in a hard interrupt of the CPU that signs off; the rest in a task. Locks: that of the queue.
// Invariants: DQ3 a batch waits for the CPUs that were online when it began to wait, the one excepted on whose tick it began;
//             DQ4 a CPU that goes offline leaves no page behind and is waited for no more.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;

namespace Mm.Core.Discard;

public sealed partial class DiscardQueue
{
    private MachineTimer? _tick;
    private TimeSpan _period;

    /// <summary>Signs this CPU off: it is in an interrupt, so interrupts were on. The last one to do so frees the batch and begins the next.</summary>
    /// <param name="task">The token of the CPU, in a hard interrupt.</param>
    /// <returns>How many pages are free now.</returns>
    /// <remarks>Traps: <c>WARN_ON_ONCE(!in_hardirq() || in_nmi())</c>; and for a batch that waits too long, which CPUs are missing.</remarks>
    [Requires<HardIrq>, ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public int SignOff(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (RuntimeChecks.Enabled && (!task.InHardIrq || task.InNmi))
        {
            TrapTexts.ReportWarning(task, "WARN_ON_ONCE(!in_hardirq() || in_nmi())");
            return 0;
        }

        var done = new PageChain();
        string? stall;
        using (_lock.LockIrqSave(task))
        {
            var cpu = task.CpuIndex;
            GatherLocked(cpu);
            ClearLocked(cpu);
            if (_missing == 0)
            {
                done = _waiting;
                _waiting = new PageChain();
                BeginLocked(cpu);
            }

            // With no other CPU online, this interrupt is all the proof there can be.
            if (_missing == 0 && _waiting.Count != 0 && done.Count == 0)
            {
                done = _waiting;
                _waiting = new PageChain();
            }

            stall = StallLocked();
        }

        var freed = FreeAll(task, done);
        if (stall is not null) TrapTexts.ReportWarning(task, stall);
        return freed;
    }

    /// <summary>Lets every CPU sign off when it next can, and waits for none. Does nothing while the queue is empty.</summary>
    /// <param name="task">The running task, in any context but an NMI.</param>
    [ForbiddenIn<Nmi>]
    public void Tick(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        if (Count == 0) return;
        for (var cpu = 0; cpu < _machine.CpuCount; cpu++)
        {
            if (!Volatile.Read(ref _isOffline[cpu])) _machine.CrossCalls.Send(task, cpu, OnTick);
        }
    }

    /// <summary>Ticks from now on, until <see cref="StopTicking"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="period">How far apart.</param>
    [ForbiddenIn<Nmi>]
    public void StartTicking(MachineTask task, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        _period = period;
        _tick ??= new MachineTimer(_machine, "discard tick", OnTimer);
        _tick.Arm(task, period);
    }

    /// <summary>Ticks no more.</summary>
    public void StopTicking()
    {
        _period = default;
        _ = _tick?.Cancel();
    }

    /// <summary>A CPU goes: what it has queued is gathered, and no batch waits for it any more. What is put there later is gathered at once.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU.</param>
    [Might<CrossCall>, Might<SpinOnLock>, ForbiddenIn<SoftIrq>]
    public void TakeOffline(MachineTask task, int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, _machine.CpuCount);
        Volatile.Write(ref _isOffline[cpu], true);
        _machine.CrossCalls.Call(task, cpu, Leave);
    }

    /// <summary>A CPU comes back.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="cpu">The CPU.</param>
    public void BringOnline(MachineTask task, int cpu)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, _machine.CpuCount);
        Volatile.Write(ref _isOffline[cpu], false);
    }

    /// <summary>Adds what is queued to a set. For a queue that nobody is changing.</summary>
    internal void AddTo(HashSet<Physical.Pfn> pages)
    {
        foreach (var chain in (PageChain[])[.. _local, _gathered, _waiting])
        {
            for (var index = chain.First; index >= 0 && pages.Add(_pages.Pages.PfnAt(index));) index = _pages.Pages.Descriptors.Cold(index).Next;
        }
    }

    /// <summary>Looks for queued pages that break an invariant. For a queue that nobody is changing.</summary>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    [Trusted("for tests and dumps")]
    public IReadOnlyList<string> Validate()
    {
        var broken = new List<string>();
        var seen = 0;
        foreach (var chain in (PageChain[])[.. _local, _gathered, _waiting])
        {
            var length = 0;
            for (var index = chain.First; index >= 0 && length <= chain.Count; index = _pages.Pages.Descriptors.Cold(index).Next)
            {
                var page = _pages.Pages.PfnAt(index);
                length++;
                if (_pages.Pages.ReferenceCount(page) != 0 || (_pages.Pages.Flags(page) & PageFlags.Discarded) == 0)
                    broken.Add($"DQ1 queued page {page} has references or is not marked");
            }

            if (length != chain.Count) broken.Add($"DQ1 a list counts {chain.Count} pages and has {length}");
            seen += length;
        }

        if (seen != Count) broken.Add($"DQ1 {Count} pages are counted and {seen} are queued");
        if (_missing != 0 && _waiting.Count == 0) broken.Add($"DQ3 {_missing} CPUs are waited for, for nothing");
        return broken;
    }

    [RunsIn<HardIrq>]
    private void OnTick(MachineTask task, object? argument) => _ = SignOff(task);

    private void OnTimer(MachineTask task)
    {
        Tick(task);
        if (_period != default) _tick!.Arm(task, _period);
    }

    [Requires<IrqOff>, Might<SpinOnLock>]
    private void Leave(MachineTask task, object? argument)
    {
        using (_lock.LockIrqSave(task))
        {
            GatherLocked(task.CpuIndex);
            ClearLocked(task.CpuIndex);
        }
    }

    private void ClearLocked(int cpu)
    {
        if (_mask[cpu] == 0) return;
        _mask[cpu] = 0;
        _missing--;
    }

    private void BeginLocked(int self)
    {
        if (_gathered.Count == 0) return;
        _waiting = _gathered;
        _gathered = new PageChain();
        _waitingSince = _machine.Time.GetTimestamp();
        _isStallReported = false;
        for (var cpu = 0; cpu < _mask.Length; cpu++)
        {
            if (cpu == self || _isOffline[cpu]) continue;
            _mask[cpu] = 1;
            _missing++;
        }
    }

    [Trusted("a report, written by the host, once a batch")]
    private string? StallLocked()
    {
        if (_missing == 0 || _isStallReported || _machine.Time.GetElapsedTime(_waitingSince) < StallLimit) return null;
        _isStallReported = true;
        var cpus = new List<int>();
        for (var cpu = 0; cpu < _mask.Length; cpu++)
        {
            if (_mask[cpu] != 0) cpus.Add(cpu);
        }

        return TrapTexts.Format($"discard stall: {_waiting.Count} pages wait for CPUs {string.Join(",", cpus)}");
    }
}
