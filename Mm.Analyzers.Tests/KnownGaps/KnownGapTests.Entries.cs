using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.KnownGaps;

public partial class KnownGapTests
{
    [Fact]
    public void Entries_OfThePage_HaveOneTestEach()
    {
        var entries = Entry().Matches(File.ReadAllText(Repository.PathOf("docs", "known-gaps.md")))
            .Select(match => string.Concat(match.Groups[1].Value.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));
        var tests = typeof(KnownGapTests).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(method => method.Name.Split('_')[0])
            .Where(name => name != "Entries");

        Assert.Equal(entries.Order(StringComparer.Ordinal), tests.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^- \*\*([a-z-]+)\*\*", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
