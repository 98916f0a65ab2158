using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2003ContextDiffersOnMergeTests
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
}
