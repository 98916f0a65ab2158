// Tasks that wait until somebody says that something has changed.
// Context: waiting in a task only (it sleeps); waking from anywhere but an NMI. Locks: one raw spin lock with interrupts off, innermost.
// Invariants: WQ1 who tests its condition after it was queued misses no wake-up. Fairness: first come, first woken.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>A queue of tasks that wait.</summary>
[Trusted("primitive")]
public sealed class WaitQueue
{
    private readonly RawSpinLock _lock;
    private readonly LinkedList<MachineTask> _waiters = new();

    /// <summary>Makes an empty queue.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="name">For reports.</param>
    public WaitQueue(Machine machine, string name) => _lock = new RawSpinLock(machine, name + "->wait");

    /// <summary>True if somebody waits, at this moment.</summary>
    public bool IsActive => _waiters.Count != 0;

    /// <summary>Sleeps until a condition holds, which is tested at first and after each wake-up.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="condition">Tested in this task, outside of the queue's lock.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Might<Sleep>]
    public void Wait(MachineTask task, Func<bool> condition, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(condition);
        task.MightSleep(file, line);
        while (!condition())
        {
            var node = Enqueue(task);
            try
            {
                // The condition may take what it finds, so it is not asked again once it held.
                if (condition()) return;
                task.Schedule();
            }
            finally
            {
                task.FinishWait();
                Dequeue(task, node);
            }
        }
    }

    /// <summary>Sleeps until a condition holds or the time is over.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="condition">Tested in this task, outside of the queue's lock.</param>
    /// <param name="timeout">How long to wait at most; zero tests once.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>Whether the condition holds.</returns>
    [Might<Sleep>]
    public bool Wait(MachineTask task, Func<bool> condition, TimeSpan timeout, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(condition);
        task.MightSleep(file, line);
        var isOver = false;
        var holds = false;
        var timer = new MachineTimer(task.Machine, "wait timeout", _ =>
        {
            isOver = true;
            task.Wake();
        });
        timer.Arm(task, timeout);
        Wait(task, () => (holds = condition()) || System.Threading.Volatile.Read(ref isOver), file, line);
        timer.Cancel();
        return holds;
    }

    /// <summary>Wakes the first that waits.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void WakeOne(MachineTask task) => Wake(task, 1);

    /// <summary>Wakes all that wait.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void WakeAll(MachineTask task) => Wake(task, int.MaxValue);

    private LinkedListNode<MachineTask> Enqueue(MachineTask task)
    {
        LinkedListNode<MachineTask> node;
        using (_lock.LockIrqSave(task))
        {
            task.PrepareToWait();
            node = _waiters.AddLast(task);
        }

        // Who changes what is waited for looks for waiters afterwards; who waits is seen before he looks at the condition.
        System.Threading.Interlocked.MemoryBarrier();
        return node;
    }

    private void Dequeue(MachineTask task, LinkedListNode<MachineTask> node)
    {
        using (_lock.LockIrqSave(task))
        {
            if (node.List is not null) _waiters.Remove(node);
        }
    }

    private void Wake(MachineTask task, int count)
    {
        using (_lock.LockIrqSave(task))
        {
            while (count-- > 0 && _waiters.First is { } first)
            {
                _waiters.RemoveFirst();
                first.Value.Wake();
            }
        }
    }
}
