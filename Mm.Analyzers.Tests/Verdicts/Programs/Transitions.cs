// Declared transitions, dropped and retaken locks, callbacks. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
class Holder
{
    public readonly TicketLock L = new();
    [Enters<SpinLockHeld>] public void Take() => L.Acquire();
    [Leaves<SpinLockHeld>] public void Give() => L.Release();
    [Enters<SpinLockHeld>, Enters<SpinLockHeld>] public void TakeTwo() { L.Acquire(); L.Acquire(); } // MM2008
    [return: Enters<SpinLockHeld>(On = 0)] public int TryZero() { if (L.TryAcquire()) return 0; return -1; }
    public void UseZero()
    {
        if (TryZero() != 0) return;
        Scheduler.Schedule(); // MM1001
        L.Release();
    }
    public void TwoThenOne()
    {
        TakeTwo();
        L.Release();
        Scheduler.Schedule(); // MM1001
        L.Release();
    }
    [Requires<SpinLockHeld>] public void DropSleepRetake() { L.Release(); Scheduler.Schedule(); L.Acquire(); }
    void DropHelper() { L.Release(); Scheduler.Schedule(); L.Acquire(); }
    public void UnderOne() { L.Acquire(); DropHelper(); L.Release(); }
    public void UnderTwo(Holder o)
    {
        o.Take();
        L.Acquire();
        DropHelper(); // MM1001
        L.Release();
        o.Give();
    }
    public void WithPreempt()
    {
        using (Preemption.Off())
        {
            L.Acquire();
            DropHelper(); // MM1001
            L.Release();
        }
    }
}
class Cb
{
    readonly TicketLock _l = new();
    void Each(Action<int> f) { for (int i = 0; i < 3; i++) f(i); }
    void EachLocked(Action<int> f) { using (_l.Hold()) f(1); }
    public void A() { using (_l.Hold()) Each(i => Scheduler.Udelay(i)); }
    public void B() { using (_l.Hold()) Each(i => Scheduler.Msleep(i)); } // MM1001
    public void C() { EachLocked(i => Scheduler.Msleep(i)); } // MM1001
    public void D() { EachLocked(Scheduler.Udelay); }
    public void E() { EachLocked(Scheduler.Msleep); } // MM1001
    void Opt(Action? f) { f?.Invoke(); }
    public void F() { using (_l.Hold()) Opt(null); }
    public void G() { using (_l.Hold()) Opt(() => Scheduler.Schedule()); } // MM1001
    void NullCheck(Action? f) { if (f == null) Scheduler.Schedule(); }
    public void H() { using (_l.Hold()) NullCheck(() => { }); }
    public void I() { using (_l.Hold()) NullCheck(null); } // MM1001
    [Requires<SpinLockHeld>] void Touch() { }
    public void J() { using (_l.Hold()) Each(i => Touch()); }
    public void K2() { Each(i => Touch()); } // MM1008
    public void L2() { EachLocked(i => Touch()); }
}
