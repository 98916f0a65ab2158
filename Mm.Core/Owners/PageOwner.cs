// Somebody to whom pages belong: what he is told at the last put of each, and how many he has.
// Context: the callback runs wherever the last put was, hard interrupts included (matrix row 40): it must not sleep, takes interrupt-safe
//          locks only, holds no lock of the allocator, and may put other pages but not this one. Counters: anywhere.
// Invariants: OW1 live pages are those that carry his number; OW2 one call for each last put. Lifetime: Register to Unregister.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Owners;

/// <summary>What an owner has done with a page at its last put.</summary>
public enum PageFate
{
    /// <summary>Nothing that can be told: a bug, and the page goes into quarantine.</summary>
    Unknown = 0,

    /// <summary>The page is in its owner's hands, without references, or given out by him again.</summary>
    Taken,

    /// <summary>The owner gives it up: it is the page allocator's from now on, and free.</summary>
    ToAllocator,
}

/// <summary>Receives a page that nobody refers to any more.</summary>
/// <param name="task">The running task, in whatever context the last put was.</param>
/// <param name="page">The page, or the first of a compound page; its count is 0.</param>
/// <param name="order">The binary logarithm of the number of pages.</param>
/// <returns>What became of it.</returns>
[Never<Sleep>, Might<SpinOnLock>]
public delegate PageFate LastPutHandler(MachineTask task, Pfn page, int order);

/// <summary>An owner of pages.</summary>
public sealed class PageOwner
{
    private long _livePages;
    private long _lastPuts;
    private long _givenUp;
    private long _quarantined;
    private int _calls;

    internal PageOwner(string name, byte id, LastPutHandler onLastPut)
    {
        Name = name;
        Id = id;
        OnLastPut = onLastPut;
    }

    /// <summary>His name, for reports.</summary>
    public string Name { get; }

    /// <summary>His number in the descriptors, 1 to 255.</summary>
    public byte Id { get; }

    /// <summary>How many pages are his.</summary>
    public long LivePages => Volatile.Read(ref _livePages);

    /// <summary>How many times a page of his came home.</summary>
    public long LastPuts => Volatile.Read(ref _lastPuts);

    /// <summary>How many pages he gave to the page allocator at their last put.</summary>
    public long GivenUpPages => Volatile.Read(ref _givenUp);

    /// <summary>How many pages of his were found broken at their last put.</summary>
    public long QuarantinedPages => Volatile.Read(ref _quarantined);

    /// <summary>True from the beginning of <see cref="OwnerRegistry.Unregister"/> on: he gets no more pages.</summary>
    public bool IsLeaving { get; internal set; }

    /// <summary>True if nothing of his is left and no call to him is under way. The pages are looked at first: a call gives up its page before it ends.</summary>
    internal bool IsGone => LivePages == 0 && Volatile.Read(ref _calls) == 0;

    internal LastPutHandler OnLastPut { get; }

    internal void Add(int pages) => Interlocked.Add(ref _livePages, pages);

    internal void BeginCall()
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _lastPuts);
    }

    internal void EndCall() => Interlocked.Decrement(ref _calls);

    internal void CountGivenUp(int pages) => Interlocked.Add(ref _givenUp, pages);

    internal void CountQuarantined(int pages) => Interlocked.Add(ref _quarantined, pages);
}
