using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM2003ContextDiffersOnMergeTests
{
    [Fact]
    public Task Direct_ReleasedInOneBranch_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            int Wrong()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _lock.Release();
                }

                {|MM2003:return _count;|}
            }

            int Right()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _count++;
                }

                _lock.Release();
                return _count;
            }
        """);

    [Fact]
    public Task Direct_RequiredBehindTheJoin_IsTheSameCause() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>] void CountLocked() => _count++;

            void M()
            {
                _lock.Acquire();
                if (Ready()) _lock.Release();
                {|MM2003:CountLocked();|}
            }

            void Before()
            {
                {|MM1008:CountLocked()|};
                _lock.Acquire();
                if (Ready()) _lock.Release();
                {|MM2003:_count++;|}
            }
        """);

    [Fact]
    public Task Direct_TakenInOneBranch_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready())
                {
                    _lock.Acquire();
                }

                {|MM2003:_lock.Release();|}
            }
        """);

    [Fact]
    public Task Direct_BooleanTellsThePathsApart_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
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
            }
        """);

    [Fact]
    public Task Direct_NullTestTellsThePathsApart_IsSilent() => RuleCase.CheckAsync(
        """
            void M(object? owner)
            {
                if (owner != null)
                {
                    _lock.Acquire();
                }

                _count++;
                if (owner != null)
                {
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Direct_SwitchThatTakesInOneSection_IsReportedAfterTheJoin() => RuleCase.CheckAsync(
        """
            void M()
            {
                switch (Random.Shared.Next(3))
                {
                    case 0:
                        _lock.Acquire();
                        break;
                    default:
                        _count++;
                        break;
                }

                {|MM2003:_lock.Release();|}
            }
        """);

    [Fact]
    public Task Direct_PathsEndInsteadOfMeeting_IsSilent() => RuleCase.CheckAsync(
        """
            int M()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _lock.Release();
                    return 0;
                }

                int count = _count;
                _lock.Release();
                return count;
            }
        """);

    [Fact]
    public Task Direct_TwoMeetingsOfOneCause_IsOneReport() => RuleCase.CheckAsync(
        """
            int M()
            {
                if (Ready())
                {
                    _lock.Acquire();
                }

                {|MM2003:_count++;|}
                if (_count > 3)
                {
                    _count = 0;
                }

                return _count;
            }
        """);

    [Fact]
    public Task Direct_OtherContextOnEachBranch_IsReportedForBoth() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready())
                {
                    _lock.Acquire();
                }
                else
                {
                    Rcu.EnterRead();
                }

                {|MM2003:_count++;|}
            }
        """);

    [Fact]
    public async Task Message_ReleasedInOneBranch_NamesTheContext() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            int M()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _lock.Release();
                }

                {|MM2003:return _count;|}
            }
        """));

    [Theory]
    [InlineData("for (int i = 0; i < 3; i++)", "")]
    [InlineData("for (;;)", "")]
    [InlineData("while (_count < 10)", "")]
    [InlineData("while (_count < 10)", "_count--;")]
    [InlineData("foreach (int i in new int[3])", "")]
    [InlineData("foreach (int i in new int[3])", "_count--;")]
    [InlineData("if (_count > 3)", "_count--;")]
    public Task Meeting_InALoop_IsReportedOnceAndWhereItIs(string loop, string after) => RuleCase.CheckAsync(
        $$"""
            void M()
            {
                {{loop}}
                {
                    if (Ready()) _lock.Acquire();
                    {|MM2003:_count++;|}
                    if (Ready()) _lock.Release();
                    {{after}}
                }
            }
        """);

    [Fact]
    public Task Meeting_WhoseCauseWasSaid_IsNoOther() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (Ready()) _lock.Acquire();
                {|MM2003:_count++;|}
                if (Ready()) _lock.Release();
                _count--;
                bool held = Ready();
                if (held) _other.Acquire();
                _count++;
                if (held) _other.Release();
            }
        """);
}
