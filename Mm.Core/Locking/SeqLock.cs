// Readers that never wait for each other nor keep a writer out: they read again if a writer came by.
// Context: readers anywhere, NMI included where they only try; writers as a spin lock. Locks: one spin lock among writers.
// Invariants: SQ1 the sequence is odd exactly while a writer writes.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>A lock whose readers read again instead of waiting.</summary>
/// <param name="machine">The machine.</param>
/// <param name="name">The name of its class.</param>
[Trusted("primitive")]
public sealed class SeqLock(Machine machine, string name)
{
    private readonly SpinLock _writers = new(machine, name);
    private uint _sequence;

    /// <summary>Begins a read. Spins while a writer writes.</summary>
    /// <param name="task">The running task.</param>
    /// <returns>For <see cref="ReadMustRetry"/>.</returns>
    [Might<SpinOnLock>, MustCheck]
    public uint BeginRead(MachineTask task)
    {
        var spins = 0;
        while (true)
        {
            var sequence = Volatile.Read(ref _sequence);
            if ((sequence & 1) == 0) return sequence;
            task.Relax(ref spins);
        }
    }

    /// <summary>True if a writer came by since <see cref="BeginRead"/>: what was read must be thrown away and read again.</summary>
    /// <param name="sequence">What <see cref="BeginRead"/> returned.</param>
    [MustCheck]
    public bool ReadMustRetry(uint sequence)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _sequence) != sequence;
    }

    /// <summary>Writes until the guard is disposed of; interrupts are off, so that a reader in an interrupt cannot spin for ever.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<SpinOnLock>, Might<SleepOnRt>]
    public SeqWriteGuard Write(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var flags = _writers.AcquireIrqSave(task, file, line);
        Volatile.Write(ref _sequence, _sequence + 1);
        Interlocked.MemoryBarrier();
        return new SeqWriteGuard(this, task, flags);
    }

    internal void EndWrite(MachineTask task, IrqFlags flags)
    {
        Volatile.Write(ref _sequence, _sequence + 1);
        _writers.ReleaseIrqRestore(task, flags);
    }
}

/// <summary>A writer writes, with interrupts off.</summary>
[Scope<SpinLockHeld>, Scope<IrqOff>]
public readonly ref struct SeqWriteGuard
{
    private readonly SeqLock _lock;
    private readonly MachineTask _task;
    private readonly IrqFlags _flags;

    internal SeqWriteGuard(SeqLock taken, MachineTask task, IrqFlags flags)
    {
        _lock = taken;
        _task = task;
        _flags = flags;
    }

    /// <summary>Ends the write.</summary>
    [Trusted("primitive")]
    public void Dispose() => _lock.EndWrite(_task, _flags);
}
