using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Robustness;

/// <summary>Annotations that say nothing sensible: whatever the rules make of them, no analyzer may throw.</summary>
public class MalformedAttributeTests
{
    [Theory]
    [InlineData("[Might<int>]")]
    [InlineData("[Might<>]")]
    [InlineData("[Might]")]
    [InlineData("[Might()]")]
    [InlineData("[Might<Missing>]")]
    [InlineData("[Might<Sleep, Fault>]")]
    [InlineData("[Might<SpinLockHeld>]")]
    [InlineData("[Might<T>]")]
    [InlineData("[Might<IEffect>]")]
    [InlineData("[Might<Sleep>(Sleep)]")]
    [InlineData("[Might<Sleep>(When = \"nobody\", Has = 1)]")]
    [InlineData("[Might<Sleep>(When = null, Has = 1)]")]
    [InlineData("[Might<Sleep>(When = \"\", Has = 1)]")]
    [InlineData("[Might<Sleep>(When = 1, Has = 1)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp))]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = Gfp.NoSuch)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = _notConstant)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = null)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = \"text\")]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = 1.5)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = new[] { 1, 2 })]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = typeof(int))]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = Gfp.Kernel, HasNot = Gfp.Kernel, Is = 1, IsNot = 1)]")]
    [InlineData("[Might<Sleep>(When = nameof(text), Has = 1)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Has = ulong.MaxValue)]")]
    [InlineData("[Might<Sleep>(When = nameof(gfp), Is = long.MinValue)]")]
    [InlineData("[Might<Sleep>(Has = Gfp.Kernel)]")]
    [InlineData("[Might<Sleep>(When = , Has = )]")]
    [InlineData("[Might<Sleep>, Might<Sleep>, Never<Sleep>]")]
    [InlineData("[Might(typeof(int))]")]
    [InlineData("[Might(null)]")]
    [InlineData("[Might(typeof(System.Collections.Generic.List<>))]")]
    [InlineData("[Might(typeof(int[]))]")]
    [InlineData("[Might(typeof(int*))]")]
    [InlineData("[Might(typeof(void))]")]
    [InlineData("[Might(typeof(Missing))]")]
    [InlineData("[Might(typeof(T))]")]
    [InlineData("[Might(typeof(Sleep), When = \"nobody\")]")]
    [InlineData("[Might(\"Sleep\")]")]
    [InlineData("[Never(null)]")]
    [InlineData("[Never(typeof(SpinLockHeld))]")]
    [InlineData("[RunsIn(null)]")]
    [InlineData("[RunsIn(typeof(int))]")]
    [InlineData("[RunsIn<Sleep>]")]
    [InlineData("[RunsIn<IContext>]")]
    [InlineData("[Requires(typeof(System.Collections.Generic.Dictionary<,>))]")]
    [InlineData("[Requires<SpinLockHeld>, ForbiddenIn<SpinLockHeld>]")]
    [InlineData("[ForbiddenIn(null)]")]
    [InlineData("[ForbiddenIn(typeof(dynamic))]")]
    [InlineData("[Enters(null)]")]
    [InlineData("[Enters<SpinLockHeld>, Leaves<SpinLockHeld>]")]
    [InlineData("[Enters<SpinLockHeld>(On = \"yes\")]")]
    [InlineData("[return: Enters<SpinLockHeld>(On = null)]")]
    [InlineData("[return: Enters<SpinLockHeld>(On = new object())]")]
    [InlineData("[return: Leaves(typeof(int), On = 1)]")]
    [InlineData("[return: Might<Sleep>]")]
    [InlineData("[return: OwnedBy(null)]")]
    [InlineData("[Tests<SpinLockHeld>]")]
    [InlineData("[Tests(null)]")]
    [InlineData("[Trusted(null)]")]
    [InlineData("[Trusted]")]
    [InlineData("[Trusted(1)]")]
    [InlineData("[Trusted(_notConstant)]")]
    [InlineData("[Trusted(\"a\", \"b\")]")]
    [InlineData("[Trusted(\"a\"), Trusted(\"\")]")]
    [InlineData("[MustCheck(1)]")]
    [InlineData("[Deferred]")]
    [InlineData("[Scope<SpinLockHeld>]")]
    [InlineData("[Forbids<Sleep>]")]
    [InlineData("[Implies<SpinLockHeld>]")]
    public Task Method_WithAMalformedAttribute_DoesNotThrow(string attribute) => RunAsync(
        $$"""
        using System;

        class Case<T>
        {
            readonly TicketLock _lock = new();
            static int _notConstant = 1;

            {{attribute}}
            public bool Odd(Gfp gfp, string text, Action action)
            {
                using (_lock.Hold())
                {
                    action();
                    Scheduler.Schedule();
                    Slab.Allocate(8, gfp);
                }

                return true;
            }

            public void Caller(Case<T> other)
            {
                using (_lock.Hold())
                {
                    if (other.Odd(Gfp.Kernel, "", () => Scheduler.Schedule()))
                    {
                        other.Odd(0, null!, null!);
                    }
                }

                Func<Gfp, string, Action, bool> kept = other.Odd;
                kept(Gfp.Atomic, "", {{attribute}} () => Scheduler.Schedule());
            }
        }
        """);

    [Theory]
    [InlineData("Might<Sleep>")]
    [InlineData("Never<Sleep>")]
    [InlineData("RunsIn<HardIrq>")]
    [InlineData("Requires<SpinLockHeld>")]
    [InlineData("ForbiddenIn<HardIrq>")]
    [InlineData("Enters<SpinLockHeld>")]
    [InlineData("Leaves<SpinLockHeld>")]
    [InlineData("Scope<SpinLockHeld>")]
    [InlineData("Scope(null)")]
    [InlineData("Tests<SpinLockHeld>")]
    [InlineData("Deferred")]
    [InlineData("Trusted(\"\")")]
    [InlineData("MustCheck")]
    [InlineData("OwnedBy<int>")]
    [InlineData("Forbids<Sleep>")]
    [InlineData("Forbids(null)")]
    [InlineData("Implies<SpinLockHeld>")]
    [InlineData("Implies(typeof(int))")]
    public Task Attribute_OnEveryTarget_DoesNotThrow(string attribute) => RunAsync(
        $$"""
        using System;

        [assembly: {{attribute}}]
        [module: {{attribute}}]

        [{{attribute}}] enum E { [{{attribute}}] A }
        [{{attribute}}] delegate int D([{{attribute}}] int x);
        [{{attribute}}] interface I { [{{attribute}}] static abstract void S(); }
        [{{attribute}}] ref struct R { public void Dispose() { } }
        [{{attribute}}] record struct V([{{attribute}}] int X);

        [{{attribute}}]
        class C<[{{attribute}}] T>
        {
            [{{attribute}}] static readonly TicketLock _lock = new();
            [{{attribute}}] Action _field = () => { };
            [{{attribute}}] int Property { [{{attribute}}] get; [param: {{attribute}}] set; }
            [{{attribute}}] event Action Event { [{{attribute}}] add { } [{{attribute}}] remove { } }
            [{{attribute}}] int this[[{{attribute}}] int i] => i;
            [{{attribute}}] static C() { }
            [{{attribute}}] C([{{attribute}}] Action action) { action(); }
            [{{attribute}}] ~C() { Scheduler.Schedule(); }
            [{{attribute}}] public static C<T> operator +([{{attribute}}] C<T> a, C<T> b) => a;
            [{{attribute}}] public static implicit operator int(C<T> c) => c.Property;
            [{{attribute}}] [return: {{attribute}}] R M<[{{attribute}}] U>([{{attribute}}] ref bool taken, [{{attribute}}] out int n)
            {
                n = 0;
                [{{attribute}}] int Local([{{attribute}}] int x) => x;
                var lambda = [{{attribute}}] [return: {{attribute}}] ([{{attribute}}] int x) => Local(x);
                using (_lock.Hold())
                {
                    Scheduler.Schedule();
                    _field();
                    lambda(this[Property]);
                    using (M<U>(ref taken, out n)) { }
                    M<U>(ref taken, out _);
                    _ = this + this;
                    int i = this;
                    _ = new C<T>(() => { });
                    D d = x => x;
                    d(1);
                }

                return default;
            }
        }
        """);

    [Theory]
    [InlineData("[Implies<B>] struct A : IContext; [Implies<A>] struct B : IContext;")]
    [InlineData("[Implies<A>] struct A : IContext;")]
    [InlineData("[Implies<B>, Implies<C>] struct A : IContext; [Implies<C>] struct B : IContext; [Implies<A>] struct C : IContext;")]
    [InlineData("[Implies(null)] struct A : IContext;")]
    [InlineData("[Implies(typeof(int)), Forbids(typeof(string))] struct A : IContext;")]
    [InlineData("[Implies<Missing>, Forbids<Missing>] struct A : IContext;")]
    [InlineData("[Implies<A.B>] struct A : IContext { [Implies<A>] public struct B : IContext; }")]
    [InlineData("[Implies<G<A>>] struct A : IContext; [Implies<G<G<T>>>] struct G<T> : IContext;")]
    [InlineData("class A : IContext, IEffect;")]
    [InlineData("[Forbids<A>] class A : IContext, IEffect;")]
    [InlineData("class A : A, IContext;")]
    [InlineData("interface A : IContext;")]
    [InlineData("enum A { }")]
    [InlineData("struct A : IContext { [Enters<A>] public A() { } }")]
    public Task Marker_Malformed_DoesNotThrow(string markers) => RunAsync(
        $$"""
        {{markers}}

        [Scope<A>] ref struct Guard { public void Dispose() { } }

        class Case
        {
            [Enters<A>, Trusted("primitive")] static void Enter() { }
            [Leaves<A>, Trusted("primitive")] static void Leave() { }
            [Tests<A>, Trusted("primitive")] static bool IsIn() => false;
            [Requires<A>] static void Inside() => Scheduler.Schedule();
            [RunsIn<A>] static void Handler() { Inside(); Scheduler.Schedule(); _ = new object(); }
            [ForbiddenIn<A>] static Guard Open() => default;

            void M()
            {
                Enter();
                Inside();
                if (IsIn()) { Scheduler.Schedule(); }
                using (Open()) { Inside(); }
                Leave();
                Leave();
            }
        }
        """);

    private static Task RunAsync(string source) => new AnalyzerTest(("Case.cs", source)) { AllowsCompileErrors = true }.RunAsync();
}
