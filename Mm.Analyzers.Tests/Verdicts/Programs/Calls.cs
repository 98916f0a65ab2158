// Dispatch, generics, delegates and implied calls. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
using System.Collections.Generic;
abstract class Dev { public abstract int Read(); public virtual int Peek() => 1; }
class Fast : Dev { public override int Read() => 1; }
class SlowDev : Dev { public override int Read() { Scheduler.Msleep(1); return 1; } public override int Peek() { Scheduler.Msleep(1); return base.Peek(); } }
class Bx<T> { public T? V; public void Run(Action<T> f) { f(V!); } }
class Gen<T> where T : Dev { public int Go(T d) => d.Read(); }
class Users
{
    readonly TicketLock _l = new();
    readonly Dev _dev = new Fast();
    Fast _fast = new();
    int _n;
    public int Local() { using (_l.Hold()) { Dev d = new Fast(); return d.Read(); } }
    public int Reassigned(bool b) { using (_l.Hold()) { Dev d = new Fast(); if (b) d = new SlowDev(); return d.Read(); } } // MM1001
    public int Field() { using (_l.Hold()) return _fast.Read(); }
    public int Virt() { using (_l.Hold()) return _dev.Read(); } // MM1001
    public int GenCall(Gen<Fast> g, Fast f) { using (_l.Hold()) return g.Go(f); }
    public int GenSlow(Gen<SlowDev> g, SlowDev f) { using (_l.Hold()) return g.Go(f); } // MM1001
    public void BoxRun(Bx<int> b) { using (_l.Hold()) b.Run(i => Scheduler.Msleep(i)); } // MM1001
    static T Make<T>() where T : new() => new T();
    sealed class SlowCtor { public SlowCtor() { Scheduler.Msleep(1); } }
    sealed class FastCtor { }
    public void MakeSlow() { using (_l.Hold()) Make<SlowCtor>(); } // MM1001
    public void MakeFast() { using (_l.Hold()) Make<FastCtor>(); }
    public object Chain(List<Dev> ds) { using (_l.Hold()) { foreach (var d in ds) _n += d.Peek(); } return ds; } // MM1001
    readonly Action _act;
    readonly Action? _both;
    public Users(bool b) { _act = () => Scheduler.Udelay(1); if (b) _both = Slow; else _both = Quick; }
    void Slow() => Scheduler.Schedule();
    void Quick() { }
    public void CallAct() { using (_l.Hold()) _act(); }
    public void CallBoth() { using (_l.Hold()) _both?.Invoke(); } // MM1001
    event Action? Ev;
    public void Sub() { Ev += Slow; Ev += Quick; }
    public void Raise() { using (_l.Hold()) Ev?.Invoke(); } // MM1001
    public void LocalDelegate(bool b)
    {
        Action a = b ? Quick : Slow;
        using (_l.Hold())
            a(); // MM1001
    }
    public void LocalDelegate2()
    {
        Action a = Slow;
        a = Quick;
        using (_l.Hold())
            a();
    }
    public int Tuple((int, Func<int>) t) { using (_l.Hold()) return t.Item1; }
    static int s_x = Init();
    static int Init() => 1;
    public void Operators(Money a, Money b) { using (_l.Hold()) { var c = a + b; } } // MM1001
    public void Conv(Money a) { using (_l.Hold()) { int x = a; } } // MM1001
    public void Pattern(object o) { using (_l.Hold()) { if (o is Money { Amount: 3 }) _n++; } } // MM1001
    public void Dec(Money m) { using (_l.Hold()) { var (x, y) = m; } } // MM1001
    public void Interp(int n) { using (_l.Hold()) { string s = $"{n}"; } }
    public void Static() { using (_l.Hold()) { Cfg.Use(); } } // MM1001
    public void Query(IEnumerable<int> xs) { using (_l.Hold()) { foreach (var y in Sleepy(xs)) _n++; } } // MM1001
    static IEnumerable<int> Sleepy(IEnumerable<int> xs) { foreach (var x in xs) { Scheduler.Msleep(x); yield return x; } }
}
class Cfg { static readonly int s = Load(); static int Load() { Scheduler.Msleep(1); return 1; } public static void Use() { } }
class Money
{
    public int Amount { get { Scheduler.Schedule(); return 1; } }
    public static Money operator +(Money a, Money b) { Scheduler.Schedule(); return a; }
    public static implicit operator int(Money a) { Scheduler.Schedule(); return 1; }
    public void Deconstruct(out int x, out int y) { Scheduler.Schedule(); x = y = 1; }
}
