using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Robustness;

/// <summary>Code that does not compile, or that nobody wrote by hand.</summary>
public class BrokenCodeTests
{
    [Theory]
    [InlineData("void M() { } void M() { Scheduler.Schedule(); } void Use() { using (_l.Hold()) M(); }")]
    [InlineData("int P => 1; int P => 2; void Use() { using (_l.Hold()) _ = P; }")]
    [InlineData("Missing M(Missing x) => x.Y; void Use() { using (_l.Hold()) M(null).Z(); }")]
    [InlineData("class A : B { } class B : A { void M() => base.M(); } void Use(A a) { using (_l.Hold()) a.M(); }")]
    [InlineData("interface A : B { void M(); } interface B : A { } void Use(B b) { using (_l.Hold()) b.M(); }")]
    [InlineData("struct S { S s; public void M() { s.M(); } } void Use(S s) { using (_l.Hold()) s.M(); }")]
    [InlineData("class G<T> where T : G<T>, new() { public void M() => new T().M(); } void Use() { using (_l.Hold()) new G<>().M(); }")]
    [InlineData("class G<T> where T : U where U : T { } void Use<T, U>() where T : U where U : T { default(T).M(); }")]
    [InlineData("void Use() { using (_l.Hold()")]
    [InlineData("void Use() { using (_l.Hold()) }")]
    [InlineData("void Use() { using (")]
    [InlineData("void Use() { using _l.Hold(); Scheduler.Schedule(); }")]
    [InlineData("void Use() { using (42) Scheduler.Schedule(); using (null) { } using (string s = null) { } }")]
    [InlineData("void Use() { foreach (var x in ) Scheduler.Schedule(); foreach (var y in 5) { } }")]
    [InlineData("void Use() { try { _l.Acquire(); } finally Scheduler.Schedule(); }")]
    [InlineData("void Use() { try { _l.Acquire(); } }")]
    [InlineData("void Use() { goto nowhere; label: goto label; _l.Acquire(); }")]
    [InlineData("void Use() { _l.Acquire(); break; continue; return 1; yield return; }")]
    [InlineData("int Use() { _l.Acquire(); }")]
    [InlineData("void Use() { var x = x; x(); var y = () => y(); y(); }")]
    [InlineData("void Use() { _l.(); _l..Release(); _l?.Acquire(; }")]
    [InlineData("void Use() { switch (_l) { case: _l.Acquire(); default: default: } }")]
    [InlineData("int Use(object o) => o switch { 1 => , _ => _l.TryAcquire() };")]
    [InlineData("void Use() { lock () { } lock (1) { Scheduler.Schedule(); } lock (_l) }")]
    [InlineData("async void Use() { await; await Missing(); await 5; await using (_l.Hold()) { } }")]
    [InlineData("void Use() { await Task.Yield(); await foreach (var x in Y) { } }")]
    [InlineData("void Use() { Slab.Allocate(); Slab.Allocate(1); Slab.Allocate(1, 2, 3); Slab.Allocate(gfp: Gfp.Kernel, size: ); }")]
    [InlineData("void Use() { using (_l.Hold()) Slab.Allocate(\"\", Gfp.Kernel | \"\"); }")]
    [InlineData("void Use() { Slab.Allocate(1, (Gfp)(1/0)); Slab.Allocate(1, ~Gfp.Missing); }")]
    [InlineData("void Use() { Scheduler.OnTimer(); Scheduler.OnTimer(x => x); Scheduler.OnTimer(Missing); Scheduler.OnTimer(Use(1)); }")]
    [InlineData("void Over(int x) { Scheduler.Schedule(); } void Over(long x) { } void Use() { using (_l.Hold()) Over(\"\"); System.Action a = Over; }")]
    [InlineData("public override void Nothing() { Scheduler.Schedule(); } public override string ToString(int x) => null;")]
    [InlineData("partial void P(); partial void P() { Scheduler.Schedule(); } partial int Q(); void Use() { using (_l.Hold()) { P(); Q(); } }")]
    [InlineData("extern void X(); abstract void Y(); void Z(); void Use() { using (_l.Hold()) { X(); Y(); Z(); } }")]
    [InlineData("Case(int x) : this(x) { } Case() : base(1) { } void Use() { using (_l.Hold()) new Case(1); }")]
    [InlineData("int P { get; set; get; } int Q { [Never<Sleep>] } void Use() { using (_l.Hold()) { P = Q; P++; } }")]
    [InlineData("[Never<Sleep>] void M( { Scheduler.Schedule( ; } [Never<")]
    [InlineData("#if UNFINISHED\nvoid M() { ")]
    [InlineData("void M() { /* open")]
    [InlineData("void M() { var s = \"open; }")]
    [InlineData("void M() { var s = $\"{_l.TryAcquire(\"; }")]
    [InlineData("void Use() { dynamic d = _l; using (d.Hold()) d.Whatever(Scheduler.Schedule()); }")]
    [InlineData("int Use = Scheduler.Schedule(); TicketGuard _g = default; static readonly int N = N + M(); static int M() => N;")]
    [InlineData("void Use() { void L() => L(); L(); void L() { } System.Action a = L; a += a; a -= null; a(); }")]
    [InlineData("void Use((int, ) t) { (_l.Acquire(), ) = t; var (a, b) = _l; (a, b) = (b, a, 1); }")]
    [InlineData("delegate*<void> _f; void Use() { using (_l.Hold()) { _f(); (&Use)(); } }")]
    [InlineData("static abstract void S(); void Use<T>() where T : Case { T.S(); }")]
    [InlineData("extension(TicketLock l) { void Twice() { l.Acquire(); } } void Use() { _l.Twice(); }")]
    public Task Members_ThatDoNotCompile_DoNotThrow(string members) => RunAsync(
        "class Case { readonly TicketLock _l = new();\n" + members + "\n}");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("}}}}")]
    [InlineData("class")]
    [InlineData("namespace N; namespace M; class C { }")]
    [InlineData("using Missing; using static Scheduler; using X = Missing.Y; class C { void M() => Schedule(); }")]
    [InlineData("extern alias nobody; class C { nobody::X x; }")]
    [InlineData("Scheduler.Schedule(); class C { }")]
    [InlineData("_lock.Acquire(); return 1; await X; void F() => F();")]
    [InlineData("namespace Mm.Contexts { class MightAttribute<T> : System.Attribute; struct Sleep; } class C { [Might<Sleep>] void M() { } }")]
    [InlineData("namespace Mm.Contexts { struct SpinLockHeld; class TrustedAttribute; } class C { [Trusted(\"\")] void M() { } }")]
    [InlineData("namespace System { class Object; class Attribute; struct Void; } class C { void M() { } }")]
    [InlineData("class C : C.D { class D : C { } void M() { M(); } }")]
    [InlineData("record R(int X) : R(X); record struct S(S X);")]
    [InlineData("class A<T> : A<A<T>> { void M() { new A<A<A<T>>>().M(); } }")]
    [InlineData("[assembly: Never<Sleep>] [assembly: Never(null)] [assembly: Missing] class C { void M() => Scheduler.Schedule(); }")]
    [InlineData("file class F { } file class F { } partial class P { } partial struct P { }")]
    public Task File_ThatDoesNotCompile_DoesNotThrow(string file) => RunAsync(file);

    [Theory]
    [InlineData("")]
    [InlineData("M:")]
    [InlineData("M:System.Threading.Thread.Sleep(System.Int32")]
    [InlineData("M:Case.M might")]
    [InlineData("M:Case.M might Nothing")]
    [InlineData("M:Case.M might Sleep when")]
    [InlineData("M:Case.M might Sleep when x is")]
    [InlineData("M:Case.M enters SpinLockHeld if")]
    [InlineData("M:Case.M might Sleep\0\uFFFF")]
    [InlineData("X:Case might Sleep")]
    [InlineData("T:Case scope Case scope Case")]
    [InlineData("###\n\n \t \nT: T: T:\nM:Case.M\tmight\tSleep")]
    public Task AnnotationFile_ThatDoesNotParse_DoesNotThrow(string lines) =>
        new AnalyzerTest("class Case { readonly TicketLock _l = new(); public void M() { } public void N() { using (_l.Hold()) M(); } }")
        {
            AdditionalFiles = { ["user.contexts.txt"] = lines },
        }.RunAsync();

    [Theory]
    [InlineData("mm_unknown_callees", "")]
    [InlineData("mm_unknown_callees", "perhaps")]
    [InlineData("mm_unknown_callees", "REPORT ")]
    [InlineData("mm_no_such_option", "1")]
    public Task Option_WithoutMeaning_DoesNotThrow(string key, string value) =>
        new AnalyzerTest("class Case { readonly TicketLock _l = new(); [Never<Sleep>] void M(System.Action a) { using (_l.Hold()) a(); } }")
        {
            Options = { [key] = value },
        }.RunAsync();

    [Theory]
    [InlineData("Case.g.cs", "")]
    [InlineData("Case.Designer.cs", "")]
    [InlineData("Case.cs", "// <auto-generated>\n")]
    [InlineData("Case.cs", "/* <auto-generated /> */\n")]
    public Task GeneratedCode_BreakingARule_IsSilent(string path, string header) => new AnalyzerTest((path, header +
        """
        #nullable enable
        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    Scheduler.Schedule();
                }

                _lock.Hold();
                _lock.Release();
            }

            [Never<Sleep>, Trusted("")]
            void N() => Scheduler.Schedule();
        }
        """)).CheckAsync();

    [Fact]
    public Task GeneratedHelper_CalledFromHandwrittenCode_IsStillLookedInto() => new AnalyzerTest(
        ("Helper.g.cs", "static class Helper { public static void Wait() => Scheduler.Schedule(); }"),
        ("Case.cs",
        """
        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Helper.Wait()|};
                }
            }
        }
        """)).CheckAsync();

    [Fact]
    public Task Vocabulary_NotReferencedAtAll_IsSilent() =>
        new AnalyzerTest("class Case { object _o = new(); void M() { lock (_o) System.Threading.Thread.Sleep(1); } }") { Kernel = Kernel.None }.CheckAsync();

    private static Task RunAsync(string source) => new AnalyzerTest(("Case.cs", source)) { AllowsCompileErrors = true }.RunAsync();
}
