using System;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public class BorrowedTaskTests
{
    [Fact]
    public void Borrow_InSections_WorksAsACpu()
    {
        using var machine = Situation.NewMachine();
        using (var borrowed = machine.Borrow())
        {
            using (borrowed.Task.PreemptOff()) Assert.Equal(0, borrowed.Task.CpuIndex);
        }

        machine.AssertClean();
    }

    [Fact]
    public void Borrow_WhileATaskHasTheOnlyCpu_TakesItBetweenItsSections()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("owner");
        for (var i = 0; i < 3; i++)
        {
            using (task.PreemptOff()) Assert.Equal(0, task.CpuIndex);
            using var borrowed = machine.Borrow();
            using (borrowed.Task.PreemptOff()) Assert.Equal(0, borrowed.Task.CpuIndex);
        }

        machine.AssertClean();
    }

    [Fact]
    public void Borrow_ByMoreThreadsThanCpus_NeverLendsATokenTwice()
    {
        using var machine = Situation.NewMachine(cpus: 2);
        var inside = new int[2];
        var failures = 0;
        var threads = new Thread[6];
        for (var t = 0; t < threads.Length; t++)
        {
            threads[t] = new Thread(() =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    using var borrowed = machine.Borrow();
                    using (borrowed.Task.PreemptOff())
                    {
                        var cpu = borrowed.Task.CpuIndex;
                        if (Interlocked.Increment(ref inside[cpu]) != 1) Interlocked.Increment(ref failures);
                        Interlocked.Decrement(ref inside[cpu]);
                    }
                }
            });
            threads[t].Start();
        }

        foreach (var thread in threads) thread.Join();
        Assert.Equal(0, failures);
        machine.AssertClean();
    }

    [Fact]
    public void GivingBack_TwiceOrInASection_IsRefused()
    {
        using var machine = Situation.NewMachine(cpus: 2, traps: TrapPolicy.Throw);
        var loan = new TaskLoans(machine).Take();
        loan.Task.PreemptDisable();
        Assert.Throws<InvalidOperationException>(loan.PutBack);
        loan.Task.PreemptEnable();
        loan.PutBack();
        Assert.Throws<ObjectDisposedException>(loan.PutBack);
    }
}
