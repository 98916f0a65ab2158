// An ordinary spin lock: on a real-time kernel it would be a sleeping lock, so none is taken below a raw one.
// Context: matrix rows 120–125; guards for blocks, explicit pairs where taking and releasing stand in different functions.
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>A lock whose waiters spin, with preemption off.</summary>
/// <param name="machine">The machine.</param>
/// <param name="name">The name of its class; locks of one name are taken in one order relative to others.</param>
[Trusted("primitive")]
public sealed class SpinLock(Machine machine, string name) : SpinLockCore(machine, name)
{
    /// <summary>Takes the lock. Interrupts stay as they are: right only for a lock that no interrupt handler takes.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void Acquire(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TakePlain(task, file, line);

    /// <summary>Ends what <see cref="Acquire"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>]
    public void Release(MachineTask task) => ReleasePlain(task);

    /// <summary>Takes the lock. Interrupts stay as they are: right only for a lock that no interrupt handler takes. Until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinGuard Lock(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        TakePlain(task, file, line);
        return new SpinGuard(this, task);
    }

    /// <summary>Takes the lock and switches interrupts off. Its release switches them on, whatever they were: so they must be on here.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Enters<IrqOff>, ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireIrq(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TakeIrq(task, file, line);

    /// <summary>Ends what <see cref="AcquireIrq"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseIrq(MachineTask task) => GiveBackIrq(task);

    /// <summary>Takes the lock and switches interrupts off. Its release switches them on, whatever they were: so they must be on here. Until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinIrqGuard LockIrq(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        TakeIrq(task, file, line);
        return new SpinIrqGuard(this, task);
    }

    /// <summary>Takes the lock and switches interrupts off. Its release puts them back to what they were.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>What interrupts were, for the release.</returns>
    [Enters<SpinLockHeld>, Enters<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public IrqFlags AcquireIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TakeIrqSave(task, file, line);

    /// <summary>Ends what <see cref="AcquireIrqSave"/> began.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="flags">What the acquire returned.</param>
    [Leaves<SpinLockHeld>, Leaves<IrqOff>]
    public void ReleaseIrqRestore(MachineTask task, IrqFlags flags) => Restore(task, flags);

    /// <summary>Takes the lock and switches interrupts off. Its release puts them back to what they were. Until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinIrqSaveGuard LockIrqSave(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => new(this, task, TakeIrqSave(task, file, line));

    /// <summary>Takes the lock and switches bottom halves off. Not with interrupts off.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<SpinLockHeld>, Enters<SoftIrq>, ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public void AcquireBottomHalf(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TakeBottomHalf(task, file, line);

    /// <summary>Ends what <see cref="AcquireBottomHalf"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<SpinLockHeld>, Leaves<SoftIrq>]
    public void ReleaseBottomHalf(MachineTask task) => GiveBackBottomHalf(task);

    /// <summary>Takes the lock and switches bottom halves off. Not with interrupts off. Until the guard is disposed of.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [ForbiddenIn<IrqOff>, Might<SpinOnLock>, Might<SleepOnRt>]
    public SpinBottomHalfGuard LockBottomHalf(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        TakeBottomHalf(task, file, line);
        return new SpinBottomHalfGuard(this, task);
    }

    /// <summary>Takes the lock if nobody holds it. Never spins.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>True if it was taken; then <see cref="Release"/> is owed.</returns>
    [MustCheck]
    [return: Enters<SpinLockHeld>]
    public bool TryAcquire(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => TryTake(task, file, line);
}

/// <summary>The lock is held.</summary>
[Scope<SpinLockHeld>]
public readonly ref struct SpinGuard
{
    private readonly SpinLock _lock;
    private readonly MachineTask _task;

    internal SpinGuard(SpinLock taken, MachineTask task)
    {
        _lock = taken;
        _task = task;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.Release(_task);
}

/// <summary>The lock is held and interrupts are off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinIrqGuard
{
    private readonly SpinLock _lock;
    private readonly MachineTask _task;

    internal SpinIrqGuard(SpinLock taken, MachineTask task)
    {
        _lock = taken;
        _task = task;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseIrq(_task);
}

/// <summary>The lock is held and interrupts are off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinIrqSaveGuard
{
    private readonly SpinLock _lock;
    private readonly MachineTask _task;
    private readonly IrqFlags _flags;

    internal SpinIrqSaveGuard(SpinLock taken, MachineTask task, IrqFlags flags)
    {
        _lock = taken;
        _task = task;
        _flags = flags;
    }

    /// <summary>Releases the lock and puts interrupts back.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseIrqRestore(_task, _flags);
}

/// <summary>The lock is held and bottom halves are off.</summary>
[Scope<SpinLockHeld>, Scope<SoftIrq>]
public readonly ref struct SpinBottomHalfGuard
{
    private readonly SpinLock _lock;
    private readonly MachineTask _task;

    internal SpinBottomHalfGuard(SpinLock taken, MachineTask task)
    {
        _lock = taken;
        _task = task;
    }

    /// <summary>Releases the lock.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.ReleaseBottomHalf(_task);
}
