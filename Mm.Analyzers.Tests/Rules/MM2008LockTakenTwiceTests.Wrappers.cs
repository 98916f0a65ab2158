using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>A lock of one's own around another: the object is the lock, however it is taken.</summary>
public partial class MM2008LockTakenTwiceTests
{
    private const string Latch =
        """
            sealed class Latch
            {
                readonly TicketLock _inner = new();
                [Enters<SpinLockHeld>] public void Take() => _inner.Acquire();
                [Leaves<SpinLockHeld>] public void Give() => _inner.Release();
                public Section Hold() { Take(); return new Section(this); }
            }

            [Scope<SpinLockHeld>]
            readonly ref struct Section
            {
                readonly Latch _latch;
                public Section(Latch latch) => _latch = latch;
                public void Dispose() => _latch.Give();
            }

            readonly Latch _first = new(), _second = new();

        """;

    [Theory]
    [InlineData("using (_first.Hold()) using ({|MM2008:_first.Hold()|}) { }")]
    [InlineData("using (_first.Hold()) { {|MM2008:_first.Take()|}; _first.Give(); }")]
    [InlineData("_first.Take(); using ({|MM2008:_first.Hold()|}) { } _first.Give();")]
    [InlineData("_first.Take(); {|MM2008:_first.Take()|}; _first.Give(); _first.Give();")]
    [InlineData("using (_first.Hold()) using (_second.Hold()) { }")]
    [InlineData("using (_first.Hold()) { _second.Take(); _second.Give(); }")]
    public Task Wrapper_TakenTwice_IsReported(string statements) => RuleCase.CheckAsync(Latch + $$"""    void M() { {{statements}} }""");

    [Fact]
    public Task Wrappers_TakenInBothOrders_AreReported() => RuleCase.CheckAsync(
        Latch +
        """
            void M() { _first.Take(); {|MM2007:_second.Take()|}; _second.Give(); _first.Give(); }
            void N() { _second.Take(); {|MM2007:_first.Take()|}; _first.Give(); _second.Give(); }
        """);
}
