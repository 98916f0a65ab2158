using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Locks of one's own around another lock, whose members say what they enter and leave.</summary>
public partial class MM2009WrongLockReleasedTests
{
    private const string Latches =
        """
            interface ILatch
            {
                [Enters<SpinLockHeld>] void Take();
                [Leaves<SpinLockHeld>] void Give();
            }

            sealed class Latch : ILatch
            {
                readonly TicketLock _inner = new();
                [Enters<SpinLockHeld>] public void Take() => _inner.Acquire();
                [Leaves<SpinLockHeld>] public void Give() => _inner.Release();
            }

            [Enters<SpinLockHeld>] static void Take(TicketLock taken) => taken.Acquire();
            [Leaves<SpinLockHeld>] static void Give(TicketLock given) => given.Release();
            [Leaves<SpinLockHeld>] static void GiveAgain(TicketLock given) { given.Release(); given.Acquire(); given.Release(); }
            [Requires<SpinLockHeld>] static void Pause(TicketLock held) { held.Release(); held.Acquire(); }

        """;

    [Fact]
    public Task Guard_ThatRefersToTheLock_ReleasesThatLock() => RuleCase.CheckAsync(
        """
            System.Threading.SpinLock _spin = new(false);

            [Scope<SpinLockHeld>]
            ref struct Guard
            {
                ref System.Threading.SpinLock _taken;

                public Guard(ref System.Threading.SpinLock spin, ref bool taken)
                {
                    _taken = ref spin;
                    _taken.Enter(ref taken);
                }

                public void Dispose() => _taken.Exit();
            }

            void M()
            {
                bool taken = false;
                using (new Guard(ref _spin, ref taken)) _count++;
            }
        """);

    [Theory]
    [InlineData("Latch", "Latch")]
    [InlineData("ILatch", "Latch")]
    [InlineData("ILatch", "ILatch")]
    public Task Wrapper_OfAnotherObject_IsAnotherLock(string type, string made) => RuleCase.CheckAsync(
        Latches +
        $$"""
            readonly {{type}} _first = {{(made == "ILatch" ? "Make()" : "new Latch()")}}, _second = {{(made == "ILatch" ? "Make()" : "new Latch()")}};
            static ILatch Make() => new Latch();

            void Right({{type}} one)
            {
                _first.Take();
                _second.Take();
                _first.Give();
                _second.Give();
                one.Take();
                one.Give();
            }

            void Wrong()
            {
                _first.Take();
                {|MM2009:_second.Give()|};
            }

            void WrongParameter({{type}} one, {{type}} other)
            {
                one.Take();
                {|MM2009:other.Give()|};
            }

            void WrongGeneric<T>(T one, T other) where T : ILatch
            {
                one.Take();
                {|MM2009:other.Give()|};
            }
        """);

    [Theory]
    [InlineData("Take(_lock); Give(_lock);")]
    [InlineData("Take(_lock); Take(_other); Give(_lock); Give(_other);")]
    [InlineData("Take(_lock); Pause(_lock); Give(_lock);")]
    [InlineData("Take(_lock); GiveAgain(_lock);")]
    [InlineData("_lock.Acquire(); Give(_lock);")]
    [InlineData("Take(_lock); {|MM2009:Give(_other)|};")]
    [InlineData("_lock.Acquire(); {|MM2009:Give(_other)|};")]
    [InlineData("Take(_lock); {|MM2009:_other.Release()|};")]
    [InlineData("Take(_lock); {|MM2009:GiveAgain(_other)|};")]
    [InlineData("Take(_lock); Pause(_lock); {|MM2009:Give(_other)|};")]
    public Task Helper_ThatIsGivenALock_TakesAndReleasesThatOne(string statements) => RuleCase.CheckAsync(
        Latches + $$"""    void M() { {{statements}} }""");

    [Fact]
    public Task Helper_ThatReleasesOnceTooOften_IsReportedForTheSecond() => RuleCase.CheckAsync(
        """
            [Leaves<SpinLockHeld>] void Give()
            {
                _lock.Release();
                {|MM2002:_lock.Release()|};
            }
        """);

    [Fact]
    public Task Wrapper_OfTwoLocks_IsNotEitherOfThem() => RuleCase.CheckAsync(
        """
            sealed class Pair
            {
                readonly TicketLock _left = new(), _right = new();
                [Enters<SpinLockHeld>] public void TakeLeft() => _left.Acquire();
                [Leaves<SpinLockHeld>] public void GiveLeft() => _left.Release();
                [Leaves<SpinLockHeld>] public void GiveRight() => _right.Release();
            }

            void M(Pair pair)
            {
                pair.TakeLeft();
                pair.GiveLeft();
                pair.TakeLeft();
                {|MM2009:pair.GiveRight()|};
            }
        """);
}
