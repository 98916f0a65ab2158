using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

public class RcuTests
{
    [Fact]
    public void Synchronize_WithReaders_WaitsForThemInAnyInterleaving()
    {
        for (var seed = 0UL; seed < 80; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 1 + ((int)seed % 3), Seed = seed });
            var published = new Box();
            machine.Start("writer", task =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var old = published;
                    published = new Box();
                    machine.Rcu.Synchronize(task);
                    old.IsFree = true;
                }
            });
            for (var r = 0; r < 2; r++)
            {
                var bySection = r == 1;
                machine.Start("reader", task =>
                {
                    for (var i = 0; i < 4; i++)
                    {
                        if (bySection)
                        {
                            using (task.PreemptOff()) Look(task);
                        }
                        else
                        {
                            using (machine.Rcu.Read(task)) Look(task);
                        }
                    }
                });
            }

            machine.Run();
            machine.AssertClean();

            void Look(MachineTask task)
            {
                var seen = published;
                task.Point();
                Assert.False(seen.IsFree);
                task.Point();
                Assert.False(seen.IsFree);
            }
        }
    }

    [Fact]
    public void Synchronize_OnRealThreads_NeverFreesUnderAReader()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var published = new Box();
        var stop = false;
        machine.Start("writer", task =>
        {
            for (var i = 0; i < 100; i++)
            {
                var old = Interlocked.Exchange(ref published, new Box());
                machine.Rcu.Synchronize(task);
                Volatile.Write(ref old.IsFree, true);
            }

            Volatile.Write(ref stop, true);
        });
        machine.Start("reader", task =>
        {
            while (!Volatile.Read(ref stop))
            {
                using (machine.Rcu.Read(task))
                {
                    var seen = Volatile.Read(ref published);
                    for (var i = 0; i < 50; i++) Assert.False(Volatile.Read(ref seen.IsFree));
                }
            }
        });
        machine.Run();
        Assert.True(machine.Rcu.GracePeriods >= 100);
        machine.AssertClean();
    }

    [Fact]
    public void Call_Callback_RunsInSoftIrqContextAfterTheReader()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = 1 });
        using var task = machine.Attach("test");
        var seen = 0;
        using (machine.Rcu.Read(task))
        {
            machine.Rcu.Call(task, here => seen = here.PreemptCount);
            while (machine.Service.Step(task)) { }
            Assert.Equal(0, seen);
        }

        machine.Rcu.Barrier(task);
        Assert.Equal(PreemptBits.SoftIrqOffset, seen);
    }

    [Fact]
    public void GracePeriod_ThatNobodyHasToBeWaitedFor_EndsInTheStepInWhichItBegan()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = 1 });
        using var task = machine.Attach("writer");
        machine.Rcu.Call(task, static _ => { });
        Assert.Equal(0, machine.Rcu.GracePeriods);
        Assert.True(machine.Rcu.Advance());
        Assert.Equal(1, machine.Rcu.GracePeriods);
        using (machine.Rcu.Read(task))
        {
            machine.Rcu.Call(task, static _ => { });
            machine.Rcu.Advance();
            Assert.Equal(1, machine.Rcu.GracePeriods);
        }

        machine.Rcu.Advance();
        Assert.Equal(2, machine.Rcu.GracePeriods);
    }

    [Fact]
    public void Synchronize_InAReader_IsSuspicious()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using (machine.Rcu.Read(task)) machine.Rcu.Synchronize(task);
        Assert.Equal(
            """
            =============================
            WARNING: suspicious RCU usage
            -----------------------------
            Illegal synchronize_rcu() in RCU read-side critical section!
            no locks held by test/1.
            """,
            machine.TakeSingle().Text);
    }

    [Fact]
    public void Schedule_InAReader_IsSuspicious()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using (machine.Rcu.Read(task)) task.Schedule();
        Assert.Equal(TrapKind.SuspiciousRcu, machine.TakeSingle().Kind);
    }

    private sealed class Box
    {
        public bool IsFree;
    }
}
