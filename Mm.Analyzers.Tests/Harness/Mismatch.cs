using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>Words for a test that expected other diagnostics than it got.</summary>
internal static class Mismatch
{
    internal static string Describe(
        IReadOnlyCollection<TestSource> sources,
        IReadOnlyCollection<ExpectedDiagnostic> missing,
        IReadOnlyCollection<Diagnostic> unexpected)
    {
        var message = new StringBuilder("The diagnostics are not the marked ones.\n");
        if (missing.Count > 0)
        {
            message.Append("\nMissing:\n");
            foreach (var mark in missing)
            {
                var source = sources.First(candidate => candidate.Path == mark.Path);
                AppendMark(message, mark, SourceText.From(source.Text));
            }
        }

        if (unexpected.Count > 0)
        {
            message.Append("\nUnexpected:\n").Append(Rendering.Of(unexpected)).Append('\n');
        }

        return message.ToString();
    }

    private static void AppendMark(StringBuilder message, ExpectedDiagnostic mark, SourceText text)
    {
        var lines = text.Lines.GetLinePositionSpan(mark.Span);
        var line = text.Lines[lines.Start.Line].ToString();
        var shown = line.TrimStart();
        var column = Math.Max(0, lines.Start.Character - (line.Length - shown.Length));
        var width = lines.Start.Line == lines.End.Line ? mark.Span.Length : line.Length - lines.Start.Character;

        message.Append($"{mark.Id} at {mark.Path}{Rendering.Position(lines)}\n");
        message.Append($"    {shown}\n");
        message.Append(' ', 4 + column).Append('^', Math.Max(1, width)).Append('\n');
    }
}
