using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Conversions that nobody writes: of the parts of a tuple, around a compound operator, of what a comparison answers.</summary>
public class UnwrittenConversionTests
{
    private const string Types =
        """
        sealed class Celsius { public static implicit operator Kelvin(Celsius c) { Work.Do(); return new(); } public static implicit operator long(Celsius c) => 1; }
        sealed class Kelvin { }
        sealed class Reading { public void Deconstruct(out Celsius c, out int n) { c = new(); n = 1; } }
        struct Count
        {
            public static implicit operator int(Count c) => 1;
            public static implicit operator Count(int n) { Work.Do(); return default; }
        }
        struct Level
        {
            public static implicit operator int(Level c) { Work.Do(); return 1; }
            public static implicit operator Level(int n) => default;
        }
        struct Verdict
        {
            public static bool operator true(Verdict v) { Work.Do(); return true; }
            public static bool operator false(Verdict v) => false;
        }
        struct Mark
        {
            public static Verdict operator ==(Mark a, Mark b) => default;
            public static Verdict operator !=(Mark a, Mark b) => default;
            public override bool Equals(object? o) => true;
            public override int GetHashCode() => 1;
        }
        struct Answer { public static implicit operator bool(Answer a) { Work.Do(); return true; } }
        struct Asked
        {
            public static Answer operator ==(Asked a, Asked b) => default;
            public static Answer operator !=(Asked a, Asked b) => default;
            public override bool Equals(object? o) => true;
            public override int GetHashCode() => 1;
        }
        """;

    private const string Members =
        """
        Celsius _c = new(); Reading _reading = new(); (Celsius, int) _pair; Count _total; Count Total { get; set; } Level _level; Mark _mark; Asked _asked; readonly Count[] _counts = new Count[4];
        static void Take((Kelvin, int) pair) { }
        """;

    [Theory]
    [InlineData("(Kelvin, int) k = {|MM1001:_pair|};")]
    [InlineData("((Kelvin, int), int) k = ({|MM1001:_pair|}, 1);")]
    [InlineData("Take({|MM1001:_pair|});")]
    [InlineData("Kelvin k; int n; {|MM1001:(k, n) = _pair|};")]
    [InlineData("Kelvin k; int n; {|MM1001:(k, n) = _reading|};")]
    [InlineData("Kelvin k; int n; (k, n) = ({|MM1001:_c|}, 1);")]
    [InlineData("{|MM1001:(Kelvin k, int n) = _reading|};")]
    [InlineData("foreach ((Kelvin k, int n) in {|MM1001:new[] { _reading }|}) { }")]
    [InlineData("{|MM1001:_total += 1|};")]
    [InlineData("{|MM1001:Total += 1|};")]
    [InlineData("{|MM1001:_total++|};")]
    [InlineData("{|MM1001:Total++|};")]
    [InlineData("{|MM1001:_counts[1]++|};")]
    [InlineData("{|MM1001:_level += 1|};")]
    [InlineData("{|MM1001:_level++|};")]
    [InlineData("_ = {|MM1001:(_mark, 1) != (_mark, 1)|};")]
    [InlineData("_ = {|MM1001:(_asked, 1) == (_asked, 1)|};")]
    public Task Conversion_ThatIsNotWritten_IsACall(string statement) => LanguageCase.FoundAsync(statement, Members, Types);

    [Theory]
    [InlineData("(Celsius, long) k = _pair;")]
    [InlineData("(Celsius, int) k = _pair; k = (_c, 2);")]
    [InlineData("(long, int) k = _pair;")]
    [InlineData("Celsius k; int n; (k, n) = _reading;")]
    [InlineData("_ = _total + 1;")]
    [InlineData("_ = (_mark, 1) == (_mark, 1);")]
    public Task Conversion_ToWhatItIs_IsSilent(string statement) => LanguageCase.SilentAsync(statement, Members, Types);
}
