using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Two values that the caller has passed, of which a branch takes one: whoever knows the arguments knows which.</summary>
public class GivenChoiceTests
{
    [Theory]
    [InlineData("void Run(Action? a, Action b) => (a ?? b)();", "Run(Quick, Wait);", "Run(null, Wait)")]
    [InlineData("void Run(Action? a, Action b) { var f = a; if (f == null) f = b; f(); }", "Run(Quick, Wait);", "Run(null, Wait)")]
    [InlineData("void Run(Action a, Action b, bool first = false) => (first ? a : b)();", "Run(Quick, Wait, true);", "Run(Quick, Wait)")]
    [InlineData("void Run(Action a, Action b, int n = 1) { Action f = n switch { 0 => a, 1 => b, _ => Quick }; f(); }", "Run(Quick, Wait, 0); Run(Wait, Wait, 2);", "Run(Quick, Wait)")]
    [InlineData("void Run(Action a, Action b) { Action f = a; while (_count-- > 0) { f(); f = b; } }", "Run(Quick, Quick);", "Run(Quick, Wait)")]
    [InlineData("static Action Either(Action? a, Action b) => a ?? b; void Run(Action? a, Action b) => Either(a, b)();", "Run(Quick, Wait);", "Run(null, Wait)")]
    public Task Handlers_OfWhichOneIsTaken_AreTheCallersToTell(string member, string quick, string slow) => ValueCase.CheckAsync(
        "one handler or the other",
        $$"""
        static void Quick() { }
        static void Wait() => Scheduler.Schedule();
        {{member}}
        void M() { using (_lock.Hold()) { {{quick}} {|MM1001:{{slow}}|}; } }
        """);

    [Theory]
    [InlineData("(_first ?? _second)?.Invoke();", "{|MM1001:Run()|}")]
    [InlineData("var f = _count > 3 ? _first : _second; f?.Invoke();", "{|MM1001:Run()|}")]
    [InlineData("var f = _count > 3 ? _first : null; f?.Invoke();", "Run()")]
    public Task Handlers_OfTwoFields_AreBothFollowed(string body, string call) => ValueCase.CheckAsync(
        "one field or the other",
        $$"""
        Action? _first, _second;
        void Set() { _first = static () => { }; _second = Scheduler.Schedule; }
        void Run() { {{body}} }
        void M() { using (_lock.Hold()) {{call}}; }
        """);

    [Theory]
    [InlineData("void Run(Gfp a, Gfp b, bool first = false) => Slab.Allocate(8, first ? a : b);", "Run(Gfp.Atomic, Gfp.Kernel, true); Run(Gfp.Atomic, Gfp.NoWait);", "Run(Gfp.Atomic, Gfp.Kernel)")]
    [InlineData("void Run(Gfp? a, Gfp b = Gfp.Kernel) => Slab.Allocate(8, a ?? b);", "Run(Gfp.Atomic);", "Run(null)")]
    [InlineData("static Gfp Pick(Gfp a, Gfp b, bool first) => first ? a : b; void Run(Gfp a, Gfp b, bool first) => Slab.Allocate(8, Pick(a, b, first));", "Run(Gfp.Atomic, Gfp.Kernel, true);", "Run(Gfp.Atomic, Gfp.Kernel, false)")]
    [InlineData("void Run(Gfp a, Gfp b, bool swap = false) { if (swap) (a, b) = (b, a); Slab.Allocate(8, a); }", "Run(Gfp.Atomic, Gfp.Kernel);", "Run(Gfp.Atomic, Gfp.Kernel, true)")]
    public Task Flags_OfWhichOneIsTaken_AreTheCallersToTell(string member, string quick, string slow) => ValueCase.CheckAsync(
        "these flags or those",
        $$"""
        {{member}}
        void M() { using (_lock.Hold()) { {{quick}} {|MM1003:{{slow}}|}; } }
        """);

    [Theory]
    [InlineData("void Run(int a, int b, bool first) { int t = first ? a : b; if (t != 0) Scheduler.Schedule(); }", "Run(0, 3, true);", "Run(0, 3, false)")]
    [InlineData("void Run(int a, int b, bool first) { int t; if (first) t = a; else t = b; _count++; Wait(t); } void Wait(int t) { if (t > 0) Scheduler.Schedule(); }", "Run(0, 3, true);", "Run(0, 3, false)")]
    [InlineData("void Run(bool a, bool b, bool first) { if (first ? a : b) Scheduler.Schedule(); }", "Run(false, true, true);", "Run(false, true, false)")]
    [InlineData("void Run(bool a, bool b, bool first) { if (!(first ? a : b)) return; _count++; Scheduler.Schedule(); }", "Run(false, true, true);", "Run(false, true, false)")]
    [InlineData("static bool Ask(bool a, bool b, bool first) => first ? a : b; void Run(bool a, bool b, bool first) { if (Ask(a, b, first)) Scheduler.Schedule(); }", "Run(false, true, true);", "Run(false, true, false)")]
    [InlineData("static int Time(int a, int b, bool first) => first ? a : b; void Run(int a, int b, bool first) { if (Time(a, b, first) != 0) Scheduler.Schedule(); }", "Run(0, 3, true);", "Run(0, 3, false)")]
    [InlineData("void Run(int a, int b, B how) { int t = how switch { B.Io => a, B.Hi => b, _ => 0 }; if (t > 0) Scheduler.Schedule(); }", "Run(0, 3, B.Io); Run(3, 3, B.Reclaim);", "Run(0, 3, B.Hi)")]
    [InlineData("static void Run(TimeSpan a, TimeSpan b, bool first) => new System.Threading.SemaphoreSlim(1).Wait(first ? a : b);", "Run(TimeSpan.Zero, TimeSpan.MaxValue, true);", "Run(TimeSpan.Zero, TimeSpan.MaxValue, false)")]
    public Task Numbers_OfWhichOneIsTaken_AreTheCallersToTell(string member, string quick, string slow) => ValueCase.CheckAsync(
        "this number or that",
        $$"""
        {{member}}
        void M() { using (_lock.Hold()) { {{quick}} {|MM1001:{{slow}}|}; } }
        """);

    [Theory]
    [InlineData("static long Timeout(bool nowait) => nowait ? 0 : 30; void Run(bool nowait) { long t = Timeout(nowait); if (t == 0) return; Scheduler.Schedule(); }")]
    [InlineData("static uint Timeout(bool nowait) => nowait ? 0u : 30u; void Run(bool nowait) { uint t = Timeout(nowait); if (t == 0) return; Scheduler.Schedule(); }")]
    [InlineData("void Run(bool nowait) { long t = nowait ? 0 : 30; for (;;) { if (_count < 1) return; if (t == 0) return; t = Wait(t); } } long Wait(long t) { Scheduler.Schedule(); return t - 1; }")]
    [InlineData("void Run(bool nowait) { int t = nowait ? 0 : _count; if (t != 0) Scheduler.Schedule(); }")]
    [InlineData("sealed record Request(B Flags); static void Send(Request r) { if ((r.Flags & B.Io) == 0) Scheduler.Schedule(); } void Run(bool nowait) { var r = new Request(nowait ? B.Io : 0); Send(r); }")]
    [InlineData("sealed record Request(B Flags); static void Send(Request r) { if ((r.Flags & B.Io) == 0) Scheduler.Schedule(); } void Run(bool nowait) { var r = new Request(B.Hi); if (nowait) r = new Request(B.Io); Send(r); }")]
    [InlineData("struct Request { public B Flags; } static void Send(Request r) { if ((r.Flags & B.Io) == 0) Scheduler.Schedule(); } void Run(bool nowait) { var r = new Request(); if (nowait) r.Flags |= B.Io; Send(r); }")]
    public Task Value_ThatABooleanDecides_IsTheCallersToTell(string member) => ValueCase.CheckAsync(
        "no wait, no sleep",
        $$"""
        {{member}}
        void M() { using (_lock.Hold()) { Run(true); {|MM1001:Run(false)|}; } }
        """);

    [Fact]
    public Task Variable_ReadBehindALoopHeadThatDoesNotReadIt_IsAlive() => ValueCase.CheckAsync(
        "blocks without writes do not share those of the next",
        """
        void Run(bool wait)
        {
            int state = wait ? 1 : 0;
            while (_count > 1)
            {
                if (state == 0) return;
                Scheduler.Schedule();
                state = _count;
            }
        }
        void M() { using (_lock.Hold()) { Run(false); {|MM1001:Run(true)|}; } }
        """);

    [Fact]
    public Task Test_ThatSaysNoOrTheCaller_LeavesBoth() => ValueCase.CheckAsync(
        "in the context, only who does not wait returns",
        """
        void Run(bool nowait) { if (Interrupts.AreOff && nowait) return; Scheduler.Schedule(); }
        void M()
        {
            using (Interrupts.Off()) { Run(true); {|MM1001:Run(false)|}; }
            using (_lock.Hold()) {|MM1001:Run(true)|};
        }
        """);
}
