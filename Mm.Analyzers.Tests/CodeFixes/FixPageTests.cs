using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mm.Analyzers.CodeFixes;
using Mm.Analyzers.Tests.Docs;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

/// <summary>A rule's page names its code fix, and names none that is not there.</summary>
public class FixPageTests
{
    private static readonly HashSet<string> _fixable =
    [
        .. typeof(ScopeDroppedFix).Assembly.GetTypes()
            .Where(type => typeof(CodeFixProvider).IsAssignableFrom(type) && !type.IsAbstract)
            .SelectMany(type => ((CodeFixProvider)Activator.CreateInstance(type)!).FixableDiagnosticIds),
    ];

    public static TheoryData<string> Ids => [.. RulePage.AllIds];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_OfARule_NamesItsFixIfThereIsOne(string id) =>
        Assert.Equal(_fixable.Contains(id), File.ReadAllText(Path.Combine(RulePage.Folder, id + ".md")).Contains("The code fix **", StringComparison.Ordinal));

    [Fact]
    public void Fixes_OfAllRules_FixAll() => Assert.All(
        typeof(ScopeDroppedFix).Assembly.GetTypes().Where(type => typeof(CodeFixProvider).IsAssignableFrom(type) && !type.IsAbstract),
        type => Assert.NotNull(((CodeFixProvider)Activator.CreateInstance(type)!).GetFixAllProvider()));
}
