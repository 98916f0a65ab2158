using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>
/// A folder of samples with its .editorconfig and annotation files: a line that ends in <c>// MM1001</c> carries exactly that
/// diagnostic (several ids are separated by commas), and no other line carries any.
/// </summary>
internal sealed partial class MarkedSample
{
    private MarkedSample(string folder) => Folder = "samples/" + folder;

    public string Folder { get; }

    public IReadOnlyList<(string Path, string Text)> Files { get; private init; } = [];

    public static MarkedSample Read(string folder)
    {
        var sample = new MarkedSample(folder);
        return new MarkedSample(folder) { Files = sample.Texts("*.cs") };
    }

    /// <summary>What the marks expect, one line each.</summary>
    public string Expected() => Lines(Files.SelectMany(file => Marks(file.Path)));

    public IEnumerable<string> Marks(string path)
    {
        string[] lines = Files.Single(file => file.Path == path).Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            var mark = Mark().Match(lines[i].TrimEnd('\r'));
            if (!mark.Success) continue;
            foreach (string id in mark.Groups["ids"].Value.Split(','))
                yield return Describe(path, i, id.Trim());
        }
    }

    /// <summary>What the analyzers say, in the same form.</summary>
    public async Task<string> FoundAsync()
    {
        var compilation = TestCompilation.Start(Kernel.None).AddSyntaxTrees(Files.Select(file => TestCompilation.Parse(file.Path, file.Text)));
        var errors = compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0) throw new InvalidOperationException($"{Folder} does not compile.\n{Rendering.Of(errors)}");
        var options = File.ReadAllLines(Repository.PathOf(Folder, ".editorconfig"))
            .Where(line => line.StartsWith("mm_", StringComparison.Ordinal))
            .ToDictionary(line => line.Split('=')[0].Trim(), line => line.Split('=')[1].Trim());
        var annotations = Texts("*.contexts.txt").Select(file => new FileInMemory(file.Path, file.Text));
        var found = await new AnalyzerRun(compilation, options, annotations).WholeCompilationAsync();
        return Lines(found.Select(Actual));
    }

    private (string Path, string Text)[] Texts(string pattern) =>
        Repository.Files(Folder, pattern)
            .Select(path => (path[(Folder.Length + 1)..], File.ReadAllText(Repository.PathOf(path))))
            .ToArray();

    private static string Actual(Diagnostic diagnostic)
    {
        var span = diagnostic.Location.GetLineSpan();
        return Describe(span.Path, span.StartLinePosition.Line, diagnostic.Id);
    }

    private static string Describe(string path, int zeroBasedLine, string id) => $"{path}:{zeroBasedLine + 1}: {id}";

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\s// (?<ids>MM\d{4}(, MM\d{4})*)$")]
    private static partial Regex Mark();
}
