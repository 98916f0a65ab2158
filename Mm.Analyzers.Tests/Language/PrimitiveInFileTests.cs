using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A lock of one's own that a file declares: the file cannot say that its body is trusted.</summary>
public class PrimitiveInFileTests
{
    private const string Lines =
        """
        M:Gate.Enter    enters SpinLockHeld
        M:Gate.TryEnter enters SpinLockHeld if result
        M:Gate.Exit     leaves SpinLockHeld
        M:Gate.Spin     requires SpinLockHeld
        M:Wrapper.Begin enters SpinLockHeld
        M:Wrapper.End   leaves SpinLockHeld

        """;

    private const string Gate =
        """
        using System.Threading;

        sealed class Gate
        {
            int _state;

            public void Enter()
            {
                while (Interlocked.CompareExchange(ref _state, 1, 0) != 0) { }
                Spin();
            }

            public bool TryEnter() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

            public void Exit() => Volatile.Write(ref _state, 0);

            public void Spin() { }
        }

        """;

    [Fact]
    public Task Test_WithABodyThatSaysTheSameAlways_StillTests() => new AnalyzerTest(
        """
        using Mm.Contexts;

        public readonly struct UiThread : IContext;

        static class Ui
        {
            public static bool Check() => true;
            public static bool Other() => true;
            public static void Paint() { }
        }

        class Case
        {
            void Right() { if (Ui.Check()) Ui.Paint(); }
            void Wrong() { if (Ui.Other()) {|MM1008:Ui.Paint()|}; }
        }
        """) { AdditionalFiles = { ["ui.contexts.txt"] = "M:Ui.Check  tests UiThread\nM:Ui.Paint  requires UiThread\n" } }.CheckAsync();

    [Fact]
    public Task Body_ThatMakesTheContext_IsTakenOnTrust() => CheckAsync(
        """
        class Case
        {
            readonly Gate _gate = new();

            void Right()
            {
                if (!_gate.TryEnter()) _gate.Enter();
                _gate.Exit();
            }

            void Wrong()
            {
                _gate.Enter();
            {|MM2001:}|}
        }

        class Wrapper
        {
            readonly Gate _gate = new();

            public void Begin() => _gate.Enter();

            public void End() => _gate.Exit();
        }
        """);

    [Fact]
    public Task Body_ThatEntersByAnotherMember_IsHeldToItsLine() => CheckAsync(
        """
        class Wrapper
        {
            readonly Gate _gate = new();
            bool _isOpen;

            public void Begin()
            {
                if (_isOpen)
                {
                    {|MM2001:return;|}
                }

                _gate.Enter();
            }

            public void End() => _gate.Exit();
        }
        """);

    private static Task CheckAsync(string code) =>
        new AnalyzerTest(Gate + code) { AdditionalFiles = { ["locks.contexts.txt"] = Lines } }.CheckAsync();
}
