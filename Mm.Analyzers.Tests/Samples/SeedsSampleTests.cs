using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>
/// samples/Seeds: a line of a …Bug.cs file that ends in <c>// MM1001</c> carries exactly that diagnostic (several ids are
/// separated by commas), and no other line of the sample carries any.
/// </summary>
public sealed partial class SeedsSampleTests
{
    private const string SampleFolder = "samples/Seeds";

    [Fact]
    public async Task Seeds_AllFiles_CarryExactlyTheMarkedDiagnostics()
    {
        (string Path, string Text)[] files = ReadFiles();
        ImmutableArray<Diagnostic> diagnostics = await ConsumerCompilation.AnalyzeAsync(files);

        Assert.Equal(
            Lines(files.SelectMany(Expected)),
            Lines(diagnostics.Select(Actual)));
    }

    [Fact]
    public async Task PfnValid_UnderThePageTableLock_NamesTheWholePath()
    {
        ImmutableArray<Diagnostic> diagnostics = await ConsumerCompilation.AnalyzeAsync(ReadFiles());

        Diagnostic found = Assert.Single(
            diagnostics,
            diagnostic => diagnostic.Id == "MM1001" && diagnostic.Location.SourceTree!.FilePath == "PfnValid/PfnValidBug.cs");
        string message = found.GetMessage();
        Assert.Contains("VmNormalPage → PfnValid → PfnInSharedMemory → Mutex.Lock", message);
        Assert.Contains("_pageTableLock", message);
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
            Assert.NotEmpty(Expected(files.Single(file => file.Path == bug)));
            Assert.Empty(Expected(files.Single(file => file.Path == repair)));
        }
    }

    private static (string Path, string Text)[] ReadFiles() =>
        Repository.Files(SampleFolder, "*.cs")
            .Select(path => (Path: path[(SampleFolder.Length + 1)..], Text: File.ReadAllText(Repository.PathOf(path))))
            .ToArray();

    private static IEnumerable<string> Expected((string Path, string Text) file)
    {
        string[] lines = file.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            Match mark = Mark().Match(lines[i].TrimEnd('\r'));
            if (!mark.Success) continue;
            foreach (string id in mark.Groups["ids"].Value.Split(','))
                yield return Describe(file.Path, i, id.Trim());
        }
    }

    private static string Actual(Diagnostic diagnostic)
    {
        FileLinePositionSpan span = diagnostic.Location.GetLineSpan();
        return Describe(span.Path, span.StartLinePosition.Line, diagnostic.Id);
    }

    private static string Describe(string path, int zeroBasedLine, string id) => $"{path}:{zeroBasedLine + 1}: {id}";

    private static string Lines(IEnumerable<string> lines) =>
        string.Join('\n', lines.OrderBy(line => line, StringComparer.Ordinal));

    [GeneratedRegex(@"\s// (?<ids>MM\d{4}(, MM\d{4})*)$")]
    private static partial Regex Mark();
}
