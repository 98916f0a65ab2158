using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Samples;
using Xunit;

namespace Mm.Analyzers.Tests.Docs;

/// <summary>
/// docs/rules: the bad code of a page reports its rule and nothing else, the good code reports nothing.
/// The order of the sections is a convention of the rules, and tested with them.
/// </summary>
public sealed class RulePageTests
{
    public static TheoryData<string> Ids => new(RulePage.AllIds);

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task BadCode_Page_ReportsItsRuleAndNoOther(string id)
    {
        // These speak of a line in an annotation file and of an option: no C# code is at fault.
        if (id is "MM3005" or "MM3008") return;
        foreach (string block in RulePage.Read(id).Bad)
        {
            IEnumerable<Diagnostic> diagnostics = await ConsumerCompilation.AnalyzeAsync(RulePage.Compilable(block), SwitchedOn(id));
            Assert.Equal([id], diagnostics.Select(diagnostic => diagnostic.Id).Distinct());
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task GoodCode_Page_ReportsNothing(string id)
    {
        foreach (string block in RulePage.Read(id).Good)
            Assert.Empty(await ConsumerCompilation.AnalyzeAsync(RulePage.Compilable(block), SwitchedOn(id)));
    }

    /// <summary>The page of a rule that is off shows what it says when it is on.</summary>
    private static string? SwitchedOn(string id) => RulePage.Read(id).Severity == "none" ? id : null;

    [Theory]
    [MemberData(nameof(Ids))]
    public void Code_Page_IsThereInBothKinds(string id)
    {
        RulePage page = RulePage.Read(id);

        Assert.NotEmpty(page.Bad);
        Assert.NotEmpty(page.Good);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Links_Page_LeadToFiles(string id) =>
        Assert.All(RulePage.Read(id).Links, link => Assert.True(File.Exists(Path.Combine(RulePage.Folder, link)), link));
}
