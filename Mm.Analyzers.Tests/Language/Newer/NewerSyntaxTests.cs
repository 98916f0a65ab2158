using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language.Newer;

/// <summary>Syntax that the oldest supported compiler cannot parse.</summary>
public class NewerSyntaxTests
{
    [Theory]
    [InlineData("params ReadOnlySpan<Action> all")]
    [InlineData("params Span<Action> all")]
    [InlineData("params List<Action> all")]
    public Task Params_OfASpanOrAList_AreInvokedByTheCallee(string parameter) => LanguageCase.FoundAsync(
        "Run(Rest, () => { }); {|MM1001:Run(Work.Do)|}; {|MM1001:Run(Rest, Work.Do)|};",
        "static void Run(" + parameter + ") { foreach (var one in all) one(); } static void Rest() { }");

    [Fact]
    public Task Extension_OfATypeParameter_IsJudgedWithTheTypeArgument() => LanguageCase.FoundAsync(
        "Running.Start(new Fast()); {|MM1001:Running.Start(new Slow())|};",
        types: """
        interface IRun { void Run(); }
        struct Slow : IRun { public void Run() => Work.Do(); }
        struct Fast : IRun { public void Run() { } }
        static class Running { extension<T>(T work) where T : IRun { public void Once() => work.Run(); } public static void Start<T>(T work) where T : IRun => work.Once(); }
        """);

    [Fact]
    public Task Extension_Property_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_count.Twice|};",
        types: "static class Doubling { extension(int value) { public int Twice => value + Work.Get(); } }");

    [Fact]
    public Task Extension_PropertySet_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_item.Size = 2|};",
        "readonly Item _item = new();",
        """
        sealed class Item { } static class Sizing { extension(Item item) { public int Size { get => 1; set => Work.Do(); } } }
        """);

    [Fact]
    public Task Extension_Method_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_count.Run()|}; {|MM1001:Running.Run(3)|};",
        types: "static class Running { extension(int value) { public void Run() => Work.Do(); } }");

    [Fact]
    public Task Extension_StaticMember_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:int.Run()|};",
        types: "static class Running { extension(int) { public static void Run() => Work.Do(); } }");

    [Fact]
    public Task Extension_Operator_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_item + _item|};",
        "readonly Item _item = new();",
        """
        sealed class Item { } static class Adding { extension(Item) { public static Item operator +(Item a, Item b) { Work.Do(); return a; } } }
        """);

    [Fact]
    public Task Extension_OfAnotherType_IsSilent() => LanguageCase.SilentAsync(
        "\"x\".Run();",
        types: """
        static class Running { extension(int value) { public void Run() => Work.Do(); } extension(string value) { public void Run() { } } }
        """);

    [Fact]
    public Task Field_KeywordInAGetter_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Value|}; Value = 2;",
        "int Value { get { Work.Do(); return field; } set; }");

    [Fact]
    public Task Field_KeywordInASetter_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Value = 2|}; _ = Value;",
        "int Value { get; set { Work.Do(); field = value; } }");

    [Fact]
    public Task Field_KeywordWithAnInitialiser_RunsInTheConstructor() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { public int Size { get => field; set; } = Work.Get(); }");

    [Fact]
    public Task NullConditional_Assignment_Sets() => LanguageCase.FoundAsync(
        "_item?{|MM1001:.Size = 2|};",
        "readonly Item? _item; sealed class Item { public int Size { get => 1; set => Work.Do(); } }");

    [Fact]
    public Task NullConditional_AssignmentEvaluatesTheRight() => LanguageCase.FoundAsync(
        "_item?.Size = {|MM1001:Work.Get()|};",
        "readonly Item? _item; sealed class Item { public int Size; }");

    [Fact]
    public Task NullConditional_CompoundAssignment_Gets() => LanguageCase.FoundAsync(
        "_item?{|MM1001:.Size|} += 2;",
        "readonly Item? _item; sealed class Item { public int Size { get => Work.Get(); set { } } }");

    [Fact]
    public Task NullConditional_IndexerAssignment_Sets() => LanguageCase.FoundAsync(
        "_item?{|MM1001:[1] = 2|};",
        "readonly Item? _item; sealed class Item { public int this[int at] { get => 1; set => Work.Do(); } }");

    [Fact]
    public Task Params_CollectionWithAdd_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Take(1, 2)|};",
        """
        sealed class Bag : IEnumerable<int> { public void Add(int value) => Work.Do(); public IEnumerator<int> GetEnumerator() => null!; System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; } static void Take(params Bag values) { }
        """);

    [Fact]
    public Task Params_Span_IsEvaluated() => LanguageCase.FoundAsync(
        "Take(1, {|MM1001:Work.Get()|});",
        "static void Take(params ReadOnlySpan<int> values) { }");

    [Fact]
    public Task Partial_Property_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Value|};",
        "partial int Value { get; }",
        "partial class Case { partial int Value => Work.Get(); }");

    [Fact]
    public Task Partial_Constructor_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        types: "partial class Item { public partial Item(); } partial class Item { public partial Item() => Work.Do(); }");

    [Fact]
    public Task Partial_Event_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Changed += Handle|};",
        "partial event Action Changed; void Handle() { }",
        "partial class Case { partial event Action Changed { add => Work.Do(); remove { } } }");

    [Fact]
    public Task Operator_CompoundAssignment_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_item += 2|};",
        "Item _item = new(); sealed class Item { public void operator +=(int value) => Work.Do(); }");

    [Fact]
    public Task Operator_Increment_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_item++|};",
        "Item _item = new(); sealed class Item { public void operator ++() => Work.Do(); }");

    [Fact]
    public Task Lambda_WithAModifierOnAnUntypedParameter_IsACall() => LanguageCase.FoundAsync(
        "Reader read = (out x) => x = Work.Get(); {|MM1001:read(out int value)|};",
        "delegate void Reader(out int x);");

    [Fact]
    public Task Overload_OfHigherPriority_IsTheOneCalled() => LanguageCase.FoundAsync(
        "{|MM1001:Run(1)|};",
        "[OverloadResolutionPriority(1)] static void Run(long value) => Work.Do(); static void Run(int value) { }");

    [Fact]
    public Task Iterator_WithARefLocal_IsACall() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:Numbers()|}) { }",
        "IEnumerable<int> Numbers() { { Span<int> s = stackalloc int[1]; s[0] = Work.Get(); } yield return 1; }");

    [Fact]
    public Task Async_WithARefLocal_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        "async Task RunAsync() { { ref int s = ref _count; s = Work.Get(); } await Task.Yield(); }");

    [Fact]
    public Task RefStruct_ImplementingAnInterface_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:RunAll(new Slow())|}; RunAll(new Quick());",
        """
        interface IStep { void Run(); } ref struct Slow : IStep { public void Run() => Work.Do(); } ref struct Quick : IStep { public void Run() { } } static void RunAll<T>(T step) where T : IStep, allows ref struct => step.Run();
        """);

    [Theory]
    [InlineData("int[] all = {|MM1001:[.. _item]|};")]
    [InlineData("foreach (int x in {|MM1001:_item|}) { }")]
    [InlineData("unsafe { fixed (int* {|MM1001:p = _item|}) { } }")]
    public Task Extension_ThatALanguagePatternFinds_IsACall(string statement) => LanguageCase.FoundAsync(
        statement,
        "readonly Item _item = new();",
        """
        sealed class Item { public int Size; } struct Steps { public int Current => 1; public bool MoveNext() => DateTime.Now.Ticks > 1; }
        static class Stepping { extension(Item item) { public Steps GetEnumerator() { Work.Do(); return default; } public ref int GetPinnableReference() { Work.Do(); return ref item.Size; } } }
        """);

    // The oldest compiler does not show the elements there.
    [Fact]
    public Task CollectionExpression_WithAnExtensionThatAdds_RunsIt() => LanguageCase.FoundAsync(
        "Extended none = []; Extended one = {|MM1001:[1]|};",
        types:
        """
        sealed class Extended : System.Collections.IEnumerable { public System.Collections.IEnumerator GetEnumerator() => null!; }
        static class Extensions { public static void Add(this Extended e, int n) => Work.Do(); }
        """);
}
