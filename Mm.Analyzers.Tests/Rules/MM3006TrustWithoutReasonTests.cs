using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM3006TrustWithoutReasonTests
{
    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"   \"")]
    [InlineData("\"\\t\"")]
    public Task Method_BlankReason_IsReportedOnTheAttribute(string reason) => RuleCase.CheckAsync(
        $$"""
            [Never<Sleep>, {|MM3006:Trusted({{reason}})|}]
            void M() { }
        """);

    [Fact]
    public Task Method_WithAReason_IsSilent() => RuleCase.CheckAsync(
        """
            [Never<Sleep>, Trusted("the list is empty at boot")]
            void M() { }
        """);

    [Fact]
    public Task Method_BlankReason_StillGrantsTrust() => RuleCase.CheckAsync(
        """
            [Never<Sleep>, {|MM3006:Trusted("")|}]
            void M() => Scheduler.Schedule();
        """);

    [Fact]
    public Task Type_BlankReason_IsReportedOnce() => AnalyzerTest.CheckAsync(
        """
        [{|MM3006:Trusted("")|}]
        class Wrong
        {
            public void A() { }

            public void B() { }
        }

        [Trusted("generated from the register map")]
        class Right
        {
            public void A() { }
        }
        """);

    [Fact]
    public Task PropertyAndConstructor_BlankReason_IsReported() => RuleCase.CheckAsync(
        """
            [{|MM3006:Trusted("")|}]
            int Size => _count;

            class Page
            {
                [{|MM3006:Trusted("")|}]
                public Page() { }
            }
        """);

    [Fact]
    public Task Virtual_EachDeclaration_IsJudgedByItsOwnAttribute() => RuleCase.CheckAsync(
        """
            class Device
            {
                [Never<Sleep>, Trusted("polls a register")]
                public virtual void Flush() { }
            }

            class Disk : Device
            {
                [Never<Sleep>, {|MM3006:Trusted("")|}]
                public override void Flush() { }
            }
        """);

    [Fact]
    public Task Lambda_BlankReason_IsReportedOnTheAttribute() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wrong = [{|MM3006:Trusted("")|}] () => { };
                Action right = [Trusted("only in tests")] () => { };
                wrong();
                right();
                Local();

                [{|MM3006:Trusted(" ")|}]
                void Local() { }
            }
        """);

    [Fact]
    public Task Generic_BlankReason_IsReportedOnceForAllTypeArguments() => RuleCase.CheckAsync(
        """
            [{|MM3006:Trusted("")|}]
            static void Put<T>(T value) { }

            void M()
            {
                Put(1);
                Put("one");
            }
        """);

    [Fact]
    public async Task Message_BlankReason_SaysWhatIsMissing() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            [Never<Sleep>, {|MM3006:Trusted("")|}]
            void M() { }
        """));
}
