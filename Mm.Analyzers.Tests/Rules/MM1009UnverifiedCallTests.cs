using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1009UnverifiedCallTests
{
    private const string Extern =
        """
            [System.Runtime.InteropServices.DllImport("device")]
            static extern void Poke();

        """;

    [Fact]
    public Task Direct_ExternInAPromisingBody_IsReportedByDefault() => RuleCase.CheckAsync(
        Extern +
        """
            [Never<Sleep>]
            void Wrong() => {|MM1009:Poke()|};

            void Right() => Poke();
        """);

    [Fact]
    public Task Direct_ExternUnderALock_IsTrustedByDefault() => RuleCase.CheckAsync(
        Extern +
        """
            void M()
            {
                using (_lock.Hold())
                {
                    Poke();
                }
            }
        """);

    [Fact]
    public Task Direct_ExternUnderALockWhereUnknownIsReported_IsReported() => Unknown(
        "report",
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1009:Poke()|};
                }

                Poke();
            }
        """);

    [Fact]
    public Task Direct_PromisingBodyWhereUnknownIsTrusted_IsSilent() => Unknown(
        "trust",
        """
            [Never<Sleep>]
            void M() => Poke();
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedAtTheBoundary() => RuleCase.CheckAsync(
        Extern +
        """
            [Never<Sleep>]
            void M() => {|MM1009:First()|};

            void First() => Second();

            void Second() => Poke();
        """);

    [Fact]
    public Task Delegate_FromOutsideTheAssembly_IsReportedInAPromisingBody() => AnalyzerTest.CheckAsync(
        """
        using System;

        public class Case
        {
            [Never<Sleep>]
            public void Wrong(Action action) => {|MM1009:action()|};

            [Never<Sleep>]
            public void Right([Never<Sleep>] Action action) => action();
        }
        """);

    [Fact]
    public async Task Message_ExternThroughAHelper_TellsThePath() => await Verifier.Verify(await RuleCase.RenderAsync(
        Extern +
        """
            [Never<Sleep>]
            void M() => {|MM1009:First()|};

            void First() => Poke();
        """));

    private static Task Unknown(string policy, string members) =>
        new AnalyzerTest(RuleCase.InClass(Extern + members)) { Options = { ["mm_unknown_callees"] = policy } }.CheckAsync();
}
