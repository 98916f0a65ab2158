using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

public partial class LockOrderTests
{
    [Fact]
    public void B_40_Order_BothWays_IsReportedWithoutADeadlock()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var a = new SpinLock(machine, "A");
        var b = new SpinLock(machine, "B");
        using (a.Lock(task))
        {
            using (b.Lock(task)) { }
        }

        using (b.Lock(task))
        {
            using (a.Lock(task)) { }
        }

        Assert.Equal(
            """
            ======================================================
            WARNING: possible circular locking dependency detected
            ------------------------------------------------------
            test/1 is trying to acquire lock:
            A (A){+.+.}-{2:2}, at: Locking/LockOrderTests.cs:N

            but task is already holding lock:
            A (B){+.+.}-{2:2}, at: Locking/LockOrderTests.cs:N

            which lock already depends on the new lock.


            the existing dependency chain (in reverse order) is:

            -> #1 (B){+.+.}-{2:2}:

            -> #0 (A){+.+.}-{2:2}:

            other info that might help us debug this:

             Possible unsafe locking scenario:

                   CPU0                    CPU1
                   ----                    ----
              lock(B);
                                           lock(A);
                                           lock(B);
              lock(A);

             *** DEADLOCK ***

            1 lock held by test/1:
             #0: A (B){+.+.}-{2:2}, at: Locking/LockOrderTests.cs:N
            """,
            TrapTextTests.Normal(machine.TakeSingle()));
    }

    [Fact]
    public void Order_ThroughAThird_IsReportedOnce()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        SpinLock[] locks = [new(machine, "A"), new(machine, "B"), new(machine, "C")];
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 3; i++)
            {
                using (locks[i].Lock(task))
                {
                    using (locks[(i + 1) % 3].Lock(task)) { }
                }
            }
        }

        Assert.Contains(
            """
            the existing dependency chain (in reverse order) is:

            -> #2 (C){+.+.}-{2:2}:

            -> #1 (B){+.+.}-{2:2}:

            -> #0 (A){+.+.}-{2:2}:

            other info that might help us debug this:

            Chain exists of:
              A --> B --> C

             Possible unsafe locking scenario:

                   CPU0                    CPU1
                   ----                    ----
              lock(C);
                                           lock(B);
                                           lock(C);
              lock(A);

             *** DEADLOCK ***
            """,
            TrapTextTests.Normal(machine.TakeSingle()),
            System.StringComparison.Ordinal);
    }

    [Fact]
    public void Order_OfATry_DoesNotCount()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var a = new SpinLock(machine, "A");
        var b = new SpinLock(machine, "B");
        using (a.Lock(task))
        {
            using (b.Lock(task)) { }
        }

        using (b.Lock(task))
        {
            Assert.True(a.TryAcquire(task));
            a.Release(task);
        }

        machine.AssertClean();
    }

    [Fact]
    public void Class_TakenInAnInterruptAndWithInterruptsOn_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        using (gate.Lock(task)) { }
        Situation.In("Ih", task, here => { using (gate.LockIrqSave(here)) { } });
        var trap = machine.TakeSingle();
        Assert.Equal("WARNING: inconsistent lock state", trap.Headline);
        Assert.Equal(
            """
            ================================
            WARNING: inconsistent lock state
            --------------------------------
            inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.
            test/1 [HC1[1]:SC0[0]:HE0:SE1] takes:
            A (gate){?.+.}-{2:2}, at: Locking/LockOrderTests.cs:N
            {HARDIRQ-ON-W} state was registered at:
              Locking/LockOrderTests.cs:N
            irq event stamp: 1
            hardirqs last  enabled at (0): 0x0
            hardirqs last disabled at (1): <interrupt>
            softirqs last  enabled at (0): 0x0
            softirqs last disabled at (0): 0x0

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
            TrapTextTests.Normal(trap));
    }

    [Fact]
    public void Class_TakenInAnInterruptBeforeOneTakenWithInterruptsOn_IsReported()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var safe = new SpinLock(machine, "safe");
        var loose = new SpinLock(machine, "loose");
        Situation.In("Ih", task, here => { using (safe.LockIrqSave(here)) { } });
        using (loose.Lock(task)) { }
        machine.AssertClean();
        using (safe.LockIrqSave(task))
        {
            using (loose.Lock(task)) { }
        }

        Assert.Equal(
            """
            =====================================================
            WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected
            -----------------------------------------------------
            test/1 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:
            A (loose){+.+.}-{2:2}, at: Locking/LockOrderTests.cs:N

            and this task is already holding:
            A (safe){-...}-{2:2}, at: Locking/LockOrderTests.cs:N
            which would create a new lock dependency:
             (safe){-...}-{2:2} -> (loose){+.+.}-{2:2}

            but this new dependency connects a HARDIRQ-irq-safe lock:
             (safe){-...}-{2:2}

            ... which became HARDIRQ-irq-safe at:
              Locking/LockOrderTests.cs:N

            to a HARDIRQ-irq-unsafe lock:
             (loose){+.+.}-{2:2}

            ... which became HARDIRQ-irq-unsafe at:
            ...  Locking/LockOrderTests.cs:N

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
             #0: A (safe){-...}-{2:2}, at: Locking/LockOrderTests.cs:N
            """,
            TrapTextTests.Normal(machine.TakeSingle()));
    }

    [Fact]
    public void Class_ThatBecomesUnsafeBehindAnotherInAnInterrupt_IsAnInversion()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        SpinLock[] locks = [new(machine, "safe"), new(machine, "middle"), new(machine, "loose")];
        using (locks[0].LockIrqSave(task))
        {
            using (locks[1].Lock(task))
            {
                using (locks[2].Lock(task)) { }
            }
        }

        Situation.In("Ih", task, here => { using (locks[0].LockIrqSave(here)) { } });
        machine.AssertClean();
        using (locks[2].Lock(task)) { }
        Assert.Equal(
            """
            ========================================================
            WARNING: possible irq lock inversion dependency detected
            --------------------------------------------------------
            test/1 just changed the state of lock:
            A (loose){+.+.}-{2:2}, at: Locking/LockOrderTests.cs:N
            but this lock was taken by another, HARDIRQ-safe lock in the past:
             (safe){-...}-{2:2}


            and interrupts could create inverse lock ordering between them.


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

            no locks held by test/1.
            """,
            TrapTextTests.Normal(machine.TakeSingle()));
    }

    [Fact]
    public void InterruptsOn_WhileAnInterruptsLockIsHeld_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        Situation.In("Ih", task, here => { using (gate.LockIrqSave(here)) { } });
        var flags = gate.AcquireIrqSave(task);
        task.IrqEnable();
        Assert.Equal(TrapKind.InconsistentLockState, machine.TakeSingle().Kind);
        task.IrqDisable();
        gate.ReleaseIrqRestore(task, flags);
    }

    [Fact]
    public void Mutex_UnderSpinLockOfTheSameOrder_IsTheSleepOnly()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var mutex = new Mutex(machine, "mutex");
        var gate = new SpinLock(machine, "gate");
        using (mutex.Lock(task))
        {
            using (gate.Lock(task)) { }
        }

        machine.AssertClean();
    }
}
