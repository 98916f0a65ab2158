using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Conventions;

/// <summary>What every rule has: an id, words, a page, a file, tests, a line in the release notes.</summary>
public partial class RuleConventionTests
{
    private static readonly string[] _pageSections =
        ["What it reports", "Why it is a bug", "Bad and good code", "How to read the path", "How to fix", "Known gaps", "Options"];

    public static TheoryData<string> Ids => RuleCatalog.Ids();

    [Fact]
    public void Rules_Declared_AreSome() => Assert.NotEmpty(RuleCatalog.Rules);

    [Fact]
    public void Ids_OfAllRules_AreUniqueAndInOneForm()
    {
        var ids = RuleCatalog.Rules.Select(rule => rule.Id).ToArray();

        Assert.Equal(ids.Distinct(), ids);
        Assert.All(ids, id => Assert.Matches("^MM[0-9]{4}$", id));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Title_OfARule_IsAPhrase(string id)
    {
        var title = RuleCatalog.Rule(id).Title.ToString();

        Assert.NotEmpty(title);
        Assert.True(char.IsUpper(title[0]), $"'{title}' does not start with a capital letter.");
        Assert.False(title.EndsWith('.'), $"'{title}' ends with a period.");
        Assert.DoesNotContain('\n', title);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Message_OfARule_SaysMoreThanItsTitle(string id)
    {
        var rule = RuleCatalog.Rule(id);
        var message = rule.MessageFormat.ToString();

        Assert.NotEqual(rule.Title.ToString(), message);
        Assert.False(OneSentenceWithPeriod().IsMatch(message), $"One sentence carries no period: '{message}'");
        Assert.DoesNotContain('\n', message);
        Assert.Equal(message.Trim(), message);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Description_OfARule_IsThere(string id) => Assert.NotEmpty(RuleCatalog.Rule(id).Description.ToString());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Category_OfARule_IsThatOfItsFamily(string id)
    {
        var category = RuleCatalog.Rule(id).Category;

        Assert.NotEmpty(category);
        var family = RuleCatalog.Rules.Where(rule => rule.Id[2] == id[2]).Select(rule => rule.Category).Distinct();
        Assert.Equal([category], family);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void HelpLink_OfARule_LeadsToItsPage(string id)
    {
        Assert.EndsWith($"docs/rules/{id}.md", RuleCatalog.Rule(id).HelpLinkUri, StringComparison.Ordinal);
        Assert.True(File.Exists(RuleCatalog.Page(id)), $"docs/rules/{id}.md is missing.");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_OfARule_HasTheSectionsInOrder(string id)
    {
        Assert.True(File.Exists(RuleCatalog.Page(id)), $"docs/rules/{id}.md is missing.");
        var lines = File.ReadAllLines(RuleCatalog.Page(id));

        Assert.StartsWith("# " + id, lines[0], StringComparison.Ordinal);
        var headings = lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim()).ToArray();
        Assert.Equal(_pageSections, headings);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void ReleaseNotes_OfARule_NameItOnce(string id)
    {
        var entries = RuleCatalog.ReleasedIn("AnalyzerReleases.Unshipped.md").Concat(RuleCatalog.ReleasedIn("AnalyzerReleases.Shipped.md"));

        Assert.Single(entries, id);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Files_OfARule_AreOneRuleAndOneTest(string id)
    {
        var rules = Repository.Files("Mm.Analyzers/Rules", "*.cs").Where(path => Declares(path, id));
        var tests = Repository.Files("Mm.Analyzers.Tests/Rules", $"{id}*Tests.cs");

        Assert.Single(rules);
        Assert.Single(tests);
    }

    [Fact]
    public void ReleaseNotes_AndPages_NameNoUnknownRule()
    {
        var known = RuleCatalog.Rules.Select(rule => rule.Id).ToHashSet();
        var named = RuleCatalog.ReleasedIn("AnalyzerReleases.Unshipped.md")
            .Concat(Repository.Files("docs/rules", "MM*.md").Select(path => Path.GetFileNameWithoutExtension(path)))
            .Concat(Repository.Files("Mm.Analyzers.Tests/Rules", "MM*Tests.cs").Select(path => Path.GetFileName(path)[..6]));

        Assert.Subset(known, named.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Tests_OfARule_HaveASnapshot(string id)
    {
        var folder = Repository.PathOf("Mm.Analyzers.Tests", "Rules");
        Assert.True(Directory.EnumerateFiles(folder, $"{id}*.verified.txt").Any(), $"{id} has no snapshot of its message, location and path.");
    }

    /// <summary>A rule's file declares its id as a string, or carries it in its name.</summary>
    private static bool Declares(string path, string id) =>
        Path.GetFileName(path).StartsWith(id, StringComparison.Ordinal)
        || File.ReadAllText(Repository.PathOf(path)).Contains($"\"{id}\"", StringComparison.Ordinal);

    [GeneratedRegex(@"^[^.!?]*\.$")]
    private static partial Regex OneSentenceWithPeriod();
}
