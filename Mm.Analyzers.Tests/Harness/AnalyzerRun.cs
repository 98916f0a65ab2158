using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>
/// All analyzers of the product over one compilation. An analyzer that throws fails the test,
/// whatever it has reported before.
/// </summary>
public sealed class AnalyzerRun
{
    private static readonly Lazy<ImmutableArray<Type>> _types = new(FindAnalyzers);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly CompilationWithAnalyzers _analysis;

    public AnalyzerRun(
        Compilation compilation,
        IReadOnlyDictionary<string, string>? options = null,
        IEnumerable<AdditionalText>? additionalFiles = null,
        bool concurrent = true)
    {
        var settings = new AnalyzerOptions(
            [.. additionalFiles ?? []],
            new OptionsInMemory(options ?? ImmutableDictionary<string, string>.Empty));
        _analysis = compilation.WithAnalyzers(
            CreateAnalyzers(),
            new CompilationWithAnalyzersOptions(
                settings,
                onAnalyzerException: (failure, analyzer, _) => _failures.Enqueue($"{analyzer.GetType().Name}: {failure}"),
                concurrentAnalysis: concurrent,
                logAnalyzerExecutionTime: false));
    }

    /// <summary>Fresh instances of every analyzer in the product's assembly.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> CreateAnalyzers() =>
        [.. _types.Value.Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    /// <summary>Every rule that some analyzer declares.</summary>
    public static ImmutableArray<DiagnosticDescriptor> Descriptors() =>
        [.. CreateAnalyzers().SelectMany(analyzer => analyzer.SupportedDiagnostics).Distinct()];

    /// <summary>What a build would show.</summary>
    public async Task<ImmutableArray<Diagnostic>> WholeCompilationAsync() =>
        Checked(await _analysis.GetAnalyzerDiagnosticsAsync());

    /// <summary>What an editor shows while this file is open: no other file, and no end of compilation.</summary>
    public async Task<ImmutableArray<Diagnostic>> OpenFileAsync(SyntaxTree tree, CancellationToken cancellation = default) =>
        Checked(await _analysis.GetAnalyzerSemanticDiagnosticsAsync(_analysis.Compilation.GetSemanticModel(tree), null, cancellation));

    private ImmutableArray<Diagnostic> Checked(ImmutableArray<Diagnostic> diagnostics)
    {
        var failures = _failures.Concat(diagnostics.Where(d => d.Id is "AD0001").Select(d => d.GetMessage())).ToArray();
        return failures.Length == 0
            ? diagnostics
            : throw new InvalidOperationException("An analyzer threw.\n" + string.Join("\n", failures));
    }

    private static ImmutableArray<Type> FindAnalyzers() =>
        [
            .. Assembly.Load("Mm.Analyzers").GetTypes()
                .Where(type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
                .Where(type => type.GetCustomAttribute<DiagnosticAnalyzerAttribute>() is not null)
                .OrderBy(type => type.FullName, StringComparer.Ordinal),
        ];
}
