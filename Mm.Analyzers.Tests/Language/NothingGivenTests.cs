using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What sleeps where nothing is given: values that are declared not to be null are something.</summary>
public class NothingGivenTests
{
    private const string Members =
        """
        static void Run(Action? done) { if (done is null) Work.Do(); else done(); }
        static void Quiet() { }
        Action _declared = Quiet; Action? _nullable = Quiet; readonly Action _kept = Quiet; Action Property { get; set; } = Quiet;
        """;

    [Theory]
    [InlineData("Run(_declared);")]
    [InlineData("Run(_kept);")]
    [InlineData("Run(Property);")]
    [InlineData("Run(Quiet);")]
    public Task Value_DeclaredNotNull_IsSomething(string statement) => LanguageCase.SilentAsync(statement, Members);

    [Theory]
    [InlineData("{|MM1001:Run(_nullable)|};")]
    [InlineData("{|MM1001:Run(null)|};")]
    [InlineData("if (_declared is null) {|MM1001:Run(_declared)|};")]
    public Task Value_ThatMayBeNull_MayBeNothing(string statement) => LanguageCase.FoundAsync(statement, Members);
}
