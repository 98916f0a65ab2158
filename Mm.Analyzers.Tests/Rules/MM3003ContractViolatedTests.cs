using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM3003ContractViolatedTests
{
    [Fact]
    public Task Direct_BodySleeps_IsReportedAtTheCall() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void Wrong()
            {
                {|MM3003:Scheduler.Schedule()|};
            }

            [Never<Sleep>]
            void Right()
            {
                Scheduler.Udelay(1);
            }

            [Never<Fault>]
            void AnotherEffect()
            {
                Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Direct_NonGenericSpelling_IsTheSame() => RuleCase.CheckAsync(
        """
            [Never(typeof(Sleep))]
            void Wrong() => {|MM3003:Scheduler.Schedule()|};
        """);

    [Theory]
    [InlineData("new object()")]
    [InlineData("new int[4]")]
    public Task Direct_BodyAllocates_IsReportedAtTheCreation(string creation) => RuleCase.CheckAsync(
        $$"""
            [Never<Allocate>]
            object Wrong() => {|MM3003:{{creation}}|};

            object Right() => {{creation}};
        """);

    [Fact]
    public Task Direct_PromiseOfTheType_CoversItsMembers() => AnalyzerTest.CheckAsync(
        """
        [Never<Sleep>]
        class Quiet
        {
            public void Wrong() => {|MM3003:Scheduler.Schedule()|};

            [Might<Sleep>]
            public void NearerWins() => Scheduler.Schedule();
        }

        class Loud
        {
            public void Right() => Scheduler.Schedule();
        }
        """);

    [Fact]
    public Task Direct_ConditionalEffect_MeansNeverExceptThen() => RuleCase.CheckAsync(
        """
            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            object? Right(Gfp gfp) => Slab.Allocate(8, gfp);

            [Never<Sleep>, Might<Sleep>(When = nameof(gfp), Has = Gfp.MayBlock)]
            object? Wrong(Gfp gfp)
            {
                {|MM3003:Scheduler.Schedule()|};
                return Slab.Allocate(8, gfp);
            }
        """);

    [Fact]
    public Task Direct_TrustedBody_IsNotChecked() => RuleCase.CheckAsync(
        """
            [Never<Sleep>, Trusted("the queue is never full here")]
            void M() => Scheduler.Schedule();
        """);

    [Fact]
    public Task Direct_UnderALock_IsTheRuleOfTheLockAlone() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedInThePromisingBody() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void Wrong() => {|MM3003:First()|};

            [Never<Sleep>]
            void Right() => Count();

            void First() => Second();

            void Second() => Scheduler.Schedule();

            void Count() => _count++;
        """);

    [Fact]
    public Task Virtual_SomeImplementationSleeps_IsReported() => RuleCase.CheckAsync(
        """
            interface IDevice { void Flush(); }
            sealed class Quick : IDevice { public void Flush() { } }
            sealed class Slow : IDevice { public void Flush() => Scheduler.Msleep(1); }

            [Never<Sleep>]
            void Wrong(IDevice device) => {|MM3003:device.Flush()|};

            [Never<Sleep>]
            void Right(Quick device) => device.Flush();
        """);

    [Fact]
    public Task Finally_Sleeps_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void Wrong()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM3003:Scheduler.Schedule()|};
                }
            }

            [Never<Sleep>]
            void Right()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    Scheduler.Udelay(1);
                }
            }
        """);

    [Fact]
    public Task Lambda_WithItsOwnPromise_IsReportedInside() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wrong = [Never<Sleep>] () => {|MM3003:Scheduler.Schedule()|};
                Action right = [Never<Sleep>] () => Scheduler.Udelay(1);
                wrong();
                right();
            }
        """);

    [Fact]
    public Task Lambda_InvokedInThePromisingBody_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void M()
            {
                Action wait = () => Scheduler.Schedule();
                {|MM3003:wait()|};
            }
        """);

    [Fact]
    public Task Recursion_ReachingASleep_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void Wrong() => {|MM3003:Walk(3)|};

            [Never<Sleep>]
            void Right() => Count(3);

            void Walk(int depth)
            {
                if (depth == 0)
                {
                    Scheduler.Schedule();
                    return;
                }

                Walk(depth - 1);
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
    public Task Generic_OverItsTypeArgument_IsReportedForTheSleepingOne() => RuleCase.CheckAsync(
        """
            interface IStep { void Run(); }
            struct Quick : IStep { public void Run() { } }
            struct Slow : IStep { public void Run() => Scheduler.Schedule(); }

            [Never<Sleep>]
            void M()
            {
                {|MM3003:RunIt<Slow>()|};
                RunIt<Quick>();
            }

            static void RunIt<T>()
                where T : struct, IStep => default(T).Run();
        """);

    [Fact]
    public async Task Message_CallAndCreation_NamesPromiseAndPath() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            [Never<Sleep>]
            void Sleeps() => {|MM3003:First()|};

            [Never<Allocate>]
            object Allocates() => {|MM3003:new object()|};

            void First() => Second();

            void Second() => Scheduler.Schedule();
        """));
}
