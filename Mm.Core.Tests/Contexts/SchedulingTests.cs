using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Xunit;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Tests.Contexts;

public class SchedulingTests
{
    [Fact]
    public void Tasks_MoreThanCpus_AllGoOnAndNeverShareOne()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var users = new int[2];
        var total = 0;
        for (var i = 0; i < 8; i++)
        {
            machine.Start("worker", task =>
            {
                for (var round = 0; round < 2000; round++)
                {
                    using (task.PreemptOff())
                    {
                        Assert.Equal(1, Interlocked.Increment(ref users[task.CpuIndex]));
                        Interlocked.Decrement(ref users[task.CpuIndex]);
                    }

                    if (round % 100 == 0) task.ConditionalReschedule();
                }

                Interlocked.Increment(ref total);
            });
        }

        machine.Run();
        Assert.Equal(8, total);
        machine.AssertClean();
    }

    [Fact]
    public void Task_OutsideOfSections_LosesItsCpuToOneThatWaits()
    {
        using var machine = Situation.NewMachine(cpus: 1);
        using var idler = machine.Attach("idler");
        machine.Start("other", static task => { using (task.PreemptOff()) { } });
        machine.Run();
        using (idler.PreemptOff()) Assert.Equal(0, idler.CpuIndex);
    }

    // A CPU is taken every slice; the victims do nothing but begin sections, so that one begins right while it is taken.
    [Fact]
    public void Section_BegunWhileItsCpuIsTaken_WaitsForACpu()
    {
        using var machine = Situation.NewMachine(cpus: 1);
        var (homeless, switches, last) = (0, 0, -1);
        for (var i = 0; i < 3; i++)
        {
            machine.Start("worker", task =>
            {
                while (Volatile.Read(ref switches) < 100)
                {
                    for (var round = 0; round < 1000; round++)
                    {
                        using (task.PreemptOff())
                        {
                            if (task.CpuIndex != 0) Interlocked.Increment(ref homeless);
                            if (last != task.Id) (last, switches) = (task.Id, switches + 1);
                        }
                    }
                }
            });
        }

        machine.Run();
        Assert.Equal(0, homeless);
        machine.AssertClean();
    }

    // The waker is there as soon as the waiter is queued: it meets him on his way into the first wait of his life.
    [Fact]
    public void FirstWait_WokenOnTheWayIn_Ends()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        using var waker = machine.Attach("waker");
        for (var round = 0; round < 4000; round++)
        {
            var queue = new WaitQueue(machine, "first");
            var isSet = false;
            machine.Start("waiter", task => queue.Wait(task, () => Volatile.Read(ref isSet)));
            while (!queue.IsActive) Thread.SpinWait(1 + (round % 50));
            Volatile.Write(ref isSet, true);
            queue.WakeAll(waker);
            machine.Run();
        }

        machine.AssertClean();
    }

    [Fact]
    public void Thread_ThatEndsWithoutDetaching_GivesItsCpuBack()
    {
        using var machine = Situation.NewMachine(cpus: 1);
        var thread = new Thread(() => machine.Attach("careless"));
        thread.Start();
        thread.Join();
        using var next = machine.Attach("next");
        using (next.PreemptOff()) Assert.Equal(0, next.CpuIndex);
    }

    [Fact]
    public void Token_AfterItsTaskEnded_Throws()
    {
        using var machine = Situation.NewMachine();
        var task = machine.Attach("test");
        task.Dispose();
        Assert.Throws<ObjectDisposedException>(() => task.PreemptDisable());
        task.Dispose();
    }

    [Fact]
    public void Schedule_OneSeed_GivesOneOrder()
    {
        Assert.Equal(OrderOf(7), OrderOf(7));
        Assert.True(new HashSet<string> { OrderOf(1), OrderOf(2), OrderOf(3), OrderOf(4) }.Count > 1);

        static string OrderOf(ulong seed)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            var order = "";
            foreach (var name in (string[])["a", "b", "c"])
            {
                machine.Start(name, task =>
                {
                    for (var i = 0; i < 5; i++)
                    {
                        using (task.PreemptOff()) order += task.Name;
                    }
                });
            }

            machine.Run();
            return order;
        }
    }

    [Fact]
    public void Schedule_LostUpdate_IsFoundBySomeSeedAndCuredByALock()
    {
        Assert.Contains(Enumerate(50), static seed => Count(seed, locked: false) != 4);
        Assert.All(Enumerate(50), static seed => Assert.Equal(4, Count(seed, locked: true)));

        static IEnumerable<ulong> Enumerate(ulong count)
        {
            for (var seed = 0UL; seed < count; seed++) yield return seed;
        }

        static int Count(ulong seed, bool locked)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            var gate = new SpinLock(machine, "count");
            var count = 0;
            for (var i = 0; i < 2; i++)
            {
                machine.Start("adder", task =>
                {
                    for (var j = 0; j < 2; j++)
                    {
                        if (locked) gate.Acquire(task);
                        var seen = count;
                        task.Point();
                        count = seen + 1;
                        if (locked) gate.Release(task);
                    }
                });
            }

            machine.Run();
            return count;
        }
    }

    [Fact]
    public void Schedule_WaitersWithoutWaker_AreADeadlock()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = 3 });
        var done = new Completion(machine, "never");
        machine.Start("waiter", task => done.Wait(task));
        var failure = Assert.Throws<MachineDeadlockException>(machine.Run);
        Assert.Contains("waiter/1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_TasksThatSpinOnEachOther_AreADeadlock()
    {
        for (var seed = 0UL; seed < 10; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed, Traps = Mm.Core.Diagnostics.TrapPolicy.Record });
            var (a, b) = (new SpinLock(machine, "a"), new SpinLock(machine, "b"));
            machine.Start("first", task => TakeBoth(task, a, b));
            machine.Start("second", task => TakeBoth(task, b, a));
            var failure = Assert.Throws<MachineDeadlockException>(machine.Run);
            Assert.StartsWith("Every task spins, and nothing can wake them: first/1 [a], second/2 [b]", failure.Message, StringComparison.Ordinal);
        }

        static void TakeBoth(MachineTask task, SpinLock mine, SpinLock others)
        {
            using (mine.Lock(task))
            {
                while (!others.IsLocked) task.Point();
                using (others.Lock(task)) Assert.Fail("both hold both");
            }
        }
    }

    [Fact]
    public void Run_WaitsForTasksThatTasksStart_AndEndsThemIfOneFails()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            var ended = 0;
            machine.Start("first", task =>
            {
                machine.Start("second", second =>
                {
                    second.SleepFor(TimeSpan.FromMilliseconds(5));
                    machine.Start("third", third =>
                    {
                        third.SleepFor(TimeSpan.FromMilliseconds(5));
                        ended++;
                    });
                    ended++;
                });
                ended++;
            });
            machine.Run();
            Assert.Equal(3, ended);

            machine.Start("fails", _ =>
            {
                machine.Start("never ends", second => second.SleepFor(TimeSpan.FromDays(1)));
                throw new InvalidOperationException("on purpose");
            });
            Assert.Equal("on purpose", Assert.Throws<InvalidOperationException>(machine.Run).Message);
        }
    }
}
