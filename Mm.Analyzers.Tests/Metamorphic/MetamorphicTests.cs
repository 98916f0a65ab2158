using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>A program written differently gets the same verdicts, and the same program always the same bytes.</summary>
public class MetamorphicTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string transformation in Transformations.All.Keys)
            {
                foreach (string program in Corpus.Programs.Keys) cases.Add(transformation, program);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Verdicts_OfAProgramWrittenDifferently_StayWhereTheyWere(string transformation, string program) =>
        new AnalyzerTest(Written(transformation, program)).CheckAsync();

    [Theory]
    [InlineData("ReverseMembers", "SplitIntoPartials")]
    [InlineData("BlockBodies", "WrapInBlocks")]
    [InlineData("LocalsForArguments", "SwapBranches")]
    [InlineData("UsingDeclarations", "AddDeadCode")]
    [InlineData("ExtractSleepingCall", "RenameEverything")]
    public async Task Verdicts_OfAllProgramsWrittenDifferentlyTwice_StayWhereTheyWere(string first, string second)
    {
        var files = Corpus.Programs.Values.SelectMany(program => Parsed(program)).ToImmutableArray();

        await new AnalyzerTest(Text(Transformations.All[second](Transformations.All[first](files)))).CheckAsync();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Transformation_OfAProgram_KeepsEveryMark(string transformation, string program)
    {
        static string[] Ids((string Path, string Markup)[] files) =>
            [.. files.SelectMany(file => TestSource.Parse(file.Path, file.Markup).Expected).Select(mark => mark.Id).Order(System.StringComparer.Ordinal)];

        Assert.Equal(Ids(Corpus.Programs[program]), Ids(Written(transformation, program)));
    }

    [Fact]
    public async Task Diagnostics_OfAllProgramsAtOnce_AreTheSameBytesEveryTime()
    {
        (string, string)[] files = [.. Corpus.Programs.Values.SelectMany(program => program)];
        string reference = Rendering.Of(await new AnalyzerTest(files) { Concurrent = false }.RunAsync());

        Assert.NotEqual("no diagnostics", reference);
        for (int time = 0; time < 20; time++)
        {
            (string, string)[] ordered = time % 2 == 0 ? files : [.. files.Reverse()];
            Assert.Equal(reference, Rendering.Of(await new AnalyzerTest(ordered).RunAsync()));
        }
    }

    private static (string Path, string Markup)[] Written(string transformation, string program) =>
        Text(Transformations.All[transformation](Parsed(Corpus.Programs[program])));

    private static ImmutableArray<MarkedFile> Parsed((string Path, string Markup)[] program) =>
        [.. program.Select(file => MarkedFile.Parse(file.Path, file.Markup))];

    private static (string Path, string Markup)[] Text(ImmutableArray<MarkedFile> files) =>
        [.. files.Select(file => (file.Path, file.ToMarkup()))];
}
