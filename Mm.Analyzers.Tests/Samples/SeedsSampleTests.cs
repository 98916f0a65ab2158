using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>
/// samples/Seeds: a line of a …Bug.cs file that ends in <c>// MM1001</c> carries exactly that diagnostic (several ids are
/// separated by commas), and no other line of the sample carries any.
/// </summary>
public sealed class SeedsSampleTests
{
    [Fact]
    public async Task Seeds_AllFiles_CarryExactlyTheMarkedDiagnostics()
    {
        (string Path, string Text)[] files = ReadFiles();
        ImmutableArray<Diagnostic> diagnostics = await AnalyzeAsync(files);

        Assert.Equal(
            SampleMarks.Lines(files.SelectMany(SampleMarks.Expected)),
            SampleMarks.Lines(diagnostics.Select(SampleMarks.Actual)));
    }

    [Fact]
    public async Task PfnValid_UnderThePageTableLock_NamesTheWholePath()
    {
        ImmutableArray<Diagnostic> diagnostics = await AnalyzeAsync(ReadFiles());

        Diagnostic found = Assert.Single(
            diagnostics,
            diagnostic => diagnostic.Id == "MM1001" && diagnostic.Location.SourceTree!.FilePath == "PfnValid/PfnValidBug.cs");
        string message = found.GetMessage();
        Assert.Contains("VmNormalPage → PfnValid → PfnInSharedMemory → Mutex.Lock", message);
        Assert.Contains("_pageTableLock", message);
    }

    [Fact]
    public async Task Readme_ShowsWhatTheBuildSays()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        string shown = readme.Split("<!-- build-output: begin -->")[1].Split("<!-- build-output: end -->")[0];
        ImmutableArray<Diagnostic> diagnostics = await AnalyzeAsync(ReadFiles());
        string[] said = diagnostics.Select(static diagnostic =>
        {
            FileLinePositionSpan span = diagnostic.Location.GetLineSpan();
            return $"samples/Seeds/{span.Path}({span.StartLinePosition.Line + 1},{span.StartLinePosition.Character + 1}): error {diagnostic.Id}: {diagnostic.GetMessage()}";
        }).ToArray();

        string[] lines = shown.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(line, said));
    }

    [Fact]
    public void Seeds_EachBugFile_HasMarksAndARepairWithoutAny()
    {
        (string Path, string Text)[] files = ReadFiles();
        string[] bugs = files.Select(file => file.Path).Where(path => path.EndsWith("Bug.cs", StringComparison.Ordinal)).ToArray();

        Assert.Equal(5, bugs.Length);
        foreach (string bug in bugs)
        {
            string repair = bug[..^"Bug.cs".Length] + "Repaired.cs";
            Assert.NotEmpty(SampleMarks.Expected(files.Single(file => file.Path == bug)));
            Assert.Empty(SampleMarks.Expected(files.Single(file => file.Path == repair)));
        }
    }

    internal static (string Path, string Text)[] ReadFiles() => SampleMarks.FilesOf("samples/Seeds");

    private static Task<ImmutableArray<Diagnostic>> AnalyzeAsync((string Path, string Text)[] files) =>
        new AnalyzerRun(ConsumerCompilation.Compile(files, ConsumerCompilation.Core)).WholeCompilationAsync();
}
