using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Expressions that call methods without naming them.</summary>
public class ExpressionTests
{
    [Fact]
    public Task Deconstruct_Declaration_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:(int a, int b) = _pair|};",
        """
        sealed class Pair { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } readonly Pair _pair = new();
        """);

    [Fact]
    public Task Deconstruct_Assignment_IsACall() => LanguageCase.FoundAsync(
        "int a, b; {|MM1001:(a, b) = _pair|};",
        """
        sealed class Pair { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } readonly Pair _pair = new();
        """);

    [Fact]
    public Task Deconstruct_Nested_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:(int a, (int b, int c)) = (1, _pair)|};",
        """
        sealed class Pair { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } readonly Pair _pair = new();
        """);

    [Fact]
    public Task Deconstruct_Extension_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:(int a, int b) = 3|};",
        types: """
        static class Splitting { public static void Deconstruct(this int value, out int a, out int b) => a = b = Work.Get(); }
        """);

    [Fact]
    public Task Deconstruct_IntoProperties_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:(Value, _count) = (1, 2)|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Deconstruct_OfATuple_RunsNothing() => LanguageCase.SilentAsync(
        "(int a, int b) = (1, 2); (a, b) = (b, a);",
        "void Unused() => Work.Do();");

    [Fact]
    public Task Deconstruct_OtherOverload_IsSilent() => LanguageCase.SilentAsync(
        "(int a, int b) = _pair;",
        """
        sealed class Pair { public void Deconstruct(out int a, out int b) => a = b = 1; public void Deconstruct(out int a, out int b, out int c) => a = b = c = Work.Get(); } readonly Pair _pair = new();
        """);

    [Fact]
    public Task Tuple_Elements_AreEvaluated() => LanguageCase.FoundAsync("(int, int) x = (1, {|MM1001:Work.Get()|});");

    [Fact]
    public Task Interpolation_Hole_IsEvaluated() => LanguageCase.FoundAsync("string x = $\"a {_count + {|MM1001:Work.Get()|}}\";");

    [Fact]
    public Task Handler_OfAnInterpolation_IsConstructed() => LanguageCase.FoundAsync(
        "Log({|MM1001:$\"at {_count}\"|});",
        """
        [InterpolatedStringHandler] ref struct Handler { public Handler(int literals, int holes) => Work.Do(); public void AppendLiteral(string text) { } public void AppendFormatted(int value) { } } static void Log(Handler text) { }
        """);

    [Fact]
    public Task Handler_OfAnInterpolation_AppendsHoles() => LanguageCase.FoundAsync(
        "Log($\"at {|MM1001:{_count}|}\");",
        """
        [InterpolatedStringHandler] ref struct Handler { public Handler(int literals, int holes) { } public void AppendLiteral(string text) { } public void AppendFormatted(int value) => Work.Do(); } static void Log(Handler text) { }
        """);

    [Fact]
    public Task Handler_OfAnInterpolation_AppendsText() => LanguageCase.FoundAsync(
        "Log($\"{|MM1001:at |}{_count}\");",
        """
        [InterpolatedStringHandler] ref struct Handler { public Handler(int literals, int holes) { } public void AppendLiteral(string text) => Work.Do(); public void AppendFormatted(int value) { } } static void Log(Handler text) { }
        """);

    [Fact]
    public Task Query_OwnSelect_IsACall() => LanguageCase.FoundAsync(
        "_ = from x in _source {|MM1001:select x|};",
        """
        sealed class Source { public Source Select(Func<int, int> selector) { Work.Do(); return this; } } readonly Source _source = new();
        """);

    [Fact]
    public Task Query_OwnWhere_IsACall() => LanguageCase.FoundAsync(
        "_ = from x in _source {|MM1001:where x > 1|} select x;",
        """
        sealed class Source { public Source Where(Func<int, bool> test) { Work.Do(); return this; } public Source Select(Func<int, int> selector) => this; } readonly Source _source = new();
        """);

    [Fact]
    public Task Query_LambdaThatIsNotInvoked_IsSilent() => LanguageCase.SilentAsync(
        "_ = from x in _source select x + Work.Get();",
        """
        sealed class Source { public Source Select(Func<int, int> selector) => this; } readonly Source _source = new();
        """);

    [Fact]
    public Task Query_LambdaThatIsInvoked_IsACall() => LanguageCase.FoundAsync(
        "_ = from x in _source {|MM1001:select x + Work.Get()|};",
        """
        sealed class Source { public int Select(Func<int, int> selector) => selector(1); } readonly Source _source = new();
        """);

    [Fact]
    public Task Range_OwnSlice_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[1..2]|};",
        """
        sealed class Own { public int Length => 3; public Own Slice(int start, int length) { Work.Do(); return this; } } readonly Own _list = new();
        """);

    [Fact]
    public Task Range_OwnLength_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[1..^1]|};",
        """
        sealed class Own { public int Length => Work.Get(); public Own Slice(int start, int length) => this; } readonly Own _list = new();
        """);

    [Fact]
    public Task Range_BothEndsFromTheStart_AsksForNoLength() => LanguageCase.SilentAsync(
        "_ = _list[1..2]; _ = _list[..2];",
        """
        sealed class Own { public int Length => Work.Get(); public Own Slice(int start, int length) => this; } readonly Own _list = new();
        """);

    [Fact]
    public Task Range_OpenEnd_AsksForTheLength() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[1..]|};",
        """
        sealed class Own { public int Length => Work.Get(); public Own Slice(int start, int length) => this; } readonly Own _list = new();
        """);

    [Fact]
    public Task Index_OwnIndexer_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[^1]|};",
        """
        sealed class Own { public int Length => 3; public int this[int at] => Work.Get(); } readonly Own _list = new();
        """);

    [Fact]
    public Task Index_OwnIndexer_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:_list[^1] = 4|};",
        """
        sealed class Own { public int Length => 3; public int this[int at] { get => 1; set => Work.Do(); } } readonly Own _list = new();
        """);

    [Fact]
    public Task Index_OwnIndexerThatOnlySets_IsNotRead() => LanguageCase.SilentAsync(
        "_list[^1] = 4;",
        """
        sealed class Own { public int Length => 3; public int this[int at] { get => Work.Get(); set { } } } readonly Own _list = new();
        """);

    [Fact]
    public Task Index_OwnIndexerInACompoundAssignment_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:_list[^1] += 4|};",
        """
        sealed class Own { public int Length => 3; public int this[int at] { get => 1; set => Work.Do(); } } readonly Own _list = new();
        """);

    [Fact]
    public Task Index_OwnCount_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[^1]|};",
        "sealed class Own { public int Count => Work.Get(); public int this[int at] => 1; } readonly Own _list = new();");

    [Fact]
    public Task Index_IndexerOfIndex_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_list[^1]|};",
        "sealed class Own { public int this[Index at] => Work.Get(); } readonly Own _list = new();");

    [Fact]
    public Task Index_OfAnArray_RunsNothing() => LanguageCase.SilentAsync(
        "_ = _numbers[^1]; _ = _numbers.AsSpan()[1..];",
        "readonly int[] _numbers = { 1 }; void Unused() => Work.Do();");

    [Fact]
    public Task CollectionExpression_OwnAdd_IsACall() => LanguageCase.FoundAsync(
        "Bag bag = {|MM1001:[1]|};",
        """
        sealed class Bag : IEnumerable<int> { public void Add(int value) => Work.Do(); public IEnumerator<int> GetEnumerator() => null!; System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; }
        """);

    [Fact]
    public Task CollectionExpression_OwnConstructor_IsACall() => LanguageCase.FoundAsync(
        "Bag bag = {|MM1001:[]|};",
        """
        sealed class Bag : IEnumerable<int> { public Bag() => Work.Do(); public void Add(int value) { } public IEnumerator<int> GetEnumerator() => null!; System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; }
        """);

    [Fact]
    public Task CollectionExpression_Builder_IsACall() => LanguageCase.FoundAsync(
        "Bag bag = {|MM1001:[1]|};",
        """
        [CollectionBuilder(typeof(Builder), nameof(Builder.Make))] sealed class Bag : IEnumerable<int> { public IEnumerator<int> GetEnumerator() => null!; System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; } static class Builder { public static Bag Make(ReadOnlySpan<int> values) { Work.Do(); return new(); } }
        """);

    [Fact]
    public Task CollectionExpression_Element_IsEvaluated() => LanguageCase.FoundAsync("int[] numbers = [1, {|MM1001:Work.Get()|}];");

    [Fact]
    public Task CollectionExpression_Spread_IsEnumerated() => LanguageCase.FoundAsync(
        "int[] numbers = {|MM1001:[1, .. _bag]|};",
        """
        sealed class Bag { public Enumerator GetEnumerator() { Work.Do(); return default; } } struct Enumerator { public int Current => 1; public bool MoveNext() => false; } readonly Bag _bag = new();
        """);

    [Fact]
    public Task SwitchExpression_Arm_IsReached() => LanguageCase.FoundAsync("_ = _count switch { 1 => {|MM1001:Work.Get()|}, _ => 2 };");

    [Fact]
    public Task SwitchExpression_Guard_IsEvaluated() => LanguageCase.FoundAsync("_ = _count switch { > 1 when {|MM1001:Work.Get()|} > 0 => 1, _ => 2 };");

    [Fact]
    public Task Conditional_Arms_AreReached() => LanguageCase.FoundAsync("_ = _count > 1 ? {|MM1001:Work.Get()|} : 2;");

    [Fact]
    public Task Conditional_ConstantFalse_RunsNothing() => LanguageCase.SilentAsync("_ = false ? Work.Get() : 2; if (false) Work.Do();");

    [Fact]
    public Task ConditionalAccess_Call_IsReached() => LanguageCase.FoundAsync(
        "_item?{|MM1001:.Run()|};",
        "sealed class Item { public void Run() => Work.Do(); } readonly Item? _item;");

    [Fact]
    public Task ConditionalAccess_Property_IsReached() => LanguageCase.FoundAsync(
        "_ = _item?{|MM1001:.Size|};",
        "sealed class Item { public int Size => Work.Get(); } readonly Item? _item;");

    [Fact]
    public Task Coalesce_Right_IsReached() => LanguageCase.FoundAsync(
        "_ = _name ?? {|MM1001:Text()|};",
        "readonly string? _name; string Text() { Work.Do(); return \"\"; }");

    [Fact]
    public Task And_Right_IsReached() => LanguageCase.FoundAsync("_ = _count > 1 && {|MM1001:Work.Get()|} > 0;");

    [Fact]
    public Task RefLocal_Initialiser_IsACall() => LanguageCase.FoundAsync(
        "ref int x = ref {|MM1001:Slot()|}; x = 2;",
        "ref int Slot() { Work.Do(); return ref _count; }");

    [Fact]
    public Task RefReturn_AssignedTo_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Slot()|} = 2;",
        "ref int Slot() { Work.Do(); return ref _count; }");

    [Fact]
    public Task Out_Argument_IsEvaluated() => LanguageCase.FoundAsync(
        "Read(out _numbers[{|MM1001:Work.Get()|}]);",
        "readonly int[] _numbers = { 1 }; static void Read(out int value) => value = 1;");

    [Fact]
    public Task Out_Declaration_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Read(out int value)|};",
        "static void Read(out int value) => value = Work.Get();");

    [Fact]
    public Task Optional_Argument_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Read()|};",
        "static void Read(int value = 3) => Work.Do();");

    [Fact]
    public Task Named_Arguments_AreEvaluated() => LanguageCase.FoundAsync(
        "Read(b: {|MM1001:Work.Get()|}, a: 1);",
        "static void Read(int a, int b) { }");

    [Fact]
    public Task NameOf_AndTypeOf_RunNothing() => LanguageCase.SilentAsync(
        "_ = nameof(Value); _ = typeof(Table); _ = sizeof(int); _ = default(Table);",
        "int Value => Work.Get(); sealed class Table { static Table() => Work.Do(); }");

    [Fact]
    public Task ExpressionTree_IsNeverCalled() => LanguageCase.SilentAsync("System.Linq.Expressions.Expression<Func<int>> x = () => Work.Get();");

    [Fact]
    public Task Cast_AndIs_RunNothing() => LanguageCase.SilentAsync(
        "_ = _item is Item; _ = (Item?)_item; _ = _item as Item;",
        "class Item { public Item() => Work.Do(); } readonly object? _item;");
}
