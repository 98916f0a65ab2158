// A program as a user of the package would write it: a spin lock and a mutex of its own, and a page table whose lock
// is a spin lock. Two calls below it, somebody takes the mutex.
using Mm.Contexts;

var table = new PageTable();
table.MapPage(42);

[Scope<SpinLockHeld>]
public ref struct SpinLockGuard
{
    private readonly SpinLock _lock;

    public SpinLockGuard(SpinLock held) => _lock = held;

    public void Dispose() => _lock.IsHeld = false;
}

public sealed class SpinLock
{
    internal bool IsHeld;

    public SpinLockGuard Lock()
    {
        IsHeld = true;
        return new SpinLockGuard(this);
    }
}

public sealed class Mutex
{
    private bool _isHeld;

    [Might<Sleep>, Trusted("primitive")]
    public void Lock() => _isHeld = true;

    [Never<Sleep>]
    public void Unlock() => _isHeld = false;
}

public sealed class SharedMemory
{
    private readonly Mutex _mutex = new();
    private readonly ulong _first = 16;
    private readonly ulong _count = 64;

    public bool PfnInSharedMemory(ulong pfn)
    {
        _mutex.Lock();
        bool inside = pfn - _first < _count;
        _mutex.Unlock();
        return inside;
    }
}

public sealed class PageTable
{
    private readonly SpinLock _pageTableLock = new();
    private readonly SharedMemory _sharedMemory = new();
    private readonly ulong[] _entries = new ulong[512];

    public void MapPage(ulong pfn)
    {
        using (_pageTableLock.Lock())
        {
            if (VmNormalPage(pfn))
                _entries[pfn % 512] = pfn;
        }
    }

    private bool VmNormalPage(ulong pfn) => pfn != 0 && PfnValid(pfn);

    private bool PfnValid(ulong pfn) => _sharedMemory.PfnInSharedMemory(pfn);
}
