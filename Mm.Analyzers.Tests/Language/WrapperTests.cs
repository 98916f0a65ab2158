using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A method that does nothing but run what it is handed is as good as the lambda itself.</summary>
public class WrapperTests
{
    [Theory]
    [InlineData("Run(() => _lock.Acquire()); {|MM1001:Scheduler.Schedule()|}; _lock.Release();")]
    [InlineData("Run(() => _lock.Acquire()); Run(() => _lock.Release()); Scheduler.Schedule();")]
    [InlineData("Between(Take); {|MM1001:Scheduler.Schedule()|}; _lock.Release(); void Take() => _lock.Acquire();")]
    [InlineData("Run(() => _count++); Scheduler.Schedule();")]
    public Task Lambda_ThatIsRunOnce_ChangesWhatItsCallerHolds(string statements) => RuleCase.CheckAsync(
        $$"""
            static void Run(Action action) => action();
            void Between(Action action) { _count++; action(); _count--; }
            void M() { {{statements}} }
        """);

    [Theory]
    [InlineData("Run(_lock.Acquire); {|MM1001:Scheduler.Schedule()|}; _lock.Release();")]
    [InlineData("Run(_lock.Acquire); Run(_lock.Release); Scheduler.Schedule();")]
    [InlineData("Run(Take); {|MM1001:Scheduler.Schedule()|}; Run(Give);")]
    [InlineData("Action take = _lock.Acquire; take(); {|MM1001:Scheduler.Schedule()|}; _lock.Release();")]
    [InlineData("Func<bool> take = _lock.TryAcquire; if (take()) { {|MM1001:Scheduler.Schedule()|}; _lock.Release(); }")]
    [InlineData("Run(Count); Scheduler.Schedule();")]
    public Task Method_ThatIsRunOnce_ChangesWhatItsCallerHolds(string statements) => RuleCase.CheckAsync(
        $$"""
            static void Run(Action action) => action();
            [Enters<SpinLockHeld>] void Take() => _lock.Acquire();
            [Leaves<SpinLockHeld>] void Give() => _lock.Release();
            void Count() => _count++;
            void M() { {{statements}} }
        """);

    [Fact]
    public Task Lambda_ThatNobodyDisposesOf_IsALeakOfTheCaller() => RuleCase.CheckAsync(
        """
            static void Run(Action action) => action();
            void M() { Run(() => _lock.Acquire()); {|MM2001:}|}
        """);
}
