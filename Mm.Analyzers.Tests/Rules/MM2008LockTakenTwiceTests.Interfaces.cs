using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM2008LockTakenTwiceTests
{
    private const string Locks =
        """

        interface ITakes
        {
            [Enters<SpinLockHeld>] void Take();
            [Leaves<SpinLockHeld>] void Give();
            TicketGuard Guard();
        }

        abstract class Latch { [Enters<SpinLockHeld>] public abstract void Take(); [Leaves<SpinLockHeld>] public abstract void Give(); }

        sealed class Plain : ITakes
        {
            readonly TicketLock _own = new();
            public void Take() => _own.Acquire();
            public void Give() => _own.Release();
            public TicketGuard Guard() => _own.Hold();
        }

        sealed class Other : ITakes
        {
            readonly TicketLock _mine = new();
            public void Take() => _mine.Acquire();
            public void Give() => _mine.Release();
            public TicketGuard Guard() => _mine.Hold();
        }

        sealed class Closed : Latch { readonly TicketLock _own = new(); public override void Take() => _own.Acquire(); public override void Give() => _own.Release(); }
        interface IShares { [Enters<SpinLockHeld>] void Take(); [Leaves<SpinLockHeld>] void Give(); }
        sealed class Shared : IShares { static readonly TicketLock s_all = new(); public void Take() => s_all.Acquire(); public void Give() => s_all.Release(); }

        """;

    [Theory]
    [InlineData("ITakes a, ITakes b", "a.Take(); {|MM2008:a.Take()|}; a.Give(); a.Give();")]
    [InlineData("ITakes a, ITakes b", "a.Take(); b.Take(); b.Give(); a.Give();")]
    [InlineData("ITakes a, ITakes b", "a.Take(); a.Give(); a.Take(); a.Give();")]
    [InlineData("ITakes a, ITakes b", "a.Take(); {|MM2008:Within(a)|}; a.Give();")]
    [InlineData("ITakes a, ITakes b", "a.Take(); Within(b); a.Give();")]
    [InlineData("ITakes a, ITakes b", "a.Take(); {|MM2008:Any(a)|}; a.Give();")]
    [InlineData("ITakes a, ITakes b", "using (a.Guard()) using ({|MM2008:a.Guard()|}) { }")]
    [InlineData("ITakes a, ITakes b", "using (a.Guard()) using (b.Guard()) { }")]
    [InlineData("Latch a, Latch b", "a.Take(); {|MM2008:a.Take()|}; a.Give(); a.Give();")]
    [InlineData("Latch a, Latch b", "a.Take(); b.Take(); b.Give(); a.Give();")]
    [InlineData("IShares a, IShares b", "a.Take(); a.Give(); b.Take(); b.Give();")]
    [InlineData("IShares a, IShares b", "a.Take(); b.Give();")]
    public Task Lock_BehindAnInterface_IsTheObject(string parameters, string statements) => AnalyzerTest.CheckAsync(
        $$"""
        static class Case
        {
            static void Within(ITakes taken) { taken.Take(); taken.Give(); }
            static void Any<T>(T taken) where T : ITakes { taken.Take(); taken.Give(); }
            static void M({{parameters}}) { {{statements}} }
        }
        """ + Locks);

    [Fact]
    public Task Lock_OfATypeArgument_IsTheObject() => AnalyzerTest.CheckAsync(
        """
        static class Case
        {
            static void Wrong<T>(T a) where T : ITakes { a.Take(); {|MM2008:a.Take()|}; a.Give(); a.Give(); }
            static void Right<T>(T a, T b) where T : ITakes { a.Take(); b.Take(); b.Give(); a.Give(); }
            static void Scopes<T>(T a, T b) where T : class, ITakes { using (a.Guard()) using ({|MM2008:a.Guard()|}) { } using (a.Guard()) using (b.Guard()) { } }
            static void Derived<T>(T a) where T : Latch { a.Take(); {|MM2008:a.Take()|}; a.Give(); a.Give(); }
        }
        """ + Locks);
}
