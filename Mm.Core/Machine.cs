// The machine: it owns everything else, so that many can live side by side in one process.
// Context: making, attaching and disposing are the host's business. Locks: none here.
// Lifetime: from Create to Dispose; tasks must have ended before. No state of it is static.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;

namespace Mm.Core;

/// <summary>How a machine is to be made.</summary>
public sealed record MachineOptions
{
    /// <summary>How many CPUs, 1 to 1024. By default as many as the process may use.</summary>
    public int CpuCount { get; init; } = Environment.ProcessorCount;

    /// <summary>What a broken rule does besides being logged.</summary>
    public TrapPolicy Traps { get; init; } = TrapPolicy.Throw;

    /// <summary>Where traps are recorded: the least time between two reports of a sleep, one second as in the kernel.</summary>
    public TimeSpan SleepReportInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A seed makes the machine deterministic: one task at a time goes on, at points in its code, in an order that hangs on the
    /// seed alone; time stands still while any can go on. Tasks are then started by <see cref="Machine.Start"/>, and
    /// <see cref="Machine.Run"/> lets them go.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>For exhaustive exploration, instead of a seed: is asked for a number from 0 up to its argument, exclusive.</summary>
    public Func<int, int>? Choice { get; init; }

    /// <summary>A name, for metrics.</summary>
    public string Name { get; init; } = "machine";

    /// <summary>How much memory, in bytes, a multiple of <see cref="Pfn.PageSize"/>: one zone, with the kernel's reserve. 0 is none.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Instead of <see cref="MemoryBytes"/>: which zones, how large a reserve. Memory that it brings along stays its owner's.</summary>
    public PageAllocatorOptions? Pages { get; init; }
}

/// <summary>A machine: CPUs, tasks, interrupts, time, locks' rules and the log of those that were broken.</summary>
public sealed partial class Machine : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly List<Exception> _failures = [];
    private readonly Lazy<TaskLoans> _loans;

    private Machine(MachineOptions options)
    {
        var choice = options.Choice ?? (options.Seed is { } seed ? new SeededChoice(seed).Next : null);
        Time = choice is null ? TimeProvider.System : new VirtualTime();
        Traps = new TrapLog(options.Traps, options.SleepReportInterval, Time);
        Schedule = choice is null ? null : new Schedule(this, choice);
        LockOrder = new LockOrder();
        Scheduler = new Scheduler(this);
        Timers = new Timers(this);
        Rcu = new Rcu(this);
        SoftIrqs = new SoftIrqs(this);
        CrossCalls = new CrossCalls(this);
        Service = new ServiceLoop(this);
        Cpus = Scheduler.CreateCpus(options.CpuCount);
        _loans = new Lazy<TaskLoans>(() => new TaskLoans(this));
        SoftIrqs.Open(SoftIrqVector.Timer, Timers.Run);
        SoftIrqs.Open(SoftIrqVector.Rcu, Rcu.RunReady);
        try
        {
            (_memory, _ownMemory, _pages) = CreateMemory(this, options);
            if (HasMemory) Metrics = new MachineMetrics(this, options.Name);
        }
        catch
        {
            Service.Dispose();
            throw;
        }
    }

    /// <summary>The rules that were broken.</summary>
    public TrapLog Traps { get; }

    /// <summary>Calls to other CPUs.</summary>
    public CrossCalls CrossCalls { get; }

    /// <summary>Soft interrupts.</summary>
    public SoftIrqs SoftIrqs { get; }

    /// <summary>Read, copy, update.</summary>
    public Rcu Rcu { get; }

    /// <summary>How many CPUs the machine has.</summary>
    public int CpuCount => Cpus.Length;

    internal Cpu[] Cpus { get; }

    internal Scheduler Scheduler { get; }

    internal Schedule? Schedule { get; }

    internal LockOrder LockOrder { get; }

    internal Timers Timers { get; }

    internal ServiceLoop Service { get; }

    internal TimeProvider Time { get; }

    /// <summary>Makes a machine.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of CPUs is not between 1 and 1024; the size of the memory is negative or too large.</exception>
    /// <exception cref="ArgumentException">The memory is no whole number of pages, is given twice, or its zones are not in order.</exception>
    /// <exception cref="HostMemoryException">The host refused the memory.</exception>
    [Trusted("the host makes a machine")]
    public static Machine Create(MachineOptions? options = null)
    {
        options ??= new MachineOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CpuCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CpuCount, 1024, nameof(options));
        return new Machine(options);
    }

    /// <summary>Makes the calling thread a task, and waits until it has a CPU. The task ends with <see cref="MachineTask.Dispose"/>.</summary>
    /// <param name="name">The name of the task.</param>
    [Trusted("the host gives a CPU")]
    public MachineTask Attach(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var task = Scheduler.Create(name);
        Scheduler.AcquireCpu(task);
        return task;
    }

    /// <summary>Lends the calling thread a task for the time of a call, as threads of a pool need: attaching one each would cost a CPU each.</summary>
    /// <remarks>Not for a thread that is in a section of this machine already: it may wait for the very CPU that the thread keeps.</remarks>
    [Might<Sleep>, Trusted("the host gives a CPU")]
    public BorrowedTask Borrow() => new(_loans.Value.Take());

    /// <summary>Starts a thread as a task. In a machine with a seed it goes on only in <see cref="Run"/>.</summary>
    /// <param name="name">The name of the task.</param>
    /// <param name="body">What it does.</param>
    [Trusted("the host starts a thread")]
    public void Start(string name, [Deferred] Action<MachineTask> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(body);
        var task = Scheduler.Create(name);
        if (Schedule is not null)
        {
            Schedule.Add(task, body);
            return;
        }

        var thread = new Thread(() => Play(task, body)) { IsBackground = true, Name = name };
        task.Thread = thread;
        lock (_threads) _threads.Add(thread);
        thread.Start();
    }

    /// <summary>Waits until every started task has ended.</summary>
    /// <exception cref="AggregateException">What tasks threw.</exception>
    /// <exception cref="MachineDeadlockException">In a machine with a seed: no task can go on.</exception>
    [Trusted("the host waits")]
    public void Run()
    {
        if (Schedule is not null)
        {
            Schedule.Run();
            return;
        }

        while (true)
        {
            Thread? thread;
            lock (_threads)
            {
                if (_threads.Count == 0) break;
                thread = _threads[^1];
                _threads.RemoveAt(_threads.Count - 1);
            }

            thread.Join();
        }

        lock (_failures)
        {
            if (_failures.Count == 0) return;
            var all = _failures.ToArray();
            _failures.Clear();
            throw new AggregateException(all);
        }
    }

    /// <summary>Makes a completed task of code that runs on the calling thread: attach, run, end.</summary>
    /// <param name="name">The name of the task.</param>
    /// <param name="body">What it does.</param>
    [Trusted("the host gives a CPU")]
    public void Do(string name, [Deferred] Action<MachineTask> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        using var task = Attach(name);
        body(task);
    }

    /// <summary>Stops the machine, and gives back the memory that it made. Its tasks must have ended.</summary>
    [Trusted("the host waits")]
    public void Dispose()
    {
        Service.Dispose();
        DisposeMemory();
    }

    private void Play(MachineTask task, Action<MachineTask> body)
    {
        try
        {
            Scheduler.AcquireCpu(task);
            body(task);
            task.Dispose();
        }
        catch (Exception failure)
        {
            // What it leaves open follows from the failure, and is no news.
            lock (_failures) _failures.Add(failure);
            task.Abandon();
        }
    }

    // SplitMix64: small, fast, and the same everywhere.
    private sealed class SeededChoice(ulong seed)
    {
        private ulong _state = seed;

        public int Next(int bound)
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)bound);
        }
    }
}
