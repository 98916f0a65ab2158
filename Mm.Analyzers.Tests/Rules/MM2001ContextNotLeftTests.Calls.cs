using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM2001ContextNotLeftTests
{
    [Fact]
    public Task Guard_ThatAFieldOrPropertyBeginsWith_IsEnteredByWhoGetsIt() => RuleCase.CheckAsync(
        """
            static readonly Section _shared = new Section();
            Section Own { get; } = new();
            Section Get() => _shared;

            void Right()
            {
                using (Get()) { }
                Scheduler.Schedule();
            }

            void Wrong()
            {
                using (Get()) {|MM1001:Scheduler.Schedule()|};
            }
        }

        [Scope<SpinLockHeld>]
        sealed class Section : IDisposable
        {
            public void Dispose() { }
        """);

    [Fact]
    public Task Deep_HelperThatKeepsTheLock_IsReportedInItsOwnBody() => RuleCase.CheckAsync(
        """
            void Balanced()
            {
                Begin();
                _count++;
                _lock.Release();
            }

            void Begin()
            {
                Open();
            {|MM2001:}|}

            void Open()
            {
                _lock.Acquire();
            {|MM2001:}|}
        """);

    [Fact]
    public Task Deep_HelperThatSaysSo_LeavesTheDebtToItsCaller() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                Begin();
                _count++;
            {|MM2001:}|}

            void Right()
            {
                Begin();
                _count++;
                End();
            }

            [Enters<SpinLockHeld>]
            void Begin() => _lock.Acquire();

            [Leaves<SpinLockHeld>]
            void End() => _lock.Release();
        """);

    [Fact]
    public Task Virtual_EnteringThroughAnInterface_IsReported() => RuleCase.CheckAsync(
        """
            interface IEpoch
            {
                [Enters<RcuRead>] void Resume();
                [Leaves<RcuRead>] void Suspend();
            }

            void Wrong(IEpoch epoch)
            {
                epoch.Resume();
            {|MM2001:}|}

            void Right(IEpoch epoch)
            {
                epoch.Resume();
                epoch.Suspend();
            }
        """);

    [Fact]
    public Task Finally_ReleasesOnEveryPath_IsSilent() => RuleCase.CheckAsync(
        """
            int Right()
            {
                _lock.Acquire();
                try
                {
                    if (Ready())
                    {
                        return -1;
                    }

                    return _count;
                }
                finally
                {
                    _lock.Release();
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
                    _lock.Acquire();
                }
            {|MM2001:}|}
        """);

    [Fact]
    public Task Lambda_InvokedWhereItStands_IsPartOfTheBody() => RuleCase.CheckAsync(
        """
            void Right()
            {
                Take();
                _count++;
                Give();

                void Take() => _lock.Acquire();
                void Give() => _lock.Release();
            }

            void Wrong()
            {
                Take();
                _count++;

                void Take() => _lock.Acquire();
            {|MM2001:}|}
        """);

    [Fact]
    public Task Recursion_EachLevelBalanced_IsSilent() => RuleCase.CheckAsync(
        """
            void Right(int depth)
            {
                Preemption.Disable();
                if (depth > 0)
                {
                    Right(depth - 1);
                }

                Preemption.Enable();
            }

            void Wrong(int depth)
            {
                Preemption.Disable();
                if (depth > 0)
                {
                    Right(depth - 1);
                    {|MM2001:return;|}
                }

                Preemption.Enable();
            }
        """);

    [Fact]
    public Task Generic_ConstrainedCall_EntersWhatItsConstraintSays() => RuleCase.CheckAsync(
        """
            interface IEpoch
            {
                [Enters<RcuRead>] void Resume();
                [Leaves<RcuRead>] void Suspend();
            }

            void Wrong<T>(T epoch)
                where T : IEpoch
            {
                epoch.Resume();
            {|MM2001:}|}

            void Right<T>(T epoch)
                where T : IEpoch
            {
                epoch.Resume();
                epoch.Suspend();
            }
        """);

    [Fact]
    public Task Guard_KeptInAField_IsLeftByTheMemberThatSaysSo() => RuleCase.CheckAsync(
        """
            [Scope<PreemptOff>] sealed class Guard : IDisposable { public void Dispose() { } }

            Guard? _kept;

            [Enters<PreemptOff>] void Begin() => _kept = new Guard();

            [Leaves<PreemptOff>] void End() => _kept!.Dispose();

            [Leaves<PreemptOff>] void EndTwice() { _kept!.Dispose(); {|MM2002:_kept.Dispose()|}; }

            void M()
            {
                Begin();
                {|MM1001:Scheduler.Schedule()|};
                End();
                Scheduler.Schedule();
            }
        """);
}
