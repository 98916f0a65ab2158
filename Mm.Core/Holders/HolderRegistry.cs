// Who holds which page: a map by frame number, with a handler for each holder that gives a page up when its memory is to go.
//
//   SetHold ──► Held ──Release──► Releasing ──handler──► Released: gone, if it is still the same hold · Busy, Failed: Held again
//                └──UnsetHold (same generation only; refused while Releasing)──► gone
//
// Context: lookups anywhere, NMIs included, without a lock; ending a hold anywhere but NMI; the rest in a task (matrix rows 63–67).
// Locks: "page_holder_lock", a spin lock with interrupts off; handlers run without it. Invariants: HR1 a hold ⇒ flag Held and a reference;
// HR2 one handler call at a time for a hold; HR3 a handler's answer ends the hold that it was asked about, and no later one.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Locking;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Holders;

/// <summary>Who holds which pages of an allocator.</summary>
public sealed class HolderRegistry
{
    private const int SectionShift = 9;
    private readonly FrameTable _pages;
    private readonly SpinLock _lock;
    private readonly WaitQueue _changed;
    private readonly Hold?[]?[] _sections;
    private long _generation;
    private int _count;

    internal HolderRegistry(Machine machine, FrameTable pages)
    {
        _pages = pages;
        _lock = new SpinLock(machine, "page_holder_lock");
        _changed = new WaitQueue(machine, "page_holder_wait");
        _sections = new Hold?[]?[((pages.Count - 1) >> SectionShift) + 1];
    }

    /// <summary>How many pages are held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Makes a holder.</summary>
    /// <param name="name">For reports.</param>
    /// <param name="release">Is asked to let pages go; null for a holder who can only be named.</param>
    public PageHolder Register(string name, ReleaseHandler? release = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new PageHolder(name, release);
    }

    /// <summary>Takes a holder away, as when his module is unloaded: waits until no handler of his runs, and ends his holds. He gets no new ones meanwhile.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="holder">The holder.</param>
    [Might<Sleep>]
    public void Unregister(MachineTask task, PageHolder holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        task.MightSleep();
        using (_lock.LockIrqSave(task)) holder.IsLeaving = true;
        _changed.Wait(task, () => CallsOf(task, holder) == 0);
        using (_lock.LockIrqSave(task))
        {
            foreach (var section in _sections)
            {
                if (section is null) continue;
                foreach (var hold in section)
                {
                    if (hold?.Holder == holder) RemoveLocked(hold);
                }
            }
        }
    }

    /// <summary>Says that somebody holds a page.</summary>
    /// <param name="task">The running task, which has a reference to the page.</param>
    /// <param name="page">The page.</param>
    /// <param name="holder">Who.</param>
    /// <param name="replace">True to take the place of another holder; false to fail if there is one.</param>
    [MustCheck, Might<Sleep>]
    public HoldResult SetHold(MachineTask task, Pfn page, PageHolder? holder, bool replace = false)
    {
        task.MightSleep();
        var index = _pages.IndexOf(page);
        if (holder is null) return new HoldResult(HoldError.InvalidHolder, default, null);

        // What must be allocated is, before the lock is taken.
        var section = _sections[index >> SectionShift];
        if (section is null)
        {
            var made = new Hold?[1 << SectionShift];
            section = Interlocked.CompareExchange(ref _sections[index >> SectionShift], made, null) ?? made;
        }

        var hold = new Hold(holder, page, Interlocked.Increment(ref _generation));
        using (_lock.LockIrqSave(task)) return SetLocked(section, hold, replace);
    }

    /// <summary>Ends a hold. Never waits.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="token">What <see cref="SetHold"/> returned.</param>
    [MustCheck, ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public UnsetResult UnsetHold(MachineTask task, HoldToken token)
    {
        if (RuntimeChecks.Enabled && task.InNmi) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        if (token.Hold is not { } hold) return UnsetResult.Stale;
        using (_lock.LockIrqSave(task))
        {
            if (Find(hold.Page) != hold) return UnsetResult.Stale;
            if (hold.IsReleasing) return UnsetResult.Releasing;
            RemoveLocked(hold);
            return UnsetResult.Removed;
        }
    }

    /// <summary>Ends a hold, and waits for a handler that is just being asked about it.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="token">What <see cref="SetHold"/> returned.</param>
    /// <returns>False if it had ended before, or the handler ended it.</returns>
    [MustCheck, Might<Sleep>]
    public bool UnsetHoldAndWait(MachineTask task, HoldToken token)
    {
        var result = UnsetResult.Releasing;
        _changed.Wait(task, () => (result = UnsetHold(task, token)) != UnsetResult.Releasing);
        return result == UnsetResult.Removed;
    }

    /// <summary>Asks the holder of a page to let it go.</summary>
    /// <param name="task">The running task, holding no spin lock.</param>
    /// <param name="page">The page; the caller need not refer to it.</param>
    [MustCheck, Might<Sleep>]
    public ReleaseOutcome Release(MachineTask task, Pfn page)
    {
        task.MightSleep();
        if (!_pages.TryGet(page)) return ReleaseOutcome.Gone;
        try
        {
            Hold? hold;
            using (_lock.LockIrqSave(task))
            {
                hold = Find(page);
                if (hold is null) return ReleaseOutcome.NoHolder;
                if (hold.IsReleasing || hold.Holder.IsLeaving) return ReleaseOutcome.Busy;
                if (!hold.Holder.CanRelease) return ReleaseOutcome.HeldNoRelease;
                hold.IsReleasing = true;
                hold.Holder.Calls++;
            }

            return Ask(task, hold);
        }
        finally
        {
            _pages.Put(task, page);
        }
    }

    /// <summary>Who holds a page, or null. Any context; the answer may be old at once.</summary>
    /// <param name="page">The page.</param>
    public PageHolder? HolderOf(Pfn page) => Find(page)?.Holder;

    /// <summary>How many pages of a range are held.</summary>
    /// <param name="range">The range.</param>
    public int CountIn(FrameRange range)
    {
        var count = 0;
        for (var i = 0; i < range.Count; i++) count += Find(range.First.Plus(i)) is null ? 0 : 1;
        return count;
    }

    [Might<Sleep>]
    private ReleaseOutcome Ask(MachineTask task, Hold hold)
    {
        var answer = ReleaseAnswer.Failed;
        try
        {
            answer = hold.Holder.Release!(task, hold.Page);
        }
        finally
        {
            using (_lock.LockIrqSave(task))
            {
                hold.IsReleasing = false;
                hold.Holder.Calls--;
                if (answer == ReleaseAnswer.Released && Find(hold.Page) == hold) RemoveLocked(hold);
            }

            if (_changed.IsActive) _changed.WakeAll(task);
        }

        return answer switch
        {
            ReleaseAnswer.Released => ReleaseOutcome.Released,
            ReleaseAnswer.Busy => ReleaseOutcome.Busy,
            _ => ReleaseOutcome.Failed,
        };
    }

    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private HoldResult SetLocked(Hold?[] section, Hold hold, bool replace)
    {
        if (hold.Holder.IsLeaving) return new HoldResult(HoldError.InvalidHolder, default, null);
        if (_pages.ReferenceCount(hold.Page) <= 0) return new HoldResult(HoldError.NoReference, default, null);
        var other = Find(hold.Page);
        if (other is not null && other.IsReleasing) return new HoldResult(HoldError.Releasing, default, other.Holder);
        if (other is not null && !replace) return new HoldResult(HoldError.HeldBy, default, other.Holder);
        if (other is null)
        {
            _pages.SetHeld(hold.Page, true);
            _count++;
        }

        Volatile.Write(ref section[_pages.IndexOf(hold.Page) & ((1 << SectionShift) - 1)], hold);
        return new HoldResult(HoldError.None, new HoldToken(hold), other?.Holder);
    }

    [Requires<SpinLockHeld>, Requires<IrqOff>]
    private void RemoveLocked(Hold hold)
    {
        var index = _pages.IndexOf(hold.Page);
        Volatile.Write(ref _sections[index >> SectionShift]![index & ((1 << SectionShift) - 1)], null);
        _pages.SetHeld(hold.Page, false);
        _count--;
    }

    /// <summary>Looks for holds without their flag. For a registry that nobody is changing.</summary>
    internal void Validate(System.Collections.Generic.List<string> broken)
    {
        var count = 0;
        for (var i = 0; i < _pages.Count; i++)
        {
            var page = _pages.PfnAt(i);
            var isHeld = Find(page) is not null;
            count += isHeld ? 1 : 0;
            if (isHeld != ((_pages.Flags(page) & PageFlags.Held) != 0)) broken.Add($"HR1 page {page} has a hold or the flag, and not both");
        }

        if (count != Count) broken.Add($"HR1 {Count} holds are counted and there are {count}");
    }

    private int CallsOf(MachineTask task, PageHolder holder)
    {
        using (_lock.LockIrqSave(task)) return holder.Calls;
    }

    private Hold? Find(Pfn page)
    {
        var index = _pages.IndexOf(page);
        return Volatile.Read(ref _sections[index >> SectionShift]) is { } section ? Volatile.Read(ref section[index & ((1 << SectionShift) - 1)]) : null;
    }
}
