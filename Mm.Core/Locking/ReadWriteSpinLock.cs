// A spin lock that many readers or one writer may hold.
// Context: as a spin lock (matrix rows 120–125). A reader in an interrupt gets in past waiting writers, others queue behind them.
// Locks: itself. Invariants: RS1 state > 0 readers, −1 a writer, 0 free.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>A spin lock for many readers or one writer.</summary>
[Trusted("primitive")]
public sealed class ReadWriteSpinLock
{
    private const int Writer = -1;
    private readonly LockClass _kind;
    private int _state;
    private int _waitingWriters;
    private bool _irqsWereOff;

    /// <summary>Makes a lock that nobody holds.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="name">The name of its class.</param>
    public ReadWriteSpinLock(Machine machine, string name)
    {
        System.ArgumentNullException.ThrowIfNull(machine);
        _kind = machine.LockOrder.ClassOf(name, sleeps: false);
    }

    /// <summary>True if a writer holds it, at this moment.</summary>
    public bool IsWriteLocked => Volatile.Read(ref _state) == Writer;

    /// <summary>True if anybody holds it, at this moment.</summary>
    public bool IsLocked => Volatile.Read(ref _state) != 0;

    /// <summary>Takes the lock for reading; interrupts stay as they are.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireRead(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Take(task, new Taking(Read: true), file, line);

    /// <summary>Takes the lock for reading if that needs no spinning.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>True if it was taken.</returns>
    [MustCheck]
    [return: Enters<SpinLockHeld>]
    public bool TryAcquireRead(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TryTake(task, true, file, line);

    /// <summary>Ends what <see cref="AcquireRead"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>]
    public void ReleaseRead(MachineTask task)
    {
        if (TryGiveBack(task, true)) task.LeaveSection(PreemptBits.PreemptOffset);
    }

    /// <summary>Takes the lock for reading and switches interrupts off; its release switches them on, whatever they were.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Enters<IrqOff>, ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireReadIrq(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var wereOff = task.IrqsDisabled;
        TakeIrqSave(task, new Taking(Read: true, IrqsOff: true), file, line);
        if (wereOff) _irqsWereOff = true;
    }

    /// <summary>Ends what <see cref="AcquireReadIrq"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseReadIrq(MachineTask task) => GiveBackIrq(task, true);

    /// <summary>Takes the lock for reading and switches interrupts off; its release puts them back to what they were.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>What interrupts were, for the release.</returns>
    [Enters<SpinLockHeld>, Enters<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public IrqFlags AcquireReadIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        TakeIrqSave(task, new Taking(Read: true, IrqsOff: true), file, line);

    /// <summary>Ends what <see cref="AcquireReadIrqSave"/> began.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="flags">What the acquire returned.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseReadIrqRestore(MachineTask task, IrqFlags flags) => Restore(task, true, flags);

    /// <summary>Holds the lock for reading until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinReadGuard Read(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Take(task, new Taking(Read: true), file, line);
        return new SpinReadGuard(this, task);
    }

    /// <summary>Holds the lock for reading, with interrupts off, until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinReadIrqSaveGuard ReadIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(this, task, TakeIrqSave(task, new Taking(Read: true, IrqsOff: true), file, line));

    /// <summary>Takes the lock for writing; interrupts stay as they are.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireWrite(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Take(task, new Taking(Read: false), file, line);

    /// <summary>Takes the lock for writing if that needs no spinning.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>True if it was taken.</returns>
    [MustCheck]
    [return: Enters<SpinLockHeld>]
    public bool TryAcquireWrite(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TryTake(task, false, file, line);

    /// <summary>Ends what <see cref="AcquireWrite"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>]
    public void ReleaseWrite(MachineTask task)
    {
        if (TryGiveBack(task, false)) task.LeaveSection(PreemptBits.PreemptOffset);
    }

    /// <summary>Takes the lock for writing and switches interrupts off; its release switches them on, whatever they were.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Enters<IrqOff>, ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireWriteIrq(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var wereOff = task.IrqsDisabled;
        TakeIrqSave(task, new Taking(Read: false, IrqsOff: true), file, line);
        if (wereOff) _irqsWereOff = true;
    }

    /// <summary>Ends what <see cref="AcquireWriteIrq"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseWriteIrq(MachineTask task) => GiveBackIrq(task, false);

    /// <summary>Takes the lock for writing and switches interrupts off; its release puts them back to what they were.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>What interrupts were, for the release.</returns>
    [Enters<SpinLockHeld>, Enters<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public IrqFlags AcquireWriteIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        TakeIrqSave(task, new Taking(Read: false, IrqsOff: true), file, line);

    /// <summary>Ends what <see cref="AcquireWriteIrqSave"/> began.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="flags">What the acquire returned.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseWriteIrqRestore(MachineTask task, IrqFlags flags) => Restore(task, false, flags);

    /// <summary>Holds the lock for writing until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinWriteGuard Write(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Take(task, new Taking(Read: false), file, line);
        return new SpinWriteGuard(this, task);
    }

    /// <summary>Holds the lock for writing, with interrupts off, until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinWriteIrqSaveGuard WriteIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(this, task, TakeIrqSave(task, new Taking(Read: false, IrqsOff: true), file, line));

    private void Take(MachineTask task, Taking how, string file, int line)
    {
        if (RuntimeChecks.Enabled) Check(task, how, file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        Spin(task, how, file, line);
    }

    private IrqFlags TakeIrqSave(MachineTask task, Taking how, string file, int line)
    {
        if (RuntimeChecks.Enabled) Check(task, how, file, line);
        var flags = task.IrqSave();
        task.EnterSection(PreemptBits.PreemptOffset);
        Spin(task, how, file, line);
        return flags;
    }

    private bool TryTake(MachineTask task, bool read, string file, int line)
    {
        var how = new Taking(Read: read, Try: true);
        if (RuntimeChecks.Enabled) task.Machine.LockOrder.Check(task, _kind, this, how, file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        if (read ? TryRead(task) : TryWrite())
        {
            Own(task, how, file, line);
            return true;
        }

        task.LeaveSection(PreemptBits.PreemptOffset);
        return false;
    }

    private void Check(MachineTask task, Taking how, string file, int line)
    {
        task.Machine.LockOrder.Check(task, _kind, this, how, file, line);
        if (task.Locks.Holds(this) && (!how.Read || IsWriteLocked))
            LockReports.SpinBug(task, "rwlock", _kind.Name, "recursion", null, -1, fatal: true);
    }

    private void Spin(MachineTask task, Taking how, string file, int line)
    {
        var spins = 0;
        if (how.Read)
        {
            while (!TryRead(task)) task.Relax(ref spins);
        }
        else if (!TryWrite())
        {
            Interlocked.Increment(ref _waitingWriters);
            while (!TryWrite()) task.Relax(ref spins);
            Interlocked.Decrement(ref _waitingWriters);
        }

        Own(task, how, file, line);
    }

    private void Own(MachineTask task, Taking how, string file, int line)
    {
        if (!RuntimeChecks.Enabled) return;
        task.NotePreemptOff(PreemptBits.PreemptOffset, file, line);
        if (!how.Read) _irqsWereOff = false;
        task.Locks.Push(_kind, this, how.Read, how.Try, LockOrder.ContextOf(task), file, line);
    }

    private bool TryGiveBack(MachineTask task, bool read)
    {
        if (RuntimeChecks.Enabled && !task.Locks.Holds(this, read))
        {
            LockReports.UnlockBalance(task, _kind);
            LockReports.SpinBug(task, "rwlock", _kind.Name, IsLocked ? "wrong owner" : "already unlocked", null, -1, fatal: false);
            return false;
        }

        if (RuntimeChecks.Enabled) task.Locks.Remove(this);
        if (read) Interlocked.Decrement(ref _state);
        else Volatile.Write(ref _state, 0);
        return true;
    }

    private void Restore(MachineTask task, bool read, IrqFlags flags)
    {
        if (!TryGiveBack(task, read)) return;
        try
        {
            task.IrqRestore(flags);
        }
        finally
        {
            task.LeaveSection(PreemptBits.PreemptOffset);
        }
    }

    private void GiveBackIrq(MachineTask task, bool read)
    {
        var wereOff = _irqsWereOff;
        if (!TryGiveBack(task, read)) return;
        try
        {
            if (RuntimeChecks.Enabled && wereOff)
                Diagnostics.TrapTexts.ReportWarning(task, $"releasing {_kind.Name} enabled irqs that were off when it was taken");
            if (RuntimeChecks.Enabled) task.CheckIrqsGoOn();
        }
        finally
        {
            _irqsWereOff = false;
            task.EnableIrqs();
            task.LeaveSection(PreemptBits.PreemptOffset);
        }
    }

    private bool TryRead(MachineTask task)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state < 0 || (!task.InInterrupt && Volatile.Read(ref _waitingWriters) != 0)) return false;
            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state) return true;
        }
    }

    private bool TryWrite() => Volatile.Read(ref _state) == 0 && Interlocked.CompareExchange(ref _state, Writer, 0) == 0;
}

/// <summary>The lock is held for reading.</summary>
[Scope<SpinLockHeld>]
public readonly ref struct SpinReadGuard
{
    private readonly ReadWriteSpinLock _lock;
    private readonly MachineTask _task;

    internal SpinReadGuard(ReadWriteSpinLock taken, MachineTask task)
    {
        _lock = taken;
        _task = task;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseRead(_task);
}

/// <summary>The lock is held for reading, with interrupts off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinReadIrqSaveGuard
{
    private readonly ReadWriteSpinLock _lock;
    private readonly MachineTask _task;
    private readonly IrqFlags _flags;

    internal SpinReadIrqSaveGuard(ReadWriteSpinLock taken, MachineTask task, IrqFlags flags)
    {
        _lock = taken;
        _task = task;
        _flags = flags;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseReadIrqRestore(_task, _flags);
}

/// <summary>The lock is held for writing.</summary>
[Scope<SpinLockHeld>]
public readonly ref struct SpinWriteGuard
{
    private readonly ReadWriteSpinLock _lock;
    private readonly MachineTask _task;

    internal SpinWriteGuard(ReadWriteSpinLock taken, MachineTask task)
    {
        _lock = taken;
        _task = task;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseWrite(_task);
}

/// <summary>The lock is held for writing, with interrupts off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinWriteIrqSaveGuard
{
    private readonly ReadWriteSpinLock _lock;
    private readonly MachineTask _task;
    private readonly IrqFlags _flags;

    internal SpinWriteIrqSaveGuard(ReadWriteSpinLock taken, MachineTask task, IrqFlags flags)
    {
        _lock = taken;
        _task = task;
        _flags = flags;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseWriteIrqRestore(_task, _flags);
}
