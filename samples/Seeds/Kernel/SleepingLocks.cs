// Locks whose waiters give up the CPU. Holding one is no atomic context, so their guards carry no [Scope].
using Mm.Contexts;

namespace Seeds.Kernel;

public readonly ref struct MutexGuard
{
    public void Dispose() { }
}

public sealed class Mutex
{
    [Might<Sleep>, Trusted("primitive: waits for the owner")]
    public MutexGuard Lock() => default;

    [Never<Sleep>, Trusted("primitive: gives up at once")]
    public bool TryLock() => true;

    public void Unlock() { }
}

public readonly ref struct SemaphoreGuard
{
    public void Dispose() { }
}

/// <summary>A sleeping lock that many readers or one writer may hold.</summary>
public sealed class RwSemaphore
{
    [Might<Sleep>, Trusted("primitive: waits for writers")]
    public SemaphoreGuard Read() => default;

    [Might<Sleep>, Trusted("primitive: waits for readers and writers")]
    public SemaphoreGuard Write() => default;
}
