// What is told apart, and what is not. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
class T
{
    readonly TicketLock _a = new(), _b = new();
    readonly TicketLock[] _arr = new TicketLock[4];
    int _n; bool _x;
    bool More() => _n-- > 0;
    public void LoopEnter() { while (More()) _a.Acquire(); Scheduler.Schedule(); } // MM1001, MM2001
    public void LoopBoth() { for (int i = 0; i < 4; i++) _arr[i].Acquire(); for (int i = 0; i < 4; i++) _arr[i].Release(); Scheduler.Schedule(); }
    public void EarlyReturnInUsing(bool b) { using (_a.Hold()) { if (b) return; _n++; } Scheduler.Schedule(); }
    public void Nested(bool a, bool b)
    {
        if (a) _a.Acquire();
        if (b) _b.Acquire(); // MM2007
        _n++;
        if (b) _b.Release();
        if (a) _a.Release();
        Scheduler.Schedule();
    }
    public void NestedMissing(bool a, bool b)
    {
        if (a) _a.Acquire();
        if (b) _b.Acquire();
        _n++;
        if (b) _b.Release();
        Scheduler.Schedule(); // MM1001
        if (a) _a.Release();
    }
    public void AndCond(bool a, bool b)
    {
        if (a && b) _a.Acquire();
        _n++;
        if (a && b) _a.Release();
        Scheduler.Schedule();
    }
    public void CompareField(int k)
    {
        if (k > 3) _a.Acquire();
        _n++;
        if (k > 3) _a.Release();
        Scheduler.Schedule();
    }
    public void StateLocal()
    {
        int state = 0;
        if (More()) { _a.Acquire(); state = 1; }
        _n++;
        if (state == 1) _a.Release();
        Scheduler.Schedule();
    }
    public void NullLocal(object? o)
    {
        TicketLock? l = null;
        if (o != null) { l = _a; l.Acquire(); }
        _n++;
        if (l != null) l.Release();
        Scheduler.Schedule();
    }
    public bool OutBool([Enters<SpinLockHeld>] out bool taken) { taken = _a.TryAcquire(); return true; }
    public void UseOut() { OutBool(out bool t); if (t) { Scheduler.Schedule(); _a.Release(); } Scheduler.Schedule(); } // MM1001
    public void MaybeLock(bool l) { if (l) _a.Acquire(); } // MM2001
    public void UsesMaybe() { MaybeLock(false); Scheduler.Schedule(); }
    public void UsesMaybe2() { MaybeLock(true); Scheduler.Schedule(); _a.Release(); } // MM1001
    public void UsesMaybe3(bool q) { MaybeLock(q); _n++; if (q) _a.Release(); }
    void Leak() { _a.Acquire(); } // MM2001
    public void CallsLeak() { Leak(); Scheduler.Schedule(); _a.Release(); } // MM1001
    public void FinallyRelease() { _a.Acquire(); try { if (More()) return; _n++; } finally { _a.Release(); } Scheduler.Schedule(); }
    public void FinallySleep() { try { _a.Acquire(); _n++; _a.Release(); } finally { Scheduler.Schedule(); } }
    public int TernaryRelease(bool b) { _a.Acquire(); return b ? Rel() : 0; } // MM2001
    int Rel() { _a.Release(); return 1; } // MM2002
    public void SwitchLock(int k)
    {
        switch (k) { case 1: _a.Acquire(); break; case 2: return; default: _n++; return; }
        _n++;
        _a.Release();
        Scheduler.Schedule();
    }
    public void WhileTrue()
    {
        while (true)
        {
            _a.Acquire();
            if (More()) { _a.Release(); continue; }
            _a.Release();
            if (_x) break;
        }
        Scheduler.Schedule();
    }
    public void Recursive(int d) { _a.Acquire(); _n++; _a.Release(); if (d > 0) Recursive(d - 1); Scheduler.Schedule(); }
    public void UnderRec() { using (_b.Hold()) Recursive(2); } // MM1001, MM2007
    [Requires<SpinLockHeld>] void MustHold() { _n++; }
    public void Test() { MustHold(); } // MM1008
    [Leaves<SpinLockHeld>] void GiveBack() { if (More()) { _a.Release(); return; } _n++; _a.Release(); }
    [Leaves<SpinLockHeld>] void GiveBackNot() { if (More()) { _a.Release(); return; } _n++; } // MM2001
    [Enters<SpinLockHeld>] void TakeSometimes() { if (More()) _a.Acquire(); } // MM2001
    [Requires<SpinLockHeld>] void LosesIt() { _a.Release(); } // MM2001
}
