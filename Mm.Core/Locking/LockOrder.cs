// The order in which lock classes are taken, and in which contexts: what lockdep knows.
// Context: called before every acquire, any context; a look at two bitmaps where nothing is new. Locks: one of the host's, for what is new.
// Invariants: O1 the graph of "taken while held" has no cycle that was not reported; O2 no class is used both in interrupts of a kind,
//             hard or soft, and with that kind on, nor taken before one that is, that was not reported. Reports come once for each cause.
using System;
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

            var order = Order.Of(outer, how.Read && task.InInterrupt);
            if (!how.Try && !outer.Kind.IsKnownBefore(kind, order)) AddEdge(task, outer, kind, instance, order, file, line);
        }
    }

    /// <summary>Interrupts go on while locks are held: what was taken with them off is now open to interrupts, and to soft ones too if these are on.</summary>
    public void CheckIrqsGoOn(MachineTask task) =>
        MarkHeld(task, task.InInterrupt ? LockUsage.TakenWithHardIrqsOn : LockUsage.TakenWithHardIrqsOn | LockUsage.TakenWithSoftIrqsOn);

    /// <summary>Bottom halves go on while locks are held, with interrupts on: what was taken with them off is now open to soft interrupts.</summary>
    public void CheckBottomHalvesGoOn(MachineTask task) => MarkHeld(task, LockUsage.TakenWithSoftIrqsOn);

    private void MarkHeld(MachineTask task, LockUsage usage)
    {
        foreach (var held in task.Locks.Entries)
        {
            var its = held.Read ? (LockUsage)((int)usage << 1) : usage;
            if ((held.Kind.Usage & its) != its) Mark(task, held.Kind, held.Instance, its, held.File, held.Line);
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
                foreach (var after in kind.After.Keys)
                {
                    if (PathBetween(after, kind) is not null) broken.Add($"G13 {kind.Name} is taken before and after {after.Name}");
                }

                foreach (var level in IrqLevel.All)
                {
                    if ((kind.Usage & level.Used) != 0 && (kind.Usage & level.On) != 0) broken.Add($"G13 {kind.Name} is taken in {level.Interrupts} and with {level.Interrupts} on");
                }
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

        foreach (var level in IrqLevel.All)
        {
            if (FindIrqInversion(level, path => path[0] == kind || path[^1] == kind) is { } path) LockReports.IrqInversion(task, kind, instance, level, path, file, line);
        }
    }

    // For each kind of interrupt: "in it" clashes with "with it on", unless both only read.
    private static LockUsage Clash(LockUsage added, LockUsage known)
    {
        foreach (var level in IrqLevel.All)
        {
            if ((added & level.Used) != 0 && (known & (level.On | level.OnRead)) != 0) return known & (level.On | level.OnRead);
            if ((added & level.UsedRead) != 0 && (known & level.On) != 0) return level.On;
            if ((added & level.On) != 0 && (known & (level.Used | level.UsedRead)) != 0) return known & (level.Used | level.UsedRead);
            if ((added & level.OnRead) != 0 && (known & level.Used) != 0) return level.Used;
        }

        return 0;
    }

    private void AddEdge(MachineTask task, HeldLocks.Entry outer, LockClass kind, object instance, Order order, string file, int line)
    {
        List<LockClass>? cycle;
        lock (_gate)
        {
            if (outer.Kind.IsKnownBefore(kind, order)) return;
            cycle = PathBetween(kind, outer.Kind, order.NextMayPassReaders, outer.Read);
            outer.Kind.AddAfter(kind, order);
        }

        if (cycle is not null)
        {
            LockReports.Circular(task, kind, instance, outer, cycle, file, line);
            return;
        }

        // What the new order connects was not connected before.
        foreach (var level in IrqLevel.All)
        {
            if (FindIrqInversion(level, path => path.IndexOf(outer.Kind) is >= 0 and var at && at + 1 < path.Count && path[at + 1] == kind) is not { } path) continue;
            LockReports.IrqOrder(task, kind, instance, outer, level, path[0], path[^1], file, line);
            return;
        }
    }

    /// <summary>A lock that interrupts take must not be held while one is taken that is elsewhere taken with them on.</summary>
    /// <param name="level">Hard or soft interrupts.</param>
    /// <param name="concerns">Which of the ways from the one to the other are asked for.</param>
    /// <returns>The way from the one to the other, once; null if there is none, or it has been reported.</returns>
    /// <remarks>
    /// As check_irq_usage of kernel/locking/lockdep.c, 6.1: an interrupt that only reads does not wait for a reader, so the first of the
    /// way is then held for writing; and who may pass waiting readers waits for none, so the last is then elsewhere taken for writing.
    /// </remarks>
    private List<LockClass>? FindIrqInversion(IrqLevel level, Predicate<List<LockClass>> concerns)
    {
        lock (_gate)
        {
            foreach (var safe in _classes.Values)
            {
                if ((safe.Usage & (level.Used | level.UsedRead)) == 0) continue;
                foreach (var unsafeClass in _classes.Values)
                {
                    if (safe == unsafeClass || (unsafeClass.Usage & (level.On | level.OnRead)) == 0 || _reported.Contains((safe, unsafeClass, level))) continue;
                    if (PathBetween(safe, unsafeClass, (safe.Usage & level.Used) == 0, (unsafeClass.Usage & level.On) == 0) is not { } path || !concerns(path)) continue;
                    _reported.Add((safe, unsafeClass, level));
                    return path;
                }
            }
        }

        return null;
    }

    /// <summary>The shortest way from a class to another on which each waits for the next.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="fromWaitsForWritersOnly">True if who wants the first passes its readers: it must then be held for writing.</param>
    /// <param name="toIsHeldForReading">True if the last is only held for reading: who passes readers does not wait for it.</param>
    /// <remarks>As __bfs and hlock_conflict of lockdep, 6.1: an order that ends with passing readers, before one that begins with a reader, is no wait.</remarks>
    private static List<LockClass>? PathBetween(LockClass from, LockClass to, bool fromWaitsForWritersOnly = false, bool toIsHeldForReading = false)
    {
        var start = (Class: from, PassesReaders: fromWaitsForWritersOnly);
        var cameFrom = new Dictionary<(LockClass Class, bool PassesReaders), (LockClass Class, bool PassesReaders)?> { [start] = null };
        var open = new Queue<(LockClass Class, bool PassesReaders)>();
        open.Enqueue(start);
        while (open.TryDequeue(out var next))
        {
            if (next.Class == to && !(next.PassesReaders && toIsHeldForReading))
            {
                var path = new List<LockClass>();
                for (var step = ((LockClass Class, bool PassesReaders)?)next; step is { } its; step = cameFrom[its]) path.Add(its.Class);
                path.Reverse();
                return path;
            }

            foreach (var (later, orders) in next.Class.After)
            {
                if (Order.Continue(orders, next.PassesReaders) is { } passes && cameFrom.TryAdd((later, passes), next)) open.Enqueue((later, passes));
            }
        }

        return null;
    }

    private readonly HashSet<(LockClass Safe, LockClass Unsafe, IrqLevel Level)> _reported = [];

    private static (string Before, string Now) NamesOf(LockUsage added, LockUsage clash)
    {
        var clashName = LockReports.NameOf(clash);
        foreach (var level in IrqLevel.All)
        {
            if ((clash & (level.On | level.OnRead)) != 0 && (added & (level.Used | level.UsedRead)) != 0)
                return (clashName, LockReports.NameOf(added & (level.Used | level.UsedRead)));
            if ((clash & (level.Used | level.UsedRead)) != 0 && (added & (level.On | level.OnRead)) != 0)
                return (clashName, LockReports.NameOf(added & (level.On | level.OnRead)));
        }

        return (clashName, LockReports.NameOf(added));
    }
}
