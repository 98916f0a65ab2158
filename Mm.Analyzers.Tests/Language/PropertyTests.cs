using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Reading and writing through accessors: properties, indexers, events.</summary>
public class PropertyTests
{
    [Fact]
    public Task Property_Get_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Value|};",
        "int Value { get { Work.Do(); return 1; } }");

    [Fact]
    public Task Property_ExpressionBody_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:this.Value|};",
        "int Value => Work.Get();");

    [Fact]
    public Task Property_Set_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Value = 1|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Property_SetWhereOnlyGetSleeps_IsSilent() => LanguageCase.SilentAsync(
        "Value = 1;",
        "int Value { get => Work.Get(); set => _count = value; }");

    [Fact]
    public Task Property_GetWhereOnlySetSleeps_IsSilent() => LanguageCase.SilentAsync(
        "_ = Value;",
        "int Value { get => _count; set => Work.Do(); }");

    [Fact]
    public Task Property_AutoImplemented_IsSilent() => LanguageCase.SilentAsync(
        "Value = 1; _ = Value; Value++;",
        "int Value { get; set; }");

    [Fact]
    public Task Property_Init_IsACall() => LanguageCase.FoundAsync(
        "_ = new Item { {|MM1001:Size = 1|} };",
        "sealed class Item { public int Size { get => 1; init => Work.Do(); } }");

    [Fact]
    public Task Property_CompoundAssignment_Gets() => LanguageCase.FoundAsync(
        "{|MM1001:Value|} += 1;",
        "int Value { get => Work.Get(); set { } }");

    [Fact]
    public Task Property_CompoundAssignment_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:Value += 1|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Property_Increment_Gets() => LanguageCase.FoundAsync(
        "{|MM1001:Value|}++;",
        "int Value { get => Work.Get(); set { } }");

    [Fact]
    public Task Property_Increment_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:--Value|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Theory]
    [InlineData("{|MM1001:Value|} += 1;", "int Value { get => Work.Get(); set => Work.Get(); }")]
    [InlineData("{|MM1001:Value|}++;", "int Value { get => Work.Get(); set => Work.Get(); }")]
    [InlineData("--{|MM1001:Value|};", "int Value { get => Work.Get(); set => Work.Get(); }")]
    [InlineData("{|MM1001:this[1]|} += 2;", "int this[int index] { get => Work.Get(); set => Work.Get(); }")]
    [InlineData("{|MM1001:Name|} ??= \"\";", "string? Name { get { Work.Do(); return null; } set => Work.Do(); }")]
    public Task Property_ReadAndWrittenInOne_IsOneReport(string statements, string members) => LanguageCase.FoundAsync(statements, members);

    [Fact]
    public Task Property_ReadAndWrittenApart_IsTwo() => LanguageCase.FoundAsync(
        "{|MM1001:Value = {|MM1001:Value|} + 1|};",
        "int Value { get => Work.Get(); set => Work.Get(); }");

    [Fact]
    public Task Property_ReadAndWrittenInOne_ForTwoReasons_IsTwo() => AnalyzerTest.CheckAsync(
        """
        class Case
        {
            int Value { [Requires<SpinLockHeld>] get => 1; [Requires<IrqOff>] set { } }
            void M() => {|MM1008:{|MM1008:Value|} += 1|};
        }
        """);

    [Fact]
    public Task Property_CoalesceAssignment_Gets() => LanguageCase.FoundAsync(
        "{|MM1001:Name|} ??= \"\";",
        "string? Name { get { Work.Do(); return null; } set { } }");

    [Fact]
    public Task Property_CoalesceAssignment_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:Name ??= \"\"|};",
        "string? Name { get => null; set => Work.Do(); }");

    [Fact]
    public Task Property_AssignedAConditional_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:Value = _count > 1 ? 1 : 2|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Property_AssignedAConditional_DoesNotGet() => LanguageCase.SilentAsync(
        "Value = _count > 1 ? 1 : 2;",
        "int Value { get => Work.Get(); set { } }");

    [Fact]
    public Task Property_CompoundConditional_Gets() => LanguageCase.FoundAsync(
        "{|MM1001:Value|} += _count > 1 ? 1 : 2;",
        "int Value { get => Work.Get(); set { } }");

    [Fact]
    public Task Property_CompoundConditional_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:Value += _count > 1 ? 1 : 2|};",
        "int Value { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Property_ReturnedByReference_IsReadByItsGetter() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Slot|};",
        "ref int Slot { get { Work.Do(); return ref _count; } }");

    [Fact]
    public Task Property_ReturnedByReference_IsWrittenThroughItsGetter() => LanguageCase.FoundAsync(
        "{|MM1001:Slot|} = 3;",
        "ref int Slot { get { Work.Do(); return ref _count; } }");

    [Fact]
    public Task Property_ReturnedByReference_IsIncrementedThroughItsGetter() => LanguageCase.FoundAsync(
        "{|MM1001:Slot|}++;",
        "ref int Slot { get { Work.Do(); return ref _count; } }");

    [Fact]
    public Task Property_Static_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Value|};",
        "static int Value => Work.Get();");

    [Fact]
    public Task Property_Initialiser_RunsInTheConstructor() => LanguageCase.FoundAsync(
        "_ = {|MM1001:new Item()|};",
        "sealed class Item { public int Size { get; } = Work.Get(); }");

    [Fact]
    public Task Indexer_Get_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:this[1]|};",
        "int this[int index] => Work.Get();");

    [Fact]
    public Task Indexer_Set_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:this[1] = 2|};",
        "int this[int index] { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Indexer_CompoundAssignment_Gets() => LanguageCase.FoundAsync(
        "{|MM1001:this[1]|} += 2;",
        "int this[int index] { get => Work.Get(); set { } }");

    [Fact]
    public Task Indexer_CompoundAssignment_Sets() => LanguageCase.FoundAsync(
        "{|MM1001:this[1] += 2|};",
        "int this[int index] { get => 1; set => Work.Do(); }");

    [Fact]
    public Task Indexer_Argument_IsEvaluated() => LanguageCase.FoundAsync(
        "_ = this[{|MM1001:Work.Get()|}];",
        "int this[int index] => index;");

    [Fact]
    public Task Indexer_ArgumentOfACompoundAssignment_IsEvaluated() => LanguageCase.FoundAsync(
        "this[{|MM1001:Work.Get()|}] += 2;",
        "int this[int index] { get => index; set { } }");

    [Fact]
    public Task Event_Add_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Changed += Handle|};",
        "event Action Changed { add => Work.Do(); remove { } } void Handle() { }");

    [Fact]
    public Task Event_Remove_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Changed -= Handle|};",
        "event Action Changed { add { } remove => Work.Do(); } void Handle() { }");

    [Fact]
    public Task Event_FieldLike_SubscribingRunsNothing() => LanguageCase.SilentAsync(
        "Changed += Work.Do; Changed -= Work.Do;",
        "event Action? Changed; void Raise() => Changed?.Invoke();");

    [Fact]
    public Task Event_Raised_RunsTheHandlersThatFlowIn() => LanguageCase.FoundAsync(
        "Changed?{|MM1001:.Invoke()|};",
        "event Action? Changed; void Subscribe() => Changed += Work.Do;");

    [Fact]
    public Task Event_RaisedWithoutTest_RunsTheHandlersThatFlowIn() => LanguageCase.FoundAsync(
        "{|MM1001:Changed!()|};",
        "event Action? Changed; void Subscribe() => Changed += () => Work.Do();");

    [Fact]
    public Task Event_RaisedThroughAMethod_RunsTheHandlersThatFlowIn() => LanguageCase.FoundAsync(
        "{|MM1001:Raise()|};",
        "event Action? Changed; void Subscribe() => Changed += Work.Do; void Raise() => Changed?.Invoke();");

    [Fact]
    public Task Property_OfAnInterface_RunsItsImplementations() => LanguageCase.FoundAsync(
        """
        ISized sized = Make();
        _ = {|MM1001:sized.Size|};
        """,
        """
        interface ISized { int Size { get; } } sealed class Item : ISized { public int Size => Work.Get(); } ISized Make() => new Item();
        """);

    [Fact]
    public Task Property_Overridden_RunsTheOverride() => LanguageCase.FoundAsync(
        """
        Item item = Make();
        _ = {|MM1001:item.Size|};
        """,
        """
        class Item { public virtual int Size => 1; } sealed class Large : Item { public override int Size => Work.Get(); } Item Make() => new Large();
        """);

    [Fact]
    public Task Property_OfTheBase_IsCalledExactly() => LanguageCase.SilentAsync(
        "_ = new Large().Twice;",
        """
        class Item { public virtual int Size => 1; } sealed class Large : Item { public override int Size => Work.Get(); public int Twice => 2 * base.Size; }
        """);

    [Fact]
    public Task AutoProperty_OfAClass_IsFollowedAsAField() => ValueCase.CheckAsync(
        "an auto-property",
        """
        bool Auto { get; set; }
        void Held()
        {
            if (Auto) _lock.Acquire();
            _count++;
            if (!Auto) Scheduler.Schedule();
            if (Auto) _lock.Release();
        }
        void Written()
        {
            if (Auto) _lock.Acquire();
            Auto = false;
            if (Auto) _lock.Release();
        {|MM2001:}|}
        void Flags(Options o, Options p)
        {
            o.Flags = Gfp.Kernel;
            using (_lock.Hold())
            {
                {|MM1003:Slab.Allocate(64, o.Flags)|};
                o.Flags &= ~Gfp.MayBlock;
                Slab.Allocate(64, o.Flags);
                o.Flags |= Gfp.MayBlock;
                {|MM1003:Slab.Allocate(64, o.Flags)|};
                p.Flags = Gfp.Atomic;
                Slab.Allocate(64, o.Flags);
                o = new Options { Flags = Gfp.Kernel };
                {|MM1003:Slab.Allocate(64, o.Flags)|};
            }
        }
        void Init(Options o, Positional p)
        {
            if (o.Wait) Scheduler.Schedule();
            else _lock.Acquire();
            _count++;
            if (!o.Wait) _lock.Release();
            if (p is { Wait: true }) _lock.Acquire();
            _count++;
            if (p.Wait) _lock.Release();
        }
        sealed class Options { public Gfp Flags { get; set; } public bool Wait { get; init; } }
        sealed record Positional(bool Wait);
        """);

    [Fact]
    public Task Property_ThatMayBeOverriddenOrComputes_IsACallEachTime() => ValueCase.CheckAsync(
        "a virtual property",
        """
        public virtual bool Open { get; set; }
        bool Computed { get => _count > 0; set => _count = 1; }
        void Virtual()
        {
            if (Open) _lock.Acquire();
            {|MM2003:_count++;|}
            if (Open) _lock.Release();
        }
        void Own()
        {
            if (Computed) _lock.Acquire();
            {|MM2003:_count++;|}
            if (Computed) _lock.Release();
        }
        """);

    [Theory]
    [InlineData("this[1] = 3; {|MM1001:this[-1]|} = 3;")]
    [InlineData("this[1]++; {|MM1001:this[-1]|}++;")]
    [InlineData("this[1] += 2; {|MM1001:this[-1]|} += 2;")]
    [InlineData("ref int slot = ref this[1]; slot = 3; slot = ref {|MM1001:this[-1]|}; slot = 3;")]
    public Task Indexer_ByReference_IsJudgedByItsArgumentWhenWritten(string statements) => LanguageCase.FoundAsync(
        statements,
        "readonly int[] _cells = new int[9]; ref int this[int index] { get { if (index < 0) Work.Do(); return ref _cells[index]; } }");

    [Theory]
    [InlineData("this[1] += 2; {|MM1001:this[-1] += 2|};")]
    [InlineData("this[1]++; {|MM1001:this[-1]++|};")]
    public Task Indexer_SetByAnOperator_IsJudgedByItsArgument(string statements) => LanguageCase.FoundAsync(
        statements,
        "int this[int index] { get => index; set { if (index < 0) Work.Do(); } }");

    [Theory]
    [InlineData("{|MM1001:_slow[^1] = 2|};")]
    [InlineData("{|MM1001:_slow[^1] += 2|};")]
    [InlineData("{|MM1001:_slow[^1]++|};")]
    [InlineData("{|MM1001:_slow[^1] = _count > 1 ? 1 : 2|};")]
    [InlineData("{|MM1001:_slow[^1] += _count > 1 ? 1 : 2|};")]
    [InlineData("{|MM1001:_text[^1] ??= \"\"|};")]
    public Task Element_FromTheEnd_IsWrittenByTheIndexer(string statement) => LanguageCase.FoundAsync(statement, "readonly Slow _slow = new(); readonly Text _text = new();", Indexed);

    [Theory]
    [InlineData("_ = _slow[^1];")]
    [InlineData("_quick[^1] = _count > 1 ? 1 : 2;")]
    public Task Element_FromTheEnd_ThatIsOnlyReadOrOnlyWritten_IsSilent(string statement) => LanguageCase.SilentAsync(statement, "readonly Slow _slow = new(); readonly Quick _quick = new();", Indexed);

    private const string Indexed =
        """
        sealed class Slow { public int Length => 3; public int this[int at] { get => 1; set => Work.Do(); } }
        sealed class Quick { public int Length => 3; public int this[int at] { get => Work.Get(); set { } } }
        sealed class Text { public int Length => 3; public string? this[int at] { get => null; set => Work.Do(); } }
        """;
}
