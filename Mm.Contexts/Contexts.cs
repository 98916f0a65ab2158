namespace Mm.Contexts;

/// <summary>Marks a type as a context: a condition under which code runs, and that may forbid effects.</summary>
/// <remarks>
/// The built-in contexts have no privileges. A type of your own that implements this interface can stand wherever
/// they stand. What it forbids is said by <see cref="ForbidsAttribute{TEffect}"/>, which other contexts it brings
/// along by <see cref="ImpliesAttribute{TContext}"/>; a context that forbids nothing is still good for
/// <see cref="RequiresAttribute{TContext}"/> and <see cref="ForbiddenInAttribute{TContext}"/>: a boot phase, a thread,
/// an architecture. No instance is ever made; only the type's name counts.
/// </remarks>
/// <example>
/// <code><![CDATA[
/// [Forbids<Sleep>, Forbids<Allocate>]
/// public readonly struct AudioCallback : IContext;
///
/// public readonly struct SegmentListReady : IContext;
/// ]]></code>
/// </example>
public interface IContext;

/// <summary>Preemption is off: the scheduler must not run, so the code can neither sleep nor take a page fault.</summary>
/// <remarks>Most other atomic contexts imply it.</remarks>
/// <example><code><![CDATA[[Requires<PreemptOff>] public int ProcessorId();]]></code></example>
[Forbids<Sleep>, Forbids<Fault>]
public readonly struct PreemptOff : IContext;

/// <summary>A spin lock is held. Who spins on it burns a CPU until the holder is done, so the holder must not sleep.</summary>
/// <example><code><![CDATA[[Scope<SpinLockHeld>] public readonly ref struct SpinGuard { public void Dispose(); }]]></code></example>
[Implies<PreemptOff>]
public readonly struct SpinLockHeld : IContext;

/// <summary>A raw spin lock is held: one that spins on PREEMPT_RT too, so that no ordinary spin lock may be taken below it.</summary>
/// <example><code><![CDATA[[Scope<RawSpinLockHeld>] public readonly ref struct RawSpinGuard { public void Dispose(); }]]></code></example>
[Forbids<SleepOnRt>, Implies<PreemptOff>]
public readonly struct RawSpinLockHeld : IContext;

/// <summary>The code runs in a soft interrupt handler, or with bottom halves off.</summary>
/// <example><code><![CDATA[[RunsIn<SoftIrq>] void OnTimer();]]></code></example>
[Implies<PreemptOff>]
public readonly struct SoftIrq : IContext;

/// <summary>Interrupts are off on this CPU, so waiting for other CPUs may deadlock.</summary>
/// <example><code><![CDATA[[Enters<IrqOff>] public void DisableInterrupts();]]></code></example>
[Forbids<CrossCall>, Implies<PreemptOff>]
public readonly struct IrqOff : IContext;

/// <summary>The code runs in a hardware interrupt handler.</summary>
/// <example><code><![CDATA[[RunsIn<HardIrq>] void OnInterrupt(int line);]]></code></example>
[Implies<IrqOff>]
public readonly struct HardIrq : IContext;

/// <summary>The code runs in a non-maskable interrupt, which may have interrupted the holder of any lock.</summary>
/// <example><code><![CDATA[[RunsIn<Nmi>] void OnWatchdog();]]></code></example>
[Forbids<SpinOnLock>, Implies<HardIrq>]
public readonly struct Nmi : IContext;

/// <summary>Page faults are not handled: a fault is reported to the caller instead. Sleeping is still allowed.</summary>
/// <example><code><![CDATA[[Scope<FaultsOff>] public readonly ref struct FaultsOffGuard { public void Dispose(); }]]></code></example>
[Forbids<Fault>]
public readonly struct FaultsOff : IContext;

/// <summary>The code is in an RCU read-side section: what it reads may be freed as soon as it sleeps.</summary>
/// <example><code><![CDATA[[Requires<RcuRead>] Route? Lookup(uint address);]]></code></example>
[Forbids<Sleep>]
public readonly struct RcuRead : IContext;

/// <summary>The code must not allocate on the managed heap, because no collection may start here.</summary>
/// <example><code><![CDATA[[RunsIn<NoGc>] void OnLowMemory();]]></code></example>
[Forbids<Allocate>]
public readonly struct NoGc : IContext;
