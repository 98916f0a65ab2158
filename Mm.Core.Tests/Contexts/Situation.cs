using System;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Xunit;

namespace Mm.Core.Tests.Contexts;

/// <summary>A machine that records its traps, and the ways into each context.</summary>
internal static class Situation
{
    public static Machine NewMachine(int cpus = 1, TrapPolicy traps = TrapPolicy.Record, long memory = 0) =>
        Machine.Create(new MachineOptions { CpuCount = cpus, Traps = traps, SleepReportInterval = TimeSpan.Zero, MemoryBytes = memory });

    /// <summary>Runs an action in one of the columns of the matrix, and puts everything back.</summary>
    public static void In(string column, MachineTask task, Action<MachineTask> action)
    {
        switch (column)
        {
            case "T":
                action(task);
                break;
            case "P":
                using (task.PreemptOff()) action(task);
                break;
            case "S":
                using (task.BottomHalvesOff()) action(task);
                break;
            case "Id":
                using (task.IrqsOff()) action(task);
                break;
            case "Ih":
                task.Machine.CrossCalls.Send(task, task.RawCpuIndex, (here, _) => action(here));
                break;
            case "N":
                task.Machine.CrossCalls.SendNmi(task, task.RawCpuIndex, (here, _) => action(here));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(column));
        }
    }

    /// <summary>Takes the only trap out of the log.</summary>
    public static Trap TakeSingle(this Machine machine) => Assert.Single(machine.Traps.Clear());

    public static void AssertClean(this Machine machine) => Assert.Empty(machine.Traps.Clear());

    /// <summary>The invariant of every call: what it found is what it leaves, plus what it says.</summary>
    public static void AssertUnchanged(MachineTask task, Action action, int preempt = 0, int locks = 0)
    {
        var (count, irqs, rcu, held) = (task.PreemptCount, task.IrqsDisabled, task.RcuDepth, task.Locks.Count);
        action();
        Assert.Equal((count + preempt, irqs, rcu, held + locks), (task.PreemptCount, task.IrqsDisabled, task.RcuDepth, task.Locks.Count));
    }
}
