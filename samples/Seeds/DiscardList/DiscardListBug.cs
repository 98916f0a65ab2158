// 2005, linux-kernel, "Page host virtual assist": Martin Schwidefsky queues pages that the host has discarded, and frees
// them once every CPU has been seen with interrupts on, because a fault handler may still be looking at them.
// The patch lets go of the list's lock before it asks the other CPUs. Written the other way round it can hang: a CPU that
// waits for the lock with interrupts off never answers. "This lock forbids CrossCall" is a context of the author's own.
// The other bugs here are one slip away from the patch, or in its fault handler: a missing put_cpu_var, a lost guard.
using System.Collections.Generic;
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.DiscardList.Bug;

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
    private readonly List<Page> _discarded = new();
    private readonly PerCpu<List<Page>> _vectors = new(new List<Page>());

    /// <summary>Queues a page. Returns early, with preemption off, as long as this CPU's vector is not full.</summary>
    public void Add(Page page)
    {
        List<Page> vector = _vectors.Get();
        vector.Add(page);
        if (vector.Count < VectorSize)
            return; // MM2001
        using (_discardLock.Lock())
            _discarded.AddRange(vector);
        vector.Clear();
        _vectors.Put();
    }

    /// <summary>Frees what is queued. Called when memory is short.</summary>
    public int Shrink()
    {
        using (_discardLock.Lock())
        {
            WaitUntilNobodyLooks(); // MM1005
            int freed = _discarded.Count;
            _discarded.Clear();
            return freed;
        }
    }

    private static void WaitUntilNobodyLooks() => CrossCalls.CallOthers(static () => { });

    public int Count()
    {
        _discardLock.Lock(); // MM2004
        return _discarded.Count;
    }
}

public sealed class DiscardFault
{
    private readonly Mutex _pageLock = new();

    /// <summary>The host delivers the fault with interrupts off, and they must stay off until there is a reference.</summary>
    [RunsIn<IrqOff>]
    public void Handle(Page page)
    {
        if (!page.TryGetReference()) return;
        Discard(page); // MM1001
        page.ReferenceCount--;
    }

    private void Discard(Page page)
    {
        using (_pageLock.Lock())
            page.Flags |= PageFlags.Discarded;
    }
}
