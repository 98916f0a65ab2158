using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Patterns call getters, Deconstruct methods and indexers.</summary>
public class PatternTests
{
    [Fact]
    public Task Property_Pattern_Gets() => LanguageCase.FoundAsync(
        "_ = _item is { {|MM1001:Size: 1|} };",
        "sealed class Item { public int Size => Work.Get(); } readonly Item _item = new();");

    [Fact]
    public Task Property_NestedPattern_Gets() => LanguageCase.FoundAsync(
        "_ = _item is { {|MM1001:Inner.Size|}: 1 };",
        """
        sealed class Part { public int Size => Work.Get(); } sealed class Item { public Part Inner { get; } = new(); } readonly Item _item = new();
        """);

    [Fact]
    public Task Property_FieldPattern_RunsNothing() => LanguageCase.SilentAsync(
        "_ = _item is { Size: 1 };",
        "sealed class Item { public int Size = 3; public int Other => Work.Get(); } readonly Item _item = new();");

    [Fact]
    public Task Property_PatternInASwitch_Gets() => LanguageCase.FoundAsync(
        "_ = _item switch { { {|MM1001:Size: 1|} } => 1, _ => 2 };",
        "sealed class Item { public int Size => Work.Get(); } readonly Item _item = new();");

    [Fact]
    public Task Property_PatternInACase_Gets() => LanguageCase.FoundAsync(
        "switch (_item) { case { {|MM1001:Size: 1|} }: break; }",
        "sealed class Item { public int Size => Work.Get(); } readonly Item _item = new();");

    [Fact]
    public Task Property_VirtualInAPattern_RunsTheOverride() => LanguageCase.FoundAsync(
        "_ = Make() is { {|MM1001:Size: 1|} };",
        """
        class Item { public virtual int Size => 1; } sealed class Large : Item { public override int Size => Work.Get(); } static Item Make() => new Large();
        """);

    [Fact]
    public Task Property_OfAnInterfaceInAPattern_RunsTheImplementation() => LanguageCase.FoundAsync(
        "_ = Make() is { {|MM1001:Size: 1|} };",
        """
        interface ISized { int Size { get; } } sealed class Large : ISized { public int Size => Work.Get(); } static ISized Make() => new Large();
        """);

    [Fact]
    public Task Positional_Pattern_Deconstructs() => LanguageCase.FoundAsync(
        "_ = _item is {|MM1001:(1, 2)|};",
        """
        sealed class Item { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } readonly Item _item = new();
        """);

    [Fact]
    public Task Positional_NestedPattern_Deconstructs() => LanguageCase.FoundAsync(
        "_ = _item is { Inner: {|MM1001:(1, 2)|} };",
        """
        sealed class Part { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } sealed class Item { public Part Inner { get; } = new(); } readonly Item _item = new();
        """);

    [Fact]
    public Task Positional_PatternOfARecord_RunsNothing() => LanguageCase.SilentAsync(
        "_ = _item is (1, 2);",
        "sealed record Item(int A, int B) { public int C => Work.Get(); } readonly Item _item = new(1, 2);");

    [Fact]
    public Task Positional_PatternOfATuple_RunsNothing() => LanguageCase.SilentAsync(
        "_ = (_count, 2) is (1, 2);",
        "void Unused() => Work.Do();");

    [Fact]
    public Task List_Pattern_ReadsTheLength() => LanguageCase.FoundAsync(
        "_ = _list is {|MM1001:[1, _]|};",
        """
        sealed class Own { public int Length => Work.Get(); public int this[int at] => 1; } readonly Own _list = new();
        """);

    [Fact]
    public Task List_Pattern_ReadsTheElements() => LanguageCase.FoundAsync(
        "_ = _list is {|MM1001:[1, _]|};",
        """
        sealed class Own { public int Length => 2; public int this[int at] => Work.Get(); } readonly Own _list = new();
        """);

    [Theory]
    [InlineData("_ = _list is [1, 2];")]
    [InlineData("_ = _list is [var first, .., _] && first == 0;")]
    [InlineData("_ = _list is [_, 1, _];")]
    public Task List_PatternAtTheFront_GetsTheElementsOfTheseIndexes(string statement) => LanguageCase.SilentAsync(
        statement,
        "sealed class Own { public int Length => 2; public int this[int at] => at > 1 ? Work.Get() : 0; } readonly Own _list = new();");

    [Theory]
    [InlineData("_ = _list is {|MM1001:[1, 2, 3]|};")]
    [InlineData("_ = _list is {|MM1001:[.., 1]|};")]
    public Task List_PatternFurtherBack_GetsTheElementsOfTheseIndexes(string statement) => LanguageCase.FoundAsync(
        statement,
        "sealed class Own { public int Length => 2; public int this[int at] => at > 1 ? Work.Get() : 0; } readonly Own _list = new();");

    [Fact]
    public Task List_PatternWithASlice_Slices() => LanguageCase.FoundAsync(
        "_ = _list is [1, {|MM1001:.. var rest|}];",
        """
        sealed class Own { public int Length => 2; public int this[int at] => 1; public Own Slice(int start, int length) { Work.Do(); return this; } } readonly Own _list = new();
        """);

    [Fact]
    public Task List_PatternOfAnArray_RunsNothing() => LanguageCase.SilentAsync(
        "_ = _numbers is [1, .., 3];",
        "readonly int[] _numbers = { 1 }; void Unused() => Work.Do();");

    [Fact]
    public Task Type_Pattern_RunsNothing() => LanguageCase.SilentAsync(
        "_ = _item is Large or null;",
        """
        class Item { public Item() { } } sealed class Large : Item { public int Size => Work.Get(); } readonly Item? _item;
        """);

    [Fact]
    public Task Property_OfASealedClass_IsItsOwn() => LanguageCase.FoundAsync(
        "_ = _quick is { Big: true }; _ = _any is Quick { Big: true }; _ = _any is { {|MM1001:Big: true|} };",
        "readonly Quick _quick = new(); readonly Shape _any = new();",
        "class Shape { public virtual bool Big => false; } sealed class Quick : Shape { } sealed class Slow : Shape { public override bool Big { get { Work.Do(); return true; } } }");
}
