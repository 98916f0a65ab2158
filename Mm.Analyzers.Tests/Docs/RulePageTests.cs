using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Samples;
using Xunit;

namespace Mm.Analyzers.Tests.Docs;

/// <summary>
/// docs/rules: each page has the same sections, its bad code reports the rule and nothing else, and its good code
/// reports nothing.
/// </summary>
public sealed class RulePageTests
{
    private static readonly string[] Sections =
    [
        "What it reports",
        "Why it is a bug",
        "Bad and good code",
        "How to read the path",
        "How to fix",
        "Known gaps",
        "Options",
    ];

    public static TheoryData<string> Ids => new(RulePage.AllIds);

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task BadCode_Page_ReportsItsRuleAndNoOther(string id)
    {
        foreach (string block in RulePage.Read(id).Bad)
        {
            IEnumerable<Diagnostic> diagnostics = await ConsumerCompilation.AnalyzeAsync(RulePage.Compilable(block));
            Assert.Equal([id], diagnostics.Select(diagnostic => diagnostic.Id).Distinct());
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task GoodCode_Page_ReportsNothing(string id)
    {
        foreach (string block in RulePage.Read(id).Good)
            Assert.Empty(await ConsumerCompilation.AnalyzeAsync(RulePage.Compilable(block)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Sections_Page_StandInTheOneOrder(string id)
    {
        RulePage page = RulePage.Read(id);

        Assert.StartsWith("# " + id + ": ", page.Title);
        Assert.Equal(Sections, page.Sections);
        Assert.NotEmpty(page.Bad);
        Assert.NotEmpty(page.Good);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Links_Page_LeadToFiles(string id) =>
        Assert.All(RulePage.Read(id).Links, link => Assert.True(File.Exists(Path.Combine(RulePage.Folder, link)), link));

    [Fact]
    public void Pages_EveryRule_HasOneUnderItsName()
    {
        string[] rules = AnalyzerRun.Descriptors()
            .Select(descriptor => descriptor.Id)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();

        Assert.Equal(rules, RulePage.AllIds);
    }
}
