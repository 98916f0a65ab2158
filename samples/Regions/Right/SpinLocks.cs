// A spin lock as it is meant: a few fields change, nothing else is called.
using System.Collections.Generic;
using System.Threading;

namespace Regions.Right;

public sealed class Counters
{
    private readonly long[] _totals = new long[16];
    private SpinLock _spin = new(enableThreadOwnerTracking: false);
    private long _last;

    public void Add(int index, long amount)
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            _totals[index] += amount;
            _last = amount;
        }
        finally
        {
            if (taken) _spin.Exit(useMemoryBarrier: false);
        }
    }

    public bool TryAdd(int index, long amount)
    {
        bool taken = false;
        _spin.TryEnter(ref taken);
        if (!taken) return false;
        _totals[index] += amount;
        _spin.Exit();
        return true;
    }

    /// <summary>The room is made before the lock is taken.</summary>
    public long[] Copy()
    {
        long[] copy = new long[_totals.Length];
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            for (int i = 0; i < copy.Length; i++) copy[i] = _totals[i];
        }
        finally
        {
            if (taken) _spin.Exit();
        }

        return copy;
    }
}

public sealed class FreeList<T>
    where T : class, new()
{
    private readonly T?[] _items = new T?[32];
    private SpinLock _spin = new(enableThreadOwnerTracking: false);
    private int _count;

    public T Rent()
    {
        T? found = null;
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            if (_count > 0) found = _items[--_count];
        }
        finally
        {
            if (taken) _spin.Exit();
        }

        return found ?? new T();
    }

    public void Return(IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            bool taken = false;
            try
            {
                _spin.Enter(ref taken);
                if (_count < _items.Length) _items[_count++] = item;
            }
            finally
            {
                if (taken) _spin.Exit();
            }
        }
    }
}
