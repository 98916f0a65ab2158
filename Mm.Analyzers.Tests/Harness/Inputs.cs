using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>What an <c>.editorconfig</c> would say, the same for every file.</summary>
internal sealed class OptionsInMemory(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptionsProvider
{
    private readonly Section _section = new(values);

    public override AnalyzerConfigOptions GlobalOptions => _section;

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => _section;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => _section;

    private sealed class Section(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
    {
        private readonly ImmutableDictionary<string, string> _values = values.ToImmutableDictionary(KeyComparer);

        public override IEnumerable<string> Keys => _values.Keys;

        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => _values.TryGetValue(key, out value);
    }
}

/// <summary>An additional file that is on no disk.</summary>
internal sealed class FileInMemory(string path, string text) : AdditionalText
{
    private readonly SourceText _text = SourceText.From(text, Encoding.UTF8);

    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => _text;
}

/// <summary>Severities as an <c>.editorconfig</c> sets them: <c>dotnet_diagnostic.MM1010.severity = warning</c>.</summary>
internal static class Severities
{
    private const string Prefix = "dotnet_diagnostic.";
    private const string Suffix = ".severity";

    internal static ImmutableDictionary<string, ReportDiagnostic> In(IReadOnlyDictionary<string, string> options) =>
        options
            .Where(option => option.Key.StartsWith(Prefix, StringComparison.Ordinal) && option.Key.EndsWith(Suffix, StringComparison.Ordinal))
            .ToImmutableDictionary(option => option.Key[Prefix.Length..^Suffix.Length], option => Parse(option.Value));

    private static ReportDiagnostic Parse(string severity) => severity switch
    {
        "error" => ReportDiagnostic.Error,
        "warning" => ReportDiagnostic.Warn,
        "suggestion" => ReportDiagnostic.Info,
        "silent" => ReportDiagnostic.Hidden,
        "none" => ReportDiagnostic.Suppress,
        "default" => ReportDiagnostic.Default,
        _ => throw new FormatException($"'{severity}' is no severity."),
    };
}
