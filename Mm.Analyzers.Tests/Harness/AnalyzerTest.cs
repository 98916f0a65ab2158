using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>
/// Sources in, diagnostics out. The sources must compile; every diagnostic must stand exactly where a mark of
/// <see cref="TestSource"/> stands, and every mark must get its diagnostic.
/// </summary>
public sealed class AnalyzerTest
{
    private readonly ImmutableArray<TestSource> _sources;

    /// <summary>One file, <c>Case.cs</c>.</summary>
    public AnalyzerTest(string markup)
        : this(("Case.cs", markup))
    {
    }

    public AnalyzerTest(params (string Path, string Markup)[] files) =>
        _sources = [.. files.Select(file => TestSource.Parse(file.Path, file.Markup))];

    /// <summary>Lines of an <c>.editorconfig</c>, severities included.</summary>
    public Dictionary<string, string> Options { get; init; } = [];

    /// <summary>Additional files by path; they may carry marks too.</summary>
    public Dictionary<string, string> AdditionalFiles { get; init; } = [];

    /// <summary>Preprocessor symbols.</summary>
    public List<string> Symbols { get; init; } = [];

    public List<MetadataReference> References { get; init; } = [];

    public Kernel Kernel { get; init; } = Kernel.Source;

    public bool Concurrent { get; init; } = true;

    /// <summary>A program with an entry point instead of a library.</summary>
    public bool IsProgram { get; init; }

    /// <summary>Sources that do not compile are the point of the test.</summary>
    public bool AllowsCompileErrors { get; init; }

    /// <summary>Fails unless the diagnostics are those of the marks.</summary>
    public static Task CheckAsync(string markup) => new AnalyzerTest(markup).CheckAsync();

    /// <summary>The diagnostics as a snapshot shows them; the source's marks are checked as well.</summary>
    public static Task<string> RenderAsync(string markup) => new AnalyzerTest(markup).RenderAsync();

    /// <inheritdoc cref="CheckAsync(string)"/>
    public async Task CheckAsync() => Compare(await RunAsync());

    /// <inheritdoc cref="RenderAsync(string)"/>
    public async Task<string> RenderAsync()
    {
        var found = await RunAsync();
        Compare(found);
        return Rendering.Of(found);
    }

    /// <summary>The diagnostics, compared with nothing.</summary>
    public async Task<ImmutableArray<Diagnostic>> RunAsync()
    {
        var compilation = Compile();
        if (!AllowsCompileErrors)
        {
            var errors = compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();
            if (errors.Length > 0)
            {
                throw new InvalidOperationException("The sources of the test do not compile.\n" + Rendering.Of(errors));
            }
        }

        var additional = AdditionalSources().Select(source => new FileInMemory(source.Path, source.Text)).ToArray();
        var found = await new AnalyzerRun(compilation, Options, additional, Concurrent).WholeCompilationAsync();

        // Most bodies are skipped by the names in them: whatever the test is about, that must not cost a diagnostic.
        var everyBody = new Dictionary<string, string>(Options) { ["mm_judge_every_body"] = "true" };
        var all = await new AnalyzerRun(compilation, everyBody, additional, Concurrent).WholeCompilationAsync();
        if (Rendering.Of(all) != Rendering.Of(found))
        {
            throw new InvalidOperationException($"The filter by names changes what is found.\nWith it:\n{Rendering.Of(found)}\nWithout:\n{Rendering.Of(all)}");
        }

        return found;
    }

    /// <summary>The sources as an assembly that another test can reference.</summary>
    public MetadataReference ToReference(string assemblyName) => TestCompilation.Image(Compile().WithAssemblyName(assemblyName));

    private CSharpCompilation Compile()
    {
        var start = TestCompilation.Start(Kernel);
        var language = TestCompilation.Language(Symbols);
        if (Symbols.Count > 0)
        {
            var trees = start.SyntaxTrees;
            start = start.RemoveAllSyntaxTrees().AddSyntaxTrees([.. trees.Select(tree => TestCompilation.Parse(tree.FilePath, tree.ToString(), language))]);
        }

        return start
            .WithOptions(start.Options
                .WithOutputKind(IsProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary)
                .WithSpecificDiagnosticOptions(Severities.In(Options)))
            .AddReferences(References)
            .AddSyntaxTrees([.. _sources.Select(source => TestCompilation.Parse(source.Path, source.Text, language))]);
    }

    private IEnumerable<TestSource> AdditionalSources() => AdditionalFiles.Select(file => TestSource.Parse(file.Key, file.Value));

    private void Compare(ImmutableArray<Diagnostic> found)
    {
        var sources = _sources.Concat(AdditionalSources()).ToArray();
        var missing = sources.SelectMany(source => source.Expected).ToList();
        var unexpected = new List<Diagnostic>();
        foreach (var diagnostic in found)
        {
            var actual = new ExpectedDiagnostic(
                diagnostic.Location.GetLineSpan().Path ?? "", diagnostic.Id, diagnostic.Location.SourceSpan);
            if (!missing.Remove(actual))
            {
                unexpected.Add(diagnostic);
            }
        }

        if (missing.Count > 0 || unexpected.Count > 0)
        {
            Assert.Fail(Mismatch.Describe(sources, missing, unexpected));
        }
    }
}
