// Contexts of the user, conditions on arguments, flags. A line that ends in an id carries that diagnostic, and every other line carries none.
using System;
[Forbids<Sleep>, Forbids<Allocate>] readonly struct Rt : IContext { }
[Implies<Rt>] readonly struct Audio : IContext { }
[Scope<Audio>] readonly ref struct AudioScope { public void Dispose() { } }
static class AudioApi { public static AudioScope Enter() => default; [Tests<Rt>, Trusted("p")] public static bool InRt => false; [ForbiddenIn<Rt>] public static void Log() { } [Requires<Rt>] public static void Need() { } }
class U
{
    int _n;
    void Helper() => AudioApi.Log();
    public void A() { using (AudioApi.Enter()) { Scheduler.Msleep(1); } } // MM1001
    public void B() { using (AudioApi.Enter()) { var o = new object(); } } // MM1004
    public void C() { using (AudioApi.Enter()) { AudioApi.Log(); } } // MM1007
    public void D() { using (AudioApi.Enter()) { Helper(); } } // MM1007
    public void E() { using (AudioApi.Enter()) { AudioApi.Need(); } }
    public void F() { AudioApi.Need(); } // MM1008
    public void G() { if (AudioApi.InRt) AudioApi.Need(); else AudioApi.Log(); }
    public void H() { if (!AudioApi.InRt) { AudioApi.Need(); } } // MM1008
    void Maybe() { if (!AudioApi.InRt) Scheduler.Msleep(1); }
    public void I() { using (AudioApi.Enter()) Maybe(); }
    public void J(TicketLock l) { using (l.Hold()) Maybe(); } // MM1001
    void AllocAndSleep() { var o = new object(); Scheduler.Msleep(1); }
    public void K2() { using (AudioApi.Enter()) AllocAndSleep(); } // MM1001
    [RunsIn<Audio>] void Cb() { Scheduler.Msleep(1); } // MM1001
    [RunsIn<Audio>] void Cb2() { Helper2(); } // MM1004
    object Helper2() => new object();
    [Requires<Audio>] void Nested() { AudioApi.Need(); Scheduler.Msleep(2); } // MM1001
    public void L() { using (AudioApi.Enter()) Nested(); }
    [Never<Sleep>] public void Cond(bool wait) { if (wait) Scheduler.Msleep(1); } // MM3003
    [Never<Sleep>, Might<Sleep>(When = nameof(wait), Is = true)] public void Cond2(bool wait) { if (wait) Scheduler.Msleep(1); }
    [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)] public void Cond3(Gfp gfp) { Slab.Allocate(1, gfp); }
    [Never<Sleep>] public void Cond4(Gfp gfp) { Slab.Allocate(1, gfp); } // MM3003
    [Never<Sleep>] public void Cond5(Gfp gfp) { Slab.Allocate(1, gfp & ~Gfp.MayBlock); }
    [Never<Sleep>] public void Cond6(Gfp gfp) { if ((gfp & Gfp.MayBlock) == 0) Slab.Allocate(1, gfp); }
    [Never<Sleep>] public void Cond7(Gfp gfp) { gfp &= ~Gfp.Kernel; Slab.Allocate(1, gfp); }
    [Never<Sleep>] public void Cond8(Gfp gfp) { gfp |= Gfp.Kernel; Slab.Allocate(1, gfp); } // MM3003
    [Never<Sleep>] public void Cond9(Gfp gfp) { if (gfp.HasFlag(Gfp.MayBlock)) return; Slab.Allocate(1, gfp); }
    readonly Gfp _flags = Gfp.Atomic;
    static readonly Gfp s_flags = Gfp.Kernel;
    Gfp _unknown;
    public void FieldFlags(TicketLock l)
    {
        using (l.Hold())
        {
            Slab.Allocate(1, _flags);
            Slab.Allocate(1, s_flags); // MM1003
            Slab.Allocate(1, _unknown); // what is kept in an object is not judged
        }
    }
    public void LocalFlags(TicketLock l, bool atomic)
    {
        Gfp f = atomic ? Gfp.Atomic : Gfp.Kernel;
        using (l.Hold()) { Slab.Allocate(1, f); } // MM1003
        if (atomic) using (l.Hold()) { Slab.Allocate(1, f); }
        var g = Gfp.Kernel;
        g &= ~Gfp.MayBlock;
        using (l.Hold()) Slab.Allocate(1, g);
    }
    object? Alloc(Gfp g = Gfp.Kernel) => Slab.Allocate(1, g);
    public void Defaults(TicketLock l) { using (l.Hold()) { Alloc(); } } // MM1003
    public void Defaults2(TicketLock l) { using (l.Hold()) { Alloc(g: Gfp.NoWait); } }
    static Gfp Pick(bool a) => a ? Gfp.Atomic : Gfp.Kernel;
    public void Picks(TicketLock l) { using (l.Hold()) { Slab.Allocate(1, Pick(true)); Slab.Allocate(1, Pick(false)); } } // MM1003
    static bool MayBlock(Gfp g) { return (g & Gfp.MayBlock) == Gfp.MayBlock; }
    void Guarded(Gfp g) { if (MayBlock(g)) Scheduler.MightSleep(); }
    public void M1(TicketLock l) { using (l.Hold()) { Guarded(Gfp.Atomic); Guarded(Gfp.NoIo); } } // MM1001
    void Timeout(int ms) { if (ms == 0) return; Scheduler.Msleep(ms); }
    public void T(TicketLock l) { using (l.Hold()) { Timeout(0); Timeout(5); } } // MM1001
    enum Cmd { A, B }
    void Do(Cmd c) { switch (c) { case Cmd.A: break; case Cmd.B: Scheduler.Schedule(); break; } }
    public void S(TicketLock l) { using (l.Hold()) { Do(Cmd.A); Do(Cmd.B); } } // MM1001
    int Sw(Cmd c) => c switch { Cmd.A => 1, _ => Slow() };
    int Slow() { Scheduler.Schedule(); return 1; }
    public void S2(TicketLock l) { using (l.Hold()) { Sw(Cmd.A); Sw(Cmd.B); } } // MM1001
}
