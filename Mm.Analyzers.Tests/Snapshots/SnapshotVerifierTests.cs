using System;
using System.IO;
using System.Reflection;
using System.Text;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyTests;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Snapshots;

[UsesVerify]
public class SnapshotVerifierTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mm-snapshots-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Name_PlainTest_IsClassAndMethod() => Assert.Equal("SnapshotVerifierTests.Sample.Plain", NameOf(typeof(Sample), "Plain"));

    [Fact]
    public void Name_NestedClass_NamesTheOuterClassFirst() => Assert.Equal("SnapshotVerifierTests.Sample.Inner.Plain", NameOf(typeof(Sample.Inner), "Plain"));

    [Fact]
    public void Name_WithParameters_AppendsEachNameAndValue() =>
        Assert.Equal("SnapshotVerifierTests.Sample.Theory_text=a_number=1.5", NameOf(typeof(Sample), "Theory", "a", 1.5));

    [Fact]
    public void Name_WithFewerValuesThanParameters_NamesThoseGiven() =>
        Assert.Equal("SnapshotVerifierTests.Sample.Theory_text=a", NameOf(typeof(Sample), "Theory", "a"));

    [Fact]
    public void Name_WithMoreValuesThanParameters_Throws() =>
        Assert.Throws<ArgumentException>(() => NameOf(typeof(Sample), "Plain", 1));

    [Theory]
    [InlineData("a\"b\\c<d>e|f:g*h?i/j", "a-b-c-d-e-f-g-h-i-j")]
    [InlineData("tab\there\nand\0there", "tab-here-and-there")]
    [InlineData("spaces and = and _ stay.", "spaces and = and _ stay.")]
    [InlineData(null, "null")]
    [InlineData(true, "True")]
    [InlineData(-12, "-12")]
    public void ParameterValue_ForAFileName_IsReadableAndPortable(object? value, string expected) =>
        Assert.Equal(expected, SnapshotName.ValueText(value));

    [Fact]
    public void ParameterValue_Number_IgnoresTheCulture()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var comma = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            System.Globalization.CultureInfo.CurrentCulture = comma;
            Assert.Equal("2.5", SnapshotName.ValueText(2.5));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void UseParameters_WithoutValues_Throws() => Assert.Throws<ArgumentException>(() => new VerifySettings().UseParameters());

    [Fact]
    public async Task Received_OnANewSnapshot_HasMarkUnixNewlinesAndNothingAdded()
    {
        await Assert.ThrowsAsync<VerifyException>(() => Compare("New", "  a\r\nb\rc  "));

        var expected = new byte[] { 0xEF, 0xBB, 0xBF };
        var bytes = File.ReadAllBytes(In("New.received.txt"));
        Assert.Equal(expected, bytes[..3]);
        Assert.Equal("  a\nb\nc  ", Encoding.UTF8.GetString(bytes[3..]));
        Assert.False(File.Exists(In("New.verified.txt")));
    }

    [Fact]
    public void Received_OfNothing_HasWordsForIt()
    {
        Assert.Equal("emptyString", SnapshotText.Received(""));
        Assert.Equal("null", SnapshotText.Received(null));
    }

    [Theory]
    [InlineData("a\nb", "a\nb", true)]
    [InlineData("a\nb", "a\r\nb", true)]
    [InlineData("a\nb", "a\rb", true)]
    [InlineData("a\nb", "a\nb\n", true)]
    [InlineData("a\nb", "a\nb\r\n", true)]
    [InlineData("a\nb", "a\nb\n\n", false)]
    [InlineData("a\nb\n", "a\nb", false)]
    [InlineData("a\nb", "a\nb ", false)]
    [InlineData("a", "A", false)]
    public async Task Compare_TwoTexts_IsExactButForNewlines(string received, string verified, bool equal)
    {
        File.WriteAllText(In("Pair.verified.txt"), verified);

        var failure = await Record.ExceptionAsync(() => Compare("Pair", received));

        Assert.Equal(equal, failure is null);
        Assert.Equal(!equal, File.Exists(In("Pair.received.txt")));
    }

    [Fact]
    public async Task Compare_VerifiedFileWithMark_IgnoresTheMark()
    {
        File.WriteAllText(In("Marked.verified.txt"), "text", new UTF8Encoding(true));
        await Compare("Marked", "text");
    }

    [Fact]
    public async Task Failure_NewSnapshot_NamesDirectoryFilesAndText()
    {
        var failure = await Assert.ThrowsAsync<VerifyException>(() => Compare("Fresh", "text"));

        Assert.Equal(
            $"""
            Directory: {_folder}
            New:
              - Received: Fresh.received.txt
                Verified: Fresh.verified.txt

            FileContent:

            New:

            Received: Fresh.received.txt
            text

            """.ReplaceLineEndings(),
            failure.Message);
    }

    [Fact]
    public async Task Failure_DifferentText_ShowsBoth()
    {
        File.WriteAllText(In("Changed.verified.txt"), "old");

        var failure = await Assert.ThrowsAsync<VerifyException>(() => Compare("Changed", "new"));

        Assert.Equal(
            $"""
            Directory: {_folder}
            NotEqual:
              - Received: Changed.received.txt
                Verified: Changed.verified.txt

            FileContent:

            NotEqual:

            Received: Changed.received.txt
            new
            Verified: Changed.verified.txt
            old

            """.ReplaceLineEndings(),
            failure.Message);
    }

    [Fact]
    public async Task Failure_StaleVerifiedFile_AsksToDeleteIt()
    {
        File.WriteAllText(In("Stale.verified.txt"), "text");
        File.WriteAllText(In("Stale.00.verified.txt"), "left over");
        File.WriteAllText(In("StaleNot.verified.txt"), "of another test");
        File.WriteAllText(In("Stale_p=1.verified.txt"), "of another parameter");

        var failure = await Assert.ThrowsAsync<VerifyException>(() => Compare("Stale", "text"));

        Assert.Equal($"Directory: {_folder}\nDelete:\n  - Stale.00.verified.txt\n".ReplaceLineEndings(), failure.Message);
        Assert.False(File.Exists(In("Stale.received.txt")));
    }

    [Fact]
    public void Start_OldReceivedFiles_AreDeleted()
    {
        File.WriteAllText(In("Again.received.txt"), "old");
        File.WriteAllText(In("Again.00.received.txt"), "old");
        File.WriteAllText(In("AgainNot.received.txt"), "of another test");

        _ = new SnapshotFile(_folder, "Again");

        Assert.Equal([In("AgainNot.received.txt")], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Prefix_UsedTwice_Throws()
    {
        _ = new SnapshotFile(_folder, "Twice");
        Assert.Throws<InvalidOperationException>(() => new SnapshotFile(_folder, "Twice"));
    }

    [Fact]
    public void Paths_OneInsideTheOther_AreScrubbedLongestFirst()
    {
        var scrubber = new PathScrubber([("/repo/", "{SolutionDirectory}"), ("/repo/Tests", "{ProjectDirectory}"), ("/tmp/", "{TempPath}")]);

        Assert.Equal(
            "{ProjectDirectory}A.cs {SolutionDirectory}B.cs {TempPath}c {ProjectDirectory} {SolutionDirectory}D.cs",
            scrubber.Scrub("/repo/Tests/A.cs /repo/B.cs /tmp/c /repo/Tests \\repo\\D.cs"));
    }

    [Fact]
    public void Paths_OfThisProject_AreScrubbed()
    {
        var tests = Path.Combine(Repository.Root, "Mm.Analyzers.Tests");
        var scrubber = PathScrubber.For(Path.Combine(tests, "Snapshots"));

        Assert.Equal("{ProjectDirectory}x", scrubber.Scrub(Path.Combine(tests, "x")));
        Assert.Equal("{SolutionDirectory}x", scrubber.Scrub(Path.Combine(Repository.Root, "x")));
        Assert.Equal("{TempPath}x", scrubber.Scrub(Path.Combine(Path.GetTempPath(), "x")));
        Assert.Equal("{CurrentDirectory}x", scrubber.Scrub(Path.Combine(AppContext.BaseDirectory, "x")));
    }

    [Fact]
    public Task Verify_FromATest_ReadsTheFileBesideIt() => Verifier.Verify("one line\nand another");

    [Theory]
    [InlineData("a/b", 1)]
    [InlineData("c", 2)]
    public async Task Verify_FromATheory_HasOneFileForEachCase(string text, int number) =>
        await Verifier.Verify($"{text} {number}").UseParameters(text, number);

    [Fact]
    public async Task Verify_WhileNoMarkedTestRuns_AsksForTheAttribute()
    {
        var failure = await Record.ExceptionAsync(() =>
        {
            using (System.Threading.ExecutionContext.SuppressFlow())
            {
                return Task.Run(() => Verifier.Verify("text").ToTask());
            }
        });

        Assert.Contains("[UsesVerify]", failure!.Message);
    }

    private string In(string file) => Path.Combine(_folder, file);

    private Task Compare(string prefix, string received) => new SnapshotFile(_folder, prefix).CompareAsync(SnapshotText.Received(received));

    private static string NameOf(Type type, string method, params object?[] values) =>
        SnapshotName.Of(type.GetMethod(method, BindingFlags.Public | BindingFlags.Static)!, values.Length == 0 ? null : values);

    public static class Sample
    {
        public static void Plain() { }

        public static void Theory(string text, double number) => _ = text + number;

        public static class Inner
        {
            public static void Plain() { }
        }
    }
}
