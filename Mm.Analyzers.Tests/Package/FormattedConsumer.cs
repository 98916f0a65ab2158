// A library before its fixes were applied: a flag that sleeps, a guard that is dropped, effects that nobody has declared.
using System;

namespace Library;

[Flags]
public enum Gfp { None = 0, MayBlock = 1, WakeReclaimer = 2, UseReserve = 4, StartIo = 8, Atomic = WakeReclaimer | UseReserve, Kernel = MayBlock | WakeReclaimer | StartIo }

[Mm.Contexts.Scope<Mm.Contexts.SpinLockHeld>]
public readonly ref struct Guard
{
    public void Dispose() { }
}

public sealed class SpinLock
{
    public Guard Lock() => default;
}

public sealed class Pool
{
    private readonly SpinLock _lock = new();

    public void Fill(int size)
    {
        using (_lock.Lock())
            Take(size, Gfp.Kernel);
    }

    public void Drop() => Wait(1);

    public void Hold(int size)
    {
        _lock.Lock();
        Take(size, Gfp.Atomic);
    }

    [Mm.Contexts.Might<Mm.Contexts.Sleep>(When = nameof(how), Has = Gfp.MayBlock), Mm.Contexts.Trusted("primitive")]
    internal static void Take(int size, Gfp how) { }

    private static void Wait(int ticks) => System.Threading.Thread.Sleep(ticks);
}
