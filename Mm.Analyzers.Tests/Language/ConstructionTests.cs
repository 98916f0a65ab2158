using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Making and ending objects: constructors, initialisers, static constructors, finalizers.</summary>
public class ConstructionTests
{
    [Fact]
    public Task Constructor_Body_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { public Item() => Work.Do(); }");

    [Fact]
    public Task Constructor_OtherOverload_IsSilent() => LanguageCase.SilentAsync(
        "_ = new Item(1);",
        "sealed class Item { public Item() => Work.Do(); public Item(int size) { } }");

    [Fact]
    public Task Constructor_TargetTyped_IsACall() => LanguageCase.FoundAsync(
        "Item item = {|MM1001:new()|};",
        "sealed class Item { public Item() => Work.Do(); }");

    [Fact]
    public Task Constructor_OfAStructure_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item(1)|};",
        "readonly struct Item { public Item(int size) => Work.Do(); }");

    [Fact]
    public Task Constructor_DefaultOfAStructure_RunsNothing() => LanguageCase.SilentAsync(
        "Item item = default; _ = new Item[3];",
        "readonly struct Item { public Item() => Work.Do(); }");

    [Fact]
    public Task Constructor_This_RunsTheOther() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { public Item() : this(1) { } public Item(int size) => Work.Do(); }");

    [Fact]
    public Task Constructor_Base_RunsTheBase() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large()|};",
        "class Item { public Item(int size) => Work.Do(); } sealed class Large : Item { public Large() : base(1) { } }");

    [Fact]
    public Task Constructor_ImpliedBase_RunsTheBase() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large()|};",
        "class Item { public Item() => Work.Do(); } sealed class Large : Item { public Large() { } }");

    [Fact]
    public Task Constructor_NoneWritten_RunsTheBase() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large()|};",
        "class Item { public Item() => Work.Do(); } sealed class Large : Item { }");

    [Fact]
    public Task Constructor_BaseArgument_IsEvaluated() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large()|};",
        "class Item { public Item(int size) { } } sealed class Large : Item { public Large() : base(Work.Get()) { } }");

    [Fact]
    public Task Constructor_FieldInitialiser_RunsInIt() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { readonly int _size = Work.Get(); }");

    [Fact]
    public Task Constructor_InitialiserOfTheBase_RunsInIt() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large()|};",
        "class Item { readonly int _size = Work.Get(); } sealed class Large : Item { }");

    [Fact]
    public Task Constructor_InitialiserWithThis_RunsOnlyOnce() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { readonly int _size = Work.Get(); public Item() : this(1) { } public Item(int size) { } }");

    [Fact]
    public Task Primary_FieldInitialiser_RunsInIt() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item(1)|};",
        "sealed class Item(int size) { readonly int _size = size + Work.Get(); }");

    [Fact]
    public Task Primary_BaseArgument_IsEvaluated() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large(1)|};",
        "class Item(int size) { public int Size => size; } sealed class Large(int size) : Item(size + Work.Get());");

    [Fact]
    public Task Primary_Base_RunsTheBase() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Large(1)|};",
        "class Item { public Item(int size) => Work.Do(); } sealed class Large(int size) : Item(size);");

    [Fact]
    public Task Primary_OfAStructure_RunsItsInitialisers() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item(1)|};",
        "struct Item(int size) { public int Size = size + Work.Get(); }");

    [Fact]
    public Task Primary_OtherConstructor_RunsIt() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item(int size) { readonly int _size = size + Work.Get(); public Item() : this(1) { } }");

    [Fact]
    public Task Record_PropertyInitialiser_RunsInIt() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item(1)|};",
        "sealed record Item(int Size) { public int Twice { get; } = Size + Work.Get(); }");

    [Fact]
    public Task Static_Constructor_RunsAtFirstUse() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Table.Read()|};",
        "static class Table { static Table() => Work.Do(); public static int Read() => 1; }");

    [Fact]
    public Task Static_FieldInitialiser_RunsAtFirstUse() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Table.Size|};",
        "static class Table { public static readonly int Size = Work.Get(); }");

    [Fact]
    public Task Static_ConstructorBeforeAnInstance_RunsAtFirstUse() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Table()|};",
        "sealed class Table { static Table() => Work.Do(); }");

    [Fact]
    public Task Static_ConstantOfTheType_IsNoUse() => LanguageCase.SilentAsync(
        "_ = Table.Size;",
        "static class Table { public const int Size = 3; static Table() => Work.Do(); }");

    [Fact]
    public Task Static_FieldInitialiserOfAnotherType_IsSilent() => LanguageCase.SilentAsync(
        "_ = Table.Size;",
        """
        static class Table { public static readonly int Size = 3; } static class Other { static readonly int s_size = Work.Get(); public static int Size => s_size; }
        """);

    [Fact]
    public Task Finalizer_RunsLater() => LanguageCase.SilentAsync(
        "_ = new Item();",
        "sealed class Item { ~Item() => Work.Do(); }");

    [Fact]
    public Task Initialiser_OfAnObject_Sets() => LanguageCase.FoundAsync(
        "_ = new Item { {|MM1001:Size = 1|} };",
        "sealed class Item { public int Size { get => 1; set => Work.Do(); } }");

    [Fact]
    public Task Initialiser_OfANestedObject_Gets() => LanguageCase.FoundAsync(
        "_ = new Item { {|MM1001:Inner|} = { Size = 1 } };",
        """
        sealed class Part { public int Size; } sealed class Item { public Part Inner { get { Work.Do(); return new(); } } }
        """);

    [Fact]
    public Task Initialiser_OfANestedObject_Sets() => LanguageCase.FoundAsync(
        "_ = new Item { Inner = { {|MM1001:Size = 1|} } };",
        """
        sealed class Part { public int Size { get => 1; set => Work.Do(); } } sealed class Item { public Part Inner { get; } = new(); }
        """);

    [Fact]
    public Task Initialiser_OfACollection_Adds() => LanguageCase.FoundAsync(
        "_ = new Bag { {|MM1001:1|} };",
        """
        sealed class Bag : System.Collections.IEnumerable { public void Add(int value) => Work.Do(); public System.Collections.IEnumerator GetEnumerator() => null!; }
        """);

    [Fact]
    public Task Initialiser_OfACollectionOfPairs_Adds() => LanguageCase.FoundAsync(
        "_ = new Bag { {|MM1001:{ 1, 2 }|} };",
        """
        sealed class Bag : System.Collections.IEnumerable { public void Add(int key, int value) => Work.Do(); public System.Collections.IEnumerator GetEnumerator() => null!; }
        """);

    [Fact]
    public Task Initialiser_ByIndex_Sets() => LanguageCase.FoundAsync(
        "_ = new Map { {|MM1001:[1] = 2|} };",
        "sealed class Map { public int this[int key] { get => 1; set => Work.Do(); } }");

    [Fact]
    public Task With_OfARecord_RunsTheCopyConstructor() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_item with { Size = 2 }|};",
        "sealed record Item(int Size) { Item(Item other) => Work.Do(); } readonly Item _item = new(1);");

    [Fact]
    public Task With_OfARecord_Sets() => LanguageCase.FoundAsync(
        "_ = _item with { {|MM1001:Size = 2|} };",
        "sealed record Item { public int Size { get => 1; init => Work.Do(); } } readonly Item _item = new();");

    [Fact]
    public Task With_OfAStructure_Sets() => LanguageCase.FoundAsync(
        "_ = default(Item) with { {|MM1001:Size = 2|} };",
        "struct Item { public int Size { get => 1; set => Work.Do(); } }");

    [Fact]
    public Task With_OfARecord_RunsNoOtherConstructor() => LanguageCase.SilentAsync(
        "_ = _item with { Size = 2 };",
        "sealed record Item(int Size) { public Item() : this(Work.Get()) { } } readonly Item _item = new(1);");

    [Fact]
    public Task New_OfATypeParameter_RunsTheConstructorOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:Make<Item>()|}; Make<Other>();",
        """
        sealed class Item { public Item() => Work.Do(); } sealed class Other { } static T Make<T>() where T : new() => new T();
        """);

    [Fact]
    public Task New_OfAParameterOfTheType_RunsTheConstructorOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:Maker<Item>.Make()|}; Maker<Other>.Make();",
        """
        sealed class Item { public Item() => Work.Do(); } sealed class Other { } static class Maker<T> where T : new() { public static T Make() => new T(); }
        """);

    [Fact]
    public Task Thrown_Exception_IsConstructed() => LanguageCase.FoundAsync(
        "if (_count > 3) throw {|MM1001:new Failure()|};",
        "sealed class Failure : Exception { public Failure() => Work.Do(); }");

    // However many constructors run it, it is one line and one report.
    [Theory]
    [InlineData("")]
    [InlineData("public Item() { }")]
    [InlineData("public Item() { } public Item(int size) { }")]
    [InlineData("public Item() : this(1) { } public Item(int size) { }")]
    public Task Initialiser_OfATypeWithConstructors_IsReportedOnce(string constructors) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        [RunsIn<SpinLockHeld>]
        sealed class Item
        {
            readonly Action _later = () => {|MM1001:Scheduler.Schedule()|};
            readonly object? _made = {|MM1003:Slab.Allocate(8, Gfp.Kernel)|};
            readonly Action<TicketLock> _own = static gate => { using (gate.Hold()) {|MM1001:Scheduler.Schedule()|}; };
            {{constructors}}
        }
        """);

    [Theory]
    [InlineData("")]
    [InlineData("public Item() { }")]
    [InlineData("public Item() { } public Item(int size) { }")]
    [InlineData("public Item() : this(1) { } public Item(int size) { }")]
    [InlineData("[Requires<IrqOff>] public Item() { } public Item(int size) { }")]
    public Task Initialiser_WithoutItsContext_IsReportedOnce(string constructors) => LanguageCase.ReportedInAsync(
        $$"""
        sealed class Item
        {
            readonly int _first = {|MM1008:Read()|};
            {{constructors}}

            [Requires<IrqOff>] static int Read() => 1;
        }
        """);

    [Fact]
    public Task Initialiser_WhoseConstructorsAllRequireItsContext_IsSilent() => LanguageCase.ReportedInAsync(
        """
        sealed class Item
        {
            readonly int _first = Read();

            [Requires<IrqOff>] public Item() { }

            [Requires<IrqOff>] public Item(int size) { }

            [Requires<IrqOff>] static int Read() => 1;
        }
        """);

    [Theory]
    [InlineData("_ = {|MM1001:Table.Size|}; _ = Table.Size;")]
    [InlineData("if (_count > 3) {|MM1001:Table.Warm()|}; else _count++; _ = {|MM1001:Table.Size|};")]
    [InlineData("while (_count > 3) { _ = {|MM1001:Table.Size|}; _ = Table.Size; }")]
    public Task StaticConstructor_OfATypeThatIsUsedAgain_CountsOnce(string statements) => LanguageCase.FoundAsync(
        statements,
        types: "static class Table { public static int Size; static Table() => Work.Do(); public static void Warm() { } }");

    [Theory]
    [InlineData("int size = Table.Size; using (_other.Hold()) _ = Table.Size + size;")]
    [InlineData("Table.Warm(); using (_other.Hold()) _ = Table.Size;")]
    [InlineData("if (_count > 3) Table.Warm(); else _ = Table.Size; using (_other.Hold()) _ = Table.Size;")]
    [InlineData("if (_count > 3) Table.Warm(); using (_other.Hold()) _ = {|MM1001:Table.Size|};")]
    public Task StaticConstructor_OfATypeThatWasUsedBefore_HasRun(string statements) => LanguageCase.FoundAsync(
        "",
        "readonly TicketLock _other = new(); void Before() { " + statements + " }",
        "static class Table { public static int Size; static Table() => Work.Do(); public static void Warm() { } }");

    [Theory]
    [InlineData("{|MM1001:Table.Changed += Nothing|};")]
    [InlineData("{|MM1001:Table.Changed -= Nothing|};")]
    [InlineData("{|MM1001:Table.Counted += Nothing|};")]
    [InlineData("_ = {|MM1001:_table + _table|};")]
    [InlineData("_ = {|MM1001:~_table|};")]
    [InlineData("int number = {|MM1001:_table|};")]
    [InlineData("{|MM1001:_table++|};")]
    [InlineData("{|MM1001:_table.Twice()|};")]
    [InlineData("_ = {|MM1001:new Chair()|};")]
    [InlineData("_ = {|MM1001:new Chair(1)|};")]
    [InlineData("_table.Wipe(); _ = _table.Height;")]
    public Task StaticConstructor_RunsBeforeAnyStaticMemberAndAnyObject(string statement) => LanguageCase.FoundAsync(
        statement,
        "Table _table = null!; static void Nothing() { }",
        """
        class Table
        {
            static Table() => Work.Do();
            protected Table() { }
            protected Table(int height) => Height = height;
            public static event Action? Changed;
            public static event Action Counted { add { } remove { } }
            public int Height;
            public void Wipe() => Height++;
            public static void Raise() => Changed?.Invoke();
            public static Table operator +(Table left, Table right) => left;
            public static Table operator ++(Table table) => table;
            public static int operator ~(Table table) => 1;
            public static implicit operator int(Table table) => 1;
        }

        class Chair : Table { public Chair() { } public Chair(int height) : base(height) { } }
        static class Tables { static Tables() => Work.Do(); public static int Twice(this Table table) => 2 * table.Height; }
        """);

    [Fact]
    public Task Record_CopyOfADerivedOne_RunsTheCopyConstructorOfTheBase() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_derived with { Second = 2 }|}; _ = _other with { Second = 2 };",
        "readonly Derived _derived = new(1, 2); readonly Other _other = new(1, 2);",
        """
        record Base(int First) { protected Base(Base other) { First = other.First; Work.Do(); } }
        record Derived(int First, int Second) : Base(First);
        record Plain(int First);
        record Other(int First, int Second) : Plain(First);
        """);
}
