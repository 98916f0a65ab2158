using System;
using System.Linq;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

/// <summary>Who only reads: a reader passes other readers, and some readers pass writers that wait.</summary>
public partial class LockOrderTests
{
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public void Class_ReadInASoftIrqAndReadWithBottomHalvesOn_IsFine_AndWithAnyWriterIsNot(bool readsInSoftIrq, bool readsWithThemOn, bool isReported)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new ReadWriteSpinLock(machine, "gate");
        InSoftIrq(task, here => Take(here, gate, readsInSoftIrq));
        machine.AssertClean();
        Take(task, gate, readsWithThemOn);
        if (!isReported)
        {
            machine.AssertClean();
            return;
        }

        var expected = $"inconsistent {{IN-SOFTIRQ-{(readsInSoftIrq ? 'R' : 'W')}}} -> {{SOFTIRQ-ON-{(readsWithThemOn ? 'R' : 'W')}}} usage.";
        Assert.Contains(expected, machine.TakeSingle().Text, StringComparison.Ordinal);
    }

    // safe is wanted in an interrupt, loose is taken with interrupts on, and somebody holds safe and wants loose. He who only reads in an
    // interrupt passes readers: then safe must be held for writing.
    [Theory]
    [InlineData("write", "write", "HARDIRQ")]
    [InlineData("write", "read", "HARDIRQ")]
    [InlineData("read", "write", "HARDIRQ-READ")]
    [InlineData("read", "read", null)]
    public void Order_BehindALockThatInterruptsOnlyRead_CountsWhereItIsHeldForWriting(string inInterrupt, string held, string? name)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var (safe, loose) = (new ReadWriteSpinLock(machine, "safe"), new SpinLock(machine, "loose"));
        Situation.In("Ih", task, here => Take(here, safe, inInterrupt == "read"));
        using (loose.Lock(task)) { }
        using (task.IrqsOff())
        {
            if (held == "read") safe.AcquireRead(task);
            else safe.AcquireWrite(task);
            using (loose.Lock(task)) { }
            if (held == "read") safe.ReleaseRead(task);
            else safe.ReleaseWrite(task);
        }

        if (name is null) machine.AssertClean();
        else Assert.Equal($"WARNING: {name}-safe -> {name}-unsafe lock order detected", machine.TakeSingle().Headline);
    }

    // Both orders, but each time the second is read by who passes waiting writers, and held by a reader: nobody waits.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Order_BothWaysOfReaders_IsADeadlockOnlyWithAWriter(bool reads, bool isReported)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        ReadWriteSpinLock[] locks = [new(machine, "A"), new(machine, "B")];
        for (var first = 0; first < 2; first++)
        {
            var (outer, inner) = (locks[first], locks[1 - first]);
            Situation.In("S", task, here =>
            {
                outer.AcquireRead(here);
                Take(here, inner, reads);
                outer.ReleaseRead(here);
            });
        }

        Assert.Equal(isReported ? ["WARNING: possible circular locking dependency detected"] : [], machine.Traps.Clear().Select(static t => t.Headline));
    }

    private static void Take(MachineTask task, ReadWriteSpinLock gate, bool reads)
    {
        if (reads)
        {
            using (gate.Read(task)) { }
        }
        else
        {
            using (gate.Write(task)) { }
        }
    }
}
