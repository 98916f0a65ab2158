using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Mm.Analyzers;

namespace Mm.Benchmarks.Measuring;

/// <summary>The compiler in this process.</summary>
internal static class Compiling
{
    private static readonly CSharpParseOptions _language = new(LanguageVersion.Preview);

    private static readonly Lazy<ImmutableArray<MetadataReference>> _references = new(static () =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location))
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Mm.Contexts.dll")),
    ]);

    public static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(SourceText.From(text), _language, path);

    /// <summary>Parses anew: nothing that hangs on a tree is warm.</summary>
    public static CSharpCompilation Create(IEnumerable<(string Path, string Text)> files) => CSharpCompilation.Create(
        "Synthetic",
        files.Select(file => Parse(file.Path, file.Text)),
        _references.Value,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, concurrentBuild: false));

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers() =>
    [
        .. typeof(ContextAnalyzer).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static CompilationWithAnalyzers With(Compilation compilation, params ImmutableArray<DiagnosticAnalyzer> analyzers) =>
        With(compilation, analyzers, isConcurrent: false);

    /// <summary>As an editor does it.</summary>
    public static CompilationWithAnalyzers WithConcurrency(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers) =>
        With(compilation, analyzers, isConcurrent: true);

    public static void Emit(Compilation compilation)
    {
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success) throw new InvalidOperationException(string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)));
    }

    /// <summary>The compiler's own diagnostics and those of the analyzers.</summary>
    public static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers) =>
        With(compilation, analyzers).GetAllDiagnosticsAsync(CancellationToken.None);

    /// <summary>The diagnostics of the analyzers alone, and the seconds by the clock that these ran, as <c>/reportanalyzer</c> says them.</summary>
    public static async Task<(ImmutableArray<Diagnostic> Diagnostics, double Seconds)> ReportAsync(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        var result = await With(compilation, analyzers).GetAnalysisResultAsync(CancellationToken.None);
        return (result.GetAllDiagnostics(), result.AnalyzerTelemetryInfo.Values.Sum(info => info.ExecutionTime.TotalSeconds));
    }

    private static CompilationWithAnalyzers With(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers, bool isConcurrent) => compilation.WithAnalyzers(
        analyzers,
        new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            onAnalyzerException: static (failure, analyzer, _) => Console.Error.WriteLine($"{analyzer.GetType().Name} threw: {failure}"),
            concurrentAnalysis: isConcurrent,
            logAnalyzerExecutionTime: !isConcurrent));
}

/// <summary>The control: registers nothing.</summary>
internal class IdleAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor _descriptor = new("IDLE", "Idle", "Idle", "Idle", DiagnosticSeverity.Info, true);

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [_descriptor];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        Register(context);
    }

    protected virtual void Register(AnalysisContext context)
    {
    }
}

/// <summary>The control of the editor: asks for every body, so that the driver binds it, and does nothing with it.</summary>
internal sealed class BindingAnalyzer : IdleAnalyzer
{
    protected override void Register(AnalysisContext context) => context.RegisterOperationBlockAction(static _ => { });
}
