using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a test of a context has answered, handed on by a method of ours: as its result, in an out parameter, or as a part of a tuple.</summary>
public class HandedAnswerTests
{
    private const string Members =
        """
            static bool Forward() => Preemption.IsOff;
            static bool ForwardLater() { var answer = Preemption.IsOff; return answer; }
            static bool Deny() => !Preemption.IsOff;
            static void Out(out bool answer) => answer = Preemption.IsOff;
            static int OutBeside(out bool answer) { answer = Preemption.IsOff; return 1; }
            static (bool Answer, int N) Pair() => (Preemption.IsOff, 1);
            static (int N, bool Answer) PairLater() { bool answer = Preemption.IsOff; return (1, answer); }
            static void Other(out bool answer) { answer = Preemption.IsOff; answer = s_flag; }
            static bool s_flag;
        """;

    [Theory]
    [InlineData("bool is = Forward();")]
    [InlineData("bool is = ForwardLater();")]
    [InlineData("bool is = !Deny();")]
    [InlineData("Out(out var is);")]
    [InlineData("OutBeside(out bool is);")]
    [InlineData("var (is, n) = Pair();")]
    [InlineData("var (n, is) = PairLater();")]
    [InlineData("var is = Pair().Answer;")]
    public async Task Answer_ThatAMethodHandsOn_TellsTheContext(string asked)
    {
        asked = asked.Replace(" is", " @is").Replace("(is", "(@is");
        await LanguageCase.FoundAsync(asked + " if (!@is) Work.Do(); if (@is) {|MM1001:Work.Do()|};", Members);
        await LanguageCase.FoundAsync("", Members + $" void M() {{ {asked} if (!@is) Work.Do(); }} void N() {{ {asked} if (@is) {{|MM1001:Work.Do()|}}; }}");
    }

    [Fact]
    public Task Answer_ThatIsOverwritten_TellsNothing() => LanguageCase.FoundAsync("Other(out var other); if (!other) {|MM1001:Work.Do()|}; else {|MM1001:Work.Do()|};", Members + " void M() { Other(out var other); if (other) Work.Do(); }");
}
