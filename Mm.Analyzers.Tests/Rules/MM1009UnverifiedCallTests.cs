using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM1009UnverifiedCallTests
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
    public Task Direct_WhereUnknownIsReportedButTheContextForbidsNothing_IsSilent() => Unknown(
        "report",
        """
            readonly struct Booting : IContext;

            [RunsIn<Booting>]
            void Right() => Poke();

            [RunsIn<RcuRead>]
            void Wrong() => {|MM1009:Poke()|};
        """);

    [Fact]
    public Task Direct_PromisingBodyWhereUnknownIsTrusted_IsSilent() => Unknown(
        "trust",
        """
            [Never<Sleep>]
            void M() => Poke();
        """);

    [Fact]
    public Task Direct_PromiseOfTheType_CountsAsOne() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            static class Device
            {
                [System.Runtime.InteropServices.DllImport("device"), Trusted("one register")]
                static extern void Reset();

                [System.Runtime.InteropServices.DllImport("device")]
                static extern void Poke();

                static void Run()
                {
                    Reset();
                    Poke();
                }
            }
        """);

    [Fact]
    public Task Direct_AnnotatedExtern_IsKnown() => Unknown(
        "report",
        """
            [Never<Sleep>, Trusted("one register")]
            [System.Runtime.InteropServices.DllImport("device")]
            static extern void Reset();

            [Might<Sleep>]
            [System.Runtime.InteropServices.DllImport("device")]
            static extern void Drain();

            void M()
            {
                using (_lock.Hold())
                {
                    Reset();
                    {|MM1001:Drain()|};
                }
            }
        """);

    [Fact]
    public Task Direct_TrustedBody_IsNotAsked() => RuleCase.CheckAsync(
        Extern +
        """
            [Never<Sleep>, Trusted("one register")]
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
    public Task Deep_TwoCallsUnderALockWhereUnknownIsReported_IsReportedAtTheBoundary() => Unknown(
        "report",
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1009:First()|};
                    Other();
                }
            }

            void First() => Second();

            void Second() => Poke();

            void Other() => _count++;
        """);

    [Fact]
    public Task Virtual_NoImplementationToSee_IsReportedInAPromisingBody() => RuleCase.CheckAsync(
        """
            interface IUnseen { void Run(); }
            interface ISeen { void Run(); }
            sealed class Seen : ISeen { public void Run() { } }
            interface IPromise { [Never<Sleep>] void Run(); }

            [Never<Sleep>]
            void Wrong(IUnseen step) => {|MM1009:step.Run()|};

            [Never<Sleep>]
            void Right(ISeen seen, IPromise promise)
            {
                seen.Run();
                promise.Run();
            }
        """);

    [Fact]
    public Task Finally_LockStillHeldWhereUnknownIsReported_IsReported() => Unknown(
        "report",
        """
            void M()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM1009:Poke()|};
                    _lock.Release();
                    Poke();
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedWhereItStands_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        Extern +
        """
            [Never<Sleep>]
            void Wrong()
            {
                Action poke = () => Poke();
                {|MM1009:poke()|};
            }

            [Never<Sleep>]
            void Right()
            {
                Action count = () => _count++;
                count();
            }
        """);

    [Fact]
    public Task Recursion_UnknownSomewhere_IsReportedOnce() => RuleCase.CheckAsync(
        Extern +
        """
            [Never<Sleep>]
            void Wrong() => {|MM1009:Down(3)|};

            [Never<Sleep>]
            void Right() => Count(3);

            void Down(int depth)
            {
                if (depth == 0)
                {
                    Poke();
                    return;
                }

                Down(depth - 1);
            }

            void Count(int depth)
            {
                if (depth > 0)
                {
                    Count(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Generic_JudgedWithItsTypeArgument_IsReportedForTheUnknownOne() => RuleCase.CheckAsync(
        Extern +
        """
            interface IStep { void Run(); }
            struct Seen : IStep { public void Run() { } }
            struct Unseen : IStep { public void Run() => Poke(); }

            [Never<Sleep>]
            void Wrong() => {|MM1009:RunAll<Unseen>()|};

            [Never<Sleep>]
            void Right() => RunAll<Seen>();

            static void RunAll<T>()
                where T : struct, IStep
            {
                T step = default;
                step.Run();
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

    [Fact]
    public Task Parameter_OfAPromisingMember_IsUnknownWhoeverMayCallIt() => RuleCase.CheckAsync(
        """
            [Never<Sleep>] void Run(Action action) => {|MM1009:action()|};

            [Never<Sleep>] void RunQuiet([Never<Sleep>] Action action) => Pass(action);

            void Pass(Action action) => action();

            void Unpromised(Action action) => action();
        """);
}
