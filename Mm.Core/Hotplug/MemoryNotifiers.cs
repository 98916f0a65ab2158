// Those who want to know when memory goes or comes, and may say no.
// Context: called in a task, with "mem_hotplug_lock" held for writing: a notifier must not take it again (matrix row 72). May sleep.
// Invariants: N1 who was told "going" is told "gone" or "cancelled". Source: mm/memory_hotplug.c, memory_notify, 6.1.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Hotplug;

/// <summary>What is going to happen, or has.</summary>
public enum MemoryEvent
{
    /// <summary>Memory is going; may be refused.</summary>
    GoingOffline,

    /// <summary>It has gone.</summary>
    Offline,

    /// <summary>It stays after all.</summary>
    CancelOffline,

    /// <summary>Memory is coming; may be refused.</summary>
    GoingOnline,

    /// <summary>It is there.</summary>
    Online,

    /// <summary>It does not come after all.</summary>
    CancelOnline,
}

/// <summary>Is told of memory that goes or comes.</summary>
/// <param name="task">The running task.</param>
/// <param name="what">What.</param>
/// <param name="range">Which frames.</param>
/// <returns>False to refuse, where that can be.</returns>
[Might<Sleep>]
public delegate bool MemoryNotifier(MachineTask task, MemoryEvent what, FrameRange range);

internal sealed class NotifierChain
{
    private readonly List<(int Priority, MemoryNotifier Notifier)> _all = [];

    public void Add(MemoryNotifier notifier, int priority)
    {
        var at = _all.FindIndex(other => other.Priority < priority);
        _all.Insert(at < 0 ? _all.Count : at, (priority, notifier));
    }

    public void Remove(MemoryNotifier notifier) => _all.RemoveAll(other => other.Notifier == notifier);

    /// <summary>Asks all, until one refuses.</summary>
    /// <returns>How many were asked, the one who refused included; −1 if none did.</returns>
    [Might<Sleep>]
    public int Ask(MachineTask task, MemoryEvent what, FrameRange range)
    {
        for (var i = 0; i < _all.Count; i++)
        {
            if (!_all[i].Notifier(task, what, range)) return i + 1;
        }

        return -1;
    }

    /// <summary>Tells the first ones.</summary>
    [Might<Sleep>]
    public void Tell(MachineTask task, MemoryEvent what, FrameRange range, int count)
    {
        for (var i = 0; i < _all.Count && i < count; i++) _ = _all[i].Notifier(task, what, range);
    }
}
