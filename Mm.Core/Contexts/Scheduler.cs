// Which task has which CPU, and who may act for a CPU whose task is busy elsewhere.
//
//   idle ──bind──► running ──claim──► claimed ──end──► running
//    ▲               │  ▲
//    └───release─────┘  └── steal: a task in no section loses its CPU, and learns it when its next section begins
//
// Context: the host's side of the machine; every method may be called from any context of the machine and is invisible to it.
// Locks: Gate, a lock of the host, innermost; never held while a handler runs. Costs: the rare side pays with a process-wide barrier.
// Invariants: P1 a CPU has at most one task and a task at most one CPU; P2 nothing begins a section while claimed; P3 no waiter while a CPU idles.
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

[Trusted("the host takes CPUs away and gives them back; the machine's time stands still meanwhile")]
internal sealed class Scheduler
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(2);
    private readonly Machine _machine;
    private readonly LinkedList<MachineTask> _waiters = new();
    private readonly List<MachineTask> _tasks = [];
    private readonly StateStore _states = new();
    private readonly StateHandle _dead;
    private int _lastTaskId;

    public Scheduler(Machine machine)
    {
        _machine = machine;
        _dead = _states.Take();
        _dead.Value.AttentionBits = (int)Attention.Detached;
        _dead.Value.CpuIndex = -1;
    }

    public Lock Gate { get; } = new();

    public Cpu[] CreateCpus(int count)
    {
        var cpus = new Cpu[count];
        for (var index = 0; index < count; index++) cpus[index] = new Cpu(_machine, index, _states.Take());
        return cpus;
    }

    /// <summary>All that can be a reader: the tasks, and the tokens of the CPUs.</summary>
    public MachineTask[] Readers()
    {
        lock (Gate)
        {
            var readers = new MachineTask[_tasks.Count + _machine.Cpus.Length];
            _tasks.CopyTo(readers);
            for (var cpu = 0; cpu < _machine.Cpus.Length; cpu++) readers[_tasks.Count + cpu] = _machine.Cpus[cpu].Proxy;
            return readers;
        }
    }

    public MachineTask Create(string name)
    {
        lock (Gate)
        {
            var task = new MachineTask(_machine, ++_lastTaskId, name, _states.Take());
            task.State.AttentionBits = (int)Attention.NoCpu | (_machine.Schedule is null ? 0 : (int)Attention.Scripted);
            _tasks.Add(task);
            return task;
        }
    }

    /// <summary>A task for threads that borrow it: outside of sections nobody is on its CPU, so that it is taken without waiting for a slice.</summary>
    public MachineTask CreateLent(string name)
    {
        var task = Create(name);
        task.Thread = null;
        task.IsLent = true;
        return task;
    }

    public void Detach(MachineTask task)
    {
        while (true)
        {
            lock (Gate)
            {
                if (task.IsDetached) return;
                if (!HasAttention(task, Attention.Claimed))
                {
                    Release(task);
                    _waiters.Remove(task);
                    _tasks.Remove(task);
                    _states.Return(task.ReplaceState(_dead));
                    return;
                }
            }

            WaitWhileClaimed(task);
        }
    }

    /// <summary>Returns when the task has a CPU. It is in no section.</summary>
    public void AcquireCpu(MachineTask task)
    {
        lock (Gate)
        {
            if (!HasAttention(task, Attention.NoCpu) || TryBindIdle(task)) return;
        }

        while (true)
        {
            lock (Gate)
            {
                if (!HasAttention(task, Attention.NoCpu)) return;

                // A CPU that was handed over can have been taken again before this thread woke: then it queues anew.
                if (!_waiters.Contains(task)) _waiters.AddLast(task);
                if (_waiters.First?.Value == task && TrySteal(task))
                {
                    _waiters.Remove(task);
                    return;
                }
            }

            task.Parker.Park(Slice);
        }
    }

    /// <summary>Gives the CPU away. The task is in no section afterwards; the caller began one, so that nobody acts for it.</summary>
    public void ReleaseCpu(MachineTask task)
    {
        lock (Gate)
        {
            Release(task);
            Volatile.Write(ref task.State.Section, 0);
        }
    }

    /// <summary>Lets another task have the CPU, if one waits.</summary>
    public void Reschedule(MachineTask task)
    {
        Interlocked.And(ref task.State.AttentionBits, ~(int)Attention.Reschedule);
        lock (Gate)
        {
            if (_waiters.Count == 0) return;
        }

        task.EnterSection(PreemptBits.PreemptOffset);
        ReleaseCpu(task);
        AcquireCpu(task);
    }

    public void WaitWhileClaimed(MachineTask task)
    {
        var spins = 0;
        while (HasAttention(task, Attention.Claimed)) Pause(task, ref spins);
    }

    /// <summary>One step of a spin: the host's turn, or the next task's in a schedule.</summary>
    public void Pause(MachineTask task, ref int spins)
    {
        if (_machine.Schedule is { } schedule)
        {
            schedule.Spin(task);
            return;
        }

        spins++;
        if (spins < 16) Thread.SpinWait(8 << Math.Min(spins, 8));
        else if (spins % 64 != 0) Thread.Yield();
        else Thread.Sleep(1);
    }

    public void Post(Cpu cpu, InterruptRequest request, bool nmi = false)
    {
        lock (Gate)
        {
            (nmi ? cpu.Nmis : cpu.Interrupts).Enqueue(request);
            if (cpu.Current is { } task) SetAttention(task, nmi ? Attention.Nmi : Attention.Interrupt);
        }

        _machine.Service.Signal();
    }

    /// <summary>Notes that soft interrupts wait on a CPU, or that none do.</summary>
    public void NoteSoftIrqs(MachineTask task, Cpu cpu)
    {
        lock (Gate)
        {
            var owner = cpu.Current;
            if (cpu.PendingSoftIrqs == 0)
            {
                if (owner is not null) ClearAttention(owner, Attention.SoftIrq);
                return;
            }

            if (owner is not null) SetAttention(owner, Attention.SoftIrq);
        }

        if (task.IsCpuProxy || task.Cpu != cpu) _machine.Service.Signal();
    }

    public bool TryTakeInterrupt(MachineTask task, [NotNullWhen(true)] out InterruptRequest? request) =>
        TryTake(task.Cpu, task.Cpu.Interrupts, Attention.Interrupt, out request);

    public bool TryTakeNmi(MachineTask task, [NotNullWhen(true)] out InterruptRequest? request) =>
        TryTake(task.Cpu, task.Cpu.Nmis, Attention.Nmi, out request);

    /// <summary>The CPUs, for reports of the host.</summary>
    public string Describe()
    {
        lock (Gate)
        {
            return string.Join(", ", Array.ConvertAll(
                _machine.Cpus,
                static cpu => $"CPU#{cpu.Index} {cpu.Current?.Name ?? "idle"}{(cpu.IsClaimed ? " claimed" : "")} {cpu.Interrupts.Count} interrupts, soft {cpu.PendingSoftIrqs:x}"));
        }
    }

    public bool HasWork(Cpu cpu)
    {
        lock (Gate) return cpu.Interrupts.Count != 0 || cpu.Nmis.Count != 0 || cpu.PendingSoftIrqs != 0;
    }

    /// <summary>
    /// Acts as the CPU if it is idle or its task is in no section, and serves what waits there.
    /// A task that acts for another CPU leaves soft interrupts alone: they may take locks that it holds.
    /// </summary>
    /// <returns>False if the CPU is busy and will look for itself.</returns>
    public bool TryServe(Cpu cpu, bool withSoftIrqs, MachineTask? claimant)
    {
        lock (Gate)
        {
            if (cpu.IsClaimed) return false;
            if (cpu.Current is { } task && !TryClaim(task)) return false;
            cpu.IsClaimed = true;
        }

        var proxy = cpu.Proxy;
        proxy.ActsThrough = claimant;
        try
        {
            proxy.State.IrqsOff = 1;
            while (TryTakeNmi(proxy, out var nmi)) proxy.RunAsNmi(nmi);
            while (TryTakeInterrupt(proxy, out var request)) proxy.RunAsInterrupt(request);
            if (withSoftIrqs && cpu.PendingSoftIrqs != 0) proxy.RunSoftIrqs();
        }
        finally
        {
            proxy.State.Section = 0;
            proxy.ActsThrough = null;
            lock (Gate)
            {
                cpu.IsClaimed = false;
                if (cpu.Current is { } task) ClearAttention(task, Attention.Claimed);
                else HandOver(cpu);
            }
        }

        return true;
    }

    private static bool TryTake(Cpu cpu, Queue<InterruptRequest> queue, Attention bit, [NotNullWhen(true)] out InterruptRequest? request)
    {
        lock (cpu.Proxy.Machine.Scheduler.Gate)
        {
            if (queue.TryDequeue(out request)) return true;
            if (cpu.Current is { } task) ClearAttention(task, bit);
            return false;
        }
    }

    private bool TryBindIdle(MachineTask task)
    {
        foreach (var cpu in _machine.Cpus)
        {
            if (cpu.Current is not null || cpu.IsClaimed) continue;
            Bind(cpu, task);
            return true;
        }

        return false;
    }

    private bool TrySteal(MachineTask task)
    {
        if (TryBindIdle(task)) return true;
        foreach (var cpu in _machine.Cpus)
        {
            if (cpu.IsClaimed || cpu.Current is not { } victim) continue;
            var ended = victim.Thread is { IsAlive: false };
            if (!ended && !victim.IsLent && _machine.Schedule is null && _machine.Time.GetElapsedTime(cpu.BoundAt) < Slice) continue;
            if (!TryClaim(victim) && !ended)
            {
                SetAttention(victim, Attention.Reschedule);
                continue;
            }

            // Without its CPU first, and unclaimed then: between the two, a section that begins finds one or the other.
            Unbind(cpu, victim);
            ClearAttention(victim, Attention.Claimed);
            if (ended)
            {
                _tasks.Remove(victim);
                victim.ReplaceState(_dead);
            }

            Bind(cpu, task);
            return true;
        }

        return false;
    }

    // The other half of every section's first store and look: after the barrier, either its store is seen here or this bit there.
    private static bool TryClaim(MachineTask task)
    {
        SetAttention(task, Attention.Claimed);
        Interlocked.MemoryBarrierProcessWide();
        if (Volatile.Read(ref task.State.Section) == 0) return true;
        ClearAttention(task, Attention.Claimed);
        return false;
    }

    private void Release(MachineTask task)
    {
        if (task.State.CpuIndex < 0) return;
        var cpu = task.Cpu;
        Unbind(cpu, task);
        HandOver(cpu);
    }

    private void HandOver(Cpu cpu)
    {
        if (_waiters.First is not { } first)
        {
            if (cpu.Interrupts.Count != 0 || cpu.Nmis.Count != 0 || cpu.PendingSoftIrqs != 0) _machine.Service.Signal();
            return;
        }

        _waiters.RemoveFirst();
        Bind(cpu, first.Value);
        first.Value.Parker.Unpark();
    }

    private void Bind(Cpu cpu, MachineTask task)
    {
        cpu.Current = task;
        cpu.BoundAt = _machine.Time.GetTimestamp();
        task.State.CpuIndex = cpu.Index;
        if (cpu.Interrupts.Count != 0) SetAttention(task, Attention.Interrupt);
        if (cpu.Nmis.Count != 0) SetAttention(task, Attention.Nmi);
        if (cpu.PendingSoftIrqs != 0) SetAttention(task, Attention.SoftIrq);
        ClearAttention(task, Attention.NoCpu);
    }

    private static void Unbind(Cpu cpu, MachineTask task)
    {
        cpu.Current = null;
        SetAttention(task, Attention.NoCpu);
        ClearAttention(task, Attention.Interrupt | Attention.Nmi | Attention.SoftIrq | Attention.Reschedule);
        task.State.CpuIndex = -1;
    }

    private static bool HasAttention(MachineTask task, Attention bit) => (Volatile.Read(ref task.State.AttentionBits) & (int)bit) != 0;

    private static void SetAttention(MachineTask task, Attention bits) => Interlocked.Or(ref task.State.AttentionBits, (int)bits);

    private static void ClearAttention(MachineTask task, Attention bits) => Interlocked.And(ref task.State.AttentionBits, ~(int)bits);
}
