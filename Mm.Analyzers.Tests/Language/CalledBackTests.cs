using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Members that are called back without being named: by a string, by a record, by 'fixed'.</summary>
public class CalledBackTests
{
    private const string Texts =
        """
        sealed class Slow { public override string ToString() { Work.Do(); return ""; } }
        struct SlowValue { public override string ToString() { Work.Do(); return ""; } }
        sealed class Formatted : IFormattable { public string ToString(string? format, IFormatProvider? provider) { Work.Do(); return ""; } }
        class Plain { }
        sealed class Derived : Plain { public override string ToString() { Work.Do(); return ""; } }
        """;

    [Theory]
    [InlineData("Slow part = new(); _ = $\"{{|MM1001:part|}}\";")]
    [InlineData("Formatted part = new(); _ = $\"{{|MM1001:part|}:x}\";")]
    [InlineData("SlowValue part = new(); _ = \"\" + {|MM1001:part|};")]
    [InlineData("Slow part = new(); string text = \"\"; text += {|MM1001:part|};")]
    public Task Text_OfAPart_IsAskedFor(string statements) => LanguageCase.FoundAsync(statements, types: Texts);

    [Theory]
    [InlineData("_ = $\"{new Plain()} {1} {\"\"}\";")]
    [InlineData("object part = _count; _ = \"\" + part;")]
    [InlineData("_ = \"\" + nameof(Slow);")]
    public Task Text_OfAPartThatIsQuiet_IsSilent(string statements) => LanguageCase.SilentAsync(statements, types: Texts);

    private const string Records =
        """
        sealed class Part
        {
            public override bool Equals(object? other) { Work.Do(); return true; }
            public override int GetHashCode() => 1;
        }

        record Whole(Part Part);
        record Bigger(Part Part, int Size) : Whole(Part);
        record Quiet(int Size);
        record Shown(int Size) { public int Twice { get { Work.Do(); return Size * 2; } } }
        record Own(int Size)
        {
            public virtual bool Equals(Own? other) { Work.Do(); return true; }
            public override int GetHashCode() => 1;
        }
        """;

    [Theory]
    [InlineData("Whole a = new(new Part()); _ = {|MM1001:a == a|}; _ = {|MM1001:a != a|}; _ = {|MM1001:a.Equals(a)|};")]
    [InlineData("Bigger a = new(new Part(), 1); _ = {|MM1001:a == a|};")]
    [InlineData("Own a = new(1); _ = {|MM1001:a == a|};")]
    [InlineData("Shown a = new(1); _ = {|MM1001:a.ToString()|};")]
    public Task Record_ComparedOrPrinted_AsksItsParts(string statements) => LanguageCase.FoundAsync(statements, types: Records);

    [Theory]
    [InlineData("Quiet a = new(1); _ = a == a; _ = a.ToString(); _ = a.GetHashCode();")]
    [InlineData("Whole a = new(new Part()); _ = a.GetHashCode();")]
    [InlineData("Shown a = new(1); _ = a == a;")]
    public Task Record_OfQuietParts_IsSilent(string statements) => LanguageCase.SilentAsync(statements, types: Records);

    [Fact]
    public Task Fixed_OnAnObject_CallsWhatPinsIt() => LanguageCase.FoundInAsync(
        """
        unsafe class Case
        {
            readonly TicketLock _lock = new();

            void M(Own own, Extended extended, string text, byte[] bytes)
            {
                using (_lock.Hold())
                {
                    fixed (char* p = text) { }
                    fixed (byte* p = bytes) { }
                    fixed (int* {|MM1001:p = own|}) { }
                    fixed (int* {|MM1001:p = extended|}) { }
                }
            }
        }

        sealed class Own
        {
            int _first;
            public ref int GetPinnableReference() { Work.Do(); return ref _first; }
        }

        sealed class Extended { public int First; }

        static class Pinning
        {
            public static ref int GetPinnableReference(this Extended extended) { Work.Do(); return ref extended.First; }
        }
        """);

    [Theory]
    [InlineData("{|MM1001:var (a, b) = _entry|};")]
    [InlineData("_ = _entry is {|MM1001:(1, 2)|};")]
    public Task Record_TakenApart_ReadsItsProperties(string statement) => LanguageCase.FoundAsync(
        statement,
        "readonly Entry _entry = new(1, 2);",
        "record Entry(int A, int B) { public int A { get => Work.Get(); init { } } }");

    [Fact]
    public Task Record_TakenApartWithoutGettersOfOnesOwn_IsSilent() => LanguageCase.SilentAsync(
        "var (a, b) = _entry; _ = _entry is (1, 2);",
        "readonly Entry _entry = new(1, 2);",
        "record Entry(int A, int B) { public int C => Work.Get(); }");

    [Theory]
    [InlineData("FormattableString s = $\"{_text}\";")]
    [InlineData("IFormattable s = $\"{_text}\";")]
    public Task Text_ThatIsOnlyKept_IsNotAskedFor(string statement) => LanguageCase.SilentAsync(
        statement, "readonly Text _text = new();", "sealed class Text { public override string ToString() { Work.Do(); return \"\"; } }");

    [Theory]
    [InlineData("_builder.Append($\"{{|MM1001:_text|}}\");")]
    [InlineData("_ = string.Create(null, $\"{{|MM1001:_text|}}\");")]
    public Task Text_ThatAHandlerPutsTogether_IsAskedFor(string statement) => LanguageCase.FoundAsync(
        statement,
        "readonly Text _text = new(); readonly System.Text.StringBuilder _builder = new();",
        "sealed class Text { public override string ToString() { Work.Do(); return \"\"; } }");

    [Fact]
    public Task Copy_OfABaseRecord_IsThatOfTheClassThatItIs() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_entry with { Size = 2 }|}; _ = _plain with { Size = 2 };",
        "readonly Entry _entry = new(1); readonly Plain _plain = new(1);",
        "record Entry(int Size); record Logged(int Size) : Entry(Size) { protected Logged(Logged other) : base(other) => Work.Do(); } record Plain(int Size);");
}
