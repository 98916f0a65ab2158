// One CPU: who runs on it, which interrupts wait for it, and the token under which others act for it.
// Context: internal to delivery and scheduling. Locks: everything mutable here is under the scheduler's gate, a lock of the host.
// Invariants: P1 a CPU has at most one task; P2 a claimed CPU runs nothing but its claimant's handler.
using System.Collections.Generic;
using System.Threading;

namespace Mm.Core.Contexts;

/// <summary>A handler of a hard interrupt, an NMI or a call from another CPU.</summary>
/// <param name="task">The token of the CPU on which it runs.</param>
/// <param name="argument">What was given with the handler.</param>
[Mm.Contexts.RunsIn<Mm.Contexts.HardIrq>]
public delegate void InterruptHandler(MachineTask task, object? argument);

/// <summary>An interrupt that waits for its CPU.</summary>
internal sealed class InterruptRequest(InterruptHandler handler, object? argument)
{
    private int _done;

    public InterruptHandler Handler { get; } = handler;

    public object? Argument { get; } = argument;

    /// <summary>What the handler threw, for whoever waits.</summary>
    public System.Exception? Failure { get; set; }

    public bool IsDone => Volatile.Read(ref _done) != 0;

    public void SetDone() => Volatile.Write(ref _done, 1);
}

/// <summary>One CPU of a machine.</summary>
internal sealed class Cpu
{
    private int _softIrqs;

    public Cpu(Machine machine, int index, StateHandle proxyState)
    {
        Index = index;
        Proxy = new MachineTask(machine, 0, "swapper/" + index.ToString(System.Globalization.CultureInfo.InvariantCulture), proxyState, isCpuProxy: true);
        Proxy.State.CpuIndex = index;
    }

    public int Index { get; }

    /// <summary>The token under which a claimant serves this CPU.</summary>
    public MachineTask Proxy { get; }

    /// <summary>The task that runs here, or null.</summary>
    public MachineTask? Current { get; set; }

    /// <summary>True while another thread acts as this CPU.</summary>
    public bool IsClaimed { get; set; }

    public Queue<InterruptRequest> Interrupts { get; } = new();

    public Queue<InterruptRequest> Nmis { get; } = new();

    /// <summary>When the current task got the CPU, in the time provider's ticks.</summary>
    public long BoundAt { get; set; }

    public int PendingSoftIrqs => Volatile.Read(ref _softIrqs);

    public void RaiseSoftIrq(int vector) => Interlocked.Or(ref _softIrqs, 1 << vector);

    public int TakeSoftIrqs() => Interlocked.Exchange(ref _softIrqs, 0);
}
