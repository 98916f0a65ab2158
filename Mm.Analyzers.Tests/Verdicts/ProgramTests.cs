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

namespace Mm.Analyzers.Tests.Verdicts;

/// <summary>
/// Programs/: a line that ends in <c>// MM1001</c> carries exactly that diagnostic (several ids are separated by commas), and no other
/// line carries any. Many small verdicts that belong to no single rule.
/// </summary>
public sealed partial class ProgramTests
{
    private const string Folder = "Mm.Analyzers.Tests/Verdicts/Programs";

    public static IEnumerable<object[]> Programs =>
        Repository.Files(Folder, "*.cs").Select(path => new object[] { Path.GetFileNameWithoutExtension(path) });

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Lines_OfAProgram_CarryExactlyTheirMarks(string program)
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf($"{Folder}/{program}.cs"));
        ImmutableArray<Diagnostic> found = await new AnalyzerTest((program + ".cs", text)).RunAsync();
        string[] lines = text.Split('\n');

        Assert.Equal(
            Expected(lines),
            string.Join('\n', found
                .Select(diagnostic => (Line: diagnostic.Location.GetLineSpan().StartLinePosition.Line, diagnostic.Id))
                .OrderBy(at => at.Line).ThenBy(at => at.Id, StringComparer.Ordinal)
                .Select(at => Describe(lines, at.Line, at.Id))));
    }

    private static string Expected(string[] lines) =>
        string.Join('\n', lines.SelectMany((line, i) => Mark().Match(line) is { Success: true } mark
            ? mark.Groups["ids"].Value.Split(", ").Order(StringComparer.Ordinal).Select(id => Describe(lines, i, id))
            : []));

    private static string Describe(string[] lines, int line, string id) => $"{line + 1}: {id}: {lines[line].Trim()}";

    [GeneratedRegex(@"// (?<ids>MM\d{4}(, MM\d{4})*)\r?$")]
    private static partial Regex Mark();
}
