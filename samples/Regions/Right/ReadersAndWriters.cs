// A cache with many readers: look, then look again with the stronger lock.
using System;
using System.Collections.Generic;
using System.Threading;

namespace Regions.Right;

public sealed class Cache<TKey, TValue> : IDisposable
    where TKey : notnull
{
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Dictionary<TKey, TValue> _values = new();

    public bool TryGet(TKey key, out TValue? value)
    {
        _lock.EnterReadLock();
        try
        {
            return _values.TryGetValue(key, out value);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        _lock.EnterUpgradeableReadLock();
        try
        {
            if (_values.TryGetValue(key, out var known)) return known;
            var made = make(key);
            _lock.EnterWriteLock();
            try
            {
                _values[key] = made;
            }
            finally
            {
                _lock.ExitWriteLock();
            }

            return made;
        }
        finally
        {
            _lock.ExitUpgradeableReadLock();
        }
    }

    public bool TryPut(TKey key, TValue value, TimeSpan timeout)
    {
        if (!_lock.TryEnterWriteLock(timeout)) return false;
        try
        {
            _values[key] = value;
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    public void Dispose() => _lock.Dispose();
}
