using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2002ContextNotEnteredTests
{
    [Fact]
    public Task Direct_LeftWithoutEntering_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _count++;
                {|MM2002:_lock.Release()|};
            }

            void Right()
            {
                _lock.Acquire();
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_LeftTwice_IsReportedAtTheSecond() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                _lock.Release();
                {|MM2002:_lock.Release()|};
            }
        """);

    [Fact]
    public Task Direct_DroppedAndRetaken_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Release();
                Scheduler.Schedule();
                _lock.Acquire();
            }
        """);

    [Fact]
    public Task Direct_DeclaredToLeave_IsSilent() => RuleCase.CheckAsync(
        """
            [Leaves<SpinLockHeld>]
            void End()
            {
                _count++;
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_ExpressionBody_IsReportedOnTheCall() => RuleCase.CheckAsync(
        """
            void Wrong() => {|MM2002:_lock.Release()|};

            [Leaves<SpinLockHeld>]
            void Right() => _lock.Release();
        """);

    [Fact]
    public Task Direct_AfterTryLockFailed_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                if (!_lock.TryAcquire())
                {
                    {|MM2002:_lock.Release()|};
                    return;
                }

                _lock.Release();
            }
        """);

    [Fact]
    public Task Deep_HelperThatLeaves_IsReportedInItsOwnBody() => RuleCase.CheckAsync(
        """
            void Balanced()
            {
                _lock.Acquire();
                First();
            }

            void First() => {|MM2002:Second()|};

            void Second()
            {
                {|MM2002:_lock.Release()|};
            }
        """);

    [Fact]
    public Task Deep_HelperThatSaysSo_LeavesTheCreditToItsCaller() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                {|MM2002:End()|};
            }

            void Right()
            {
                _lock.Acquire();
                End();
            }

            [Leaves<SpinLockHeld>]
            void End() => _lock.Release();
        """);

    [Fact]
    public Task Virtual_LeavingThroughAnInterface_IsReported() => RuleCase.CheckAsync(
        """
            interface IEpoch
            {
                [Enters<RcuRead>] void Resume();
                [Leaves<RcuRead>] void Suspend();
            }

            void Wrong(IEpoch epoch)
            {
                {|MM2002:epoch.Suspend()|};
            }

            void Right(IEpoch epoch)
            {
                epoch.Resume();
                epoch.Suspend();
            }
        """);

    [Fact]
    public Task Finally_LockNeverTaken_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM2002:_lock.Release()|};
                }
            }

            void Right()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Lambda_LocalFunctionInvokedInPlace_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _count++;
                {|MM2002:Give()|};

                void Give() => _lock.Release();
            }

            void Right()
            {
                _lock.Acquire();
                Give();

                void Give() => _lock.Release();
            }
        """);

    [Fact]
    public Task Recursion_LeavingAtEachLevel_IsReportedAtTheLeave() => RuleCase.CheckAsync(
        """
            void Wrong(int depth)
            {
                if (depth > 0)
                {
                    Right(depth - 1);
                    {|MM2002:Preemption.Enable()|};
                    return;
                }

                _count++;
            }

            void Right(int depth)
            {
                Preemption.Disable();
                if (depth > 0)
                {
                    Right(depth - 1);
                }

                Preemption.Enable();
            }
        """);

    [Fact]
    public Task Generic_ConstrainedCall_LeavesWhatItsConstraintSays() => RuleCase.CheckAsync(
        """
            interface IEpoch
            {
                [Enters<RcuRead>] void Resume();
                [Leaves<RcuRead>] void Suspend();
            }

            void Wrong<T>(T epoch)
                where T : IEpoch
            {
                {|MM2002:epoch.Suspend()|};
            }

            void Right<T>(T epoch)
                where T : IEpoch
            {
                epoch.Resume();
                epoch.Suspend();
            }
        """);

    [Fact]
    public async Task Message_NotEnteredAndLeftTwice_NamesTheContext() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void NotEntered()
            {
                {|MM2002:Interrupts.Enable()|};
            }

            void Twice()
            {
                _lock.Acquire();
                _lock.Release();
                {|MM2002:_lock.Release()|};
            }
        """));

    [Theory]
    [InlineData("for (int i = 0; i < n; i++) { if (i % 16 == 15) {|MM2002:_lock.Release()|}; _count += i; }")]
    [InlineData("foreach (char c in \"text\") { if (c == 't') { {|MM2002:_lock.Release()|}; continue; } _count++; }")]
    [InlineData("while (_count < n) { _count++; if (_count == n - 4) {|MM2002:_lock.Release()|}; _count++; }")]
    public Task Loop_ThatLeavesInSomeTurns_IsReportedAtTheLeaveInIt(string loop) => RuleCase.CheckAsync(
        $$"""
            void M(int n)
            {
                _lock.Acquire();
                {{loop}}
                _lock.Release();
            }
        """);

    [Theory]
    [InlineData("for (int i = 0; i < n; i++) { _count++; if (i % 16 == 15) { _lock.Release(); _lock.Acquire(); } }")]
    [InlineData("for (int i = 0; i < n; i++) { if (i % 16 == 15) { _lock.Release(); Scheduler.Schedule(); _lock.Acquire(); continue; } _count++; }")]
    [InlineData("for (int i = 0; i < n; i++) { if (i % 16 == 15) { _lock.Release(); Scheduler.Schedule(); if (!_lock.TryAcquire()) return; } }")]
    [InlineData("for (int i = 0; i < n; i++) { if (_count > i) { _lock.Release(); return; } }")]
    [InlineData("for (int i = 0; i < n; i++) { if (i % 16 == 3) _lock.Release(); if (i % 16 == 5) _lock.Acquire(); _count++; }")]
    [InlineData("bool held = true; for (int i = 0; i < n; i++) { if (held && i % 16 == 3) { _lock.Release(); held = false; } _count++; } if (!held) return;")]
    [InlineData("int step = 0; while (_count < n) { if (step == 0 && n > 9) { _lock.Release(); step = 1; } _count++; } if (step == 1) return;")]
    public Task Loop_ThatEntersAgainOrIsTold_IsSilent(string loop) => RuleCase.CheckAsync(
        $$"""
            void M(int n)
            {
                _lock.Acquire();
                {{loop}}
                _lock.Release();
            }
        """);
}
