// Ending ranges, wherever the last user happens to be. mm/vmalloc.c: vfree, vfree_atomic, vunmap.
//
//   task: at once · soft or hard interrupt: put on a list, and a worker frees it · section of a task: a bug, it would sleep · NMI: a bug
//
// in_interrupt() is true with bottom halves merely off: so a free there is put off and legal, while one under a spin lock is a bug.
// Context: matrix rows 45, 50–52. Locks: none on the way to the list, a stack that is taken as a whole.
// Invariants: KF1 a range ends once; KF2 what was put off stays mapped until it is done. Lifetime: the list is emptied by FlushDeferred.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;

namespace Mm.Core.Vmalloc;

public sealed partial class KernelRanges
{
    private readonly WaitQueue _freeWait;
    private KernelRange? _deferred;
    private bool _isStopped;

    /// <summary>How many ranges wait to be freed.</summary>
    public int DeferredCount
    {
        get
        {
            var count = 0;
            for (var range = Volatile.Read(ref _deferred); range is not null; range = range.Next) count++;
            return count;
        }
    }

    /// <summary>Ends a range. From a soft or hard interrupt, or with bottom halves off, it is put off until <see cref="FreeInBackground"/> or <see cref="FlushDeferred"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">The range.</param>
    /// <remarks>
    /// Traps: the sleeping function's, under a spin lock, with preemption or interrupts off; <c>kernel BUG: BUG_ON(in_nmi())</c>;
    /// <c>Trying to vfree() nonexistent vm area</c> for a range that has ended or is another's.
    /// </remarks>
    [Might<Sleep>, Might<SpinOnLock>]
    public void Free(MachineTask task, KernelRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportBug(task, "BUG_ON(in_nmi())");
        if (task.InInterrupt)
        {
            Defer(task, range);
            return;
        }

        task.MightSleep();
        if (!CheckRange(task, range, "vfree") || !range.TryEnd()) return;
        Finish(task, range, range.PageCount);
    }

    /// <summary>Ends a range later, from any context but an NMI. Until then it stays mapped.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">The range.</param>
    [ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public void FreeAtomic(MachineTask task, KernelRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportBug(task, "BUG_ON(in_nmi())");
        Defer(task, range);
    }

    /// <summary>Ends a range of pages that are not its own.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">The range.</param>
    /// <remarks>Traps: <c>kernel BUG: BUG_ON(in_interrupt())</c>; the sleeping function's.</remarks>
    [Might<Sleep>]
    public void Unmap(MachineTask task, KernelRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        CheckCaller(task, range.PageCount);
        if (range.Kind == KernelRangeKind.Allocated) throw new ArgumentException("The pages of the range are its own: free it, or they are lost.", nameof(range));
        if (!CheckRange(task, range, "vunmap") || !range.TryEnd()) return;
        Finish(task, range, range.PageCount);
    }

    /// <summary>Ends a range that was reserved, and makes sure that it is the one which its addresses belong to.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="range">The range.</param>
    /// <remarks>Trap: <c>kernel BUG: BUG_ON(ret != area)</c>.</remarks>
    [Might<Sleep>]
    public void Release(MachineTask task, KernelRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        CheckCaller(task, range.PageCount);
        if (!ReferenceEquals(Find(task, range.Start), range) || !range.TryEnd()) TrapTexts.ReportBug(task, "BUG_ON(ret != area)");
        Finish(task, range, range.PageCount);
    }

    /// <summary>Frees what is put off, as soon as it is, until <see cref="StopFreeing"/>: the body of a task.</summary>
    /// <param name="task">The running task.</param>
    /// <example><code>machine.Start("vfree", ranges.FreeInBackground);</code></example>
    [Might<Sleep>]
    public void FreeInBackground(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (true)
        {
            _freeWait.Wait(task, () => Volatile.Read(ref _isStopped) || Volatile.Read(ref _deferred) is not null);
            _ = FlushDeferred(task);
            if (Volatile.Read(ref _isStopped)) return;
        }
    }

    /// <summary>Ends <see cref="FreeInBackground"/>, wherever it runs, once what is put off now is freed.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void StopFreeing(MachineTask task)
    {
        Volatile.Write(ref _isStopped, true);
        _freeWait.WakeAll(task);
    }

    /// <summary>Frees what was put off: the worker's side, or that of one who will not wait for it.</summary>
    /// <param name="task">The running task.</param>
    /// <returns>How many ranges.</returns>
    [Might<Sleep>]
    public int FlushDeferred(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        var count = 0;
        for (var range = Interlocked.Exchange(ref _deferred, null); range is not null; count++)
        {
            var next = range.Next;
            Finish(task, range, range.PageCount);
            range = next;
        }

        return count;
    }

    /// <summary>Ends the region. There must be no range left but those whose free was put off.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>]
    public void Dispose(MachineTask task)
    {
        FlushDeferred(task);
        Trim(task);
        _machine.Rcu.Barrier(task);
        _window.Dispose();
    }

    [Might<SpinOnLock>]
    private void Defer(MachineTask task, KernelRange range)
    {
        if (!CheckRange(task, range, "vfree") || !range.TryEnd()) return;
        while (true)
        {
            var head = Volatile.Read(ref _deferred);
            range.Next = head;
            if (Interlocked.CompareExchange(ref _deferred, range, head) == head) break;
        }

        if (_freeWait.IsActive) _freeWait.WakeOne(task);
    }

    private bool CheckRange(MachineTask task, KernelRange range, string what)
    {
        if (!range.HasEnded && range.Owner == this) return true;
        TrapTexts.ReportWarning(task, TrapTexts.Format($"Trying to {what}() nonexistent vm area ({range.Start})"));
        return false;
    }

    [Might<Sleep>]
    private void Finish(MachineTask task, KernelRange range, int mapped)
    {
        if (range.Kind != KernelRangeKind.Reserved && mapped != 0)
        {
            for (var i = 0; i < mapped; i++) SetEntry(task, range.Start.PlusPages(i), default);
            _window.Unmap(PageOf(range.Start), mapped);
        }

        ReleaseAddresses(task, range);

        // Whoever walked to the entries without a lock is gone before the pages can be somebody else's. Nobody waits for that here.
        if (range.Kind == KernelRangeKind.Allocated) _machine.Rcu.Call(task, later => FreeFrames(later, range.Frames));
    }
}
