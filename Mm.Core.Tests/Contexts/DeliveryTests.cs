using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public class DeliveryTests
{
    [Fact]
    public void Interrupt_WithInterruptsOff_ComesWhenTheyGoOn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var seen = new List<int>();
        using (task.IrqsOff())
        {
            machine.CrossCalls.Send(task, 0, (here, _) => seen.Add(here.PreemptCount));
            using (task.PreemptOff()) { }
            Assert.Empty(seen);
        }

        Assert.Equal([PreemptBits.HardIrqOffset], seen);
        Assert.True(task.Preemptible);
    }

    [Fact]
    public void Nmi_WithInterruptsOff_ComesAllTheSame()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var seen = 0;
        using (task.IrqsOff()) machine.CrossCalls.SendNmi(task, 0, (here, _) => seen = here.PreemptCount & ~PreemptBits.PreemptMask);
        Assert.Equal(PreemptBits.NmiOffset + PreemptBits.HardIrqOffset, seen);
    }

    [Fact]
    public void Interrupts_WhileOneIsHandled_Wait()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var order = new List<string>();
        machine.CrossCalls.Send(task, 0, (here, _) =>
        {
            order.Add("first begins");
            machine.CrossCalls.Send(here, 0, (_, _) => order.Add("second"));
            order.Add("first ends");
        });
        Assert.Equal(["first begins", "first ends", "second"], order);
    }

    [Fact]
    public void SoftIrq_RaisedInAnInterrupt_RunsAfterItWithInterruptsOn()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var order = new List<string>();
        machine.SoftIrqs.Open(SoftIrqVector.User1, here => order.Add($"soft {here.PreemptCount & ~PreemptBits.PreemptMask:x} {here.IrqsDisabled}"));
        machine.CrossCalls.Send(task, 0, (here, _) =>
        {
            machine.SoftIrqs.Raise(here, SoftIrqVector.User1);
            order.Add("hard");
        });
        Assert.Equal(["hard", "soft 100 False"], order);
        machine.AssertClean();
    }

    [Fact]
    public void SoftIrq_WithBottomHalvesOff_WaitsForThem()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var count = 0;
        machine.SoftIrqs.Open(SoftIrqVector.User1, _ => count++);
        using (task.BottomHalvesOff())
        {
            machine.SoftIrqs.Raise(task, SoftIrqVector.User1);
            Assert.Equal(0, count);
        }

        Assert.Equal(1, count);
    }

    [Fact]
    public void SoftIrq_ThatRaisesItselfForEver_DoesNotKeepTheTask()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Traps = TrapPolicy.Record, Seed = 1 });
        using var task = machine.Attach("test");
        var count = 0;
        machine.SoftIrqs.Open(SoftIrqVector.User1, here =>
        {
            count++;
            machine.SoftIrqs.Raise(here, SoftIrqVector.User1);
        });
        machine.SoftIrqs.Raise(task, SoftIrqVector.User1);
        Assert.InRange(count, 1, 100);
    }

    [Fact]
    public void SoftIrqHandler_ThatLeaksPreemption_IsReportedAndUndone()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        machine.SoftIrqs.Open(SoftIrqVector.User1, static here => here.PreemptDisable());
        machine.SoftIrqs.Raise(task, SoftIrqVector.User1);
        Assert.Equal("huh, entered softirq 2 USER1 with preempt_count 00000100, exited with 00000101?", machine.TakeSingle().Text);
        Assert.Equal(0, task.PreemptCount);
    }

    [Fact]
    public void InterruptHandler_ThatSwitchesInterruptsOn_IsReported()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        machine.CrossCalls.Send(task, 0, static (here, _) => here.IrqEnable());
        var traps = machine.Traps.Clear();
        Assert.Equal(2, traps.Count);
        TrapTextTests.AssertWarning("DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())", traps[0]);
        Assert.StartsWith("irq handler", traps[1].Text, StringComparison.Ordinal);
        Assert.False(task.IrqsDisabled);
    }

    [Fact]
    public void Timer_WhenDue_RunsInSoftIrqContextOnce()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = 1 });
        using var task = machine.Attach("test");
        var seen = new List<bool>();
        var timer = new MachineTimer(machine, "test", here => seen.Add(here.InServingSoftIrq));
        timer.Arm(task, TimeSpan.FromSeconds(1));
        task.SleepFor(TimeSpan.FromMilliseconds(500));
        Assert.True(timer.IsArmed);
        task.SleepFor(TimeSpan.FromSeconds(5));
        Assert.Equal([true], seen);
        Assert.False(timer.Cancel());
    }

    [Fact]
    public void Timer_Cancelled_DoesNotRun()
    {
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1, Seed = 1 });
        using var task = machine.Attach("test");
        var count = 0;
        var timer = new MachineTimer(machine, "test", _ => count++);
        timer.Arm(task, TimeSpan.FromSeconds(1));
        Assert.True(timer.Cancel());
        task.SleepFor(TimeSpan.FromSeconds(2));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Timer_OnARealClock_WakesTheSleeper()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var begin = DateTime.UtcNow;
        task.SleepFor(TimeSpan.FromMilliseconds(20));
        Assert.True(DateTime.UtcNow - begin >= TimeSpan.FromMilliseconds(15));
    }

    [Fact]
    public void CallEach_WithIdleAndBusyCpus_RunsOnEachInItsContext()
    {
        using var machine = Situation.NewMachine(cpus: 3);
        using var go = new ManualResetEventSlim();
        using var ready = new ManualResetEventSlim();
        machine.Start("outside", task =>
        {
            ready.Set();
            go.Wait();
        });
        ready.Wait();
        using (var task = machine.Attach("caller"))
        {
            var seen = new System.Collections.Concurrent.ConcurrentBag<(int Cpu, bool IrqsOff)>();
            machine.CrossCalls.CallEach(task, (here, _) => seen.Add((here.RawCpuIndex, here.IrqsDisabled)));
            Assert.Equal([(0, true), (1, true), (2, true)], seen.Order());
        }

        go.Set();
        machine.Run();
        machine.AssertClean();
    }

    [Fact]
    public void Call_ToACpuInASection_WaitsForItsEnd()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        using var inside = new ManualResetEventSlim();
        var left = false;
        machine.Start("holder", task =>
        {
            using (task.IrqsOff())
            {
                inside.Set();
                Thread.Sleep(30);
                Volatile.Write(ref left, true);
            }
        });
        inside.Wait();
        using (var task = machine.Attach("caller"))
        {
            var wasLeft = false;
            machine.CrossCalls.CallOthers(task, (_, _) => wasLeft = Volatile.Read(ref left));
            Assert.True(wasLeft);
        }

        machine.Run();
    }

    [Fact]
    public void Calls_FromTwoCpusAtOnce_DoNotDeadlock()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var count = 0;
        for (var i = 0; i < 2; i++)
        {
            machine.Start("caller", task =>
            {
                for (var round = 0; round < 200; round++)
                {
                    using (task.PreemptOff()) machine.CrossCalls.CallOthers(task, (_, _) => Interlocked.Increment(ref count));
                }
            });
        }

        machine.Run();
        Assert.Equal(400, count);
        machine.AssertClean();
    }
}
