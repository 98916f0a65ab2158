// Monitor as a lock and as a condition: waiting gives the lock up.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Regions.Right;

public sealed class BoundedQueue<T>(int capacity)
{
    private readonly Queue<T> _items = new();
    private readonly object _gate = new();

    public void Put(T item)
    {
        lock (_gate)
        {
            while (_items.Count == capacity) Monitor.Wait(_gate);
            _items.Enqueue(item);
            Monitor.PulseAll(_gate);
        }
    }

    public bool TryTake(TimeSpan timeout, out T? item)
    {
        item = default;
        if (!Monitor.TryEnter(_gate, timeout)) return false;
        try
        {
            while (_items.Count == 0)
            {
                if (!Monitor.Wait(_gate, timeout)) return false;
            }

            item = _items.Dequeue();
            Monitor.Pulse(_gate);
            return true;
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }
}

public sealed class Accounts
{
    private readonly Dictionary<int, decimal> _balances = new();
    private readonly object _gate = new();
    private readonly object _log = new();
    private readonly List<string> _lines = new();

    public event Action<int>? Changed;

    /// <summary>Two locks, one inside of the other; handlers run behind both.</summary>
    public void Transfer(int from, int to, decimal amount)
    {
        lock (_gate)
        {
            _balances[from] = _balances.GetValueOrDefault(from) - amount;
            _balances[to] = _balances.GetValueOrDefault(to) + amount;
            lock (_log)
            {
                _lines.Add($"{from} {to} {amount}");
            }
        }

        Changed?.Invoke(to);
    }

    public async Task<int> CountAsync(Task<int> more)
    {
        int count;
        lock (_gate) count = _balances.Count;
        return count + await more.ConfigureAwait(false);
    }
}

/// <summary>Entered in one method, left in another.</summary>
public sealed class Session
{
    private readonly object _gate = new();

    public void Begin() => Monitor.Enter(_gate);

    public void End() => Monitor.Exit(_gate);
}
