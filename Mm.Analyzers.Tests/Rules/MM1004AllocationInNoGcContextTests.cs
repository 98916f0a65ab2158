using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM1004AllocationInNoGcContextTests
{
    private const string Types =
        """
            readonly struct Pair(int a) { public readonly int A = a; }
            sealed class Node { public Node? Next; }
            record Reading(int Level);
            record struct Sample(int Level);
            delegate void Handler();

            static void Handle() { }
            void HandleHere() { }
            static int Sum(params int[] values) => 0;
            static void Take(object value) { }
            static void TakeSpan(ReadOnlySpan<int> values) { }
            static System.Collections.Generic.IEnumerable<int> Numbers() { yield return 1; }
            static async System.Threading.Tasks.Task WorkAsync() => await System.Threading.Tasks.Task.CompletedTask;

            readonly int[] _array = { 1, 2 };
            readonly System.Collections.Generic.List<int> _list = new();
            readonly Reading _reading = new(1);
            string _name = "";

        """;

    [Theory]
    [InlineData("object x = {|MM1004:new object()|};")]
    [InlineData("Node x = {|MM1004:new()|};")]
    [InlineData("Node x = {|MM1004:new Node { Next = null }|};")]
    [InlineData("int[] x = {|MM1004:new int[4]|};")]
    [InlineData("int[] x = {|MM1004:{ 1, _count }|};")]
    [InlineData("Handler x = {|MM1004:new Handler(HandleHere)|};")]
    [InlineData("Action x = {|MM1004:HandleHere|};")]
    [InlineData("object x = {|MM1004:_count|};")]
    [InlineData("Take({|MM1004:_count|});")]
    [InlineData("IComparable x = {|MM1004:_count|};")]
    [InlineData("ValueType x = {|MM1004:new Pair(1)|};")]
    [InlineData("Action x = {|MM1004:() => _count++|};")]
    [InlineData("int seen = _count; Func<int> x = {|MM1004:() => seen|};")]
    [InlineData("_ = {|MM1004:Sum(1, _count)|};")]
    [InlineData("string x = {|MM1004:_name + _count|};")]
    [InlineData("{|MM1004:_name += \".\"|};")]
    [InlineData("string x = {|MM1004:_name + _count + \" of \" + _name|};")]
    [InlineData("{|MM1004:_name += _count|};")]
    [InlineData("string x = {|MM1004:$\"level {_count}\"|};")]
    [InlineData("System.Collections.Generic.List<int> x = {|MM1004:[1, _count]|};")]
    [InlineData("int[] x = {|MM1004:[_count]|};")]
    [InlineData("ReadOnlySpan<int> x = {|MM1004:new[] { 1, _count }|};")]
    [InlineData("Span<byte> x = {|MM1004:new byte[] { 1, 2, 3 }|};")]
    [InlineData("Type x = {|MM1004:new Pair(1).GetType()|};")]
    [InlineData("System.Collections.Generic.IEnumerable<int> x = {|MM1004:Numbers()|};")]
    [InlineData("_ = {|MM1004:WorkAsync()|};")]
    [InlineData("Reading x = {|MM1004:_reading with { Level = 2 }|};")]
    [InlineData("var x = {|MM1004:new { Level = 2 }|};")]
    [InlineData("int[] x = {|MM1004:_array[1..3]|};")]
    [InlineData("string x = {|MM1004:_reading.ToString()|};")]
    [InlineData("System.Text.StringBuilder text = null!; text.Append($\"{|MM1004:{_count}|} of {_count}, {_count}\");")]
    [InlineData("ReadOnlySpan<int> x = {|MM1004:[1, .. _array]|};")]
    [InlineData("TakeSpan({|MM1004:[.. _array]|});")]
    [InlineData("foreach (int x in {|MM1004:(System.Collections.Generic.IEnumerable<int>)_list|}) { }")]
    public Task Direct_ExpressionThatAllocates_IsReported(string statement) => UnderNoGc(statement);

    [Theory]
    [InlineData("Pair x = new Pair(1);")]
    [InlineData("Pair x = default;")]
    [InlineData("int x = _count + 1;")]
    [InlineData("Span<int> x = stackalloc int[4];")]
    [InlineData("ReadOnlySpan<int> x = [1, 2, 3];")]
    [InlineData("ReadOnlySpan<byte> x = new byte[] { 1, 2, 3 };")]
    [InlineData("ReadOnlySpan<int> x = new[] { 1, 2, 3 };")]
    [InlineData("Func<int, int> x = Same; static int Same(int y) => y;")]
    [InlineData("Span<int> x = [_count, 2];")]
    [InlineData("TakeSpan([1, _count]);")]
    [InlineData("ReadOnlySpan<byte> x = \"level\"u8;")]
    [InlineData("int[] x = [];")]
    [InlineData("Action x = static () => { };")]
    [InlineData("Func<int, int> x = y => y + 1;")]
    [InlineData("Action x = Handle;")]
    [InlineData("string x = \"one\" + \"two\";")]
    [InlineData("const string Unit = \"dB\"; string x = $\"in {Unit}\";")]
    [InlineData("_ = Sum(_array);")]
    [InlineData("int x = _array[^1];")]
    [InlineData("Span<int> x = _array.AsSpan()[1..3];")]
    [InlineData("Sample x = default(Sample) with { Level = 2 };")]
    [InlineData("(int, int) x = (1, _count);")]
    [InlineData("object x = _name;")]
    [InlineData("int? x = _count;")]
    [InlineData("foreach (int x in _array) { }")]
    [InlineData("foreach (int x in _list) { }")]
    [InlineData("foreach (char x in _name) { }")]
    [InlineData("string x = nameof(_count);")]
    [InlineData("Type x = typeof(Node);")]
    public Task Direct_ExpressionThatDoesNotAllocate_IsSilent(string statement) => UnderNoGc(statement);

    [Fact]
    public Task Direct_ParamsWithoutArguments_ShareTheEmptyArray() => UnderNoGc("_ = Sum();");

    [Fact]
    public Task Direct_OutsideTheContext_IsSilent() => RuleCase.CheckAsync(
        """
            object M()
            {
                using (_lock.Hold())
                {
                    return new object();
                }
            }
        """);

    [Fact]
    public Task Direct_InAContextOfOnesOwn_IsReported() => RuleCase.CheckAsync(
        """
            [Forbids<Allocate>]
            readonly struct AudioCallback : IContext;

            [RunsIn<AudioCallback>]
            object Wrong() => {|MM1004:new object()|};

            [RunsIn<HardIrq>]
            object Right() => new object();
        """);

    [Fact]
    public Task Direct_ThrowOperand_IsSilentButNotWhatStandsBeforeIt() => RuleCase.CheckAsync(
        """
            void M(string name)
            {
                using (GarbageCollection.Off())
                {
                    if (Ready())
                    {
                        throw new InvalidOperationException("no " + name + _count);
                    }

                    string text = {|MM1004:"no " + name|};
                    _ = name ?? throw new InvalidOperationException(text);
                }
            }
        """);

    private static Task UnderNoGc(string statement) => RuleCase.CheckAsync(
        Types +
        $$"""
            void M()
            {
                using (GarbageCollection.Off())
                {
                    {{statement}}
                }
            }
        """);

    [Fact]
    public async Task Message_DirectAndDeep_TellsThePath() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void M()
            {
                using (GarbageCollection.Off())
                {
                    object x = {|MM1004:new object()|};
                    {|MM1004:First()|};
                }
            }

            object First() => new object();
        """));
}
