using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Docs;

/// <summary>The table of rules in the README, the titles and severities of the pages, and the rules themselves agree.</summary>
public sealed partial class RuleTableTests
{
    [Fact]
    public void Readme_Table_ListsEveryRuleAsItsPageDoes()
    {
        string[] rows = Row().Matches(File.ReadAllText(Repository.PathOf("README.md")))
            .Select(match => $"# {match.Groups["id"].Value}: {match.Groups["name"].Value} ({match.Groups["severity"].Value})")
            .ToArray();

        Assert.Equal(RulePage.AllIds.Select(RulePage.Read).Select(page => $"{page.Title} ({page.Severity})"), rows);
    }

    [Fact]
    public void Pages_Severity_IsThatOfTheRule() =>
        Assert.Equal(
            AnalyzerRun.Descriptors().Select(rule => $"{rule.Id} {Word(rule)}").Distinct().Order(),
            RulePage.AllIds.Select(id => $"{id} {RulePage.Read(id).Severity}").Order());

    private static string Word(DiagnosticDescriptor rule) => rule switch
    {
        { IsEnabledByDefault: false } => "none",
        { DefaultSeverity: DiagnosticSeverity.Error } => "error",
        { DefaultSeverity: DiagnosticSeverity.Warning } => "warning",
        { DefaultSeverity: DiagnosticSeverity.Info } => "suggestion",
        _ => "silent",
    };

    [GeneratedRegex(@"^\| \[(?<id>MM\d{4})\]\(docs/rules/\k<id>\.md\) \| (?<name>\w+) \| (?<severity>\w+) \| ", RegexOptions.Multiline)]
    private static partial Regex Row();
}
