using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A callee that enters or leaves on some of its paths only is reported; what its callers make of it depends on whether they can tell.</summary>
public class UnsettledCalleeTests
{
    private const string Shared =
        """
            sealed class Queue
            {
                readonly TicketLock _lock = new();
                private bool _isShared;
                readonly bool _isLogged;
                int _count;

                public Queue(bool isShared, bool isLogged) { _isShared = isShared; _isLogged = isLogged; }

                public void Begin()
                {
                    if (_isShared && _isLogged) _lock.Acquire();
                {|MM2001:}|}

                public void End()
                {
                    if (_isShared && _isLogged) {|MM2002:_lock.Release()|};
                }

        """;

    [Theory]
    [InlineData("Begin(); _count++; End();")]
    [InlineData("Begin(); try { _count++; } finally { End(); }")]
    [InlineData("Begin(); other.Begin(); other.End(); End();")]
    [InlineData("if (_count > 2) { Begin(); End(); }")]
    public Task ObjectThatNeverChanges_TakenAndReleasedByItsHelpers_IsSilent(string statements) => RuleCase.CheckAsync(
        Shared + $"void M(Queue other) {{ {statements} }}\n}}");

    [Theory]
    [InlineData("Begin(); _count++; {|MM2001:}|}")]
    [InlineData("{|MM2002:End()|}; }")]
    [InlineData("Begin(); {|MM1001:Scheduler.Schedule()|}; End(); }")]
    [InlineData("Begin(); other.Begin(); End(); {|MM2001:}|}")]
    [InlineData("other.Begin(); {|MM2002:End()|}; {|MM2001:}|}")]
    public Task ObjectThatNeverChanges_ReleasedByAnother_IsReported(string statements) => RuleCase.CheckAsync(
        Shared + $"void M(Queue other) {{ {statements}\n}}");

    // Whether the field is written between the two calls, they cannot tell.
    [Fact]
    public Task ObjectThatChanges_TakenAndReleasedByItsHelpers_IsReportedInTheHelpersOnly() => RuleCase.CheckAsync(
        """
            bool _isOpen;

            void Open() => _isOpen = true;

            void Begin()
            {
                if (_isOpen) _lock.Acquire();
            {|MM2001:}|}

            void End()
            {
                if (_isOpen) {|MM2002:_lock.Release()|};
            }

            void M() { Begin(); _count++; End(); }

            void N() { Begin(); }

            void Deeper() => N();

            void Meet()
            {
                _lock.Acquire();
                if (Ready()) Deeper();
                _count++;
                _lock.Release();
            }
        """);

    [Fact]
    public Task LocalFunction_ReleasesOnSomePaths_IsPartOfItsMethod() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                Finish();
                void Finish() { if (Ready()) _lock.Release(); }
            {|MM2001:}|}
        """);

    [Fact]
    public Task Helper_ThatAlwaysEnters_IsReportedAtWhoeverDoesNotLeave() => RuleCase.CheckAsync(
        """
            void Begin()
            {
                _lock.Acquire();
            {|MM2001:}|}

            void M()
            {
                Begin();
            {|MM2001:}|}
        """);

    [Fact]
    public Task Delegate_ThatReachesAnUnsettledCallee_IsNotReportedForIt() => RuleCase.CheckAsync(
        """
            bool _isOpen;

            void Open() => _isOpen = true;

            void Begin()
            {
                if (_isOpen) _lock.Acquire();
            {|MM2001:}|}

            void Deep() => Begin();

            void Deeper() => Deep();

            Action Kept() => Deeper;

            void Other() {|MM2001:=> _lock.Acquire()|};

            Action Wrong() => {|MM3002:Other|};
        """);

    // In nullable code the graph of Roslyn 5 does not show where such a block ends.
    [Theory]
    [InlineData("enable")]
    [InlineData("disable")]
    public Task Lock_WhoseScopeIsDeclaredInAFile_IsLeftAtTheEndOfItsBlock(string nullable) => new AnalyzerTest(
        $$"""
        #nullable {{nullable}}
        class Case
        {
            readonly System.Threading.Lock _gate = new();
            int _count;

            int M()
            {
                lock (_gate)
                {
                    if (_count > 3) return 1;
                    _count++;
                }

                return 2;
            }
        }
        """)
    {
        AdditionalFiles = { ["locks.contexts.txt"] = "T:System.Threading.Lock.Scope scope SpinLockHeld\n" },
    }.CheckAsync();
}
