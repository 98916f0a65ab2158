using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>The body of an iterator runs where it is enumerated.</summary>
public class IteratorTests
{
    private const string Iterators =
        """
        static IEnumerable<int> Empty() { Work.Do(); yield break; }
        static IEnumerable<int> Property { get { Work.Do(); yield break; } }
        static IEnumerable<int> One() { Work.Do(); yield return 1; }
        static async IAsyncEnumerable<int> Later() { Work.Do(); await Task.CompletedTask; yield break; }
        static int Sum(IEnumerable<int> numbers) { int sum = 0; foreach (int number in numbers) sum += number; return sum; }
        static int SumTwice(IEnumerable<int> numbers) => Sum(numbers) + Sum(numbers);
        static void Keep(IEnumerable<int> numbers) { }
        """;

    [Theory]
    [InlineData("foreach (int n in {|MM1001:Empty()|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Property|}) { }")]
    [InlineData("IEnumerable<int> Local() { Work.Do(); yield break; } foreach (int n in {|MM1001:Local()|}) { }")]
    [InlineData("_ = {|MM1001:Empty().ToList()|};")]
    [InlineData("{|MM1001:Sum(One())|};")]
    [InlineData("{|MM1001:SumTwice(Empty())|};")]
    public Task Iterator_Enumerated_RunsItsBody(string statements) => LanguageCase.FoundAsync(statements, Iterators);

    [Theory]
    [InlineData("var numbers = Empty();")]
    [InlineData("var numbers = Property;")]
    [InlineData("var numbers = Later();")]
    [InlineData("IEnumerable<int> Local() { Work.Do(); yield break; } Local();")]
    [InlineData("Keep(One());")]
    [InlineData("Sum(new List<int>());")]
    public Task Iterator_NotEnumerated_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Iterators);

    [Fact]
    public Task Iterator_ThatOnlyBreaks_AllocatesWhenCalled() => AnalyzerTest.CheckAsync(
        """
        using System.Collections.Generic;

        class Case
        {
            static IEnumerable<int> Empty() { yield break; }
            static int[] None() => System.Array.Empty<int>();

            [Never<Allocate>]
            static void M()
            {
                None();
                {|MM3003:Empty()|};
            }
        }
        """);

    [Fact]
    public Task Await_OfWhatIsFinished_GoesOn() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Go()|}; _ = {|MM1001:Value()|}; _ = Stop();",
        """
        static async Task Go() { await Task.CompletedTask; Work.Do(); }
        static async Task Value() { await Task.FromResult(1); Work.Do(); }
        static async Task Stop() { await Task.Yield(); Work.Do(); }
        """);
}
