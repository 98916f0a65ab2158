// The order in which lock classes are taken, and in which contexts: what lockdep knows.
// Context: called before every acquire, any context; a look at two bitmaps where nothing is new. Locks: one of the host's, for what is new.
// Invariants: O1 the graph of "taken while held" has no cycle that was not reported; O2 no class is used both in an interrupt and with
//             interrupts on, nor taken before one that is, that was not reported. Reports come once for each cause.
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>How a lock is about to be taken.</summary>
internal readonly record struct Taking(bool Read = false, bool Try = false, bool IrqsOff = false, bool BottomHalvesOff = false);

[Trusted("checks, written by the host, outside of the machine's contexts")]
internal sealed class LockOrder
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LockClass> _classes = [];

    public LockClass ClassOf(string name, bool sleeps)
    {
        lock (_gate)
        {
            if (!_classes.TryGetValue(name, out var kind)) _classes[name] = kind = new LockClass(name, _classes.Count, sleeps);
            return kind;
        }
    }

    /// <summary>The number that tells interrupts of different levels apart: order is judged within one only.</summary>
    public static int ContextOf(MachineTask task) => (task.InHardIrq ? 2 : 0) + (task.InServingSoftIrq ? 1 : 0);

    /// <summary>Checks a lock that is about to be taken; nothing has been done yet.</summary>
    public void Check(MachineTask task, LockClass kind, object instance, Taking how, string file, int line)
    {
        var usage = UsageOf(task, how);
        if (task.InNmi && !how.Try && (kind.Usage & LockUsage.UsedOutsideNmi) != 0)
            LockReports.Inconsistent(task, kind, instance, LockUsage.UsedOutsideNmi, "INITIAL USE", "IN-NMI", file, line);
        if ((kind.Usage & usage) != usage) Mark(task, kind, instance, usage, file, line);
        var held = task.Locks.Entries;
        if (held.IsEmpty) return;
        var context = ContextOf(task);
        for (var i = held.Length - 1; i >= 0; i--)
        {
            ref readonly var outer = ref held[i];
            if (outer.Context != context) break;
            if (outer.Kind == kind)
            {
                if (how.Try || (how.Read && outer.Read && task.InInterrupt)) continue;
                LockReports.Recursive(task, kind, instance, outer, file, line);
                continue;
            }

            if (!how.Try && !outer.Kind.IsKnownBefore(kind)) AddEdge(task, outer, kind, instance, file, line);
        }
    }

    /// <summary>Interrupts go on while locks are held: what was taken with them off is now open to interrupts.</summary>
    public void CheckIrqsGoOn(MachineTask task)
    {
        foreach (var held in task.Locks.Entries)
        {
            var usage = held.Read ? LockUsage.TakenWithHardIrqsOnRead : LockUsage.TakenWithHardIrqsOn;
            if ((held.Kind.Usage & usage) == 0) Mark(task, held.Kind, held.Instance, usage, held.File, held.Line);
        }
    }

    /// <summary>Looks for orders and uses that should have been reported. For tests.</summary>
    /// <returns>A sentence for each, with the invariant's name.</returns>
    public IReadOnlyList<string> Validate()
    {
        var broken = new List<string>();
        lock (_gate)
        {
            foreach (var kind in _classes.Values)
            {
                foreach (var after in kind.After)
                {
                    if (PathBetween(after, kind) is not null) broken.Add($"G13 {kind.Name} is taken before and after {after.Name}");
                }

                if ((kind.Usage & LockUsage.UsedInHardIrq) != 0 && (kind.Usage & LockUsage.TakenWithHardIrqsOn) != 0)
                    broken.Add($"G13 {kind.Name} is taken in interrupts and with interrupts on");
            }
        }

        return broken;
    }

    private static LockUsage UsageOf(MachineTask task, Taking how)
    {
        if (task.InNmi) return LockUsage.None;
        var usage = LockUsage.None;
        if (!how.Try)
        {
            if (task.InHardIrq) usage |= LockUsage.UsedInHardIrq;
            if (task.InServingSoftIrq) usage |= LockUsage.UsedInSoftIrq;
        }

        var irqsOn = !how.IrqsOff && !task.IrqsDisabled;
        if (irqsOn) usage |= LockUsage.TakenWithHardIrqsOn;
        if (irqsOn && !how.BottomHalvesOff && !task.InInterrupt) usage |= LockUsage.TakenWithSoftIrqsOn;
        return (how.Read ? (LockUsage)((int)usage << 1) : usage) | LockUsage.UsedOutsideNmi;
    }

    private void Mark(MachineTask task, LockClass kind, object instance, LockUsage usage, string file, int line)
    {
        LockUsage clash;
        LockUsage added;
        lock (_gate)
        {
            added = usage & ~kind.Usage;
            clash = Clash(added, kind.Usage);
            kind.AddUsage(added, file, line);
        }

        if (clash != 0)
        {
            var (before, now) = NamesOf(added, clash);
            LockReports.Inconsistent(task, kind, instance, clash, before, now, file, line);
            return;
        }

        if (FindIrqInversion() is { } path) LockReports.IrqInversion(task, kind, instance, path, file, line);
    }

    // For each kind of interrupt: "in it" clashes with "with it on", unless both only read.
    private static LockUsage Clash(LockUsage added, LockUsage known)
    {
        foreach (var (used, usedRead, on, onRead) in Levels)
        {
            if ((added & used) != 0 && (known & (on | onRead)) != 0) return known & (on | onRead);
            if ((added & usedRead) != 0 && (known & on) != 0) return on;
            if ((added & on) != 0 && (known & (used | usedRead)) != 0) return known & (used | usedRead);
            if ((added & onRead) != 0 && (known & used) != 0) return used;
        }

        return 0;
    }

    private void AddEdge(MachineTask task, HeldLocks.Entry outer, LockClass kind, object instance, string file, int line)
    {
        List<LockClass>? cycle;
        lock (_gate)
        {
            if (outer.Kind.IsKnownBefore(kind)) return;
            cycle = PathBetween(kind, outer.Kind);
            outer.Kind.AddAfter(kind);
        }

        if (cycle is not null) LockReports.Circular(task, kind, instance, outer, cycle, file, line);
        else if (FindIrqInversion() is { } path) LockReports.IrqOrder(task, kind, instance, outer, path[0], path[^1], file, line);
    }

    /// <summary>A lock that interrupts take must not be held while one is taken that is elsewhere taken with interrupts on.</summary>
    /// <returns>The way from the one to the other, once; null if there is none, or it has been reported.</returns>
    private List<LockClass>? FindIrqInversion()
    {
        lock (_gate)
        {
            foreach (var safe in _classes.Values)
            {
                if ((safe.Usage & LockUsage.UsedInHardIrq) == 0) continue;
                foreach (var unsafeClass in _classes.Values)
                {
                    if (safe == unsafeClass || (unsafeClass.Usage & LockUsage.TakenWithHardIrqsOn) == 0 || _reported.Contains((safe, unsafeClass))) continue;
                    if (PathBetween(safe, unsafeClass) is not { } path) continue;
                    _reported.Add((safe, unsafeClass));
                    return path;
                }
            }
        }

        return null;
    }

    private static List<LockClass>? PathBetween(LockClass from, LockClass to)
    {
        var cameFrom = new Dictionary<LockClass, LockClass?> { [from] = null };
        var open = new Queue<LockClass>();
        open.Enqueue(from);
        while (open.TryDequeue(out var next))
        {
            if (next == to)
            {
                var path = new List<LockClass>();
                for (var step = next; step is not null; step = cameFrom[step]) path.Add(step);
                path.Reverse();
                return path;
            }

            foreach (var later in next.After)
            {
                if (cameFrom.TryAdd(later, next)) open.Enqueue(later);
            }
        }

        return null;
    }

    private readonly HashSet<(LockClass, LockClass)> _reported = [];

    private static readonly (LockUsage Used, LockUsage UsedRead, LockUsage On, LockUsage OnRead)[] Levels =
    [
        (LockUsage.UsedInHardIrq, LockUsage.UsedInHardIrqRead, LockUsage.TakenWithHardIrqsOn, LockUsage.TakenWithHardIrqsOnRead),
        (LockUsage.UsedInSoftIrq, LockUsage.UsedInSoftIrqRead, LockUsage.TakenWithSoftIrqsOn, LockUsage.TakenWithSoftIrqsOnRead),
    ];

    private static (string Before, string Now) NamesOf(LockUsage added, LockUsage clash)
    {
        var clashName = LockReports.NameOf(clash);
        foreach (var (used, usedRead, on, onRead) in Levels)
        {
            if ((clash & (on | onRead)) != 0 && (added & (used | usedRead)) != 0)
                return (clashName, LockReports.NameOf(added & (used | usedRead)));
            if ((clash & (used | usedRead)) != 0 && (added & (on | onRead)) != 0)
                return (clashName, LockReports.NameOf(added & (on | onRead)));
        }

        return (clashName, LockReports.NameOf(added));
    }
}
