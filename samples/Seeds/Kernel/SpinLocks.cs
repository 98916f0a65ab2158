// Spin locks. A guard type says what holds until its Dispose, so that the methods that return it need no annotation.
using Mm.Contexts;

namespace Seeds.Kernel;

[Scope<SpinLockHeld>]
public readonly ref struct SpinGuard
{
    public void Dispose() { }
}

/// <summary>A spin lock is held, and interrupts are off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinIrqGuard
{
    public void Dispose() { }
}

public sealed class SpinLock
{
    public SpinGuard Lock() => default;

    /// <summary>Its release switches interrupts on, whatever they were before: so they must be on at the call.</summary>
    [ForbiddenIn<IrqOff>]
    public SpinIrqGuard LockIrq() => default;

    /// <summary>Its release puts interrupts back to what they were.</summary>
    public SpinIrqGuard LockIrqSave() => default;
}

/// <summary>A spin lock that many readers or one writer may hold.</summary>
public sealed class ReadWriteSpinLock
{
    [ForbiddenIn<IrqOff>]
    public SpinIrqGuard ReadLockIrq() => default;

    public SpinIrqGuard ReadLockIrqSave() => default;

    [ForbiddenIn<IrqOff>]
    public SpinIrqGuard WriteLockIrq() => default;

    public SpinIrqGuard WriteLockIrqSave() => default;
}
