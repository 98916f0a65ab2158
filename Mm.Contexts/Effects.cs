namespace Mm.Contexts;

/// <summary>Marks a type as an effect: something that a call may do, and that a context may forbid.</summary>
/// <remarks>
/// The built-in effects have no privileges. A type of your own that implements this interface can stand wherever
/// they stand: in <see cref="MightAttribute{TEffect}"/>, <see cref="NeverAttribute{TEffect}"/> and
/// <see cref="ForbidsAttribute{TEffect}"/>. No instance is ever made; only the type's name counts.
/// </remarks>
/// <example>
/// <code><![CDATA[
/// public readonly struct NetworkAccess : IEffect;
///
/// [Might<NetworkAccess>] byte[] Download(Uri address);
/// ]]></code>
/// </example>
public interface IEffect;

/// <summary>The call may give up the CPU: it blocks, waits or schedules.</summary>
/// <remarks>
/// Mutexes, semaphores, timers, file and network I/O have it, and so does everything that calls them.
/// Forbidden by <see cref="PreemptOff"/> and <see cref="RcuRead"/>; reported as MM1001, or as MM1003 where the
/// effect hangs on a flags argument.
/// </remarks>
/// <example><code><![CDATA[[Might<Sleep>] public void WaitForCompletion();]]></code></example>
public readonly struct Sleep : IEffect;

/// <summary>The call may touch memory that is not mapped, so that the page-fault handler must run.</summary>
/// <remarks>
/// Access to user memory and to memory that can be paged out has it. Forbidden by <see cref="PreemptOff"/> and
/// <see cref="FaultsOff"/>; reported as MM1002.
/// </remarks>
/// <example><code><![CDATA[[Might<Fault>] public int ReadUser(ulong address);]]></code></example>
public readonly struct Fault : IEffect;

/// <summary>The call allocates on the managed heap, so that a garbage collection may start.</summary>
/// <remarks>
/// <c>new</c> of a class, array or delegate, boxing, capturing lambdas, string building and the like have it without
/// any annotation. Forbidden by <see cref="NoGc"/>; reported as MM1004.
/// </remarks>
/// <example><code><![CDATA[[Never<Allocate>] public void OnAudioBlock(Span<float> samples);]]></code></example>
public readonly struct Allocate : IEffect;

/// <summary>The call waits until other CPUs have answered an inter-processor interrupt.</summary>
/// <remarks>
/// With interrupts off it can deadlock against a CPU that waits for this one. Forbidden by <see cref="IrqOff"/>;
/// reported as MM1005.
/// </remarks>
/// <example><code><![CDATA[[Might<CrossCall>] public void FlushTlbAll();]]></code></example>
public readonly struct CrossCall : IEffect;

/// <summary>The call may spin on a lock that the interrupted code can hold.</summary>
/// <remarks>
/// In a handler that no mask keeps out, such a spin never ends. Forbidden by <see cref="Nmi"/>; reported as MM1005.
/// </remarks>
/// <example><code><![CDATA[[Might<SpinOnLock>] public void Print(string text);]]></code></example>
public readonly struct SpinOnLock : IEffect;

/// <summary>The call sleeps, but only on a PREEMPT_RT kernel, where an ordinary spin lock is a sleeping lock.</summary>
/// <remarks>
/// Put it on the acquire of such a lock and code below a raw spin lock is found that would break on PREEMPT_RT only.
/// Forbidden by <see cref="RawSpinLockHeld"/>; reported as MM1005.
/// </remarks>
/// <example><code><![CDATA[[Might<SleepOnRt>] public SpinGuard Lock();]]></code></example>
public readonly struct SleepOnRt : IEffect;
