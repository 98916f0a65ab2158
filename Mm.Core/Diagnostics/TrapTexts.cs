// The reports, in the words of Linux 6.1: kernel/sched/core.c, kernel/locking, lib/smp_processor_id.c, kernel/panic.c.
// Context: any; run only when a rule was broken. Invariants: T1 a test holds each text verbatim.
using System.Globalization;
using System.Text;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Diagnostics;

[Trusted("reports are written by the host, outside of the machine's contexts")]
internal static class TrapTexts
{
    public static void ReportSleep(MachineTask task, string file, int line, int expectedCount)
    {
        if (!task.Machine.Traps.MayReportSleep()) return;
        var text = new StringBuilder();
        Line(text, $"BUG: sleeping function called from invalid context at {SourceSite.Format(file, line)}");
        Line(text, $"in_atomic(): {Bit(task.InAtomic)}, irqs_disabled(): {Bit(task.IrqsDisabled)}, non_block: {task.State.NonBlock}, pid: {task.Id}, name: {task.Name}");
        Line(text, $"preempt_count: {task.PreemptCount:x}, expected: {expectedCount:x}");
        Line(text, $"RCU nest depth: {task.RcuDepth}, expected: 0");
        task.Locks.Describe(task, text);
        if (task.IrqsDisabled) task.Interrupts.Describe(text);
        if (task.PreemptCount != expectedCount) Line(text, $"Preemption disabled at:\n{SiteOrUnknown(task)}");
        task.Machine.Traps.Report(task, TrapKind.SleepInInvalidContext, Done(text));
    }

    public static void ReportNotAtomic(MachineTask task, string file, int line)
    {
        if (!task.Machine.Traps.MayReportSleep()) return;
        var text = new StringBuilder();
        Line(text, $"BUG: assuming atomic context at {SourceSite.Format(file, line)}");
        Line(text, $"in_atomic(): {Bit(task.InAtomic)}, irqs_disabled(): {Bit(task.IrqsDisabled)}, pid: {task.Id}, name: {task.Name}");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.AssumedAtomicContext, Done(text));
    }

    public static void ReportSchedulingWhileAtomic(MachineTask task)
    {
        var text = new StringBuilder();
        Line(text, $"BUG: scheduling while atomic: {task.Name}/{task.Id}/0x{task.PreemptCount:x8}");
        task.Locks.Describe(task, text);
        if (task.PreemptOffSite.Length != 0) Line(text, $"Preemption disabled at:\n{task.PreemptOffSite}");
        task.Machine.Traps.Report(task, TrapKind.SchedulingWhileAtomic, Done(text));
    }

    public static void ReportPreemptibleCpuNumber(MachineTask task, string what) =>
        task.Machine.Traps.Report(
            task,
            TrapKind.CpuNumberInPreemptible,
            Format($"BUG: using {what}() in preemptible [{task.PreemptCount:x8}] code: {task.Name}/{task.Id}"));

    public static void ReportWarning(MachineTask task, string condition) =>
        task.Machine.Traps.Report(task, TrapKind.Warning, Warning(task, condition));

    public static void ReportBug(MachineTask task, string condition) =>
        task.Machine.Traps.ReportFatal(task, TrapKind.Bug, Format($"kernel BUG: {condition}"));

    public static void ReportSuspiciousRcu(MachineTask task, string what)
    {
        var text = new StringBuilder();
        Line(text, $"=============================");
        Line(text, $"WARNING: suspicious RCU usage");
        Line(text, $"-----------------------------");
        Line(text, $"{what}");
        task.Locks.Describe(task, text);
        task.Machine.Traps.Report(task, TrapKind.SuspiciousRcu, Done(text));
    }

    // The kernel prints the condition of few of its warnings. Here it is always the message.
    public static string Warning(MachineTask task, string condition) =>
        Format($"{Trap.CutHere}\n{condition}\nWARNING: CPU: {task.RawCpuIndex} PID: {task.Id} at {CallerOutside("Mm.Core.Diagnostics")}");

    /// <summary>The innermost managed call outside of some namespaces, and not hidden from traces: what stands where the kernel prints a symbol.</summary>
    public static string CallerOutside(params System.ReadOnlySpan<string> namespaces)
    {
        foreach (var frame in new System.Diagnostics.StackTrace(fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || System.MemoryExtensions.Contains(namespaces, type.Namespace)) continue;
            if (!method.IsDefined(typeof(System.Diagnostics.StackTraceHiddenAttribute), inherit: false)) return $"{type.FullName}.{method.Name}";
        }

        return "0x0";
    }

    public static string TaskLeak(MachineTask task)
    {
        var text = new StringBuilder();
        Line(text, $"context leak: {task.Name} preempt {task.PreemptCount:+0;-0;+0} irq on→{(task.IrqsDisabled ? "off" : "on")} rcu {task.RcuDepth:+0;-0;+0} pagefault {task.State.FaultsOff:+0;-0;+0} locks {{{task.Locks.Names()}}}");
        return Done(text);
    }

    public static string SoftIrqLeak(string vector, int number, int before, int after) =>
        Format($"huh, entered softirq {number} {vector} with preempt_count {before:x8}, exited with {after:x8}?");

    public static string TimerLeak(string name, int before, int after) =>
        Format($"timer: {name} preempt leak: {before:x8} -> {after:x8}");

    public static string HandlerLeak(string name, int before, int after) =>
        Format($"context leak: {name} preempt {after - before:+0;-0;+0} irq off→off locks {{}}");

    public static string InterruptLeak(string name) => Format($"irq handler {name} enabled interrupts");

    internal static string Format(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    internal static void Line(StringBuilder text, System.FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    internal static string Done(StringBuilder text) => text.ToString().TrimEnd('\n');

    internal static int Bit(bool value) => value ? 1 : 0;

    private static string SiteOrUnknown(MachineTask task) => task.PreemptOffSite.Length == 0 ? "0x0" : task.PreemptOffSite;
}
