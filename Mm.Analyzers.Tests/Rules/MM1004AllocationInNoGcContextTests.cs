using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1004AllocationInNoGcContextTests
{
    [Theory]
    [InlineData("object x = {|MM1004:new object()|};")]
    [InlineData("int[] x = {|MM1004:new int[4]|};")]
    [InlineData("Pair x = new Pair(1);")]
    [InlineData("int x = _count + 1;")]
    [InlineData("Span<int> x = stackalloc int[4];")]
    [InlineData("Action x = static () => { };")]
    [InlineData("string x = \"one\" + \"two\";")]
    public Task Direct_Expression_IsReportedIfItAllocates(string statement) => RuleCase.CheckAsync(
        $$"""
            readonly struct Pair(int a) { public readonly int A = a; }

            void M()
            {
                using (GarbageCollection.Off())
                {
                    {{statement}}
                }
            }
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedWhereTheContextIs() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:First()|};
                    Count();
                }

                First();
            }

            object First() => Second();

            object Second() => new object();

            int Count() => _count++;
        """);

    [Fact]
    public Task Virtual_SomeImplementationAllocates_IsReported() => RuleCase.CheckAsync(
        """
            interface IPool { object? Take(); }
            sealed class Fresh : IPool { public object? Take() => new object(); }
            sealed class Empty : IPool { public object? Take() => null; }

            void M(IPool pool, Empty empty)
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:pool.Take()|};
                    empty.Take();
                }
            }
        """);

    [Fact]
    public Task Throw_Operand_IsNoneOfThisRule() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (GarbageCollection.Off())
                {
                    if (Ready())
                    {
                        throw new InvalidOperationException();
                    }
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
