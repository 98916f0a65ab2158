using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Conventions;

/// <summary>The rules that the product declares, and where the repository keeps what belongs to each.</summary>
internal static class RuleCatalog
{
    internal static IReadOnlyList<DiagnosticDescriptor> Rules { get; } = [.. AnalyzerRun.Descriptors().OrderBy(rule => rule.Id)];

    /// <summary>One case for each rule id.</summary>
    internal static TheoryData<string> Ids() => [.. Rules.Select(rule => rule.Id).Distinct()];

    internal static DiagnosticDescriptor Rule(string id) => Rules.First(rule => rule.Id == id);

    internal static string Page(string id) => Repository.PathOf("docs", "rules", id + ".md");

    /// <summary>The ids in a release file's tables.</summary>
    internal static IEnumerable<string> ReleasedIn(string file) =>
        File.ReadLines(Repository.PathOf("Mm.Analyzers", file))
            .Select(line => line.Split('|')[0].Trim())
            .Where(cell => cell.StartsWith("MM", System.StringComparison.Ordinal));
}
