using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Arrays in locals that are only read: which handler a constant index names, and how long they are.</summary>
public class LocalTableTests
{
    private const string Members =
        """
        static void Quiet() { }
        """;

    [Theory]
    [InlineData("var table = new Action[] { Quiet, Work.Do }; {|MM1001:table[1]()|};")]
    [InlineData("Action[] table = [Quiet, Work.Do]; {|MM1001:table[1]()|};")]
    [InlineData("Action[] table = { Quiet, () => Work.Do() }; {|MM1001:table[1]()|};")]
    [InlineData("Action[] table = { Quiet, Work.Do }; {|MM1001:table[_count]()|};")]
    [InlineData("Action[] table = { Quiet, Work.Do }; foreach (var run in table) {|MM1001:run()|};")]
    [InlineData("Action[] table = { Quiet, Quiet }; table[0] = Work.Do; {|MM1001:table[0]()|};")]
    [InlineData("Action run = Work.Do; Action[] table = { run }; run = Quiet; {|MM1001:table[0]()|};")]
    [InlineData("int[] numbers = { 1, 2 }; if (numbers.Length == 2) {|MM1001:Work.Do()|};")]
    [InlineData("int[] numbers = { 1, 2 }; foreach (int n in numbers) {|MM1001:Work.Do()|};")]
    [InlineData("int[] numbers = new int[_count]; foreach (int n in numbers) {|MM1001:Work.Do()|};")]
    public Task Handler_UnderTheIndex_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members);

    [Theory]
    [InlineData("var table = new Action[] { Quiet, Work.Do }; table[0]();")]
    [InlineData("Action[] table = [Quiet, Work.Do]; table[0]();")]
    [InlineData("Action run = Quiet; Action[] table = { run }; run = Work.Do; table[0]();")]
    [InlineData("for (int i = 0; i < 3; i++) { Action[] table = { Quiet, Work.Do }; table[0](); }")]
    [InlineData("int[] numbers = { 1, 2 }; if (numbers.Length == 0) Work.Do();")]
    [InlineData("int[] numbers = new int[0]; foreach (int n in numbers) Work.Do();")]
    [InlineData("var numbers = Array.Empty<int>(); foreach (int n in numbers) Work.Do();")]
    public Task Handler_UnderAnotherIndex_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Members);
}
