using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM3004ContradictoryAnnotationsTests
{
    [Theory]
    [InlineData("{|MM3004:Might<Sleep>|}, Never<Sleep>")]
    [InlineData("Never<Sleep>, {|MM3004:Might<Sleep>|}")]
    [InlineData("{|MM3004:Might(typeof(Sleep))|}, Never<Sleep>")]
    [InlineData("{|MM3004:Might<Sleep>|}, Never(typeof(Sleep))")]
    [InlineData("{|MM3004:Might<Sleep>|}, Might<Sleep>, Never<Sleep>")]
    [InlineData("{|MM3004:Requires<IrqOff>|}, ForbiddenIn<IrqOff>")]
    [InlineData("{|MM3004:Requires<HardIrq>|}, ForbiddenIn<PreemptOff>")]
    [InlineData("{|MM3004:RunsIn<HardIrq>|}, ForbiddenIn<IrqOff>")]
    [InlineData("{|MM3004:RunsIn<SoftIrq>|}, Requires<SoftIrq>")]
    [InlineData("{|MM3004:Leaves<IrqOff>|}, ForbiddenIn<IrqOff>")]
    public Task Pair_ThatExcludesItself_IsReportedOnce(string attributes) => RuleCase.CheckAsync(
        $$"""
            [{{attributes}}, Trusted("primitive")]
            static void M() { }
        """);

    [Theory]
    [InlineData("Might<Sleep>, Never<Fault>")]
    [InlineData("Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)")]
    [InlineData("Requires<IrqOff>, ForbiddenIn<HardIrq>")]
    [InlineData("Requires<RcuRead>, ForbiddenIn<IrqOff>")]
    [InlineData("RunsIn<SoftIrq>, Requires<RcuRead>")]
    [InlineData("Enters<IrqOff>, ForbiddenIn<IrqOff>")]
    [InlineData("Leaves<SpinLockHeld>, Might<Sleep>")]
    public Task Pair_ThatGoesTogether_IsSilent(string attributes) => RuleCase.CheckAsync(
        $$"""
            [{{attributes}}, Trusted("primitive")]
            static void M(Gfp gfp) { }
        """);

    [Theory]
    [InlineData("Gfp", "When = \"flags\", Has = Gfp.MayBlock")]
    [InlineData("Gfp", "When = nameof(n)")]
    [InlineData("Gfp", "Has = Gfp.MayBlock")]
    [InlineData("Gfp", "When = nameof(n), Has = DayOfWeek.Friday")]
    [InlineData("Gfp", "When = nameof(n), Has = 0")]
    [InlineData("Gfp", "When = nameof(n), Has = Gfp.MayBlock, HasNot = Gfp.Kernel")]
    [InlineData("string", "When = nameof(n), Has = 1")]
    [InlineData("string", "When = nameof(n), IsNot = 1")]
    [InlineData("int", "When = nameof(n), Is = null")]
    [InlineData("int", "When = nameof(n), Is = 0, IsNot = 0")]
    [InlineData("bool", "When = nameof(n), Is = 1")]
    [InlineData("TimeSpan", "When = nameof(n), IsNot = 1")]
    [InlineData("DateTime", "When = nameof(n), IsNot = 0")]
    public Task Condition_ThatCannotBeMeant_IsReported(string type, string condition) => RuleCase.CheckAsync(
        $$"""
            [{|MM3004:Might<Sleep>({{condition}})|}, Trusted("primitive")]
            static void M({{type}} n) { }
        """);

    [Theory]
    [InlineData("Gfp", "When = nameof(n), Has = Gfp.MayBlock")]
    [InlineData("Gfp", "When = nameof(n), HasNot = Gfp.StartIo, Has = Gfp.MayBlock")]
    [InlineData("Gfp?", "When = nameof(n), Has = Gfp.MayBlock")]
    [InlineData("Gfp", "When = nameof(n), Is = Gfp.Kernel")]
    [InlineData("int", "When = nameof(n), Has = 4")]
    [InlineData("long", "When = nameof(n), IsNot = 0")]
    [InlineData("TimeSpan", "When = nameof(n), IsNot = 0")]
    [InlineData("TimeSpan?", "When = nameof(n), IsNot = 0")]
    [InlineData("int?", "When = nameof(n), IsNot = null")]
    [InlineData("Action?", "When = nameof(n), Is = null")]
    [InlineData("string", "When = nameof(n), Is = \"wait\"")]
    [InlineData("bool", "When = nameof(n), Is = true")]
    [InlineData("object", "When = nameof(n), Is = 3")]
    public Task Condition_ThatFitsItsParameter_IsSilent(string type, string condition) => RuleCase.CheckAsync(
        $$"""
            [Might<Sleep>({{condition}}), Trusted("primitive")]
            static void M({{type}} n) { }
        """);

    [Fact]
    public Task Parameter_WhereItMeansNothing_IsReported() => RuleCase.CheckAsync(
        """
            [Trusted("primitive")] void Value([{|MM3004:Enters<IrqOff>|}] bool taken) { }

            [Trusted("primitive")] void NoBool([{|MM3004:Enters<IrqOff>|}] ref int taken) { }

            [Trusted("primitive")] void Right([Enters<IrqOff>] ref bool taken) { }

            void NoDelegate([{|MM3004:Deferred|}] int callback) { }

            void NoHandler([{|MM3004:RunsIn<IrqOff>|}] int callback) { }

            void RightHandler([Deferred, RunsIn<IrqOff>] Action callback) { }

            void Generic<T>([Deferred] T callback) where T : Delegate { }

            int this[[{|MM3004:Deferred|}] int index]
            {
                get => index;
                set { }
            }
        """);

    [Fact]
    public Task Result_WhereItMeansNothing_IsReported() => RuleCase.CheckAsync(
        """
            [return: {|MM3004:Enters<IrqOff>|}]
            [Trusted("primitive")]
            void Nothing() { }

            [return: {|MM3004:Enters<IrqOff>|}]
            [Trusted("primitive")]
            int Number() => 0;

            [return: {|MM3004:Enters<IrqOff>(On = true)|}]
            [Trusted("primitive")]
            int Other() => 0;

            [{|MM3004:Enters<IrqOff>(On = 0)|}, Trusted("primitive")]
            int NotOnTheResult() => 0;

            [return: Enters<IrqOff>(On = 0)]
            [Trusted("primitive")]
            int Right() => 0;

            [return: Enters<IrqOff>]
            [Trusted("primitive")]
            bool RightBool() => true;

            [return: Enters<IrqOff>]
            [Trusted("primitive")]
            object? RightGuard() => null;

            [{|MM3004:MustCheck|}]
            void Checked() { }

            [return: {|MM3004:OwnedBy<Case>|}]
            void Owned() { }

            [{|MM3004:Tests<IrqOff>|}, Trusted("primitive")]
            int Tested() => 1;

            [{|MM3004:Tests<IrqOff>|}, Trusted("primitive")]
            int TestedProperty => 1;
        """);

    [Fact]
    public Task Type_ScopeWithoutDispose_IsReported() => AnalyzerTest.CheckAsync(
        """
        [{|MM3004:Scope<IrqOff>|}]
        class None { }

        [{|MM3004:Scope<IrqOff>|}]
        struct WithArgument { public void Dispose(bool isDisposing) { } }

        [Scope<IrqOff>]
        ref struct Pattern { public void Dispose() { } }

        [Scope<IrqOff>]
        class Explicit : System.IDisposable { void System.IDisposable.Dispose() { } }

        [Scope<IrqOff>]
        class Inherited : Base { }

        class Base { public void Dispose() { } }
        """);

    [Fact]
    public Task Twin_MarkerOfTheWrongKind_IsReported() => AnalyzerTest.CheckAsync(
        """
        class Wrong
        {
            [{|MM3004:Might(typeof(string))|}]
            void Effect() { }

            [{|MM3004:Requires(typeof(Sleep))|}]
            void Context() { }

            [Might(typeof(Sleep)), Requires(typeof(IrqOff))]
            void Right() { }
        }
        """);

    [Fact]
    public Task Result_ThatIsNoDelegate_HasNoEffect() => RuleCase.CheckAsync(
        """
            [return: {|MM3004:Might<Sleep>|}]
            int Number() => 3;

            [return: {|MM3004:Never<Sleep>|}]
            string Text() => "";

            [return: Might<Sleep>]
            Action Delegate() => () => Scheduler.Schedule();

            [return: Never<Sleep>]
            T? Any<T>() where T : class => null;
        """);

    [Fact]
    public Task Delegate_TypesAndPlaces_AreJudged() => AnalyzerTest.CheckAsync(
        """
        using System;

        [{|MM3004:Might<Sleep>|}, Never<Sleep>]
        delegate void Both();

        [{|MM3004:Might<Sleep>(When = "count", IsNot = 0)|}]
        delegate void Unknown(int n);

        [Might<Sleep>(When = nameof(n), IsNot = 0)]
        delegate void Right(int n);

        delegate void NoDelegate([{|MM3004:Deferred|}] int n);

        class Places
        {
            [{|MM3004:Might<Sleep>|}, Never<Sleep>]
            Action? _field;

            [{|MM3004:Might<Sleep>|}, Never<Sleep>]
            event Action? Happened;

            [Might<Sleep>(When = "obj", IsNot = 0)]
            Action<int>? _conditional;

            void Use()
            {
                _field?.Invoke();
                Happened?.Invoke();
                _conditional?.Invoke(0);
            }
        }
        """);

    [Fact]
    public Task Lambda_AndLocalFunction_AreJudged() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wrong = [{|MM3004:Requires<IrqOff>|}, ForbiddenIn<IrqOff>] () => { };
                Local();

                [{|MM3004:Might<Fault>|}, Never<Fault>]
                void Local() { }
            }
        """);

    [Fact]
    public Task Accessor_Constructor_Partial_AreReportedOnce() => RuleCase.CheckAsync(
        """
            int Size
            {
                [{|MM3004:Might<Sleep>|}, Never<Sleep>]
                get => _count;
            }

            partial class Page
            {
                [{|MM3004:Might<Sleep>|}, Never<Sleep>]
                public Page() { }

                [{|MM3004:Might<Sleep>|}]
                partial void Load();
            }

            partial class Page
            {
                [Never<Sleep>]
                partial void Load() { }
            }
        """);

    [Fact]
    public Task Virtual_NearerDeclaration_MayDecideOtherwise() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            class Quiet
            {
                [Might<Sleep>]
                public virtual void Flush() => Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Generic_Method_IsReportedOnce() => RuleCase.CheckAsync(
        """
            [{|MM3004:Might<Fault>|}, Never<Fault>]
            static void Put<T>(T value) { }

            void M()
            {
                Put(1);
                Put("one");
            }
        """);

    [Fact]
    public async Task Message_EachKind_SaysWhatIsWrong() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            [{|MM3004:Requires<HardIrq>|}, ForbiddenIn<IrqOff>]
            static void Contexts() { }

            [{|MM3004:Might<Sleep>(When = "flags", Has = Gfp.MayBlock)|}]
            static void Parameter(Gfp gfp) { }

            [{|MM3004:Might<Sleep>(When = nameof(size), Has = 1)|}]
            static void Bits(string size) { }

            [return: {|MM3004:Enters<IrqOff>|}]
            [Trusted("primitive")]
            static void Result() { }
        """));
}
