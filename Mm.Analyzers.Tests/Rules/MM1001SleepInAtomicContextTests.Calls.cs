using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM1001SleepInAtomicContextTests
{
    [Fact]
    public Task Virtual_SomeImplementationSleeps_IsReported() => RuleCase.CheckAsync(
        """
            interface IDevice { void Flush(); }
            sealed class Quick : IDevice { public void Flush() { } }
            sealed class Slow : IDevice { public void Flush() => Scheduler.Msleep(1); }

            void M(IDevice device)
            {
                using (_lock.Hold())
                {
                    {|MM1001:device.Flush()|};
                }
            }
        """);

    [Fact]
    public Task Virtual_ReceiverIsASealedTypeThatDoesNot_IsSilent() => RuleCase.CheckAsync(
        """
            interface IDevice { void Flush(); }
            sealed class Quick : IDevice { public void Flush() { } }
            sealed class Slow : IDevice { public void Flush() => Scheduler.Msleep(1); }

            void M(Quick device)
            {
                using (_lock.Hold())
                {
                    device.Flush();
                }
            }
        """);

    [Fact]
    public Task Finally_LockStillHeld_IsReported() => RuleCase.CheckAsync(
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
                    {|MM1001:Scheduler.Schedule()|};
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Finally_LockReleasedBefore_IsSilent() => RuleCase.CheckAsync(
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
                    _lock.Release();
                    Scheduler.Schedule();
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedUnderTheLock_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wait = () => Scheduler.Schedule();
                using (_lock.Hold())
                {
                    {|MM1001:wait()|};
                }
            }
        """);

    [Fact]
    public Task Lambda_PassedToAVisibleHelper_IsReportedAtThatCall() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Twice(() => Scheduler.Schedule())|};
                    Twice(() => Scheduler.Udelay(1));
                }
            }

            static void Twice(Action action)
            {
                action();
                action();
            }
        """);

    [Fact]
    public Task Lambda_Deferred_StartsInItsOwnContext() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    Later(() => Scheduler.Schedule());
                    Scheduler.OnTimer(() => {|MM1001:Scheduler.Schedule()|});
                }
            }

            [Trusted("primitive")]
            static void Later([Deferred] Action action) { }
        """);

    [Fact]
    public Task LocalFunction_InvokedUnderTheLock_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Wait()|};
                }

                Wait();

                void Wait() => Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Recursion_SleepsSomewhere_IsReportedOnce() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Even(10)|};
                }
            }

            void Even(int n)
            {
                if (n > 0)
                {
                    Odd(n - 1);
                }
            }

            void Odd(int n)
            {
                Even(n - 1);
                Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Recursion_SleepsNowhere_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    Even(10);
                }
            }

            void Even(int n)
            {
                if (n > 0)
                {
                    Odd(n - 1);
                }
            }

            void Odd(int n) => Even(n - 1);
        """);

    [Fact]
    public Task Generic_JudgedWithItsTypeArgument_IsReportedForTheSleepingOne() => RuleCase.CheckAsync(
        """
            interface IStep { void Run(); }
            struct Quick : IStep { public void Run() { } }
            struct Slow : IStep { public void Run() => Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:RunAll<Slow>()|};
                    RunAll<Quick>();
                }
            }

            static void RunAll<T>()
                where T : struct, IStep
            {
                T step = default;
                step.Run();
            }
        """);

    [Theory]
    [InlineData("if (a || b) Scheduler.Schedule();")]
    [InlineData("if (!a && !b) return; Scheduler.Schedule();")]
    [InlineData("if (!a) { if (!b) return; } Scheduler.Schedule();")]
    [InlineData("if (a || b || a && b) Scheduler.Schedule();")]
    public Task Callee_ThatSleepsIfOneOfTwoIsTrue_IsSilentWhereNoneIs(string body) => RuleCase.CheckAsync(
        $$"""
            void Callee(bool a, bool b) { {{body}} }

            void M(bool known)
            {
                using (_lock.Hold())
                {
                    Callee(false, false);
                    if (!known) Callee(known, known);
                    {|MM1001:Callee(true, false)|};
                    {|MM1001:Callee(false, true)|};
                    {|MM1001:Callee(false, known)|};
                }
            }
        """);

    [Theory]
    [InlineData("a || n > 3", "false, 3", "false, 4")]
    [InlineData("a || n == 3", "false, 4", "false, 3")]
    [InlineData("n > 3 || a", "false, 3", "true, 0")]
    [InlineData("!a || n != 0", "true, 0", "true, 1")]
    public Task Callee_ThatSleepsByAConditionOrANumber_IsJudgedByBoth(string condition, string quiet, string sleeping) => RuleCase.CheckAsync(
        $$"""
            void Callee(bool a, int n) { if ({{condition}}) Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    Callee({{quiet}});
                    {|MM1001:Callee({{sleeping}})|};
                }
            }
        """);
}
