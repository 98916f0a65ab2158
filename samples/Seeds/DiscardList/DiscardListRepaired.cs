// The repair: the list is taken over under its lock, the other CPUs are asked without it, as in the patch; every path puts
// the per-CPU vector back; and the fault handler only takes its reference with interrupts off, while the discard itself,
// which waits for the page lock, is queued to run where sleeping is allowed.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.DiscardList.Repaired;

/// <summary>The lock of the discard list is held. Interrupt handlers take it too.</summary>
[Implies<SpinLockHeld>, Forbids<CrossCall>]
public readonly struct DiscardListLocked : IContext;

[Scope<DiscardListLocked>]
public readonly ref struct DiscardGuard
{
    public void Dispose() { }
}

public sealed class DiscardLock
{
    public DiscardGuard Lock() => default;
}

public sealed class DiscardList
{
    private const int VectorSize = 14;

    private readonly DiscardLock _discardLock = new();
    private readonly PerCpu<List<Page>> _vectors = new(new List<Page>());
    private List<Page> _discarded = new();

    public void Add(Page page)
    {
        List<Page> vector = _vectors.Get();
        vector.Add(page);
        if (vector.Count >= VectorSize)
        {
            using (_discardLock.Lock())
                _discarded.AddRange(vector);
            vector.Clear();
        }

        _vectors.Put();
    }

    public int Shrink()
    {
        List<Page> taken;
        using (_discardLock.Lock())
        {
            taken = _discarded;
            _discarded = new List<Page>();
        }

        if (taken.Count == 0) return 0;
        WaitUntilNobodyLooks();
        return taken.Count;
    }

    private static void WaitUntilNobodyLooks() => CrossCalls.CallOthers(static () => { });

    public int Count()
    {
        using (_discardLock.Lock())
            return _discarded.Count;
    }
}

/// <summary>Runs work later, in a thread that may sleep.</summary>
public sealed class WorkQueue
{
    private readonly Queue<Action> _work = new();

    public void Add([Deferred] Action work) => _work.Enqueue(work);
}

public sealed class DiscardFault(WorkQueue later)
{
    private readonly Mutex _pageLock = new();

    [RunsIn<IrqOff>]
    public void Handle(Page page)
    {
        if (!page.TryGetReference()) return;
        later.Add(() => Discard(page));
    }

    private void Discard(Page page)
    {
        using (_pageLock.Lock())
        {
            page.Flags |= PageFlags.Discarded;
            page.ReferenceCount--;
        }
    }
}
