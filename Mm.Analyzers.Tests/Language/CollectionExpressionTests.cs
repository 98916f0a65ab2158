using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a collection expression runs: builders, Add, enumerators and conversions of what is spread.</summary>
public class CollectionExpressionTests
{
    private const string Types =
        """
        class Sequence : System.Collections.IEnumerable { public System.Collections.IEnumerator GetEnumerator() => null!; }
        sealed class Overloaded : Sequence { public void Add(int n) { } public void Add(string s) => Work.Do(); }
        [CollectionBuilder(typeof(Builders), nameof(Builders.Make))] sealed class Built<T> { public Enumerator<T> GetEnumerator() => default; }
        struct Enumerator<T> { public T Current => default!; public bool MoveNext() => DateTime.Now.Ticks > 1; }
        static class Builders { public static Built<T> Make<T>(ReadOnlySpan<T> all) { Work.Do(); return new(); } public static Built<T> Make<T>(T one) => new(); }
        sealed class Chain { }
        static class Extensions
        {
            public static Enumerator<int> GetEnumerator(this Chain c) { Work.Do(); return default; }
        }
        struct Cell { public static implicit operator Cell(int n) { Work.Do(); return default; } }
        """;

    [Theory]
    [InlineData("Overloaded o = {|MM1001:[\"a\"]|};")]
    [InlineData("Overloaded o = {|MM1001:[1, \"a\"]|};")]
    [InlineData("Overloaded o = {|MM1001:[.. new[] { \"a\" }]|};")]
    [InlineData("Built<int> b = {|MM1001:[1, 2]|};")]
    [InlineData("int[] all = {|MM1001:[.. new Chain()]|};")]
    [InlineData("Cell[] all = {|MM1001:[.. new int[2]]|};")]
    [InlineData("List<Cell> all = {|MM1001:[.. new List<int>()]|};")]
    [InlineData("Cell[] all = [{|MM1001:1|}];")]
    public Task Expression_OfATypeOfOnesOwn_RunsItsMembers(string statement) => LanguageCase.FoundAsync(statement, types: Types);

    [Theory]
    [InlineData("Overloaded o = [1, 2];")]
    [InlineData("Overloaded o = [.. new[] { 1 }];")]
    [InlineData("int[] all = [.. new int[2]]; Cell[] cells = [.. new Cell[2]]; long[] longs = [.. new int[2]];")]
    [InlineData("Cell[] cells = [];")]
    public Task Expression_WithoutThem_IsSilent(string statement) => LanguageCase.SilentAsync(statement, types: Types);
}
