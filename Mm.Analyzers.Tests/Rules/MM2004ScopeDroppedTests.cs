using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2004ScopeDroppedTests
{
    [Fact]
    public Task Direct_GuardThrownAway_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                {|MM2004:_lock.Hold()|};
                _count++;
            }

            void Right()
            {
                using (_lock.Hold())
                {
                    _count++;
                }
            }
        """);

    [Theory]
    [InlineData("{|MM2004:_lock.Hold()|};")]
    [InlineData("_ = {|MM2004:_lock.Hold()|};")]
    [InlineData("var guard = {|MM2004:_lock.Hold()|};")]
    public Task Direct_WhateverHappensToTheGuard_WhatFollowsIsInItsContext(string dropping) => RuleCase.CheckAsync(
        "void M() { " + dropping + " {|MM1001:Scheduler.Schedule()|}; }");

    [Fact]
    public Task Direct_ThrownAwayOnOnePath_IsOneReport() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready())
                {
                    {|MM2004:_lock.Hold()|};
                }

                _count++;
            }

            void ByHand()
            {
                if (Ready())
                {
                    _lock.Acquire();
                }

                {|MM2003:_count++;|}
            }
        """);

    [Fact]
    public Task Direct_GuardNeverDisposed_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                var guard = {|MM2004:_lock.Hold()|};
                _count++;
            }

            void Right()
            {
                var guard = _lock.Hold();
                _count++;
                guard.Dispose();
            }
        """);

    [Fact]
    public Task Direct_EarlyReturnBeforeDispose_IsReported() => RuleCase.CheckAsync(
        """
            int M()
            {
                var guard = {|MM2004:_lock.Hold()|};
                if (Ready())
                {
                    return -1;
                }

                guard.Dispose();
                return 0;
            }

            int Right()
            {
                var guard = _lock.Hold();
                if (Ready())
                {
                    guard.Dispose();
                    return -1;
                }

                guard.Dispose();
                return 0;
            }
        """);

    [Fact]
    public Task Direct_UsingDeclaration_IsSilent() => RuleCase.CheckAsync(
        """
            int M()
            {
                using var guard = _lock.Hold();
                if (Ready())
                {
                    return -1;
                }

                return _count;
            }
        """);

    [Fact]
    public Task Direct_GuardOfNoContext_IsNoneOfThisRule() => RuleCase.CheckAsync(
        """
            void M()
            {
                _mutex.Hold();
            }
        """);

    [Fact]
    public Task Deep_GuardHandedThroughTwoCalls_IsReportedWhereItIsDropped() => RuleCase.CheckAsync(
        """
            void M()
            {
                {|MM2004:Enter()|};
            }

            void Right()
            {
                using (Enter())
                {
                    _count++;
                }
            }

            TicketGuard Enter() => Open();

            TicketGuard Open() => _lock.Hold();
        """);

    [Fact]
    public Task Virtual_GuardOfAnInterface_IsReportedWhereItIsDropped() => RuleCase.CheckAsync(
        """
            interface ILatch { TicketGuard Hold(); }

            void M(ILatch latch)
            {
                {|MM2004:latch.Hold()|};
            }

            void Right(ILatch latch)
            {
                using (latch.Hold())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Finally_DisposedThere_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                var guard = _lock.Hold();
                try
                {
                    _count++;
                }
                finally
                {
                    guard.Dispose();
                }
            }

            void Wrong()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM2004:_lock.Hold()|};
                }
            }
        """);

    [Fact]
    public Task Lambda_GuardThrownAwayInside_IsReportedInside() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wrong = () =>
                {
                    var guard = {|MM2004:_lock.Hold()|};
                    _count++;
                };
                Action right = () =>
                {
                    using var guard = _lock.Hold();
                    _count++;
                };
            }
        """);

    [Fact]
    public Task Recursion_EachLevelItsOwnGuard_IsReportedWhereDropped() => RuleCase.CheckAsync(
        """
            void Wrong(int depth)
            {
                var guard = {|MM2004:Preemption.Off()|};
                if (depth > 0)
                {
                    Wrong(depth - 1);
                }
            }

            void Right(int depth)
            {
                using var guard = Preemption.Off();
                if (depth > 0)
                {
                    Right(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Generic_FactoryOfGuards_IsReportedWhereDropped() => RuleCase.CheckAsync(
        """
            interface ILatch { TicketGuard Hold(); }

            void M<T>(T latch)
                where T : ILatch
            {
                {|MM2004:latch.Hold()|};
                using (latch.Hold())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Loop_ThatLeavesGuardsBehind_IsOneReport() => RuleCase.CheckAsync(
        """
            [Scope<SpinLockHeld>]
            sealed class Section : IDisposable { public void Dispose() { } }

            static Section Open() => new();

            void OnePerTurn()
            {
                while (Ready())
                {
                    var section = {|MM2004:Open()|};
                }
            }

            void TheLastOneOnly()
            {
                Section section;
                do
                {
                    section = {|MM2004:Open()|};
                }
                while (Ready());

                section.Dispose();
            }

            void EachTurn()
            {
                while (Ready())
                {
                    var section = Open();
                    section.Dispose();
                }
            }

            void ByHand()
            {
                while (Ready()) _lock.Acquire();
            {|MM2001:}|}
        """);

    [Fact]
    public Task OutParameter_ThatNobodyTakes_IsDropped() => RuleCase.CheckAsync(
        """
            [Scope<SpinLockHeld>]
            struct Section : IDisposable { public void Dispose() { } }

            static void Open(out Section section) => section = default;

            static void Count(out int count) => count = 1;

            void Dropped()
            {
                {|MM2004:Open(out _)|};
            }

            void Taken()
            {
                Count(out _);
                Open(out var section);
                section.Dispose();
            }
        """);

    [Fact]
    public Task CopyOfAGuard_EndsTheSameSection() => RuleCase.CheckAsync(
        """
            [Scope<SpinLockHeld>]
            struct Section : IDisposable { public void Dispose() { } }

            static Section Open() => default;

            void Copied()
            {
                var first = Open();
                var second = first;
                second.Dispose();
                Scheduler.Schedule();
            }

            void Used()
            {
                var first = Open();
                using var second = first;
                {|MM1001:Scheduler.Schedule()|};
            }
        """);

    [Fact]
    public async Task Message_DroppedAndNotDisposedOnOnePath_TellsWhich() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void Dropped()
            {
                {|MM2004:_lock.HoldIrqSave()|};
            }

            int OnOnePath()
            {
                var guard = {|MM2004:_lock.Hold()|};
                if (Ready())
                {
                    return -1;
                }

                guard.Dispose();
                return 0;
            }
        """));
}
