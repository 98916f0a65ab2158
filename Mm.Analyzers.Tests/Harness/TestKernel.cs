// The kernel that test sources are written against: just enough of one to enter every context and to have every effect.
// Bodies are empty, so each primitive says with [Trusted] that its annotation is all there is to know.
global using Mm.Contexts;
global using TestKernel;

using System;

namespace TestKernel;

/// <summary>What an allocation may do to find memory.</summary>
[Flags]
public enum Gfp
{
    None = 0,
    MayBlock = 1 << 0,
    WakeReclaimer = 1 << 1,
    StartIo = 1 << 2,
    EnterFilesystem = 1 << 3,
    UseReserve = 1 << 4,
    Zeroed = 1 << 5,

    NoWait = WakeReclaimer,
    Atomic = UseReserve | WakeReclaimer,
    NoIo = MayBlock | WakeReclaimer,
    NoFs = NoIo | StartIo,
    Kernel = NoFs | EnterFilesystem,
}

[Scope<SpinLockHeld>]
public readonly ref struct TicketGuard
{
    public void Dispose() { }
}

[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct TicketIrqGuard
{
    public void Dispose() { }
}

[Scope<RawSpinLockHeld>]
public readonly ref struct RawTicketGuard
{
    public void Dispose() { }
}

[Scope<PreemptOff>]
public readonly ref struct PreemptionGuard
{
    public void Dispose() { }
}

[Scope<IrqOff>]
public readonly ref struct InterruptGuard
{
    public void Dispose() { }
}

[Scope<SoftIrq>]
public readonly ref struct BottomHalfGuard
{
    public void Dispose() { }
}

[Scope<RcuRead>]
public readonly ref struct ReaderGuard
{
    public void Dispose() { }
}

[Scope<FaultsOff>]
public readonly ref struct PageFaultGuard
{
    public void Dispose() { }
}

[Scope<NoGc>]
public readonly ref struct NoGcGuard
{
    public void Dispose() { }
}

/// <summary>Holds a mutex: no context, one may sleep under it.</summary>
public readonly ref struct MutexGuard
{
    public void Dispose() { }
}

/// <summary>The ordinary spin lock.</summary>
public sealed class TicketLock
{
    public TicketGuard Hold() => default;

    public TicketIrqGuard HoldIrqSave() => default;

    [ForbiddenIn<IrqOff>]
    public TicketIrqGuard HoldIrq() => default;

    [Enters<SpinLockHeld>, Trusted("primitive")]
    public void Acquire() { }

    [Leaves<SpinLockHeld>, Trusted("primitive")]
    public void Release() { }

    [return: Enters<SpinLockHeld>]
    [Trusted("primitive")]
    public bool TryAcquire() => true;

    [Enters<SpinLockHeld>, Enters<IrqOff>, Trusted("primitive")]
    public void AcquireIrqSave() { }

    [Leaves<SpinLockHeld>, Leaves<IrqOff>, Trusted("primitive")]
    public void ReleaseIrqRestore() { }
}

/// <summary>Spins on every kernel, a real-time one too.</summary>
public sealed class RawTicketLock
{
    public RawTicketGuard Hold() => default;

    [Enters<RawSpinLockHeld>, Trusted("primitive")]
    public void Acquire() { }

    [Leaves<RawSpinLockHeld>, Trusted("primitive")]
    public void Release() { }
}

/// <summary>Becomes a sleeping lock on a real-time kernel.</summary>
public sealed class RtTicketLock
{
    [Might<SleepOnRt>, Trusted("primitive")]
    public TicketGuard Hold() => default;
}

public sealed class SleepingMutex
{
    [Might<Sleep>, Trusted("primitive")]
    public MutexGuard Hold() => default;

    [Might<Sleep>, Trusted("primitive")]
    public void Acquire() { }

    public void Release() { }

    [Never<Sleep>, Trusted("primitive")]
    public bool TryAcquire() => true;
}

public static class Preemption
{
    [Tests<PreemptOff>, Trusted("primitive")]
    public static bool IsOff => false;

    public static int CurrentCpu
    {
        [Requires<PreemptOff>]
        get => 0;
    }

    public static PreemptionGuard Off() => default;

    [Enters<PreemptOff>, Trusted("primitive")]
    public static void Disable() { }

    [Leaves<PreemptOff>, Trusted("primitive")]
    public static void Enable() { }
}

public static class Interrupts
{
    [Tests<IrqOff>, Trusted("primitive")]
    public static bool AreOff => false;

    public static InterruptGuard Off() => default;

    [Enters<IrqOff>, Trusted("primitive")]
    public static void Disable() { }

    [Leaves<IrqOff>, Trusted("primitive")]
    public static void Enable() { }
}

public static class BottomHalves
{
    public static BottomHalfGuard Off() => default;

    [Enters<SoftIrq>, Trusted("primitive")]
    public static void Disable() { }

    [Leaves<SoftIrq>, Trusted("primitive")]
    public static void Enable() { }
}

public static class Rcu
{
    public static ReaderGuard Read() => default;

    [Enters<RcuRead>, Trusted("primitive")]
    public static void EnterRead() { }

    [Leaves<RcuRead>, Trusted("primitive")]
    public static void ExitRead() { }

    [Might<Sleep>, Trusted("primitive")]
    public static void WaitForReaders() { }

    public static void AfterReaders([Deferred, RunsIn<SoftIrq>] Action callback) { }
}

public static class PageFaults
{
    public static PageFaultGuard Off() => default;

    [Enters<FaultsOff>, Trusted("primitive")]
    public static void Disable() { }

    [Leaves<FaultsOff>, Trusted("primitive")]
    public static void Enable() { }
}

public static class GarbageCollection
{
    public static NoGcGuard Off() => default;
}

public static class Scheduler
{
    [Might<Sleep>, Trusted("primitive")]
    public static void Schedule() { }

    [Might<Sleep>, Trusted("primitive")]
    public static void MightSleep() { }

    [Might<Sleep>, Trusted("primitive")]
    public static void Msleep(int milliseconds) { }

    [Never<Sleep>, Trusted("primitive")]
    public static void Udelay(int microseconds) { }

    [Might<CrossCall>, Trusted("primitive")]
    public static void SmpCallFunction([RunsIn<IrqOff>] Action function) { }

    public static void OnTimer([Deferred, RunsIn<SoftIrq>] Action callback) { }
}

public static class UserMemory
{
    [Might<Fault>, Trusted("primitive")]
    public static byte Touch(ulong address) => 0;

    [Might<Fault>, Might<Sleep>, Trusted("primitive")]
    public static int GetUser(ulong address) => 0;

    [Never<Fault>, Never<Sleep>, Trusted("primitive")]
    public static bool TouchNoFault(ulong address) => true;
}

public static class Slab
{
    [Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock), Trusted("primitive")]
    public static object? Allocate(int size, Gfp gfp) => null;

    [Never<Sleep>, Trusted("primitive")]
    public static void Free(object? piece) { }
}

public static class PageAllocator
{
    [Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock), Trusted("primitive")]
    public static ulong AllocatePages(Gfp gfp, int order) => 0;

    [Never<Sleep>, Trusted("primitive")]
    public static void FreePages(ulong pfn, int order) { }
}
