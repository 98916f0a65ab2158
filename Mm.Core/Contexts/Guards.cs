// What is off stays off until the guard is disposed of. Ref structs: they can be neither stored nor carried over an await.
using Mm.Contexts;

namespace Mm.Core.Contexts;

/// <summary>Preemption is off.</summary>
[Scope<PreemptOff>]
public readonly ref struct PreemptGuard
{
    private readonly MachineTask _task;

    internal PreemptGuard(MachineTask task) => _task = task;

    /// <summary>Switches preemption on again.</summary>
    [Trusted("primitive")]
    public void Dispose() => _task.PreemptEnable();
}

/// <summary>Interrupts are off.</summary>
[Scope<IrqOff>]
public readonly ref struct IrqGuard
{
    private readonly MachineTask _task;
    private readonly IrqFlags _flags;

    internal IrqGuard(MachineTask task, IrqFlags flags)
    {
        _task = task;
        _flags = flags;
    }

    /// <summary>Puts interrupts back to what they were.</summary>
    [Trusted("primitive")]
    public void Dispose() => _task.IrqRestore(_flags);
}

/// <summary>Bottom halves are off.</summary>
[Scope<SoftIrq>]
public readonly ref struct BottomHalfGuard
{
    private readonly MachineTask _task;

    internal BottomHalfGuard(MachineTask task) => _task = task;

    /// <summary>Switches bottom halves on again.</summary>
    [Trusted("primitive")]
    public void Dispose() => _task.BottomHalvesEnable();
}

/// <summary>Page faults fail instead of being served.</summary>
[Scope<FaultsOff>]
public readonly ref struct PageFaultGuard
{
    private readonly MachineTask _task;

    internal PageFaultGuard(MachineTask task) => _task = task;

    /// <summary>Lets page faults be served again.</summary>
    [Trusted("primitive")]
    public void Dispose() => _task.PageFaultsEnable();
}

/// <summary>The task must not block, although the context would allow it.</summary>
[Forbids<Sleep>]
public readonly struct MustNotBlock : IContext;

/// <summary>The task must not block, although the context would allow it: the kernel's non_block section.</summary>
[Scope<MustNotBlock>]
public readonly ref struct NonBlockGuard
{
    private readonly MachineTask _task;

    internal NonBlockGuard(MachineTask task) => _task = task;

    /// <summary>Lets the task block again.</summary>
    [Trusted("primitive")]
    public void Dispose() => _task.BlockingAllowed();
}
