using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A parameter without annotations that goes on to a place which starts it in a context: callers are told what their delegates do there.</summary>
public class StartedParameterTests
{
    private const string Places =
        """
            static void Arm([RunsIn<SoftIrq>] Action tick) { }
            static void Later([Deferred, RunsIn<SoftIrq>] Action work) { }
            static void Idle([Deferred] Action work) { }
            static void Poll() => Scheduler.Schedule();
            static void Count() { }

        """;

    [Theory]
    [InlineData("void Hand(Action work) => Later(work);")]
    [InlineData("void Hand(Action work) => Arm(work);")]
    [InlineData("void Hand(Action work) => Later(() => work());")]
    [InlineData("void Hand(Action work) => Later(work.Invoke);")]
    [InlineData("void Hand(Action work) { Action kept = work; Later(kept); }")]
    [InlineData("void Hand(Action work) { Go(); void Go() => Later(work); }")]
    [InlineData("void Hand(Action work) => Farther(work); void Farther(Action work) => Later(work);")]
    [InlineData("void Hand(Action work) => new Armed(work); class Armed { public Armed(Action work) => Later(work); }")]
    [InlineData("void Hand(Action work) => Each<int>(_ => work()); void Each<T>(Action<T> work) => Later(() => work(default!));")]
    [InlineData("void Hand(Action work) { Later(() => { using (_lock.Hold()) work(); }); }")]
    public Task Started_ByTheCallee_IsJudgedAtTheCaller(string hand) => RuleCase.CheckAsync(Places + hand +
        """

            void M()
            {
                {|MM1001:Hand(() => Scheduler.Schedule())|};
                {|MM1001:Hand(Poll)|};
                Hand(Count);
                Hand(() => { });
            }
        """);

    [Theory]
    [InlineData("void Hand(Action work) => Idle(work);")]
    [InlineData("void Hand(Action work) => Arm(() => Idle(work));")]
    [InlineData("void Hand(Action work) { Later(Count); work(); }")]
    public Task NotStartedThere_IsSilent(string hand) => RuleCase.CheckAsync(Places + hand + "void M() => Hand(Poll);");

    [Fact]
    public Task Started_ItDoesNotRunWhereItIsHandedOver_AndNoPromiseOfTheCallerCoversIt() => RuleCase.CheckAsync(Places +
        """
            void Hand(Action work) => Arm(work);
            [Requires<SoftIrq>] void InSoftIrq() { }
            [ForbiddenIn<SpinLockHeld>] void Outside() { }
            void TakesTheLock() { using (_lock.Hold()) { } }

            [Never<Sleep>]
            void M()
            {
                Hand(InSoftIrq);
                using (_lock.Hold())
                {
                    Hand(Outside);
                    Hand(TakesTheLock);
                    {|MM1001:Hand(Poll)|};
                }
            }
        """);

    [Fact]
    public Task Started_DeclaredParameter_IsJudgedWhereItIsHandedOver() => RuleCase.CheckAsync(Places +
        """
            void Hand([RunsIn<SoftIrq>] Action work) => Later(() => work());

            void M()
            {
                Hand(() => {|MM1001:Scheduler.Schedule()|});
                Hand({|MM3002:Poll|});
            }
        """);

    [Fact]
    public Task Started_ContextThatTheWrapperLeaves_IsLeft() => RuleCase.CheckAsync(
        """
            static void Under([RunsIn<SpinLockHeld>] Action<TicketLock> work) { }
            static void Hand(Action work) => Under(held => { held.Release(); work(); held.Acquire(); });

            void M() => Hand(() => Scheduler.Schedule());
        """);

    [Fact]
    public Task Started_ThroughAnInterface_IsJudgedAtTheCaller() => RuleCase.CheckAsync(Places +
        """
            interface ITimer { void Start(Action tick); }
            class Timer : ITimer { public void Start(Action tick) => Arm(tick); }

            void M(ITimer timer)
            {
                {|MM1001:timer.Start(Poll)|};
                timer.Start(Count);
            }
        """);
}
