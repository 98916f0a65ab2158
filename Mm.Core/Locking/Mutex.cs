// A lock whose waiters give the CPU up.
// Context: taken in a task only (matrix rows 126–128); released by the task that took it, not from an interrupt.
// Locks: its queue's. Invariants: MX1 owned exactly while some task holds it; MX2 released by its owner.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Locking;

/// <summary>A mutual exclusion lock whose waiters sleep.</summary>
[Trusted("primitive")]
public sealed class Mutex
{
    private readonly LockClass _kind;
    private readonly WaitQueue _queue;
    private MachineTask? _owner;

    /// <summary>Makes a mutex that nobody holds.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="name">The name of its class.</param>
    public Mutex(Machine machine, string name)
    {
        System.ArgumentNullException.ThrowIfNull(machine);
        _kind = machine.LockOrder.ClassOf(name, sleeps: true);
        _queue = new WaitQueue(machine, name);
    }

    /// <summary>True if somebody holds it, at this moment.</summary>
    public bool IsLocked => Volatile.Read(ref _owner) is not null;

    /// <summary>True if this task holds it.</summary>
    /// <param name="task">The running task.</param>
    public bool IsHeldBy(MachineTask task) => Volatile.Read(ref _owner) == task;

    /// <summary>Takes the mutex, sleeping until it is free.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>Traps: <c>BUG: sleeping function called from invalid context</c>, also where it is free; the reports of lock order.</remarks>
    [Might<Sleep>]
    public void Acquire(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        task.MightSleep(file, line);
        if (RuntimeChecks.Enabled)
        {
            task.Machine.LockOrder.Check(task, _kind, this, default, file, line);
            if (IsHeldBy(task)) task.Machine.Traps.ReportFatal(task, TrapKind.Bug, $"kernel BUG: mutex {_kind.Name} is taken again by its owner");
        }

        if (Interlocked.CompareExchange(ref _owner, task, null) is not null)
            _queue.Wait(task, () => Interlocked.CompareExchange(ref _owner, task, null) is null, file, line);
        if (RuntimeChecks.Enabled) task.Locks.Push(_kind, this, false, false, LockOrder.ContextOf(task), file, line);
    }

    /// <summary>Takes the mutex until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public MutexGuard Lock(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Acquire(task, file, line);
        return new MutexGuard(this, task);
    }

    /// <summary>Takes the mutex if it is free. Never sleeps; still not for interrupts, whose "owner" would be whom they interrupt.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>True if it was taken; then <see cref="Release"/> is owed.</returns>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public bool TryAcquire(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        if (Interlocked.CompareExchange(ref _owner, task, null) is not null) return false;
        if (RuntimeChecks.Enabled)
        {
            task.Machine.LockOrder.Check(task, _kind, this, new Taking(Try: true), file, line);
            task.Locks.Push(_kind, this, false, true, LockOrder.ContextOf(task), file, line);
        }

        return true;
    }

    /// <summary>Releases the mutex. Not from an interrupt.</summary>
    /// <param name="task">The running task, its owner.</param>
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void Release(MachineTask task)
    {
        if (RuntimeChecks.Enabled)
        {
            if (task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
            if (!task.Locks.Holds(this))
            {
                LockReports.UnlockBalance(task, _kind);
                return;
            }

            task.Locks.Remove(this);
        }

        Volatile.Write(ref _owner, null);
        Interlocked.MemoryBarrier();
        if (_queue.IsActive) _queue.WakeOne(task);
    }
}

/// <summary>The mutex is held. No context: its holder may sleep.</summary>
public readonly ref struct MutexGuard
{
    private readonly Mutex _mutex;
    private readonly MachineTask _task;

    internal MutexGuard(Mutex mutex, MachineTask task)
    {
        _mutex = mutex;
        _task = task;
    }

    /// <summary>Releases the mutex.</summary>
    [Trusted("primitive")]
    public void Dispose() => _mutex.Release(_task);
}
