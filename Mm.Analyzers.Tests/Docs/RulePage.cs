using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Docs;

/// <summary>A page of docs/rules: its title, its severity, and the code blocks marked <c>bad</c> and <c>good</c>.</summary>
internal sealed partial class RulePage
{
    private const string Prelude = "using System;\nusing Mm.Contexts;\n";

    private readonly string _text;

    private RulePage(string id)
    {
        Id = id;
        _text = File.ReadAllText(Path.Combine(Folder, id + ".md")).ReplaceLineEndings("\n");
    }

    public static string Folder { get; } = Repository.PathOf("docs", "rules");

    public static IReadOnlyList<string> AllIds { get; } =
        Directory.GetFiles(Folder, "MM*.md")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)
            .ToArray();

    public string Id { get; }

    public string Title => _text.Split('\n')[0];

    /// <summary>The severity that the page gives, in the words of an .editorconfig.</summary>
    public string Severity => SeverityLine().Match(_text).Groups["severity"].Value;

    public IReadOnlyList<string> Bad => Blocks("bad");

    public IReadOnlyList<string> Good => Blocks("good");

    public IEnumerable<string> Links => Link().Matches(_text).Select(match => match.Groups["target"].Value);

    public static RulePage Read(string id) => new(id);

    /// <summary>The files that a block is compiled from: the small kernel of the pages, and the block itself.</summary>
    public static IEnumerable<(string Path, string Text)> Compilable(string block) =>
    [
        ("_kernel.cs", File.ReadAllText(Path.Combine(Folder, "_kernel.cs"))),
        ("block.cs", Prelude + block),
    ];

    private string[] Blocks(string kind) =>
        Fence().Matches(_text)
            .Where(match => match.Groups["kind"].Value == kind)
            .Select(match => match.Groups["code"].Value)
            .ToArray();

    [GeneratedRegex(@"^Default severity: (?<severity>\w+)\.$", RegexOptions.Multiline)]
    private static partial Regex SeverityLine();

    [GeneratedRegex(@"^```csharp (?<kind>bad|good)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)#]+)[^)]*\)")]
    private static partial Regex Link();
}
