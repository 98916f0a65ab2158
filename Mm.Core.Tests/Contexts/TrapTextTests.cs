using System;
using System.Text.RegularExpressions;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Xunit;

namespace Mm.Core.Tests.Contexts;

/// <summary>The reports, verbatim. Addresses of locks and line numbers are replaced, nothing else.</summary>
public partial class TrapTextTests
{
    [Fact]
    public void MightSleep_UnderSpinLock_ReportsWithLockAndPlace()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        var zone = new SpinLock(machine, "zone->lock");
        using (zone.Lock(task)) task.MightSleep();
        Assert.Equal(
            """
            BUG: sleeping function called from invalid context at Contexts/TrapTextTests.cs:N
            in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: reader
            preempt_count: 1, expected: 0
            RCU nest depth: 0, expected: 0
            1 lock held by reader/1:
             #0: A (zone->lock){+.+.}-{2:2}, at: Contexts/TrapTextTests.cs:N
            Preemption disabled at:
            Contexts/TrapTextTests.cs:N
            """,
            Normal(machine.TakeSingle()));
    }

    [Fact]
    public void BugOnAndWarnOn_OfRulesOfOnesOwn_ReportTheConditionAsItIsWritten()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("driver");
        var isMapped = false;
        Assert.True(task.WarnOn(!isMapped));
        Assert.Equal(
            $"""
            ------------[ cut here ]------------
            WARN_ON(!isMapped)
            WARNING: CPU: 0 PID: 1 at {typeof(TrapTextTests).FullName}.{nameof(BugOnAndWarnOn_OfRulesOfOnesOwn_ReportTheConditionAsItIsWritten)}
            """,
            machine.TakeSingle().Text);
        Assert.Throws<TrapException>(() => task.BugOn(!isMapped));
        Assert.Equal("kernel BUG: BUG_ON(!isMapped)", machine.TakeSingle().Text);
        isMapped = true;
        Assert.False(task.WarnOn(!isMapped));
        task.BugOn(!isMapped);
        machine.AssertClean();
    }

    [Fact]
    public void B_42_MightSleep_WithInterruptsOffOnly_ReportsThatTheCountIsZero()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        using (task.IrqsOff()) task.MightSleep();
        Assert.Equal(
            """
            BUG: sleeping function called from invalid context at Contexts/TrapTextTests.cs:N
            in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid: 1, name: reader
            preempt_count: 0, expected: 0
            RCU nest depth: 0, expected: 0
            no locks held by reader/1.
            irq event stamp: 1
            hardirqs last  enabled at (0): 0x0
            hardirqs last disabled at (1): Contexts/TrapTextTests.cs:N
            softirqs last  enabled at (0): 0x0
            softirqs last disabled at (0): 0x0
            """,
            Normal(machine.TakeSingle()));
    }

    [Fact]
    public void IrqTrace_OfAllFourChanges_NamesTheLastOfEach()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        var zone = new SpinLock(machine, "zone->lock");
        using (zone.LockIrqSave(task)) { }
        using (zone.LockBottomHalf(task)) { }
        task.BottomHalvesDisable();
        using (task.BottomHalvesOff()) { }
        task.IrqDisable();
        task.IrqEnable();
        Situation.In("Ih", task, here => here.MightSleep());
        Assert.Contains("\nirq event stamp: 8\nhardirqs last  enabled at (7): Contexts/TrapTextTests.cs:N\nhardirqs last disabled at (8): <interrupt>\nsoftirqs last  enabled at (4): Contexts/TrapTextTests.cs:N\nsoftirqs last disabled at (5): Contexts/TrapTextTests.cs:N\n", Normal(machine.TakeSingle()), StringComparison.Ordinal);
        task.BottomHalvesEnable();
        machine.AssertClean();
    }

    [Fact]
    public void Release_OfALockThatIsNotHeld_IsReportedInTheKernelsWords()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        var mutex = new Mutex(machine, "inode->i_mutex");
        mutex.Release(task);
        Assert.Equal(
            """
            =====================================
            WARNING: bad unlock balance detected!
            -------------------------------------
            reader/1 is trying to release lock (inode->i_mutex) at:
            Mm.Core.Tests.Contexts.TrapTextTests.Release_OfALockThatIsNotHeld_IsReportedInTheKernelsWords
            but there are no more locks to release!

            other info that might help us debug this:
            no locks held by reader/1.
            """,
            Normal(machine.TakeSingle()));
    }

    [Fact]
    public void MightSleep_InRcuReaderOrWhereBlockingIsForbidden_Reports()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        using (machine.Rcu.Read(task)) task.MightSleep();
        Assert.Contains("RCU nest depth: 1, expected: 0", machine.TakeSingle().Text, StringComparison.Ordinal);
        using (task.MustNotBlock()) task.MightSleep();
        Assert.Contains("non_block: 1", machine.TakeSingle().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void MightFault_WithPageFaultsOff_IsSilent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        using (task.PreemptOff())
        {
            using (task.DisablePageFaults()) task.MightFault();
            machine.AssertClean();
            task.MightFault();
        }

        Assert.Equal(TrapKind.SleepInInvalidContext, machine.TakeSingle().Kind);
    }

    [Fact]
    public void CantSleep_InTask_Reports()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        task.CantSleep();
        Assert.Equal(
            """
            BUG: assuming atomic context at Contexts/TrapTextTests.cs:N
            in_atomic(): 0, irqs_disabled(): 0, pid: 1, name: reader
            no locks held by reader/1.
            """,
            Normal(machine.TakeSingle()));
    }

    [Fact]
    public void Schedule_WithPreemptionOff_ReportsAndLimpsOn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        task.PreemptDisable();
        task.Schedule();
        Assert.Equal(0, task.PreemptCount);
        Assert.Equal("BUG: scheduling while atomic: reader/1/0x00000001", machine.TakeSingle().Headline);
    }

    [Fact]
    public void CpuIndex_WithPreemptionOn_Reports()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        _ = task.CpuIndex;
        Assert.Equal("BUG: using smp_processor_id() in preemptible [00000000] code: reader/1", machine.TakeSingle().Text);
    }

    [Fact]
    public void B_42_PreemptEnable_BelowZero_WarnsAndChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        task.PreemptEnable();
        Assert.Equal(0, task.PreemptCount);
        Assert.Equal(
            """
            ------------[ cut here ]------------
            DEBUG_LOCKS_WARN_ON(val > preempt_count())
            WARNING: CPU: 0 PID: 1 at Mm.Core.X
            """,
            Normal(machine.TakeSingle()));
    }

    [Fact]
    public void IrqRestore_WithInterruptsOn_Warns()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        var flags = task.IrqSave();
        task.IrqRestore(flags);
        task.IrqRestore(flags);
        AssertWarning("raw_local_irq_restore() called with IRQs enabled", machine.TakeSingle());
    }

    [Fact]
    public void Dispose_InSection_ReportsWhatLeaks()
    {
        using var machine = Situation.NewMachine();
        var task = machine.Attach("reader");
        var zone = new SpinLock(machine, "zone->lock");
        zone.AcquireIrq(task);
        task.Dispose();
        Assert.Equal("context leak: reader preempt +1 irq on→off rcu +0 pagefault +0 locks {zone->lock}", machine.TakeSingle().Text);
    }

    [Fact]
    public void Reports_WithinTheInterval_AreDroppedUntilReset()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Traps = TrapPolicy.Record });
        using var task = machine.Attach("reader");
        using (task.PreemptOff())
        {
            task.MightSleep();
            task.MightSleep();
            Assert.Equal(1, machine.Traps.Count);
            machine.Traps.ResetRateLimit();
            task.MightSleep();
            Assert.Equal(2, machine.Traps.Count);
        }
    }

    [Fact]
    public void Report_HasTheManagedCalls()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("reader");
        using (task.PreemptOff()) new Mutex(machine, "m").Lock(task).Dispose();
        var trace = machine.TakeSingle().CallTrace;
        Assert.Contains(trace, static line => line.Contains("Mutex.Lock", StringComparison.Ordinal));
        Assert.Contains(trace, static line => line.Contains(nameof(Report_HasTheManagedCalls), StringComparison.Ordinal));
    }

    /// <summary>A warning: its message, and the line with CPU and PID, in which the place is any of Mm.Core's.</summary>
    internal static void AssertWarning(string message, Trap trap) =>
        Assert.Equal($"------------[ cut here ]------------\n{message}\nWARNING: CPU: 0 PID: 1 at Mm.Core.X", Normal(trap));

    internal static string Normal(Trap trap) => Place().Replace(Address().Replace(Line().Replace(trap.Text, ":N"), "A"), "X");

    // Which of the calls in Mm.Core it names hangs on what the compiler has inlined.
    [GeneratedRegex(@"(?<=WARNING: CPU: \d+ PID: \d+ at Mm\.Core\.)\S+")]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<=\.cs):\d+")]
    private static partial Regex Line();

    [GeneratedRegex(@"\b[0-9a-f]{16}\b")]
    private static partial Regex Address();
}
