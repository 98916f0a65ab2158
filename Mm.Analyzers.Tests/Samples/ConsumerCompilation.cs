using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Mm.Contexts;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>
/// Compiles code as a consumer of the packages would, with every analyzer of Mm.Analyzers, and returns what they say.
/// Code that does not compile, and an analyzer that throws, fail the test.
/// </summary>
internal static class ConsumerCompilation
{
    private static readonly ImmutableArray<MetadataReference> References = FindReferences();

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
        Assembly.Load("Mm.Analyzers").GetTypes()
            .Where(type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)
            .ToImmutableArray();

    public static async Task<ImmutableArray<Diagnostic>> AnalyzeAsync(IEnumerable<(string Path, string Text)> files)
    {
        // Generic attributes need C# 11, primary constructors C# 12: what the oldest supported compiler offers.
        var options = new CSharpParseOptions(LanguageVersion.CSharp12);
        var compilation = CSharpCompilation.Create(
            "Consumer",
            files.Select(file => CSharpSyntaxTree.ParseText(SourceText.From(file.Text), options, file.Path)),
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        ThrowIfAny(
            compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error),
            "The code does not compile.");
        if (Analyzers.IsEmpty) throw new InvalidOperationException("Mm.Analyzers contains no analyzer.");

        ImmutableArray<Diagnostic> diagnostics =
            await compilation.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync();
        ThrowIfAny(
            diagnostics.Where(diagnostic => !diagnostic.Id.StartsWith("MM", StringComparison.Ordinal)),
            "An analyzer failed.");
        return diagnostics;
    }

    private static void ThrowIfAny(IEnumerable<Diagnostic> diagnostics, string message)
    {
        string text = string.Join(Environment.NewLine, diagnostics);
        if (text.Length > 0) throw new InvalidOperationException(message + Environment.NewLine + text);
    }

    private static ImmutableArray<MetadataReference> FindReferences()
    {
        string frameworkFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return platform.Split(Path.PathSeparator)
            .Where(path => path.StartsWith(frameworkFolder, StringComparison.Ordinal))
            .Append(typeof(IContext).Assembly.Location)
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToImmutableArray();
    }
}
