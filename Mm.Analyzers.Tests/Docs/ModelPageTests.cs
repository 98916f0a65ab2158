using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Samples;
using Xunit;

namespace Mm.Analyzers.Tests.Docs;

/// <summary>docs/contexts.md: the first code that a reader sees is reported as the page says.</summary>
public sealed partial class ModelPageTests
{
    [Fact]
    public async Task FirstFinding_AsPrinted_IsReportedOnItsLine()
    {
        string page = File.ReadAllText(Repository.PathOf("docs", "contexts.md")).ReplaceLineEndings("\n");
        string code = FirstBlock().Match(page).Groups["code"].Value;

        ImmutableArray<Diagnostic> diagnostics =
            await ConsumerCompilation.AnalyzeAsync([("usings.cs", "global using Mm.Contexts;"), ("page.cs", code)]);

        Diagnostic found = Assert.Single(diagnostics);
        string line = code.Split('\n')[found.Location.GetLineSpan().StartLinePosition.Line];
        Assert.EndsWith("// MM1001: Append → Journal.Flush", line);
        Assert.Equal("MM1001", found.Id);
        Assert.Contains("Append → Journal.Flush", found.GetMessage());
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/contexts.md")]
    [InlineData("docs/options.md")]
    [InlineData("docs/known-gaps.md")]
    public void Links_Page_LeadToFilesOrFolders(string page)
    {
        string path = Repository.PathOf(page.Split('/'));
        string[] targets = LocalLink().Matches(File.ReadAllText(path))
            .Select(match => Path.Combine(Path.GetDirectoryName(path)!, match.Groups["target"].Value))
            .ToArray();

        Assert.All(targets, target => Assert.True(Path.Exists(target), target));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FirstBlock();

    [GeneratedRegex(@"\]\((?!https?:)(?<target>[^)#]+)[^)]*\)")]
    private static partial Regex LocalLink();
}
