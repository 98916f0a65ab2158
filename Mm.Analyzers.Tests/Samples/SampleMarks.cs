using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>The files of a sample, and what the ends of their lines say of diagnostics: <c>// MM1001</c>.</summary>
internal static partial class SampleMarks
{
    public static (string Path, string Text)[] FilesOf(string folder) =>
        Repository.Files(folder, "*.cs")
            .Select(path => (Path: path[(folder.Length + 1)..], Text: File.ReadAllText(Repository.PathOf(path))))
            .ToArray();

    public static IEnumerable<string> Expected((string Path, string Text) file)
    {
        string[] lines = file.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            Match mark = Mark().Match(lines[i].TrimEnd('\r'));
            if (!mark.Success) continue;
            foreach (string id in mark.Groups["ids"].Value.Split(','))
                yield return Describe(file.Path, i, id.Trim());
        }
    }

    public static string Actual(Diagnostic diagnostic)
    {
        FileLinePositionSpan span = diagnostic.Location.GetLineSpan();
        return Describe(span.Path, span.StartLinePosition.Line, diagnostic.Id);
    }

    public static string Lines(IEnumerable<string> lines) =>
        string.Join('\n', lines.OrderBy(line => line, StringComparer.Ordinal));

    private static string Describe(string path, int zeroBasedLine, string id) => $"{path}:{zeroBasedLine + 1}: {id}";

    [GeneratedRegex(@"\s// (?<ids>MM\d{4}(, MM\d{4})*)$")]
    private static partial Regex Mark();
}
