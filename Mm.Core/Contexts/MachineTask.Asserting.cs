// BUG_ON and WARN_ON for code outside of Mm.Core: whoever declares contexts of his own reports by them what his contexts forbid.
// Context: any. Locks: none. include/asm-generic/bug.h of Linux 6.1.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

public sealed partial class MachineTask
{
    /// <summary>Says that something cannot be. Where it is all the same, the code cannot go on: the trap is thrown in any case.</summary>
    /// <param name="condition">True if the rule is broken.</param>
    /// <param name="text">Filled in by the compiler: the condition, as it is written.</param>
    /// <remarks>Trap: <c>kernel BUG: BUG_ON(</c>condition<c>)</c>.</remarks>
    [Trusted("asserts")]
    public void BugOn(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (RuntimeChecks.Enabled && condition) TrapTexts.ReportBug(this, $"BUG_ON({text})");
    }

    /// <summary>Says that something should not be, and goes on where it is.</summary>
    /// <param name="condition">True if the rule is broken.</param>
    /// <param name="text">Filled in by the compiler: the condition, as it is written.</param>
    /// <returns>The condition.</returns>
    /// <remarks>Trap: <c>WARN_ON(</c>condition<c>)</c>.</remarks>
    [Trusted("asserts"), StackTraceHidden]
    public bool WarnOn(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (RuntimeChecks.Enabled && condition) TrapTexts.ReportWarning(this, $"WARN_ON({text})");
        return condition;
    }
}
