using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Effects; contexts, declarations and inherited implementations are in the other parts.</summary>
[UsesVerify]
public partial class MM3001OverrideWeakensContractTests
{
    [Theory]
    [InlineData("abstract class Base { [Never<Sleep>] public abstract void Run(); }", "override void")]
    [InlineData("class Base { [Never<Sleep>] public virtual void Run() { } }", "override void")]
    [InlineData("interface Base { [Never<Sleep>] void Run(); }", "void")]
    [InlineData("interface Base { [Never(typeof(Sleep))] void Run(); }", "void")]
    [InlineData("interface Base { [Never<Sleep>] void Run() { } }", "void")]
    public Task Direct_BodySleeps_IsReportedOnTheName(string declaration, string kind) => AnalyzerTest.CheckAsync(
        $$"""
        {{declaration}}
        class Wrong : Base { public {{kind}} {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Right : Base { public {{kind}} Run() => Scheduler.Udelay(1); }
        """);

    [Fact]
    public Task Direct_ExplicitImplementation_IsReportedOnItsName() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict { void IStrict.{|MM3001:Run|}() => Scheduler.Schedule(); }
        class Right : IStrict
        {
            void IStrict.Run() { }
            public void Run() => Scheduler.Schedule();
        }
        """);

    [Theory]
    [InlineData("Allocate", "_ = new object()", "_ = 1")]
    [InlineData("Fault", "UserMemory.Touch(1)", "Scheduler.Schedule()")]
    [InlineData("CrossCall", "Scheduler.SmpCallFunction(static () => { })", "Scheduler.Schedule()")]
    [InlineData("Repaint", "Screen.Draw()", "Scheduler.Schedule()")]
    public Task Direct_AnyEffect_IsJudgedAlike(string effect, string wrong, string right) => AnalyzerTest.CheckAsync(
        $$"""
        struct Repaint : IEffect;
        static class Screen { [Might<Repaint>, Trusted("primitive")] public static void Draw() { } }

        interface IStrict { [Never<{{effect}}>] void Run(); }
        class Wrong : IStrict { public void {|MM3001:Run|}() { {{wrong}}; } }
        class Right : IStrict { public void Run() { {{right}}; } }
        """);

    [Fact]
    public Task Direct_BaseSaysNothing_IsSilent() => AnalyzerTest.CheckAsync(
        """
        interface IFree { void Run(); }
        abstract class Base { public abstract void Walk(); }
        class A : Base, IFree
        {
            public void Run() => Scheduler.Schedule();
            [Might<Sleep>] public override void Walk() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Direct_BaseMightHaveTheEffect_AnOverrideMayPromiseMore() => AnalyzerTest.CheckAsync(
        """
        class Base { [Might<Sleep>] public virtual void Run() => Scheduler.Schedule(); }
        class Stricter : Base { [Never<Sleep>] public override void Run() { } }
        class Same : Base { public override void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Declared_EffectThatTheBaseExcludes_IsReportedWhateverTheBodyDoes() => AnalyzerTest.CheckAsync(
        """
        abstract class Base
        {
            [Never<Sleep>] public abstract void Run();
            [Never<Sleep>] public abstract void Walk();
            [Never<Sleep>] public abstract void Stay();
        }
        abstract class Derived : Base
        {
            [Might<Sleep>] public override void {|MM3001:Run|}() { }
            [Might<Sleep>] public override void {|MM3001:Walk|}() => Scheduler.Schedule();
            [Might<Sleep>] public abstract override void {|MM3001:Stay|}();
        }
        """);

    [Fact]
    public Task Declared_AnotherEffect_IsSilent() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict { [Might<Fault>] public void Run() => UserMemory.Touch(1); }
        """);

    [Fact]
    public Task Declared_SomethingElse_StillOwesWhatTheBasePromises() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict { [Never<Fault>] public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Right : IStrict { [Never<Fault>] public void Run() { } }
        """);

    [Fact]
    public Task Declared_ThePromiseRepeated_IsItsOwnAndReportedInside() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict { [Never<Sleep>] public void Run() => {|MM3003:Scheduler.Schedule()|}; }
        """);

    [Fact]
    public Task Conditional_SameCondition_IsSilent() => AnalyzerTest.CheckAsync(
        """
        abstract class Cache
        {
            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            public abstract object? Take(Gfp gfp);
        }
        class Repeats : Cache
        {
            [Never<Sleep>, Might<Sleep>(When = nameof(flags), Has = Gfp.MayBlock)]
            public override object? Take(Gfp flags) => Slab.Allocate(8, flags);
        }
        class Inherits : Cache { public override object? Take(Gfp gfp) => Slab.Allocate(8, gfp); }
        class PromisesMore : Cache { [Never<Sleep>] public override object? Take(Gfp gfp) => null; }
        """);

    [Fact]
    public Task Conditional_EffectWithoutTheCondition_IsReported() => AnalyzerTest.CheckAsync(
        """
        abstract class Cache
        {
            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            public abstract object? Take(Gfp gfp);
        }
        class Declares : Cache { [Might<Sleep>] public override object? {|MM3001:Take|}(Gfp gfp) => null; }
        class OtherCondition : Cache
        {
            [Might<Sleep>(When = nameof(gfp), Has = Gfp.StartIo)]
            public override object? {|MM3001:Take|}(Gfp gfp) => null;
        }
        class Does : Cache
        {
            public override object? {|MM3001:Take|}(Gfp gfp)
            {
                Scheduler.Schedule();
                return null;
            }
        }
        class RepeatsOnlyTheException : Cache
        {
            [Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            public override object? {|MM3001:Take|}(Gfp gfp)
            {
                Scheduler.Schedule();
                return null;
            }
        }
        class PassesAConstant : Cache { public override object? {|MM3001:Take|}(Gfp gfp) => Slab.Allocate(8, Gfp.Kernel); }
        """);

    [Fact]
    public Task Conditional_NarrowerThanTheBase_IsSilent() => AnalyzerTest.CheckAsync(
        """
        abstract class Waiter
        {
            [Never<Sleep>, Might<Sleep>(When = nameof(timeout), IsNot = 0)]
            public abstract void Wait(int timeout);
        }
        class OnlyForever : Waiter
        {
            [Might<Sleep>(When = nameof(timeout), Is = -1)]
            public override void Wait(int timeout)
            {
                if (timeout == -1) Scheduler.Schedule();
            }
        }
        class OnlyAtOnce : Waiter
        {
            [Might<Sleep>(When = nameof(timeout), Is = 0)]
            public override void {|MM3001:Wait|}(int timeout) { }
        }
        """);

    [Fact]
    public Task Conditional_BaseNever_ConditionOnTheOverrideIsMore() => AnalyzerTest.CheckAsync(
        """
        interface IPool { [Never<Sleep>] object? Take(Gfp gfp); }
        class Declares : IPool
        {
            [Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            public object? {|MM3001:Take|}(Gfp gfp) => null;
        }
        class Clears : IPool { public object? Take(Gfp gfp) => Slab.Allocate(8, Gfp.Atomic); }
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedOnTheNameAlone() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict
        {
            public void {|MM3001:Run|}() => First();
            void First() => Second();
            void Second() => Scheduler.Schedule();
        }
        class Right : IStrict
        {
            int _count;
            public void Run() => First();
            void First() => Second();
            void Second() => _count++;
        }
        """);

    [Fact]
    public Task Deep_SeveralSleepsInOneBody_AreOneReport() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>, Never<Fault>] void Run(); }
        class A : IStrict
        {
            public void {|MM3001:Run|}()
            {
                Scheduler.Schedule();
                UserMemory.Touch(1);
                Scheduler.Msleep(1);
            }
        }
        """);

    [Fact]
    public Task Virtual_CallInTheBody_CountsAllImplementations() => AnalyzerTest.CheckAsync(
        """
        interface IDevice { void Flush(); }
        class Slow : IDevice { public void Flush() => Scheduler.Schedule(); }
        sealed class Quick : IDevice { public void Flush() { } }

        interface IStrict { [Never<Sleep>] void Run(IDevice device, Quick quick); }
        class Wrong : IStrict { public void {|MM3001:Run|}(IDevice device, Quick quick) => device.Flush(); }
        class Right : IStrict { public void Run(IDevice device, Quick quick) => quick.Flush(); }
        """);

    [Fact]
    public Task Finally_Sleeps_IsReported() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict { public void {|MM3001:Run|}() { try { } finally { Scheduler.Schedule(); } } }
        class Right : IStrict { public void Run() { try { } finally { Scheduler.Udelay(1); } } }
        """);

    [Fact]
    public Task Lambda_InvokedInTheBody_CountsAndAStoredOneDoesNot() => AnalyzerTest.CheckAsync(
        """
        using System;

        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict
        {
            public void {|MM3001:Run|}()
            {
                Action wait = () => Scheduler.Schedule();
                wait();
            }
        }
        class AlsoWrong : IStrict
        {
            public void {|MM3001:Run|}()
            {
                Wait();
                static void Wait() => Scheduler.Schedule();
            }
        }
        class Right : IStrict
        {
            Action? _later;
            public void Run() => _later = () => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Recursion_ReachingASleep_IsReported() => AnalyzerTest.CheckAsync(
        """
        abstract class Tree { [Never<Sleep>] public abstract void Walk(int depth); }
        class Wrong : Tree
        {
            public override void {|MM3001:Walk|}(int depth) => Down(depth);
            void Down(int depth)
            {
                if (depth == 0) Scheduler.Schedule();
                else Down(depth - 1);
            }
        }
        class Right : Tree
        {
            public override void Walk(int depth)
            {
                if (depth > 0) Walk(depth - 1);
            }
        }
        """);

    [Fact]
    public Task Async_AwaitIsNothingAndASleepBeforeItCounts() => AnalyzerTest.CheckAsync(
        """
        using System.Threading.Tasks;

        interface IStrict { [Never<Sleep>] Task RunAsync(); }
        class Wrong : IStrict
        {
            public async Task {|MM3001:RunAsync|}()
            {
                Scheduler.Schedule();
                await Task.Yield();
            }
        }
        class Right : IStrict { public async Task RunAsync() => await Task.Yield(); }
        """);

    [Fact]
    public Task UnknownCallee_InTheBody_IsUnverified() => AnalyzerTest.CheckAsync(
        """
        using System.Runtime.InteropServices;

        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict
        {
            [DllImport("device")] static extern void Poke();
            public void Run() => {|MM1009:Poke()|};
        }
        """);

    [Fact]
    public Task UnderALock_SleepIsTheRuleOfTheLockAlone() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict
        {
            readonly TicketLock _lock = new();
            public void Run()
            {
                using (_lock.Hold()) {|MM1001:Scheduler.Schedule()|};
            }
        }
        """);

    [Fact]
    public Task Trusted_TheBaseIs_OverridesAreChecked() => AnalyzerTest.CheckAsync(
        """
        class Base { [Never<Sleep>, Trusted("the queue is short")] public virtual void Run() => Scheduler.Schedule(); }
        class Wrong : Base { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Right : Base { public override void Run() { } }
        """);

    [Fact]
    public Task Trusted_TheOverrideIs_IsSilent() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict { [Never<Sleep>, Trusted("the queue is short")] public void Run() => Scheduler.Schedule(); }
        [Trusted("boots alone")]
        class B : IStrict { public void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Trusted_TheOverrideDeclaresTheEffect_IsReportedAllTheSame() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class A : IStrict { [Might<Sleep>, Trusted("primitive")] public void {|MM3001:Run|}() { } }
        """);

    [Fact]
    public async Task Message_EachKindOfBreach_NamesTheDeclaration() => await Verifier.Verify(await AnalyzerTest.RenderAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Does : IStrict
        {
            public void {|MM3001:Run|}() => First();
            void First() => Scheduler.Schedule();
        }
        class Declares : IStrict { [Might<Sleep>] public void {|MM3001:Run|}() { } }
        class Requires : IStrict { [Requires<IrqOff>] public void {|MM3001:Run|}() { } }
        class Excludes : IStrict { [ForbiddenIn<IrqOff>] public void {|MM3001:Run|}() { } }
        class Enters : IStrict
        {
            readonly TicketLock _lock = new();
            public void {|MM3001:Run|}() => _lock.Acquire();
        }
        class Sleeper { public void Run() => Scheduler.Schedule(); }
        class Inherits : Sleeper, {|MM3001:IStrict|};
        """));
}
