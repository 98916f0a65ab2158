// Preemption, interrupts, data of one CPU, and calls to the other CPUs.
using System;
using Mm.Contexts;

namespace Seeds.Kernel;

[Scope<PreemptOff>]
public readonly ref struct PreemptGuard
{
    public void Dispose() { }
}

public static class Preempt
{
    /// <summary>Switches preemption off until the guard is disposed.</summary>
    public static PreemptGuard Guard() => default;

    [Enters<PreemptOff>, Trusted("primitive")]
    public static void Disable() { }

    [Leaves<PreemptOff>, Trusted("primitive")]
    public static void Enable() { }
}

[Scope<IrqOff>]
public readonly ref struct IrqGuard
{
    public void Dispose() { }
}

public static class Interrupts
{
    /// <summary>Switches interrupts off; the guard puts them back to what they were.</summary>
    public static IrqGuard Save() => default;
}

/// <summary>One value for each CPU. Preemption is off from <see cref="Get"/> to <see cref="Put"/>, so the value stays ours.</summary>
public sealed class PerCpu<T>(T value)
{
    [Enters<PreemptOff>, Trusted("primitive")]
    public T Get() => value;

    [Leaves<PreemptOff>, Trusted("primitive")]
    public void Put() { }
}

public static class CrossCalls
{
    /// <summary>Runs the function in an interrupt on every other CPU and waits until all have done so.</summary>
    [Might<CrossCall>, Trusted("primitive: waits for the answers")]
    public static void CallOthers([RunsIn<HardIrq>] Action function) => function();
}
