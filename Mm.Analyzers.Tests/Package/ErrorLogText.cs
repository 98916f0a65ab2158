using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Mm.Analyzers.Tests.Package;

/// <summary>
/// The results of a compiler's SARIF log as short text: what a user would see of each, without what differs from
/// machine to machine or from compiler to compiler.
/// </summary>
internal static class ErrorLogText
{
    internal static string Of(string sarif)
    {
        using var log = JsonDocument.Parse(sarif);
        var results = log.RootElement.GetProperty("runs").EnumerateArray()
            .SelectMany(run => run.GetProperty("results").EnumerateArray())
            .Select(Result)
            .Order(StringComparer.Ordinal);
        return string.Join("\n", results);
    }

    private static string Result(JsonElement result)
    {
        var text = new StringBuilder();
        foreach (var location in Elements(result, "locations"))
        {
            text.Append(Place(location)).Append(": ");
        }

        text.Append(result.GetProperty("level").GetString()).Append(' ').Append(result.GetProperty("ruleId").GetString()).Append('\n');
        text.Append("  ").Append(Message(result)).Append('\n');
        foreach (var related in Elements(result, "relatedLocations"))
        {
            text.Append("  related ").Append(Place(related));
            text.Append(related.TryGetProperty("message", out _) ? " " + Message(related) : "").Append('\n');
        }

        return text.ToString();
    }

    private static string Place(JsonElement location)
    {
        var physical = location.GetProperty("physicalLocation");
        var file = physical.GetProperty("artifactLocation").GetProperty("uri").GetString()!;
        var region = physical.GetProperty("region");
        return $"{file[(file.LastIndexOf('/') + 1)..]}({Number("startLine")},{Number("startColumn")})-({Number("endLine")},{Number("endColumn")})";

        int Number(string name) => region.GetProperty(name).GetInt32();
    }

    private static string? Message(JsonElement owner) => owner.GetProperty("message").GetProperty("text").GetString();

    private static IEnumerable<JsonElement> Elements(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var array) ? array.EnumerateArray() : [];
}
