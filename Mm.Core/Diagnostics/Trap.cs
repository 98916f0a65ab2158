// What a broken rule leaves behind: the kernel's text, and the managed calls that led there.
// Context: plain data, usable anywhere. Lifetime: immutable once it is in the log.
using System;
using System.Collections.Generic;

namespace Mm.Core.Diagnostics;

/// <summary>Which rule was broken.</summary>
public enum TrapKind
{
    /// <summary>A function that may sleep was called where the CPU must not be given up.</summary>
    SleepInInvalidContext,

    /// <summary>A function that needs an atomic context was called outside of one.</summary>
    AssumedAtomicContext,

    /// <summary>The CPU was given up with preemption off.</summary>
    SchedulingWhileAtomic,

    /// <summary>A spin lock was used against its protocol: recursion, wrong owner, not locked.</summary>
    SpinLockMisuse,

    /// <summary>The number of the CPU was asked for where it can change at any time.</summary>
    CpuNumberInPreemptible,

    /// <summary>A page reached the allocator, or left it, in a state that it must not have.</summary>
    BadPageState,

    /// <summary>A page and one of its references, flags or owners do not fit together.</summary>
    PageMisuse,

    /// <summary>A page-table entry is in a state that it must not have.</summary>
    BadPageMap,

    /// <summary>Two lock classes are taken in both orders.</summary>
    CircularLocking,

    /// <summary>A lock class is taken again while it is held.</summary>
    RecursiveLocking,

    /// <summary>A lock class is taken in an interrupt handler and, elsewhere, with interrupts on.</summary>
    InconsistentLockState,

    /// <summary>A lock is released that is not held.</summary>
    UnlockBalance,

    /// <summary>The kernel's WARN_ON: a caller broke a rule, and the call goes on.</summary>
    Warning,

    /// <summary>The kernel's BUG_ON: a caller broke a rule, and the call cannot go on.</summary>
    Bug,

    /// <summary>An RCU rule was broken.</summary>
    SuspiciousRcu,

    /// <summary>A handler or a task ended in another context than the one it began in.</summary>
    ContextLeak,
}

/// <summary>One broken rule.</summary>
/// <param name="Kind">Which rule.</param>
/// <param name="Text">The report, lines separated by <c>\n</c>, in the words of Linux 6.1 where it has any. Ends before the call trace.</param>
/// <param name="CallTrace">The managed calls, innermost first, one an entry.</param>
/// <param name="Cpu">The CPU on which it happened, −1 if there was none.</param>
/// <param name="TaskId">The task that was running.</param>
public sealed record Trap(TrapKind Kind, string Text, IReadOnlyList<string> CallTrace, int Cpu, int TaskId)
{
    internal const string CutHere = "------------[ cut here ]------------";

    /// <summary>The first line of the report that says what it is: of a warning the one with CPU and PID, which stands below its message.</summary>
    public string Headline
    {
        get
        {
            var isWarning = Text.StartsWith(CutHere, StringComparison.Ordinal);
            foreach (var line in Text.Split('\n'))
            {
                if (isWarning ? line.StartsWith("WARNING: ", StringComparison.Ordinal) : !line.StartsWith('=')) return line;
            }

            return Text;
        }
    }

    /// <summary>The report with its call trace, as a kernel log would show it.</summary>
    public override string ToString() => Text + "\nCall Trace:\n" + string.Join("\n", CallTrace);
}

/// <summary>Thrown by a trap where the machine is told to throw, and by misuse that cannot go on in any case.</summary>
/// <param name="trap">The broken rule.</param>
public sealed class TrapException(Trap trap) : InvalidOperationException(trap.ToString())
{
    /// <summary>The broken rule.</summary>
    public Trap Trap { get; } = trap;
}
