// Promises of types, twins, awaits, guards, trust, dead code. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
using System.Threading.Tasks;
[Forbids<Sleep>] public readonly struct Ui : IContext;
static class UiApi { [Requires<Ui>] public static void Paint() { } [Enters<Ui>, Trusted("p")] public static void Go() { } }
class W
{
    [Requires<Ui>] public async Task Click(Task t)
    {
        UiApi.Paint();
        await t; // MM1006
        UiApi.Paint();
    }
}
public readonly struct UiSoft : IContext;
static class SoftApi { [Requires<UiSoft>] public static void Paint() { } }
class W2
{
    [Requires<UiSoft>] public async Task Click(Task t)
    {
        SoftApi.Paint();
        await t;
        SoftApi.Paint();
        await t.ConfigureAwait(false);
        SoftApi.Paint(); // MM1008
    }
    [Requires<UiSoft>] public async Task Click2(Task t)
    {
        await t.ConfigureAwait(true);
        SoftApi.Paint();
    }
}
[Requires<SpinLockHeld>]
class TypeLevel
{
    int _n;
    void A() { Scheduler.Schedule(); } // MM1001
    int P => Slow();
    [Never<Sleep>] int Q() => 1;
    static int Slow() { Scheduler.Schedule(); return 1; } // MM1001
}
class UsesTypeLevel { }
[Never<Sleep>]
class NeverType
{
    void A() { Scheduler.Schedule(); } // MM3003
    void B() { Action a = () => Scheduler.Schedule(); } // MM3003
    [Might<Sleep>] void C() { Scheduler.Schedule(); }
    class Inner { void D() { Scheduler.Schedule(); } }
}
class Twins
{
    readonly TicketLock _l = new();
    [Might(typeof(Sleep)), Trusted("p")] void S() { }
    [Never(typeof(Sleep))] void N() { S(); } // MM3003
    [Requires(typeof(SpinLockHeld))] void R() { S(); } // MM1001
    [Might(typeof(Sleep), When = nameof(g), Has = Gfp.MayBlock), Trusted("p")] void F(Gfp g) { }
    void U() { using (_l.Hold()) { F(Gfp.Kernel); F(Gfp.Atomic); } } // MM1003
}
class Partials
{
    readonly TicketLock _l = new();
    public void M() { using (_l.Hold()) new P1().Go(); } // MM1001
}
partial class P1 { public partial void Go(); }
partial class P1 { public partial void Go() { Scheduler.Schedule(); } }
class Guards
{
    readonly TicketLock _l = new();
    [Scope<SpinLockHeld>] sealed class CGuard : IDisposable { public void Dispose() { } }
    static CGuard? TryTake() => null;
    static CGuard Take() => new();
    public void Null() { using (var g = TryTake()) { if (g != null) Scheduler.Schedule(); else Scheduler.Schedule(); } } // MM1001
    public void Early() { using var g = TryTake(); if (g is null) { Scheduler.Schedule(); return; } Scheduler.Msleep(1); } // MM1001
    CGuard? _field;
    public void Store() { _field = Take(); } // MM2001
    public void Pass() { Use(Take()); }
    void Use(CGuard g) { g.Dispose(); }
    public void TryFin() { var g = Take(); try { Scheduler.Schedule(); } finally { g.Dispose(); } Scheduler.Schedule(); } // MM1001
    public IDisposable Ret() => Take();
    public void Tern(bool b) { using (b ? Take() : null) { Scheduler.Schedule(); } } // MM1001
}
class Trust
{
    readonly TicketLock _l = new();
    [Trusted("x")] void T() { Scheduler.Schedule(); }
    [Might<Fault>, Trusted("x")] void T2() { Scheduler.Schedule(); }
    [Never<Allocate>] void T3() { Scheduler.Schedule(); }
    public void U() { using (_l.Hold()) { T(); T2(); } } // MM1002
    public void V() { using (_l.Hold()) T3(); } // MM1001
    [Trusted("lambdas too")] void L() { Action a = () => { using (_l.Hold()) Scheduler.Schedule(); }; a(); }
}
class Dead
{
    readonly TicketLock _l = new();
    [System.Diagnostics.CodeAnalysis.DoesNotReturn] static void Die() { throw new Exception(); }
    public void A() { _l.Acquire(); Die(); }
    public void B() { using (_l.Hold()) { if (_l == null) Die(); else return; Scheduler.Schedule(); } }
    public void C() { using (_l.Hold()) { if (false) Scheduler.Schedule(); } }
    public void D() { using (_l.Hold()) { throw new Exception(); } }
    public void E() { using (_l.Hold()) { Environment.FailFast("x"); Scheduler.Schedule(); } }
    public int F(int k) { _l.Acquire(); switch (k) { case 0: _l.Release(); return 1; default: throw new Exception(); } }
}
