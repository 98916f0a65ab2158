// The locks, waits and tasks of .NET under its own spin lock. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
using System.Threading;
using System.Threading.Tasks;
using System.Collections.Generic;
class A
{
    System.Threading.SpinLock _lock = new(false);
    readonly object _gate = new();
    readonly System.Threading.Lock _l2 = new();
    int _n;
    public void Sleep()
    {
        bool taken = false;
        try { _lock.Enter(ref taken); Thread.Sleep(1); } // MM1001
        finally { if (taken) _lock.Exit(); }
    }
    public void LockIn()
    {
        bool taken = false;
        try
        {
            _lock.Enter(ref taken);
            lock (_gate) // MM1001
            { _n++; }
            lock (_l2) // MM1001
            { _n++; }
        }
        finally { if (taken) _lock.Exit(); }
    }
    public async Task Await()
    {
        bool taken = false;
        try { _lock.Enter(ref taken); await Task.Delay(1); } // MM1006
        finally { if (taken) _lock.Exit(); }
    }
    public void NoFinally()
    {
        bool taken = false;
        _lock.Enter(ref taken);
        _n++;
        _lock.Exit();
        Thread.Sleep(1);
    }
    public void Leak()
    {
        bool taken = false;
        _lock.Enter(ref taken);
        _n++;
    } // MM2001
    public bool TryFallback()
    {
        bool taken = false;
        _lock.TryEnter(ref taken);
        if (!taken) { Thread.Sleep(1); return false; }
        try { _n++; return true; }
        finally { _lock.Exit(); }
    }
    public void Timeouts()
    {
        bool taken = false;
        try
        {
            _lock.TryEnter(10, ref taken);
            if (taken) Thread.Sleep(1); // MM1001
        }
        finally { if (taken) _lock.Exit(false); }
    }
    void Helper() { Monitor.Enter(_gate); Monitor.Exit(_gate); }
    public void ViaHelper()
    {
        bool taken = false;
        try { _lock.Enter(ref taken); Helper(); } // MM1001
        finally { if (taken) _lock.Exit(); }
    }
    public void Pulse()
    {
        bool taken = false;
        try { _lock.Enter(ref taken); Monitor.TryEnter(_gate); Monitor.Pulse(_gate); }
        finally { if (taken) _lock.Exit(); }
    }
    public int Done(Task<int> t)
    {
        bool taken = false;
        try
        {
            _lock.Enter(ref taken);
            if (t.IsCompleted) return t.Result;
            return t.Result; // MM1001
        }
        finally { if (taken) _lock.Exit(); }
    }
    public async Task<int> Awaited(Task<int> t)
    {
        await t;
        bool taken = false;
        try { _lock.Enter(ref taken); return t.Result; }
        finally { if (taken) _lock.Exit(); }
    }
    public void Spin()
    {
        bool taken = false;
        var sw = new SpinWait();
        try
        {
            _lock.Enter(ref taken);
            sw.SpinOnce(-1);
            sw.SpinOnce(); // MM1001
            Thread.SpinWait(10);
            Thread.Yield(); // MM1001
        }
        finally { if (taken) _lock.Exit(); }
    }
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.Synchronized)]
    void Sync() { _n++; }
    public void CallsSync()
    {
        bool taken = false;
        try { _lock.Enter(ref taken); Sync(); } // MM1001
        finally { if (taken) _lock.Exit(); }
    }
    static readonly Lazy<int> s_lazy = new(() => 3);
    static readonly Lazy<int> s_fast = new(() => 3, LazyThreadSafetyMode.None);
    static readonly Lazy<int> s_slow = new(() => { Thread.Sleep(1); return 3; }, LazyThreadSafetyMode.None);
    static readonly Lazy<int> s_pub = new(() => 3, LazyThreadSafetyMode.PublicationOnly);
    public int LazyUse()
    {
        bool taken = false;
        try
        {
            _lock.Enter(ref taken);
            int a = s_lazy.Value; // MM1001
            int b = s_fast.Value;
            int c = s_slow.Value; // MM1001
            int d = s_pub.Value;
            return a + b + c + d;
        }
        finally { if (taken) _lock.Exit(); }
    }
}
