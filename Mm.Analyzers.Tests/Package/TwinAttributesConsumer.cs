// A library in C# 9, which has no generic attributes: each attribute by its twin.
using System;
using Mm.Contexts;

[assembly: Never(typeof(NetworkAccess))]

public struct NetworkAccess : IEffect { }

[Forbids(typeof(NetworkAccess)), Implies(typeof(PreemptOff))]
public struct AudioCallback : IContext { }

[Scope(typeof(AudioCallback)), Scope(typeof(IrqOff))]
public sealed class AudioScope : IDisposable
{
    public void Dispose() { }
}

[Flags] public enum Gfp { None = 0, MayBlock = 1 }

[Requires(typeof(AudioCallback))]
public delegate void Render(float[] block);

public sealed class Pool
{
    [Might(typeof(Sleep), When = nameof(flags), Has = Gfp.MayBlock), Might(typeof(Fault)), MustCheck]
    [return: OwnedBy(typeof(Pool))]
    public object Allocate(Gfp flags) => new object();

    [Never(typeof(Sleep)), Trusted("only marks the slot")]
    public void Free([OwnedBy(typeof(Pool))] object slot) { }

    [RunsIn(typeof(AudioCallback)), ForbiddenIn(typeof(HardIrq))]
    public void OnBlock() { }

    [Enters(typeof(IrqOff)), Trusted("primitive")] public void Disable() { }

    [Leaves(typeof(IrqOff)), Trusted("primitive")] public void Enable() { }

    [Trusted("primitive")]
    [return: Enters(typeof(SpinLockHeld), On = 0)]
    public int TryLock() => 0;

    [Tests(typeof(AudioCallback)), Trusted("compares thread ids")] public bool InCallback => false;

    public void Later([Deferred, RunsIn(typeof(SoftIrq))] Action work) { }
}
