using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>What variables still tell after what they were read from has changed.</summary>
public partial class MM2003ContextDiffersOnMergeTests
{
    [Theory]
    [InlineData("bool told = _on;", "told", "_on = false;")]
    [InlineData("bool told = _on;", "told", "_on = !_on;")]
    [InlineData("bool told = !_on;", "told", "_on = true;")]
    [InlineData("bool told = _count > 3;", "told", "_count = 0;")]
    [InlineData("bool told = _on && _count > 3;", "told", "_on = false;")]
    [InlineData("var told = _next;", "told != null", "_next = null;")]
    [InlineData("bool told = _next != null;", "told", "_next = null;")]
    [InlineData("int told = _count;", "told == 0", "_count = 4;")]
    [InlineData("bool told = On;", "told", "On = false;")]
    [InlineData("bool told = other._on;", "told", "other._on = false;")]
    [InlineData("var told = Both();", "told.Ok", "_on = false;")]
    [InlineData("var (told, _) = Both();", "told", "_on = false;")]
    public Task Variable_WhoseFieldIsWritten_StillTellsThePathsApart(string read, string condition, string write) => RuleCase.CheckAsync(
        $$"""
            bool _on;
            Case? _next;
            bool On { get; set; }
            (bool Ok, int Count) Both() => (_on, _count);

            void M(Case other)
            {
                {{read}}
                if ({{condition}}) _lock.Acquire();
                {{write}}
                if ({{condition}}) _lock.Release();
                Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Field_WrittenBetweenTwoLooks_TellsNothing() => RuleCase.CheckAsync(
        """
            bool _on;

            void M(bool now)
            {
                if (_on) _lock.Acquire();
                _on = now;
                if (_on) {|MM2002:_lock.Release()|};
            {|MM2001:}|}
        """);

    [Theory]
    [InlineData("if (held != null) held.Latch.Release();")]
    [InlineData("held?.Latch.Release();")]
    public Task Variable_ThatHoldsWhatIsLocked_IsNotNull(string end) => AnalyzerTest.CheckAsync(
        $$"""
        class Node
        {
            public readonly TicketLock Latch = new();
            public Node? Child;
        }

        class Walk
        {
            readonly Node _root = new();
            int _count;

            void Parameter(Node node, bool wanted)
            {
                Node? held = null;
                if (wanted) { node.Latch.Acquire(); held = node; }
                _count++;
                {{end}}
            }

            void Element(Node[] all, bool wanted)
            {
                Node? held = null;
                if (wanted) { var node = all[0]; node.Latch.Acquire(); held = node; }
                _count++;
                {{end}}
            }

            void HandOverHand(Node[] all)
            {
                Node? held = null;
                foreach (var node in all)
                {
                    if (held != null) held.Latch.Release();
                    node.Latch.Acquire();
                    held = node;
                }

                {{end}}
            }

            void Down()
            {
                Node? held = null;
                var node = _root;
                node.Latch.Acquire();
                while (node.Child is { } child)
                {
                    if (held != null) held.Latch.Release();
                    held = node;
                    node = child;
                    node.Latch.Acquire();
                }

                {{end}}
                node.Latch.Release();
            }
        }
        """);

    [Fact]
    public Task Variable_ThatMayHoldAnother_IsReported() => AnalyzerTest.CheckAsync(
        """
        class Node { public readonly TicketLock Latch = new(); }

        class Walk
        {
            int _count;

            void M(Node node, Node? other, bool wanted)
            {
                Node? held = null;
                if (wanted) { node.Latch.Acquire(); held = other; }
                _count++;
                if (held != null) {|MM2009:held.Latch.Release()|};
            {|MM2001:}|}
        }
        """);

    [Theory]
    [InlineData("LockIf(!wanted); if (!wanted) _lock.Release();")]
    [InlineData("LockIf(!wanted); if (wanted) _count++; else _lock.Release();")]
    [InlineData("bool not = !wanted; LockIf(not); if (wanted) Scheduler.Schedule(); else _lock.Release();")]
    [InlineData("LockIf(_count == 3); if (_count == 3) _lock.Release();")]
    public Task Helper_ToldAnOpposite_IsBelievedAboutWhatItIsTheOppositeOf(string body) => RuleCase.CheckAsync(
        $$"""
            void LockIf(bool wanted) { if (wanted) _lock.Acquire(); {|MM2001:}|}

            void M(bool wanted)
            {
                {{body}}
                Scheduler.Schedule();
            }
        """);
}
