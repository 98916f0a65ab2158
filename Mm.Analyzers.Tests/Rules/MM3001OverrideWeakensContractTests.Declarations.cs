using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Where the promise stands, and by which way of the language a member comes to owe it.</summary>
public partial class MM3001OverrideWeakensContractTests
{
    [Fact]
    public Task Interface_TwoUpOrRedeclared_IsOwedAllTheSame() => AnalyzerTest.CheckAsync(
        """
        interface ITop { [Never<Sleep>] void Run(); }
        interface IMiddle : ITop;
        interface IAgain : ITop { new void Run(); }
        class A : IMiddle { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class B : IAgain { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class C : IAgain
        {
            void ITop.Run() { }
            void IAgain.Run() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Interface_TwoThatDiffer_TheStricterOneCounts() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        interface IFree { [Might<Sleep>] void Run(); }
        interface ISilent { void Run(); }
        class A : IFree, IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class B : IStrict, IFree { public void Run() { } }
        class C : ISilent, IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class D : ISilent, IFree { public void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Interface_DifferentPromises_AreOwedTogether() => AnalyzerTest.CheckAsync(
        """
        interface INoSleep { [Never<Sleep>] void Run(); }
        interface INoFault { [Never<Fault>] void Run(); }
        class A : INoSleep, INoFault { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class B : INoSleep, INoFault { public void {|MM3001:Run|}() => UserMemory.Touch(1); }
        class C : INoSleep, INoFault { public void Run() { } }
        """);

    [Fact]
    public Task Interface_BaseClassAndInterface_BothAreOwed() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        abstract class Base { [Might<Sleep>] public abstract void Run(); }
        class A : Base, IStrict { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class B : Base { public override void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Interface_Generic_IsOwedByEveryConstruction() => AnalyzerTest.CheckAsync(
        """
        interface IVisitor<T> { [Never<Sleep>] void Visit(T item); void Leave<TState>(TState state); }
        class A : IVisitor<int>
        {
            public void {|MM3001:Visit|}(int item) => Scheduler.Schedule();
            public void Leave<TState>(TState state) => Scheduler.Schedule();
        }
        class B<T> : IVisitor<T[]>
        {
            public void {|MM3001:Visit|}(T[] item) => Scheduler.Schedule();
            public void Leave<TState>(TState state) { }
        }
        class C : IVisitor<int>, IVisitor<string>
        {
            public void Visit(int item) { }
            void IVisitor<string>.{|MM3001:Visit|}(string item) => Scheduler.Schedule();
            public void Leave<TState>(TState state) { }
        }
        class Another : IVisitor<int>
        {
            public void Visit(int item) { }
            public void Visit(string item) => Scheduler.Schedule();
            public void Leave<TState>(TState state) { }
        }
        """);

    [Fact]
    public Task Interface_StaticAbstract_IsOwed() => AnalyzerTest.CheckAsync(
        """
        interface IStep<T> where T : IStep<T>
        {
            [Never<Sleep>] static abstract void Run();
            [Never<Allocate>] static abstract T operator +(T left, T right);
        }
        class Wrong : IStep<Wrong>
        {
            public static void {|MM3001:Run|}() => Scheduler.Schedule();
            public static Wrong operator {|MM3001:+|}(Wrong left, Wrong right) => new();
        }
        struct Right : IStep<Right>
        {
            public static void Run() { }
            public static Right operator +(Right left, Right right) => new();
        }
        """);

    [Fact]
    public Task Interface_DefaultMember_IsAnImplementationOnlyWhereItImplements() => AnalyzerTest.CheckAsync(
        """
        interface ITop { [Never<Sleep>] void Run(); }
        interface IWrong : ITop { void ITop.{|MM3001:Run|}() => Scheduler.Schedule(); }
        interface IRight : ITop { void ITop.Run() { } }
        interface IOwn { [Never<Sleep>] void Run() => {|MM3003:Scheduler.Schedule()|}; }
        class A : IWrong;
        class B : IOwn;
        """);

    [Fact]
    public Task Hiding_NewMember_OwesNothing() => AnalyzerTest.CheckAsync(
        """
        class Base { [Never<Sleep>] public virtual void Run() { } }
        class Hides : Base { public new void Run() => Scheduler.Schedule(); }
        class HidesAsVirtual : Base { public new virtual void Run() { } }
        class OverridesTheNewOne : HidesAsVirtual { public override void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Hiding_NewMemberOfAListedInterface_Implements() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Base : IStrict { public void Run() { } }
        class Hides : Base { public new void Run() => Scheduler.Schedule(); }
        class Implements : Base, IStrict { public new void {|MM3001:Run|}() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Levels_PromiseOfTheTop_ReachesTheLeaf() => AnalyzerTest.CheckAsync(
        """
        class Top { [Never<Sleep>] public virtual void Run() { } }
        class Silent : Top { public override void Run() { } }
        class SaysAnother : Top { [Never<Fault>] public override void Run() { } }
        class Without : Top;
        class A : Silent { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class B : SaysAnother { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class C : Without { public sealed override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class D : SaysAnother { public override void {|MM3001:Run|}() => UserMemory.Touch(1); }
        class E : SaysAnother { public override void Run() { } }
        """);

    [Fact]
    public Task Levels_MiddlePromisesMore_TheLeafOwesIt() => AnalyzerTest.CheckAsync(
        """
        class Top { public virtual void Run() => Scheduler.Schedule(); }
        class Middle : Top { [Never<Sleep>] public override void Run() { } }
        class Leaf : Middle { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Beside : Top { public override void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Levels_MiddleIsTrusted_TheLeafIsChecked() => AnalyzerTest.CheckAsync(
        """
        class Top { public virtual void Run() { } }
        class Middle : Top { [Never<Sleep>, Trusted("measured")] public override void Run() => Scheduler.Schedule(); }
        class Leaf : Middle { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Calls : Middle { public override void Run() => base.Run(); }
        """);

    [Fact]
    public Task OnTheType_CoversOverridesButNoNewMembers() => AnalyzerTest.CheckAsync(
        """
        [Never<Sleep>]
        abstract class Base { public abstract void Run(); public virtual void Walk() { } }
        class Wrong : Base
        {
            public override void {|MM3001:Run|}() => Scheduler.Schedule();
            public override void Walk() { }
            public void OfItsOwn() => Scheduler.Schedule();
        }

        [Never<Sleep>]
        interface IStrict { void Run(); }
        class AlsoWrong : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task OnTheType_NearerMemberLiftsIt_OverridesAreFree() => AnalyzerTest.CheckAsync(
        """
        [Never<Sleep>]
        abstract class Base { [Might<Sleep>] public abstract void Run(); }
        class A : Base { public override void Run() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task OnTheType_OfTheOverride_IsItsOwnAndReportedInside() => AnalyzerTest.CheckAsync(
        """
        interface IFree { void Run(); }
        interface IStrict { [Never<Sleep>] void Run(); }
        [Never<Sleep>]
        class A : IFree { public void Run() => {|MM3003:Scheduler.Schedule()|}; }
        [Never<Fault>]
        class B : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task OnTheType_RequiredContext_IsMoreThanTheInterfaceSays() => AnalyzerTest.CheckAsync(
        """
        interface IFree { void Run(); }
        interface ILocked { [Requires<SpinLockHeld>] void Run(); }
        [Requires<SpinLockHeld>]
        class A : IFree { public void {|MM3001:Run|}() { } }
        [Requires<SpinLockHeld>]
        class B : ILocked { public void Run() { } }
        [RunsIn<SpinLockHeld>]
        class C : IFree { public void Run() { } }
        """);

    [Fact]
    public async Task OnTheAssembly_OfTheInterface_IsOwedByOthers()
    {
        var library = new AnalyzerTest(
            """
            [assembly: Never<Sleep>]
            public interface IStrict { void Run(); }
            public interface IFree { [Might<Sleep>] void Run(); }
            """)
        { Kernel = Kernel.Reference }.ToReference("Library");

        await new AnalyzerTest(
            """
            class Wrong : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
            class Right : IStrict { public void Run() { } }
            class Free : IFree { public void Run() => Scheduler.Schedule(); }
            class Plain { public void Run() => Scheduler.Schedule(); }
            """)
        { Kernel = Kernel.Reference, References = { library } }.CheckAsync();
    }

    [Fact]
    public Task InAnAnnotationFile_IsOwed() => new AnalyzerTest(
        """
        using System;

        interface IPlain { void Run(); }
        class Wrong : IPlain { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Right : IPlain { public void Run() { } }
        class AlsoWrong : IObserver<int>
        {
            public void OnCompleted() { }
            public void OnError(Exception error) { }
            public void {|MM3001:OnNext|}(int value) => Scheduler.Schedule();
        }
        """)
    {
        AdditionalFiles =
        {
            ["strict.contexts.txt"] =
                """
                M:IPlain.Run    never Sleep
                M:System.IObserver`1.OnNext(`0)    never Sleep
                """,
        },
    }.CheckAsync();

    [Fact]
    public Task Records_AndStructs_AreJudgedAlike() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        struct A : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        readonly record struct B(int Value) : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        abstract record Base { [Never<Sleep>] public abstract void Run(); }
        record C(int Value) : Base { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        record D(int Value) : Base { public override void Run() { } }
        """);

    [Fact]
    public Task Partial_TypeAndMethod_AreOneDeclaration() => new AnalyzerTest(
        ("A.cs", "interface IStrict { [Never<Sleep>] void Run(); } partial class A : IStrict;"),
        ("B.cs", "partial class A { public void {|MM3001:Run|}() => Wait(); private partial void Wait(); }"),
        ("C.cs", "partial class A { private partial void Wait() => Scheduler.Schedule(); }")).CheckAsync();

    [Fact]
    public Task Callers_OfTheDeclaration_AreNotReportedAsWell() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Wrong : IStrict { public void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Caller
        {
            readonly TicketLock _lock = new();
            public void M(IStrict strict)
            {
                using (_lock.Hold()) strict.Run();
            }
        }
        """);
}
