using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM2003ContextDiffersOnMergeTests
{
    [Fact]
    public Task Deep_HelperTakesInOneBranch_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            [Enters<SpinLockHeld>]
            void Begin() => _lock.Acquire();

            [Leaves<SpinLockHeld>]
            void End() => _lock.Release();

            void Wrong()
            {
                if (Ready())
                {
                    Begin();
                }

                {|MM2003:End();|}
            }

            void Right()
            {
                if (Ready())
                {
                    Begin();
                    End();
                }
            }
        """);

    [Fact]
    public Task Deep_HelperWhoseResultTells_IsSilentOnlyWhereTheResultIsTested() => RuleCase.CheckAsync(
        """
            [return: Enters<SpinLockHeld>]
            bool TryBegin() => _lock.TryAcquire();

            void Wrong()
            {
                if (TryBegin())
                {
                    _count++;
                }

                {|MM2003:_lock.Release();|}
            }

            void Right()
            {
                bool taken = TryBegin();
                _count++;
                if (taken)
                {
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Deep_UnannotatedHelperOnOneBranch_IsReportedThereAndWhereThePathsMeet() => RuleCase.CheckAsync(
        """
            void Begin()
            {
                _lock.Acquire();
            {|MM2001:}|}

            void M()
            {
                if (Ready())
                {
                    Begin();
                }

                {|MM2003:_lock.Release();|}
            }
        """);

    [Fact]
    public Task Virtual_InterfaceMemberEntersInOneBranch_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            interface IEpoch
            {
                [Enters<RcuRead>] void Resume();
                [Leaves<RcuRead>] void Suspend();
            }

            void Wrong(IEpoch epoch)
            {
                if (Ready())
                {
                    epoch.Resume();
                }

                {|MM2003:epoch.Suspend();|}
            }

            void Right(IEpoch epoch)
            {
                if (Ready())
                {
                    epoch.Resume();
                }
                else
                {
                    epoch.Resume();
                }

                epoch.Suspend();
            }
        """);

    [Fact]
    public Task Finally_TakenInOneBranchOfTheTry_IsReportedWhereThePathsMeet() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                try
                {
                    if (Ready())
                    {
                        _lock.Acquire();
                    }

                    {|MM2003:_count++;|}
                }
                finally
                {
                    _lock.Release();
                }
            }

            void Right()
            {
                bool taken = false;
                try
                {
                    if (Ready())
                    {
                        _lock.Acquire();
                        taken = true;
                    }

                    _count++;
                }
                finally
                {
                    if (taken)
                    {
                        _lock.Release();
                    }
                }
            }
        """);

    [Fact]
    public Task Lambda_BodyOfItsOwn_IsReportedInside() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action wrong = () =>
                {
                    if (Ready())
                    {
                        _lock.Acquire();
                    }

                    {|MM2003:_lock.Release();|}
                };
                Action right = () =>
                {
                    bool taken = Ready();
                    if (taken)
                    {
                        _lock.Acquire();
                    }

                    _count++;
                    if (taken)
                    {
                        _lock.Release();
                    }
                };
            }
        """);

    [Fact]
    public Task LocalFunction_TakesInOneBranchOfItsCaller_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready())
                {
                    Take();
                }

                {|MM2003:_lock.Release();|}

                void Take() => _lock.Acquire();
            }
        """);

    [Fact]
    public Task Recursion_CallsItselfInOneBranch_IsSilentAsItIsBalanced() => RuleCase.CheckAsync(
        """
            void Right(int depth)
            {
                _lock.Acquire();
                _count++;
                _lock.Release();
                if (depth > 0)
                {
                    Right(depth - 1);
                }

                _count--;
            }

            void Wrong(int depth)
            {
                if (Ready())
                {
                    _lock.Acquire();
                }

                {|MM2003:_count--;|}
                if (depth > 0)
                {
                    Wrong(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Generic_BodyOfAGenericMethod_IsReportedOnce() => RuleCase.CheckAsync(
        """
            int Wrong<T>(T? value)
                where T : class
            {
                if (Ready())
                {
                    _lock.Acquire();
                }

                {|MM2003:return _count;|}
            }

            int Right<T>(T? value)
                where T : class
            {
                if (value is not null)
                {
                    _lock.Acquire();
                }

                _count++;
                if (value is not null)
                {
                    _lock.Release();
                }

                return _count;
            }
        """);

    [Fact]
    public Task Loop_Head_IsNoMeeting() => RuleCase.CheckAsync(
        """
            void Wrong(int[] numbers)
            {
                foreach (int number in numbers)
                {
                    _lock.Acquire();
                }
            {|MM2001:}|}

            void Right(int[] numbers)
            {
                foreach (int number in numbers)
                {
                    _lock.Acquire();
                    _count += number;
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Meeting_FollowedByASleep_IsTheOneReport() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready()) _lock.Acquire();
                {|MM2003:_count++;|}
                Scheduler.Schedule();
            }

            void OnEitherPath()
            {
                if (Ready()) _lock.Acquire();
                else Preemption.Disable();
                {|MM2003:_count++;|}
                {|MM1001:Scheduler.Schedule()|};
            }
        """);
}
