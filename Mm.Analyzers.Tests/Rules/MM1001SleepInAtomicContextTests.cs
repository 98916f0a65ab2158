using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM1001SleepInAtomicContextTests
{
    [Theory]
    [InlineData("using (_lock.Hold())")]
    [InlineData("using (_lock.HoldIrqSave())")]
    [InlineData("using (_raw.Hold())")]
    [InlineData("using (Preemption.Off())")]
    [InlineData("using (Interrupts.Off())")]
    [InlineData("using (BottomHalves.Off())")]
    [InlineData("using (Rcu.Read())")]
    public Task Direct_InAContextThatForbidsSleep_IsReported(string context) => RuleCase.CheckAsync(
        $$"""
            void M()
            {
                {{context}}
                {
                    {|MM1001:Scheduler.Schedule()|};
                }

                Scheduler.Schedule();
            }
        """);

    [Theory]
    [InlineData("using (_mutex.Hold())")]
    [InlineData("using (PageFaults.Off())")]
    [InlineData("using (GarbageCollection.Off())")]
    [InlineData("if (Ready())")]
    public Task Direct_InAContextThatAllowsSleep_IsSilent(string context) => RuleCase.CheckAsync(
        $$"""
            void M()
            {
                {{context}}
                {
                    Scheduler.Schedule();
                }
            }
        """);

    [Fact]
    public Task Direct_BetweenExplicitPair_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                Scheduler.Msleep(1);
                _lock.Acquire();
                {|MM1001:Scheduler.Msleep(1)|};
                _lock.Release();
                Scheduler.Msleep(1);
            }
        """);

    [Fact]
    public Task Direct_UsingDeclaration_LastsToTheEndOfTheBlock() => RuleCase.CheckAsync(
        """
            void M()
            {
                {
                    using var guard = _lock.Hold();
                    {|MM1001:Scheduler.Schedule()|};
                }

                Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Direct_LockDroppedAndRetaken_IsSilentBetween() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                while (Ready())
                {
                    _lock.Release();
                    Scheduler.Schedule();
                    _lock.Acquire();
                }

                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_UnderTryLock_FollowsItsResult() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (!_lock.TryAcquire())
                {
                    Scheduler.Schedule();
                    return;
                }

                {|MM1001:Scheduler.Schedule()|};
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_WhereTheContextIsTested_FollowsTheTest() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Preemption.IsOff)
                {
                    {|MM1001:Scheduler.Schedule()|};
                }
                else
                {
                    Scheduler.Schedule();
                }
            }
        """);

    [Theory]
    [InlineData("RunsIn<HardIrq>")]
    [InlineData("Requires<SpinLockHeld>")]
    [InlineData("RunsIn(typeof(HardIrq))")]
    public Task Direct_InADeclaredContext_IsReported(string attribute) => RuleCase.CheckAsync(
        $$"""
            [{{attribute}}]
            void M() => {|MM1001:Scheduler.Schedule()|};
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedWhereTheContextIs() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:First()|};
                }
            }

            void First() => Second();

            void Second() => Scheduler.Schedule();
        """);

    [Fact]
    public Task Deep_TwoCallsToWorkThatOnlySpins_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    First();
                }
            }

            void First() => Second();

            void Second() => Scheduler.Udelay(5);
        """);

    [Fact]
    public Task Deep_HelperReportsItsOwnLock_IsNotReportedAgainAtItsCaller() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    Helper();
                }
            }

            void Helper()
            {
                using (Rcu.Read())
                {
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
        """);

    [Fact]
    public Task Deep_CalleePromisesNeverToSleep_IsTakenAtItsWord() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    Promised();
                }
            }

            [Never<Sleep>, Trusted("the queue is empty here")]
            void Promised() => Scheduler.Schedule();
        """);

    [Fact]
    public async Task Message_TwoCallsDeep_TellsThePath() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:First()|};
                    {|MM1001:Scheduler.Msleep(1)|};
                }
            }

            void First() => Second();

            void Second()
            {
                if (Ready())
                {
                    Scheduler.Schedule();
                }
            }
        """));

    [Fact]
    public Task Scope_OfADerivedGuard_IsThatOfItsBase() => RuleCase.CheckAsync(
        """
            [Scope<PreemptOff>] class Guard : IDisposable { public void Dispose() { } }
            sealed class Counted : Guard { }
            class Plain : IDisposable { public void Dispose() { } }

            static Counted Take() => new();

            void M()
            {
                using (Take()) {|MM1001:Scheduler.Schedule()|};
                using (new Plain()) Scheduler.Schedule();
            }
        """);
}
