// Branches, loops, handlers and guards. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
using System.Collections.Generic;
class A
{
    readonly TicketLock _l = new();
    readonly SleepingMutex _m = new();
    bool _flag; int _n;
    bool Odd() => _n % 2 != 0;
    static IEnumerable<int> Slow() { Scheduler.Msleep(1); yield return 1; }
    public void Enumerate()
    {
        using (_l.Hold())
        {
            var e = Slow();
            foreach (var x in e) _n += x; // MM1001
        }
    }
    static async System.Threading.Tasks.Task AsyncSlow() { Scheduler.Msleep(1); await System.Threading.Tasks.Task.Delay(1); Scheduler.Msleep(2); }
    static async System.Threading.Tasks.Task AsyncLate() { await System.Threading.Tasks.Task.Delay(1); Scheduler.Msleep(2); }
    public void CallAsync()
    {
        using (_l.Hold())
        {
            _ = AsyncSlow(); // MM1001
            _ = AsyncLate();
        }
    }
    public void Dropped() { _l.Hold(); } // MM2004
    public void DiscardGuard() { _ = _l.Hold(); } // MM2004
    public void FieldFlag()
    {
        if (_flag) _l.Acquire();
        _n++;
        if (_flag) _l.Release();
    }
    public void FieldFlagWritten()
    {
        if (_flag) _l.Acquire();
        _flag = Odd();
        if (_flag) _l.Release(); // MM2002
    } // MM2001
    public void NullTold(object? o)
    {
        if (o != null) _l.Acquire();
        _n++;
        if (o != null) _l.Release();
        Scheduler.Schedule();
    }
    public void ReassignParam(bool b)
    {
        if (b) _l.Acquire();
        b = Odd();
        if (b) _l.Release(); // MM2002
    } // MM2001
    public void Throws()
    {
        _l.Acquire();
        if (Odd()) throw new InvalidOperationException();
        _l.Release();
    }
    public int TryCatch()
    {
        _l.Acquire();
        try { _n++; }
        catch (Exception) { Scheduler.Schedule(); } // MM1001
        finally { _l.Release(); }
        return 0;
    }
    public void Goto()
    {
        _l.Acquire();
        if (Odd()) goto done;
        _n++;
    done:
        _l.Release();
        Scheduler.Schedule();
    }
    public int SwitchExpr(int k)
    {
        using (_l.Hold())
            return k switch { 0 => 1, 1 => Slower(), _ => 3 }; // MM1001
    }
    int Slower() { Scheduler.Schedule(); return 1; }
    public void LocalFunctions()
    {
        using (_l.Hold())
        {
            Inner(); // MM1001
        }
        void Inner() => Deep();
        void Deep() => Scheduler.Schedule();
    }
    public void EnterInLocal()
    {
        Take();
        Scheduler.Schedule(); // MM1001
        Give();
        Scheduler.Schedule();
        void Take() => _l.Acquire();
        void Give() => _l.Release();
    }
    public void DoWhile()
    {
        do { _l.Acquire(); _n++; _l.Release(); } while (Odd());
        Scheduler.Schedule();
    }
    public void ConditionalCall(SleepingMutex? m)
    {
        using (_l.Hold())
            m?.Acquire(); // MM1001
    }
    public void Indexers(int[] a)
    {
        using (_l.Hold())
            a[Slower()] = 1; // MM1001
    }
    public int Prop { get { Scheduler.Schedule(); return 1; } set { Scheduler.Schedule(); } }
    public void Props()
    {
        using (_l.Hold())
        {
            int x = Prop; // MM1001
            Prop = 3; // MM1001
        }
    }
    public void NestedUsing()
    {
        using (_l.Hold())
        using (Interrupts.Off())
        {
            Scheduler.Schedule(); // MM1001
        }
    }
    public void UsingVar()
    {
        using var g = _l.Hold();
        Scheduler.Schedule(); // MM1001
    }
    public void ManualDispose()
    {
        var g = _l.Hold();
        _n++;
        g.Dispose();
        Scheduler.Schedule();
    }
    public void OneArm(bool b)
    {
        var g = _l.Hold(); // MM2004
        if (b) g.Dispose();
    }
}
