// "It is done": one side waits, the other says so, in either order.
// Context: waiting in a task only; completing from anywhere but an NMI. Locks: those of its wait queue.
// Invariants: CO1 each Complete lets exactly one wait through; CO2 CompleteAll lets all through, for ever.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>Waits for something to be done.</summary>
/// <param name="machine">The machine.</param>
/// <param name="name">For reports.</param>
[Trusted("primitive")]
public sealed class Completion(Machine machine, string name)
{
    private const int ForAll = int.MaxValue / 2;
    private readonly WaitQueue _queue = new(machine, name);
    private int _done;

    /// <summary>True if a wait would not sleep, at this moment.</summary>
    public bool IsDone => Volatile.Read(ref _done) > 0;

    /// <summary>Sleeps until it is done, and uses up one <see cref="Complete"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public void Wait(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _queue.Wait(task, TryTake, file, line);

    /// <summary>Sleeps until it is done or the time is over.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>True if it was done.</returns>
    [Might<Sleep>, MustCheck]
    public bool Wait(MachineTask task, TimeSpan timeout, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _queue.Wait(task, TryTake, timeout, file, line);

    /// <summary>Uses up one <see cref="Complete"/> if there is one. Never sleeps.</summary>
    [MustCheck]
    public bool TryTake()
    {
        while (true)
        {
            var done = Volatile.Read(ref _done);
            if (done == 0) return false;
            if (done >= ForAll || Interlocked.CompareExchange(ref _done, done - 1, done) == done) return true;
        }
    }

    /// <summary>Lets one wait through.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void Complete(MachineTask task)
    {
        if (Volatile.Read(ref _done) < ForAll) Interlocked.Increment(ref _done);
        _queue.WakeOne(task);
    }

    /// <summary>Lets all waits through, those to come included, until <see cref="Reset"/>.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void CompleteAll(MachineTask task)
    {
        Volatile.Write(ref _done, ForAll);
        _queue.WakeAll(task);
    }

    /// <summary>Nothing is done any more. Nobody may be waiting.</summary>
    public void Reset() => Volatile.Write(ref _done, 0);
}
