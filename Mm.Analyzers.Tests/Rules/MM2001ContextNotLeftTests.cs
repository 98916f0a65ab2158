using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM2001ContextNotLeftTests
{
    [Fact]
    public Task Direct_EndReachedWithTheLock_IsReportedOnTheBrace() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                _count++;
            {|MM2001:}|}

            void Right()
            {
                _lock.Acquire();
                _count++;
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_EarlyReturnWithTheLock_IsReportedOnTheReturn() => RuleCase.CheckAsync(
        """
            int Wrong()
            {
                _lock.Acquire();
                if (Ready())
                {
                    {|MM2001:return -1;|}
                }

                _lock.Release();
                return 0;
            }

            int Right()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _lock.Release();
                    return -1;
                }

                _lock.Release();
                return 0;
            }
        """);

    [Fact]
    public Task Direct_ExpressionBody_IsReportedOnTheArrow() => RuleCase.CheckAsync(
        """
            void Wrong() {|MM2001:=> _lock.Acquire()|};

            [Enters<SpinLockHeld>]
            void Right() => _lock.Acquire();
        """);

    [Fact]
    public Task Direct_PromisedAndNotEntered_IsReported() => RuleCase.CheckAsync(
        """
            [Enters<SpinLockHeld>]
            void Wrong()
            {
                _count++;
            {|MM2001:}|}

            [Enters<SpinLockHeld>]
            void Right()
            {
                _count++;
                _lock.Acquire();
            }
        """);

    [Fact]
    public Task Direct_ResultTellsWhetherEntered_MustTellTheTruth() => RuleCase.CheckAsync(
        """
            [return: Enters<SpinLockHeld>]
            bool Wrong()
            {
                if (Ready())
                {
                    _lock.Acquire();
                    {|MM2001:return false;|}
                }

                {|MM2001:return true;|}
            }

            [return: Enters<SpinLockHeld>]
            bool Right()
            {
                if (Ready())
                {
                    _lock.Acquire();
                    return true;
                }

                return false;
            }
        """);

    [Fact]
    public Task Direct_TryLockNotLeftOnSuccess_IsReported() => RuleCase.CheckAsync(
        """
            bool Wrong()
            {
                if (!_lock.TryAcquire())
                {
                    return false;
                }

                {|MM2001:return true;|}
            }

            bool Right()
            {
                if (!_lock.TryAcquire())
                {
                    return false;
                }

                _lock.Release();
                return true;
            }
        """);

    [Fact]
    public Task Direct_TwoContextsOfOneLock_AreOneReport() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.AcquireIrqSave();
                _count++;
            {|MM2001:}|}
        """);

    [Fact]
    public Task Direct_RequiredContextNotRestored_IsReported() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>]
            void Wrong()
            {
                _lock.Release();
                Scheduler.Schedule();
            {|MM2001:}|}

            [Requires<SpinLockHeld>]
            void Right()
            {
                _lock.Release();
                Scheduler.Schedule();
                _lock.Acquire();
            }
        """);

    [Fact]
    public Task Direct_SameConditionTwice_IsSilent() => RuleCase.CheckAsync(
        """
            void M(bool locked)
            {
                if (locked)
                {
                    _lock.Acquire();
                }

                _count++;
                if (locked)
                {
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Direct_ThrowWithTheLock_OwesNoRelease() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                if (Ready())
                {
                    throw new InvalidOperationException();
                }

                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_LoopThatOnlyEnters_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong(TicketLock[] locks)
            {
                foreach (var one in locks)
                {
                    one.Acquire();
                }
            {|MM2001:}|}

            void Right(TicketLock[] locks)
            {
                foreach (var one in locks)
                {
                    one.Acquire();
                    one.Release();
                }
            }
        """);

    [Fact]
    public async Task Message_ReturnBraceAndArrow_NamesContextsAndWhereEntered() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            int OnOnePath()
            {
                _lock.Acquire();
                if (Ready())
                {
                    {|MM2001:return -1;|}
                }

                _lock.Release();
                return 0;
            }

            void TwoContexts()
            {
                _lock.AcquireIrqSave();
            {|MM2001:}|}

            void Arrow() {|MM2001:=> _lock.Acquire()|};

            [Enters<SpinLockHeld>]
            void Promised()
            {
            {|MM2001:}|}
        """));
}
