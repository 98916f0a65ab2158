using System;
using System.Linq;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

/// <summary>Soft interrupts: the same rules as for hard ones, with bottom halves in the place of the interrupt flag.</summary>
public partial class LockOrderTests
{
    [Fact]
    public void Class_TakenInASoftIrqAndThenWithBottomHalvesOn_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        InSoftIrq(task, here => { using (gate.Lock(here)) { } });
        using (gate.LockBottomHalf(task)) { }
        using (gate.LockIrqSave(task)) { }
        machine.AssertClean();
        using (gate.Lock(task)) { }
        Assert.Equal(
            """
            ================================
            WARNING: inconsistent lock state
            --------------------------------
            inconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.
            test/1 [HC0[0]:SC0[0]:HE1:SE1] takes:
            A (gate){+.?.}-{2:2}, at: Locking/LockOrderTests.SoftIrqs.cs:N
            {IN-SOFTIRQ-W} state was registered at:
              Locking/LockOrderTests.SoftIrqs.cs:N
            irq event stamp: N
            hardirqs last  enabled at (N): Locking/LockOrderTests.SoftIrqs.cs:N
            hardirqs last disabled at (N): Locking/LockOrderTests.SoftIrqs.cs:N
            softirqs last  enabled at (N): Locking/LockOrderTests.SoftIrqs.cs:N
            softirqs last disabled at (N): Locking/LockOrderTests.SoftIrqs.cs:N

            other info that might help us debug this:
             Possible unsafe locking scenario:

                   CPU0
                   ----
              lock(gate);
              <Interrupt>
                lock(gate);

             *** DEADLOCK ***

            no locks held by test/1.
            """,
            WithoutEvents(machine.TakeSingle()));
        using (gate.Lock(task)) { }
        machine.AssertClean();
    }

    [Fact]
    public void Class_TakenWithBottomHalvesOnAndThenInASoftIrq_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        using (gate.Lock(task)) { }
        InSoftIrq(task, here => { using (gate.Lock(here)) { } });
        Assert.Contains(
            "inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.\ntest/1 [HC0[0]:SC1[1]:HE1:SE0] takes:",
            machine.TakeSingle().Text,
            StringComparison.Ordinal);
    }

    // In a hard interrupt, and with bottom halves on but interrupts off: no soft interrupt can come in between.
    [Fact]
    public void Class_TakenInASoftIrqAndWithInterruptsOff_IsFine()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        InSoftIrq(task, here => { using (gate.LockIrqSave(here)) { } });
        Situation.In("Ih", task, here => { using (gate.Lock(here)) { } });
        Situation.In("Id", task, here => { using (gate.Lock(here)) { } });
        using (gate.LockIrqSave(task)) { }
        machine.AssertClean();
    }

    [Fact]
    public void Class_TakenInASoftIrqBeforeOneTakenWithBottomHalvesOn_IsReported()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (safe, loose) = (new SpinLock(machine, "safe"), new SpinLock(machine, "loose"));
        InSoftIrq(task, here => { using (safe.Lock(here)) { } });
        using (loose.Lock(task)) { }
        machine.AssertClean();
        using (safe.LockBottomHalf(task))
        {
            using (loose.Lock(task)) { }
        }

        Assert.Equal(
            """
            =====================================================
            WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected
            -----------------------------------------------------
            test/1 [HC0[0]:SC0[2]:HE1:SE0] is trying to acquire:
            A (loose){+.+.}-{2:2}, at: Locking/LockOrderTests.SoftIrqs.cs:N

            and this task is already holding:
            A (safe){+.-.}-{2:2}, at: Locking/LockOrderTests.SoftIrqs.cs:N
            which would create a new lock dependency:
             (safe){+.-.}-{2:2} -> (loose){+.+.}-{2:2}

            but this new dependency connects a SOFTIRQ-irq-safe lock:
             (safe){+.-.}-{2:2}

            ... which became SOFTIRQ-irq-safe at:
              Locking/LockOrderTests.SoftIrqs.cs:N

            to a SOFTIRQ-irq-unsafe lock:
             (loose){+.+.}-{2:2}

            ... which became SOFTIRQ-irq-unsafe at:
            ...  Locking/LockOrderTests.SoftIrqs.cs:N

            other info that might help us debug this:

             Possible interrupt unsafe locking scenario:

                   CPU0                    CPU1
                   ----                    ----
              lock(loose);
                                           local_irq_disable();
                                           lock(safe);
                                           lock(loose);
              <Interrupt>
                lock(safe);

             *** DEADLOCK ***

            1 lock held by test/1:
             #0: A (safe){+.-.}-{2:2}, at: Locking/LockOrderTests.SoftIrqs.cs:N
            """,
            TrapTextTests.Normal(machine.TakeSingle()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Order_OfClassesWhoseStateChangesLater_IsAnInversion(bool isSafeFirst)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (safe, loose) = (new SpinLock(machine, "safe"), new SpinLock(machine, "loose"));
        using (safe.LockBottomHalf(task))
        {
            using (loose.Lock(task)) { }
        }

        Action<MachineTask>[] changes = [here => InSoftIrq(here, serving => { using (safe.Lock(serving)) { } }), here => { using (loose.Lock(here)) { } }];
        changes[isSafeFirst ? 0 : 1](task);
        machine.AssertClean();
        changes[isSafeFirst ? 1 : 0](task);
        var text = TrapTextTests.Normal(machine.TakeSingle());
        Assert.StartsWith("========================================================\nWARNING: possible irq lock inversion dependency detected\n", text, StringComparison.Ordinal);
        Assert.Contains(
            isSafeFirst
                ? "but this lock was taken by another, SOFTIRQ-safe lock in the past:\n (safe){+.-.}-{2:2}\n\n\nand interrupts could create inverse lock ordering between them.\n"
                : "but this lock took another, SOFTIRQ-unsafe lock in the past:\n (loose){+.+.}-{2:2}\n\n\nand interrupts could create inverse lock ordering between them.\n",
            text,
            StringComparison.Ordinal);
    }

    // A hard interrupt's lock may be taken before one that only soft interrupts must not meet: they are different kinds.
    [Fact]
    public void Order_OfASoftIrqsLockBeforeOneTakenWithBottomHalvesOff_IsFine()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (safe, other) = (new SpinLock(machine, "safe"), new SpinLock(machine, "other"));
        InSoftIrq(task, here => { using (safe.Lock(here)) { } });
        using (other.LockBottomHalf(task)) { }
        using (safe.LockBottomHalf(task))
        {
            using (other.Lock(task)) { }
        }

        machine.AssertClean();
    }

    [Fact]
    public void BottomHalvesOn_WhileASoftIrqsLockIsHeld_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        InSoftIrq(task, here => { using (gate.Lock(here)) { } });
        task.BottomHalvesDisable();
        gate.Acquire(task);
        task.BottomHalvesEnable();
        Assert.Contains("inconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.\ntest/1 [HC0[0]:SC0[2]:HE1:SE1] takes:", machine.TakeSingle().Text, StringComparison.Ordinal);
        gate.Release(task);
        machine.AssertClean();
    }

    [Fact]
    public void BottomHalvesOn_InsideOfAnotherThatHasThemOff_IsFine()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (outer, gate) = (new SpinLock(machine, "outer"), new SpinLock(machine, "gate"));
        InSoftIrq(task, here =>
        {
            using (outer.Lock(here))
            {
                using (gate.Lock(here)) { }
            }
        });
        using (outer.LockBottomHalf(task))
        {
            using (gate.LockBottomHalf(task)) { }
        }

        machine.AssertClean();
    }

    // The release of the outer lock switches on what the inner one needs off: each way to do it is seen.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Release_OfTheOuterLockFirst_OpensTheInnerOne(int way)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (outer, gate) = (new SpinLock(machine, "outer"), new SpinLock(machine, "gate"));
        var wide = new ReadWriteSpinLock(machine, "wide");
        Situation.In("Ih", task, here => { using (gate.Lock(here)) { } });
        var flags = default(IrqFlags);
        switch (way)
        {
            case 0:
                flags = outer.AcquireIrqSave(task);
                break;
            case 1:
                outer.AcquireIrq(task);
                break;
            case 2:
                flags = wide.AcquireReadIrqSave(task);
                break;
            default:
                wide.AcquireWriteIrq(task);
                break;
        }

        gate.Acquire(task);
        machine.AssertClean();
        switch (way)
        {
            case 0:
                outer.ReleaseIrqRestore(task, flags);
                break;
            case 1:
                outer.ReleaseIrq(task);
                break;
            case 2:
                wide.ReleaseReadIrqRestore(task, flags);
                break;
            default:
                wide.ReleaseWriteIrq(task);
                break;
        }

        Assert.Contains("inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.", machine.TakeSingle().Text, StringComparison.Ordinal);
        Assert.False(task.IrqsDisabled);
        gate.Release(task);
        Assert.Equal(0, task.PreemptCount);
        machine.AssertClean();
    }

    [Fact]
    public void Release_ThatOpensAnotherLock_LeavesItsSectionAlsoWhereTrapsAreThrown()
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw);
        using var task = machine.Attach("test");
        var (outer, gate) = (new SpinLock(machine, "outer"), new SpinLock(machine, "gate"));
        Situation.In("Ih", task, here => { using (gate.Lock(here)) { } });
        var flags = outer.AcquireIrqSave(task);
        gate.Acquire(task);
        Assert.Throws<TrapException>(() => outer.ReleaseIrqRestore(task, flags));
        Assert.Equal((1, false, 1), (task.PreemptCount, task.IrqsDisabled, task.Locks.Count));
        gate.Release(task);
    }

    // The same class in soft interrupts of one and with bottom halves on of the other: one report for each pair, once.
    [Fact]
    public void Order_OfManyClasses_IsReportedOnceForEachPair()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var locks = Enumerable.Range(0, 40).Select(i => new SpinLock(machine, "lock" + i)).ToArray();
        InSoftIrq(task, here => { using (locks[0].Lock(here)) { } });
        using (locks[39].Lock(task)) { }
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 39; i++)
            {
                using (locks[i].LockBottomHalf(task))
                {
                    using (locks[i + 1].Lock(task)) { }
                }
            }
        }

        var trap = machine.TakeSingle();
        Assert.Contains("\nChain exists of:\n  lock0 --> lock38 --> lock39\n", trap.Text, StringComparison.Ordinal);
        Assert.Empty(machine.LockOrder.Validate());
    }

    private static void InSoftIrq(MachineTask task, Action<MachineTask> action)
    {
        var served = false;
        task.Machine.SoftIrqs.Open(SoftIrqVector.User1, here =>
        {
            action(here);
            served = true;
        });
        task.Machine.SoftIrqs.Raise(task, SoftIrqVector.User1);
        Assert.True(served);
    }

    private static string WithoutEvents(Trap trap) => EventNumbers().Replace(TrapTextTests.Normal(trap), "N");

    [System.Text.RegularExpressions.GeneratedRegex(@"(?<=stamp: |\()\d+(?=\)?)")]
    private static partial System.Text.RegularExpressions.Regex EventNumbers();
}
