using System;
using System.Linq;
using System.Threading;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;
using Mutex = Mm.Core.Locking.Mutex;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Tests.Locking;

public class LockTests
{
    [Fact]
    public void SpinLock_EachForm_ChangesTheContextAsItSays()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        Situation.AssertUnchanged(task, () =>
        {
            using (gate.Lock(task)) Assert.Equal((1, false), (task.PreemptCount, task.IrqsDisabled));
            using (gate.LockIrqSave(task)) Assert.Equal((1, true), (task.PreemptCount, task.IrqsDisabled));
            using (gate.LockBottomHalf(task)) Assert.Equal((0x201, false), (task.PreemptCount, task.IrqsDisabled));
            using (gate.LockIrq(task)) Assert.Equal((1, true), (task.PreemptCount, task.IrqsDisabled));
        });
        machine.AssertClean();
    }

    [Fact]
    public void SpinLock_TakenTwice_IsRecursion()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        using (gate.Lock(task)) Assert.Throws<TrapException>(() => gate.Acquire(task));
        var traps = machine.Traps.Clear();
        Assert.Equal(["WARNING: possible recursive locking detected", "BUG: spinlock recursion on CPU#0, test/1"], traps.Select(static t => t.Headline));
        Assert.False(gate.IsLocked);
        Assert.Equal(0, task.PreemptCount);
    }

    [Fact]
    public void SpinLock_ReleasedUnheld_IsReportedAndChangesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new SpinLock(machine, "gate");
        Situation.AssertUnchanged(task, () => gate.Release(task));
        Assert.Equal(["WARNING: bad unlock balance detected!", "BUG: spinlock already unlocked on CPU#0, test/1"], machine.Traps.Clear().Select(static t => t.Headline));
    }

    [Fact]
    public void SpinLock_HeldByATaskThatFailed_FailsTheOneThatWaits()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var gate = new SpinLock(machine, "gate");
        machine.Start("careless", task =>
        {
            gate.Acquire(task);
            throw new FormatException("what went wrong");
        });
        machine.Start("next", task =>
        {
            while (!gate.IsLocked) Thread.Yield();
            gate.Acquire(task);
        });
        var failures = Assert.Throws<AggregateException>(machine.Run).InnerExceptions;
        Assert.Contains(failures, static failure => failure is FormatException);
        Assert.Contains(failures, static failure => failure is TrapException { Trap: var trap } &&
            trap.Headline.StartsWith("BUG: spinlock lockup suspected on CPU#", StringComparison.Ordinal) &&
            trap.Text.Contains(".owner: careless/1", StringComparison.Ordinal));
        using var after = machine.Attach("after");
        using (after.PreemptOff()) Assert.Equal(1, after.PreemptCount);
    }

    [Fact]
    public void SpinLock_ManyThreads_ExcludesThem()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var gate = new SpinLock(machine, "gate");
        var count = 0;
        for (var i = 0; i < 4; i++)
        {
            machine.Start("adder", task =>
            {
                for (var round = 0; round < 20_000; round++)
                {
                    using (gate.LockIrqSave(task)) count++;
                }
            });
        }

        machine.Run();
        Assert.Equal(80_000, count);
        machine.AssertClean();
    }

    [Fact]
    public void ReadWriteSpinLock_ReadersShare_WriterExcludes()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var gate = new ReadWriteSpinLock(machine, "gate");
        var (readers, writers, sum) = (0, 0, 0);
        for (var i = 0; i < 4; i++)
        {
            var writes = i == 0;
            machine.Start("user", task =>
            {
                for (var round = 0; round < 5000; round++)
                {
                    if (writes)
                    {
                        using (gate.Write(task))
                        {
                            Assert.Equal(1, Interlocked.Increment(ref writers));
                            Assert.Equal(0, Volatile.Read(ref readers));
                            sum++;
                            Interlocked.Decrement(ref writers);
                        }
                    }
                    else
                    {
                        using (gate.Read(task))
                        {
                            Interlocked.Increment(ref readers);
                            Assert.Equal(0, Volatile.Read(ref writers));
                            Interlocked.Decrement(ref readers);
                        }
                    }
                }
            });
        }

        machine.Run();
        Assert.Equal(5000, sum);
        machine.AssertClean();
    }

    [Fact]
    public void ReadWriteSpinLock_WriterOverOwnRead_IsRecursion()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new ReadWriteSpinLock(machine, "gate");
        using (gate.Read(task)) Assert.Throws<TrapException>(() => gate.AcquireWrite(task));
        Assert.Equal("BUG: rwlock recursion on CPU#0, test/1", machine.Traps.Clear()[^1].Headline);
    }

    [Fact]
    public void Mutex_Contended_SleepsAndGivesTheCpuUp()
    {
        using var machine = Situation.NewMachine(cpus: 1);
        var mutex = new Mutex(machine, "mutex");
        var count = 0;
        for (var i = 0; i < 4; i++)
        {
            machine.Start("adder", task =>
            {
                for (var round = 0; round < 500; round++)
                {
                    using (mutex.Lock(task))
                    {
                        var seen = count;
                        if (round % 50 == 0) task.ConditionalReschedule();
                        count = seen + 1;
                    }
                }
            });
        }

        machine.Run();
        Assert.Equal(2000, count);
        machine.AssertClean();
    }

    [Fact]
    public void Mutex_AnyInterleaving_Excludes()
    {
        for (var seed = 0UL; seed < 60; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 1 + ((int)seed % 3), Seed = seed });
            var mutex = new Mutex(machine, "mutex");
            var count = 0;
            for (var i = 0; i < 3; i++)
            {
                machine.Start("adder", task =>
                {
                    for (var round = 0; round < 3; round++)
                    {
                        using (mutex.Lock(task))
                        {
                            var seen = count;
                            task.Point();
                            count = seen + 1;
                        }
                    }
                });
            }

            machine.Run();
            Assert.Equal(9, count);
            machine.AssertClean();
        }
    }

    [Fact]
    public void RwSemaphore_OnRealThreads_LosesNoWakeUp()
    {
        // Who releases looks for waiters after he has let go, and wakes nobody if there is none: a waiter that he misses waits for ever.
        using var machine = Situation.NewMachine(cpus: 2);
        var gate = new RwSemaphore(machine, "gate");
        var sum = 0;
        for (var i = 0; i < 4; i++)
        {
            var isWriter = i % 2 == 0;
            machine.Start(isWriter ? "writer" : "reader", task =>
            {
                for (var round = 0; round < 400; round++)
                {
                    if (isWriter)
                    {
                        using (gate.Write(task)) sum++;
                    }
                    else
                    {
                        using (gate.Read(task)) Assert.InRange(sum, 0, 800);
                    }

                    task.ConditionalReschedule();
                }
            });
        }

        machine.Run();
        Assert.Equal(800, sum);
        machine.AssertClean();
    }

    [Fact]
    public void RwSemaphore_AnyInterleaving_KeepsWritersAlone()
    {
        for (var seed = 0UL; seed < 60; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            var gate = new RwSemaphore(machine, "gate");
            var (readers, writers) = (0, 0);
            for (var i = 0; i < 3; i++)
            {
                var writes = i == 0;
                machine.Start("user", task =>
                {
                    for (var round = 0; round < 3; round++)
                    {
                        if (writes)
                        {
                            gate.AcquireWrite(task);
                            Assert.Equal((1, 0), (++writers, readers));
                            task.Point();
                            writers--;
                            readers++;
                            gate.Downgrade(task);
                            task.Point();
                            readers--;
                            gate.ReleaseRead(task);
                        }
                        else
                        {
                            using (gate.Read(task))
                            {
                                readers++;
                                Assert.Equal(0, writers);
                                task.Point();
                                readers--;
                            }
                        }
                    }
                });
            }

            machine.Run();
            machine.AssertClean();
        }
    }

    [Fact]
    public void Completion_CompletedFromAnInterrupt_WakesTheWaiter()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            var done = new Completion(machine, "done");
            machine.Start("waiter", task => done.Wait(task));
            machine.Start("device", task => machine.CrossCalls.Send(task, 1, (here, _) => done.Complete(here)));
            machine.Run();
            Assert.False(done.IsDone);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Completion_WithTimeout_EndsWithoutOne()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = 5 });
        using var task = machine.Attach("test");
        var done = new Completion(machine, "done");
        Assert.False(done.Wait(task, TimeSpan.FromSeconds(1)));
        done.Complete(task);
        Assert.True(done.Wait(task, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void SeqLock_ReaderThatMeetsAWriter_ReadsAgain()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var gate = new SeqLock(machine, "gate");
        var (a, b) = (0, 0);
        machine.Start("writer", task =>
        {
            for (var i = 1; i <= 20_000; i++)
            {
                using (gate.Write(task)) (a, b) = (i, -i);
            }
        });
        machine.Start("reader", task =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                int x, y;
                uint sequence;
                do
                {
                    sequence = gate.BeginRead(task);
                    x = Volatile.Read(ref a);
                    y = Volatile.Read(ref b);
                }
                while (gate.ReadMustRetry(sequence));
                Assert.Equal(x, -y);
            }
        });
        machine.Run();
        machine.AssertClean();
    }
}
