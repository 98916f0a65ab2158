using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Accessors, and members that a type inherits and so implements an interface with.</summary>
public partial class MM3001OverrideWeakensContractTests
{
    [Fact]
    public Task Accessor_GetAndSet_AreMembersOfTheirOwn() => AnalyzerTest.CheckAsync(
        """
        interface ILength { int Length { [Never<Sleep>] get; set; } }
        class Wrong : ILength
        {
            int _length;
            public int Length
            {
                {|MM3001:get|} { Scheduler.Schedule(); return _length; }
                set => _length = value;
            }
        }
        class Right : ILength
        {
            int _length;
            public int Length
            {
                get => _length;
                set { Scheduler.Schedule(); _length = value; }
            }
        }
        class Auto : ILength { public int Length { get; set; } }
        """);

    [Fact]
    public Task Accessor_PromiseOnTheProperty_CoversBoth() => AnalyzerTest.CheckAsync(
        """
        abstract class Base { [Never<Sleep>] public abstract int Length { get; set; } }
        class Wrong : Base
        {
            public override int Length
            {
                get => 1;
                {|MM3001:set|} => Scheduler.Schedule();
            }
        }
        record Right(int Length) : IRight;
        interface IRight { [Never<Sleep>] int Length { get; } }
        """);

    [Fact]
    public Task Accessor_ExpressionBody_IsReportedOnTheName() => AnalyzerTest.CheckAsync(
        """
        interface IStrict
        {
            [Never<Fault>] int Length { get; }
            [Never<Fault>] int this[int index] { get; }
        }
        class Wrong : IStrict
        {
            public int {|MM3001:Length|} => UserMemory.Touch(1);
            public int {|MM3001:this|}[int index] => UserMemory.Touch(1);
        }
        class Right : IStrict
        {
            public int Length => 1;
            public int this[int index] => index;
        }
        """);

    [Fact]
    public Task Accessor_DeclaredOnTheOverride_IsReported() => AnalyzerTest.CheckAsync(
        """
        interface ILength { [Never<Sleep>] int Length { get; } }
        class A : ILength
        {
            public int Length
            {
                [Might<Sleep>]
                {|MM3001:get|} => 1;
            }
        }
        """);

    [Fact]
    public Task Inherited_Implementation_IsReportedOnTheInterface() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Slow { public void Run() => Later(); void Later() => Scheduler.Schedule(); }
        class Quick { public void Run() { } }
        class Declared { [Might<Sleep>] public void Run() { } }
        class A : Slow, {|MM3001:IStrict|};
        class B : Quick, IStrict;
        class C : Declared, {|MM3001:IStrict|};
        class D : Slow, IStrict { void IStrict.Run() { } }
        class E : Slow, IStrict { public new void Run() { } }
        class F : A;
        """);

    [Fact]
    public Task Inherited_ByADerivedOrGenericInterface_IsReportedOnTheEntryThatBringsIt() => AnalyzerTest.CheckAsync(
        """
        interface IStrict<T> { [Never<Sleep>] void Run(T item); }
        interface IDerived : IStrict<int>;
        interface IBeside;
        class Slow { public void Run(int item) => Scheduler.Schedule(); public void Run(string item) { } }
        class A : Slow, IBeside, {|MM3001:IDerived|};
        class B : Slow, IBeside, {|MM3001:IStrict<int>|};
        class C : Slow, IStrict<string>;
        class D : Slow, IStrict<string>, {|MM3001:IStrict<int>|};
        """);

    [Fact]
    public Task Inherited_VirtualOverridden_IsJudgedAtTheOverride() => AnalyzerTest.CheckAsync(
        """
        interface IStrict { [Never<Sleep>] void Run(); }
        class Slow { public virtual void Run() => Scheduler.Schedule(); }
        class A : Slow, IStrict { public override void Run() { } }
        class B : Slow, IStrict { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        class Quick { public virtual void Run() { } }
        class C : Quick, IStrict;
        class D : C { public override void {|MM3001:Run|}() => Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Inherited_RequiresExcludesOrEnters_IsReportedOnTheInterface() => AnalyzerTest.CheckAsync(
        """
        interface IRun { void Run(); }
        interface ILocked { [Requires<SpinLockHeld>] void Run(); }
        class Requires { [Requires<SpinLockHeld>] public void Run() { } }
        class Excludes { [ForbiddenIn<IrqOff>] public void Run() { } }
        class Enters { [Enters<SpinLockHeld>, Trusted("primitive")] public void Run() { } }
        class A : Requires, {|MM3001:IRun|};
        class B : Excludes, {|MM3001:IRun|};
        class C : Enters, {|MM3001:IRun|};
        class D : Requires, ILocked;
        """);
}
