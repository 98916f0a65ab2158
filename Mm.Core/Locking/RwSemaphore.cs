// A sleeping lock that many readers or one writer may hold.
// Context: taken in a task only (matrix row 126). Locks: its queue's.
// Invariants: RW1 state > 0 readers, −1 a writer, 0 free. Fairness: a waiting writer keeps new readers out.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Locking;

/// <summary>A sleeping lock for many readers or one writer.</summary>
[Trusted("primitive")]
public sealed class RwSemaphore
{
    private const int Writer = -1;
    private readonly LockClass _kind;
    private readonly WaitQueue _queue;
    private int _state;
    private int _waitingWriters;

    /// <summary>Makes a semaphore that nobody holds.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="name">The name of its class.</param>
    public RwSemaphore(Machine machine, string name)
    {
        System.ArgumentNullException.ThrowIfNull(machine);
        _kind = machine.LockOrder.ClassOf(name, sleeps: true);
        _queue = new WaitQueue(machine, name);
    }

    /// <summary>True if a writer holds it, at this moment.</summary>
    public bool IsWriteLocked => Volatile.Read(ref _state) == Writer;

    /// <summary>True if anybody holds it, at this moment.</summary>
    public bool IsLocked => Volatile.Read(ref _state) != 0;

    /// <summary>Takes it for reading, sleeping while a writer holds it or waits.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public void AcquireRead(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Check(task, new Taking(Read: true), file, line);
        if (!TryRead()) _queue.Wait(task, TryRead, file, line);
        Note(task, read: true, tried: false, file, line);
    }

    /// <summary>Takes it for writing, sleeping while anybody holds it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public void AcquireWrite(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Check(task, default, file, line);
        if (!TryWrite())
        {
            Interlocked.Increment(ref _waitingWriters);
            _queue.Wait(task, TryWrite, file, line);
            Interlocked.Decrement(ref _waitingWriters);
        }

        Note(task, read: false, tried: false, file, line);
    }

    /// <summary>Takes it for reading until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public ReadGuard Read(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        AcquireRead(task, file, line);
        return new ReadGuard(this, task);
    }

    /// <summary>Takes it for writing until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public WriteGuard Write(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        AcquireWrite(task, file, line);
        return new WriteGuard(this, task);
    }

    /// <summary>Takes it for reading if that needs no sleep. Not from interrupts.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public bool TryAcquireRead(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        CheckNotInterrupt(task);
        if (!TryRead()) return false;
        Note(task, read: true, tried: true, file, line);
        return true;
    }

    /// <summary>Takes it for writing if that needs no sleep. Not from interrupts.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MustCheck, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public bool TryAcquireWrite(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        CheckNotInterrupt(task);
        if (!TryWrite()) return false;
        Note(task, read: false, tried: true, file, line);
        return true;
    }

    /// <summary>Ends a read.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void ReleaseRead(MachineTask task)
    {
        if (TryForget(task, read: true) && Interlocked.Decrement(ref _state) == 0 && _queue.IsActive) _queue.WakeAll(task);
    }

    /// <summary>Ends a write.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void ReleaseWrite(MachineTask task)
    {
        if (!TryForget(task, read: false)) return;
        Interlocked.Exchange(ref _state, 0);
        if (_queue.IsActive) _queue.WakeAll(task);
    }

    /// <summary>Turns this task's write into a read without letting another writer in between.</summary>
    /// <param name="task">The running task, the writer.</param>
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    public void Downgrade(MachineTask task)
    {
        if (RuntimeChecks.Enabled && !task.Locks.Holds(this, read: false))
        {
            LockReports.UnlockBalance(task, _kind);
            return;
        }

        if (RuntimeChecks.Enabled) task.Locks.Downgrade(this);

        Interlocked.Exchange(ref _state, 1);
        if (_queue.IsActive) _queue.WakeAll(task);
    }

    private static void CheckNotInterrupt(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
    }

    private void Check(MachineTask task, Taking how, string file, int line)
    {
        task.MightSleep(file, line);
        if (RuntimeChecks.Enabled) task.Machine.LockOrder.Check(task, _kind, this, how, file, line);
    }

    private void Note(MachineTask task, bool read, bool tried, string file, int line)
    {
        if (RuntimeChecks.Enabled) task.Locks.Push(_kind, this, read, tried, LockOrder.ContextOf(task), file, line);
    }

    private bool TryForget(MachineTask task, bool read)
    {
        if (!RuntimeChecks.Enabled || (task.Locks.Holds(this, read) && task.Locks.Remove(this))) return true;
        LockReports.UnlockBalance(task, _kind);
        return false;
    }

    private bool TryRead()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state < 0 || Volatile.Read(ref _waitingWriters) != 0) return false;
            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state) return true;
        }
    }

    private bool TryWrite() => Interlocked.CompareExchange(ref _state, Writer, 0) == 0;
}

/// <summary>The semaphore is held for reading.</summary>
public readonly ref struct ReadGuard
{
    private readonly RwSemaphore _semaphore;
    private readonly MachineTask _task;

    internal ReadGuard(RwSemaphore semaphore, MachineTask task)
    {
        _semaphore = semaphore;
        _task = task;
    }

    /// <summary>Ends the read.</summary>
    [Trusted("primitive")]
    public void Dispose() => _semaphore.ReleaseRead(_task);
}

/// <summary>The semaphore is held for writing.</summary>
public readonly ref struct WriteGuard
{
    private readonly RwSemaphore _semaphore;
    private readonly MachineTask _task;

    internal WriteGuard(RwSemaphore semaphore, MachineTask task)
    {
        _semaphore = semaphore;
        _task = task;
    }

    /// <summary>Ends the write.</summary>
    [Trusted("primitive")]
    public void Dispose() => _semaphore.ReleaseWrite(_task);
}
