// The few primitives that the examples of the rule pages use. Each stands for one of your own, annotated the same way.
using System;
using Mm.Contexts;

[Flags]
public enum GfpFlags
{
    None = 0,
    DirectReclaim = 1,
    EmergencyReserve = 2,
    Io = 4,
    Atomic = EmergencyReserve,
    Kernel = DirectReclaim | Io,
}

[Scope<SpinLockHeld>]
public readonly ref struct SpinGuard
{
    public void Dispose() { }
}

[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SpinIrqGuard
{
    public void Dispose() { }
}

public sealed class SpinLock
{
    public SpinGuard Lock() => default;

    [ForbiddenIn<IrqOff>]
    public SpinIrqGuard LockIrq() => default;

    public SpinIrqGuard LockIrqSave() => default;

    [Enters<SpinLockHeld>, Trusted("primitive")]
    public void Acquire() { }

    [return: Enters<SpinLockHeld>]
    [Trusted("primitive")]
    public bool TryAcquire() => true;

    [Leaves<SpinLockHeld>, Trusted("primitive")]
    public void Release() { }
}

public sealed class Mutex
{
    [Might<Sleep>, Trusted("primitive")]
    public void Acquire() { }

    public void Release() { }
}

[Scope<PreemptOff>]
public readonly ref struct PreemptGuard
{
    public void Dispose() { }
}

[Scope<IrqOff>]
public readonly ref struct IrqGuard
{
    public void Dispose() { }
}

public static class Cpu
{
    public static PreemptGuard PreemptionOff() => default;

    public static IrqGuard InterruptsOff() => default;

    [Might<CrossCall>, Trusted("primitive")]
    public static void CallOthers([RunsIn<HardIrq>] Action function) => function();
}

public static class UserMemory
{
    [Might<Fault>, Might<Sleep>, Trusted("primitive")]
    public static byte Read(ulong address) => (byte)address;

    [Never<Fault>, Never<Sleep>, Trusted("primitive")]
    public static bool TryRead(ulong address, out byte value)
    {
        value = (byte)address;
        return true;
    }
}

public static class Slab
{
    [Might<Sleep>(When = nameof(gfp), Has = GfpFlags.DirectReclaim), Trusted("primitive")]
    public static byte[] Allocate(int size, GfpFlags gfp) => gfp == GfpFlags.None ? [] : new byte[size];
}
