using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>
/// Diagnostics as text, always in the same order: what is said, where it stands, and the path that the
/// additional locations tell.
/// </summary>
public static class Rendering
{
    public static string Of(IEnumerable<Diagnostic> diagnostics)
    {
        var text = new StringBuilder();
        var ordered = diagnostics
            .OrderBy(d => d.Location.GetLineSpan().Path ?? "", StringComparer.Ordinal)
            .ThenBy(d => d.Location.SourceSpan.Start)
            .ThenBy(d => d.Location.SourceSpan.End)
            .ThenBy(d => d.Id, StringComparer.Ordinal)
            .ThenBy(d => d.GetMessage(), StringComparer.Ordinal);
        foreach (var diagnostic in ordered)
        {
            Append(text, diagnostic);
        }

        return text.Length == 0 ? "no diagnostics" : text.ToString().TrimEnd('\n');
    }

    internal static string Position(LinePositionSpan span) =>
        $"({span.Start.Line + 1},{span.Start.Character + 1})-({span.End.Line + 1},{span.End.Character + 1})";

    private static void Append(StringBuilder text, Diagnostic diagnostic)
    {
        var at = diagnostic.Location.GetLineSpan();
        var place = diagnostic.Location.Kind == LocationKind.None ? "no location" : at.Path + Position(at.Span);
        text.Append($"{diagnostic.Severity.ToString().ToLowerInvariant()} {diagnostic.Id} at {place}: {diagnostic.GetMessage()}\n");
        if (LineAt(diagnostic.Location) is { } line)
        {
            text.Append($"    {line}\n");
        }

        foreach (var location in diagnostic.AdditionalLocations)
        {
            var span = location.GetLineSpan();
            text.Append($"  {span.Path}({span.StartLinePosition.Line + 1}): {LineAt(location) ?? "(no source)"}\n");
        }
    }

    private static string? LineAt(Location location) =>
        location.SourceTree?.GetText().Lines[location.GetLineSpan().StartLinePosition.Line].ToString().Trim();
}
