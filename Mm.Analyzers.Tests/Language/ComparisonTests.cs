using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Comparisons: opposite ones exclude each other, those with constants imply each other.</summary>
public class ComparisonTests
{
    [Theory]
    [InlineData("int n", "n > 0", "n > 0")]
    [InlineData("int n", "n > 0", "!(n <= 0)")]
    [InlineData("int n", "n >= 1", "n > 0")]
    [InlineData("int n", "1 <= n", "n > 0")]
    [InlineData("uint n", "n < 1", "!(n >= 1)")]
    [InlineData("int n", "n is > 0 and < 5", "n > 0 && n < 5")]
    [InlineData("int n, int m", "n < m", "!(n >= m)")]
    [InlineData("int n, int m", "n <= m", "!(m < n)")]
    [InlineData("ulong n", "n > 5", "n >= 6")]
    public Task Condition_SaidInAnotherWay_IsTheSame(string parameters, string one, string other) => ValueCase.CheckAsync(
        one,
        $$"""
        void M({{parameters}})
        {
            if ({{one}}) _lock.Acquire();
            _count++;
            if (!({{other}})) Scheduler.Schedule();
            if ({{other}}) _lock.Release();
        }
        """);

    [Theory]
    [InlineData("int n", "n > 3", "n > 2")]
    [InlineData("int n", "n > 0", "n != 0")]
    [InlineData("int n", "n < 0", "n != 3")]
    [InlineData("uint n", "n > 3", "n != 0")]
    public Task Condition_ThatFollows_Holds(string parameters, string one, string other) => ValueCase.CheckAsync(
        one,
        $$"""
        void M({{parameters}})
        {
            if ({{one}}) _lock.Acquire();
            if (!({{other}})) Scheduler.Schedule();
            if ({{other}} && {{one}}) {|MM1001:Scheduler.Schedule()|};
            if ({{one}}) _lock.Release();
        }
        """);

    [Theory]
    [InlineData("int n", "n > 2", "n > 3")]
    [InlineData("int n", "n >= 0", "n > 0")]
    [InlineData("int n", "n > 3", "n == 4")]
    [InlineData("int n, int m", "n < m", "n < m - 1")]
    public Task Condition_ThatDoesNotFollow_IsOpen(string parameters, string one, string other) => ValueCase.CheckAsync(
        one,
        $$"""
        void M({{parameters}})
        {
            if (!({{one}})) return;
            using (_lock.Hold())
            {
                if (!({{other}})) {|MM1001:Scheduler.Schedule()|};
                else {|MM1001:Scheduler.Schedule()|};
            }
        }
        """);

    [Theory]
    [InlineData("double n")]
    [InlineData("int? n")]
    public Task Comparison_WithWhatHasNoOrder_ExcludesNothing(string parameter) => ValueCase.CheckAsync(
        parameter,
        $$"""
        void M({{parameter}})
        {
            if (n > 0) return;
            using (_lock.Hold())
            {
                if (!(n <= 0)) {|MM1001:Scheduler.Schedule()|};
            }
        }
        """);

    [Fact]
    public Task ConditionalExpression_ThatIsAssigned_TellsPathsApart() => ValueCase.CheckAsync(
        "assigned",
        """
        void Number()
        {
            var state = Take() ? 1 : 0;
            if (state == 0) Scheduler.Schedule();
            if (state == 1) {|MM1001:Scheduler.Schedule()|};
            if (state == 1) _lock.Release();
        }
        [return: Enters<SpinLockHeld>]
        [Trusted("primitive")]
        bool Take() => true;
        void Text()
        {
            var who = Take() ? "me" : null;
            if (who is null) Scheduler.Schedule();
            if (who is not null) _lock.Release();
        }
        """);
}
