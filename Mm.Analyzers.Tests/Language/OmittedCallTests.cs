using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A call that is compiled out evaluates none of its arguments, whatever these are made of.</summary>
public class OmittedCallTests
{
    private const string Members =
        """
        [System.Diagnostics.Conditional("NOT_DEFINED")] static void Check(bool holds, string text = "") { }
        [System.Diagnostics.Conditional("NOT_DEFINED")] void Note(object? value) { }
        [System.Diagnostics.Conditional("NOT_DEFINED")] static void Tell(DefaultInterpolatedStringHandler text) { }
        Case? _other;
        int[]? _numbers;
        static void Real(bool holds, string text = "") { }
        """;

    [Theory]
    [InlineData("Check(_count > 1 && Work.Get() > 0);")]
    [InlineData("Check(_count > 1 || Work.Get() > 0, _count > 3 ? \"\" + Work.Get() : \"\");")]
    [InlineData("Check(_count switch { 1 => Work.Get(), _ => 2 } > 0);")]
    [InlineData("Check(true, $\"{Work.Get()}\");")]
    [InlineData("Tell($\"{Work.Get()} {(_count > 1 ? Work.Get() : 2)}\");")]
    [InlineData("Note(_numbers ?? new int[Work.Get()]);")]
    [InlineData("_other?.Note(Work.Get() > 0);")]
    [InlineData("if (_count > 3) Check(_count < 9 && Work.Get() > 0); else _count++;")]
    [InlineData("Action act = () => Check(_count > 1 && Work.Get() > 0); act();")]
    [InlineData("Check(_lock.TryAcquire() && _count > 3);")]
    public Task Omitted_WithBranchesInItsArguments_RunsNothing(string statements) => LanguageCase.SilentAsync(statements, Members);

    [Theory]
    [InlineData("Real(_count > 1 && {|MM1001:Work.Get()|} > 0);")]
    [InlineData("Real(_count > 1 || {|MM1001:Work.Get()|} > 0, $\"{{|MM1001:Work.Get()|}}\"); Check(_count > 1 && Work.Get() > 0);")]
    [InlineData("bool holds = _count > 1 && {|MM1001:Work.Get()|} > 0; Check(holds);")]
    [InlineData("if (_count > 1 && {|MM1001:Work.Get()|} > 0) Check(true);")]
    public Task Evaluated_BesideAnOmittedCall_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members);

    [Theory]
    [InlineData("System.Diagnostics.Debug.Assert(_count > 0 && Text() is null, $\"it is {_count}\");")]
    [InlineData("Real(_count > 0 && {|MM1004:Text()|} is null);")]
    public Task Assertion_OfDebugBuilds_AllocatesNothing(string statement) => RuleCase.CheckAsync(
        $$"""
            static void Real(bool holds) { }
            string Text() => "" + _count;
            [RunsIn<NoGc>] void M() { {{statement}} }
        """);
}
