using System;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

public class LockOrderTests
{
    [Fact]
    public void Order_BothWays_IsReportedWithoutADeadlock()
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

        Assert.Equal("WARNING: possible circular locking dependency detected", machine.TakeSingle().Headline);
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
        Assert.Contains("inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.\ntest/1 [HC1[1]:SC0[0]:HE0:SE1] takes:", trap.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Class_TakenInASoftIrqAndWithBottomHalvesOn_IsInconsistent()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        machine.SoftIrqs.Open(Mm.Core.Contexts.SoftIrqVector.User1, here => { using (gate.Lock(here)) { } });
        machine.SoftIrqs.Raise(task, Mm.Core.Contexts.SoftIrqVector.User1);
        using (gate.LockBottomHalf(task)) { }
        machine.AssertClean();
        using (gate.Lock(task)) { }
        Assert.Contains("inconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.", machine.TakeSingle().Text, StringComparison.Ordinal);
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

        Assert.Equal("WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", machine.TakeSingle().Headline);
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
