// What lockdep and the spin lock checks print: kernel/locking/lockdep.c and spinlock_debug.c of Linux 6.1.
// Context: any; run only when a rule was broken.
using System.Collections.Generic;
using System.Text;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Locking;

[Trusted("reports are written by the host, outside of the machine's contexts")]
internal static class LockReports
{
    public static void Inconsistent(MachineTask task, LockClass kind, object instance, LockUsage registered, string before, string now, string file, int line)
    {
        var text = Begin("WARNING: inconsistent lock state");
        TrapTexts.Line(text, $"inconsistent {{{before}}} -> {{{now}}} usage.");
        TrapTexts.Line(text, $"{task.Name}/{task.Id} [{StateOf(task)}] takes:");
        TrapTexts.Line(text, $"{Lock(kind, instance, file, line)}");
        TrapTexts.Line(text, $"{{{before}}} state was registered at:\n  {kind.SiteOf(registered)}");
        task.Interrupts.Describe(text);
        TrapTexts.Line(text, $"\nother info that might help us debug this:");
        TrapTexts.Line(text, $" Possible unsafe locking scenario:\n\n       CPU0\n       ----\n  lock({kind.Name});\n  <Interrupt>\n    lock({kind.Name});\n\n *** DEADLOCK ***\n");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.InconsistentLockState, TrapTexts.Done(text));
    }

    public static void Recursive(MachineTask task, LockClass kind, object instance, HeldLocks.Entry outer, string file, int line)
    {
        var text = Begin("WARNING: possible recursive locking detected");
        TrapTexts.Line(text, $"{task.Name}/{task.Id} is trying to acquire lock:\n{Lock(kind, instance, file, line)}");
        TrapTexts.Line(text, $"\nbut task is already holding lock:\n{outer}");
        TrapTexts.Line(text, $"\nother info that might help us debug this:");
        TrapTexts.Line(text, $" Possible unsafe locking scenario:\n\n       CPU0\n       ----\n  lock({outer.Kind.Name});\n  lock({kind.Name});\n\n *** DEADLOCK ***\n");
        TrapTexts.Line(text, $" May be due to missing lock nesting notation\n");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.RecursiveLocking, TrapTexts.Done(text));
    }

    /// <summary>print_circular_bug: what is held is taken, at the end of a chain, after what is about to be taken.</summary>
    public static void Circular(MachineTask task, LockClass kind, object instance, HeldLocks.Entry outer, List<LockClass> path, string file, int line)
    {
        var text = Begin("WARNING: possible circular locking dependency detected");
        TrapTexts.Line(text, $"{task.Name}/{task.Id} is trying to acquire lock:\n{Lock(kind, instance, file, line)}");
        TrapTexts.Line(text, $"\nbut task is already holding lock:\n{outer}");
        TrapTexts.Line(text, $"\nwhich lock already depends on the new lock.\n");
        TrapTexts.Line(text, $"\nthe existing dependency chain (in reverse order) is:");
        for (var i = path.Count - 1; i >= 0; i--) TrapTexts.Line(text, $"\n-> #{i} {path[i]}:");
        TrapTexts.Line(text, $"\nother info that might help us debug this:\n");
        var before = path[^2];
        if (before != kind) TrapTexts.Line(text, $"Chain exists of:\n  {kind.Name} --> {before.Name} --> {outer.Kind.Name}\n");
        TrapTexts.Line(text, $" Possible unsafe locking scenario:\n\n       CPU0                    CPU1\n       ----                    ----\n  lock({outer.Kind.Name});\n                               lock({before.Name});\n                               lock({outer.Kind.Name});\n  lock({kind.Name});\n\n *** DEADLOCK ***\n");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.CircularLocking, TrapTexts.Done(text));
    }

    /// <summary>print_bad_irq_dependency: the lock that is about to be taken under another connects a safe class with an unsafe one.</summary>
    public static void IrqOrder(MachineTask task, LockClass next, object instance, HeldLocks.Entry previous, IrqLevel level, LockClass safe, LockClass unsafeClass, string file, int line)
    {
        var (irq, usedAs) = SafeAs(level, safe);
        var (_, takenAs) = UnsafeAs(level, unsafeClass);
        var text = Begin($"WARNING: {irq}-safe -> {irq}-unsafe lock order detected", 53);
        TrapTexts.Line(text, $"{task.Name}/{task.Id} [{StateOf(task)}] is trying to acquire:\n{Lock(next, instance, file, line)}");
        TrapTexts.Line(text, $"\nand this task is already holding:\n{previous}");
        TrapTexts.Line(text, $"which would create a new lock dependency:\n {previous.Kind} -> {next}");
        TrapTexts.Line(text, $"\nbut this new dependency connects a {irq}-irq-safe lock:\n {safe}");
        TrapTexts.Line(text, $"\n... which became {irq}-irq-safe at:\n  {safe.SiteOf(usedAs)}");
        TrapTexts.Line(text, $"\nto a {irq}-irq-unsafe lock:\n {unsafeClass}");
        TrapTexts.Line(text, $"\n... which became {irq}-irq-unsafe at:\n...  {unsafeClass.SiteOf(takenAs)}");
        TrapTexts.Line(text, $"\nother info that might help us debug this:\n");
        Scenario(text, safe, unsafeClass, previous.Kind == safe ? next : previous.Kind);
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.InconsistentLockState, TrapTexts.Done(text));
    }

    /// <summary>print_irq_inversion_bug: a class has become safe or unsafe, and stands in an order with one that is the other.</summary>
    public static void IrqInversion(MachineTask task, LockClass changed, object instance, IrqLevel level, List<LockClass> path, string file, int line)
    {
        var (safe, unsafeClass) = (path[0], path[^1]);
        var text = Begin("WARNING: possible irq lock inversion dependency detected");
        TrapTexts.Line(text, $"{task.Name}/{task.Id} just changed the state of lock:\n{Lock(changed, instance, file, line)}");
        if (changed == safe) TrapTexts.Line(text, $"but this lock took another, {UnsafeAs(level, unsafeClass).Name}-unsafe lock in the past:\n {unsafeClass}");
        else TrapTexts.Line(text, $"but this lock was taken by another, {SafeAs(level, safe).Name}-safe lock in the past:\n {safe}");
        TrapTexts.Line(text, $"\n\nand interrupts could create inverse lock ordering between them.\n");
        TrapTexts.Line(text, $"\nother info that might help us debug this:");
        Scenario(text, safe, unsafeClass, path.Count > 2 ? path[1] : unsafeClass);
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.InconsistentLockState, TrapTexts.Done(text));
    }

    // state_name: what only reads says so.
    private static (string Name, LockUsage As) SafeAs(IrqLevel level, LockClass safe) =>
        (safe.Usage & level.Used) != 0 ? (level.Name, level.Used) : (level.Name + "-READ", level.UsedRead);

    private static (string Name, LockUsage As) UnsafeAs(IrqLevel level, LockClass unsafeClass) =>
        (unsafeClass.Usage & level.On) != 0 ? (level.Name, level.On) : (level.Name + "-READ", level.OnRead);

    public static void UnlockBalance(MachineTask task, LockClass kind)
    {
        var text = Begin("WARNING: bad unlock balance detected!");
        TrapTexts.Line(text, $"{task.Name}/{task.Id} is trying to release lock ({kind.Name}) at:\n{TrapTexts.CallerOutside("Mm.Core.Locking", "Mm.Core.Diagnostics")}");
        TrapTexts.Line(text, $"but there are no more locks to release!");
        TrapTexts.Line(text, $"\nother info that might help us debug this:");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.UnlockBalance, TrapTexts.Done(text));
    }

    /// <summary>What spin_bug prints; where <paramref name="fatal"/>, the code cannot go on and the trap is thrown in any case.</summary>
    public static void SpinBug(MachineTask task, string what, string kind, string message, MachineTask? owner, int ownerCpu, bool fatal)
    {
        var text = new StringBuilder();
        TrapTexts.Line(text, $"BUG: {what} {message} on CPU#{task.RawCpuIndex}, {task.Name}/{task.Id}");
        TrapTexts.Line(text, $" lock: {kind}, .owner: {owner?.Name ?? "<none>"}/{owner?.Id ?? -1}, .owner_cpu: {ownerCpu}");
        if (fatal) task.Machine.Traps.ReportFatal(task, TrapKind.SpinLockMisuse, TrapTexts.Done(text));
        task.Machine.Traps.Report(task, TrapKind.SpinLockMisuse, TrapTexts.Done(text));
    }

    public static string NameOf(LockUsage usage) => usage switch
    {
        _ when (usage & LockUsage.UsedInHardIrq) != 0 => "IN-HARDIRQ-W",
        _ when (usage & LockUsage.UsedInHardIrqRead) != 0 => "IN-HARDIRQ-R",
        _ when (usage & LockUsage.TakenWithHardIrqsOn) != 0 => "HARDIRQ-ON-W",
        _ when (usage & LockUsage.TakenWithHardIrqsOnRead) != 0 => "HARDIRQ-ON-R",
        _ when (usage & LockUsage.UsedInSoftIrq) != 0 => "IN-SOFTIRQ-W",
        _ when (usage & LockUsage.UsedInSoftIrqRead) != 0 => "IN-SOFTIRQ-R",
        _ when (usage & LockUsage.TakenWithSoftIrqsOn) != 0 => "SOFTIRQ-ON-W",
        _ when (usage & LockUsage.TakenWithSoftIrqsOnRead) != 0 => "SOFTIRQ-ON-R",
        _ => "INITIAL USE",
    };

    // print_irq_lock_scenario.
    private static void Scenario(StringBuilder text, LockClass safe, LockClass unsafeClass, LockClass middle)
    {
        if (middle != unsafeClass) TrapTexts.Line(text, $"Chain exists of:\n  {safe.Name} --> {middle.Name} --> {unsafeClass.Name}\n");
        TrapTexts.Line(text, $" Possible interrupt unsafe locking scenario:\n\n       CPU0                    CPU1\n       ----                    ----\n  lock({unsafeClass.Name});");
        TrapTexts.Line(text, $"                               local_irq_disable();\n                               lock({safe.Name});\n                               lock({middle.Name});");
        TrapTexts.Line(text, $"  <Interrupt>\n    lock({safe.Name});\n\n *** DEADLOCK ***\n");
    }

    private static string Lock(LockClass kind, object instance, string file, int line) =>
        new HeldLocks.Entry(kind, instance, false, false, 0, file, line).ToString();

    // Contexts first, counts in brackets. Bottom halves that are about to go on are on already, as in lockdep_softirqs_on.
    private static string StateOf(MachineTask task)
    {
        var (hard, soft) = ((task.PreemptCount & PreemptBits.HardIrqMask) >> 16, (task.PreemptCount & PreemptBits.SoftIrqMask) >> 8);
        var bottomHalvesOn = soft == 0 || (soft == PreemptBits.SoftIrqDisableOffset >> 8 && task.Interrupts.SoftIrqsGoOn);
        return TrapTexts.Format(
            $"HC{TrapTexts.Bit(task.InHardIrq)}[{hard}]:SC{TrapTexts.Bit(task.InServingSoftIrq)}[{soft}]:HE{TrapTexts.Bit(!task.IrqsDisabled)}:SE{TrapTexts.Bit(bottomHalvesOn)}");
    }

    // The kernel's rules are as long as their titles, one excepted, which serves two of different lengths.
    private static StringBuilder Begin(string title, int length = 0)
    {
        var text = new StringBuilder();
        if (length == 0) length = title.Length;
        text.Append('=', length).Append('\n').Append(title).Append('\n').Append('-', length).Append('\n');
        return text;
    }
}
