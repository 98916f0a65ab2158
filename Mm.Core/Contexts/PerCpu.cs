// One value for each CPU.
// Context: the value is reached with preemption off only, so that no other task of this CPU is at it (matrix row 116).
// An interrupt of the same CPU may be: what both touch needs interrupts off as well.
using System;
using System.Runtime.CompilerServices;
using Mm.Contexts;

namespace Mm.Core.Contexts;

/// <summary>One value for each CPU of a machine.</summary>
/// <typeparam name="T">What each CPU has.</typeparam>
public sealed class PerCpu<T>
    where T : class
{
    private readonly T[] _values;

    /// <summary>Makes a value for each CPU.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="make">Makes the value of the CPU with the given number.</param>
    public PerCpu(Machine machine, Func<int, T> make)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(make);
        _values = new T[machine.CpuCount];
        for (var cpu = 0; cpu < _values.Length; cpu++) _values[cpu] = make(cpu);
    }

    /// <summary>The value of another CPU: whoever reads it must cope with its owner writing it at the same time.</summary>
    /// <param name="cpu">The CPU, from 0.</param>
    public T this[int cpu] => _values[cpu];

    /// <summary>The value of this CPU. Preemption stays off until <see cref="Put"/>, and the value must not be kept longer.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [Enters<PreemptOff>, Trusted("primitive")]
    public T Get(MachineTask task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        task.PreemptDisable(file, line);
        return _values[task.State.CpuIndex];
    }

    /// <summary>Ends what <see cref="Get"/> began.</summary>
    /// <param name="task">The running task.</param>
    [Leaves<PreemptOff>, Trusted("primitive")]
    public void Put(MachineTask task) => task.PreemptEnable();

    /// <summary>The value of this CPU, for code in which preemption is off anyway.</summary>
    /// <param name="task">The running task.</param>
    /// <remarks>Trap outside of a section: <c>BUG: using this_cpu_ptr() in preemptible</c> (matrix row 117).</remarks>
    [Requires<PreemptOff>, Trusted("reads a word")]
    public T This(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.Preemptible) Diagnostics.TrapTexts.ReportPreemptibleCpuNumber(task, "this_cpu_ptr");
        return _values[task.State.CpuIndex];
    }
}
