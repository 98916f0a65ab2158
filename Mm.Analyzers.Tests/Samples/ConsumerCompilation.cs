using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>Code as a consumer of the packages would compile it, and what the analyzers say of it. It must compile.</summary>
internal static class ConsumerCompilation
{
    private static readonly Lazy<MetadataReference> _core = new(static () => MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Mm.Core.dll")));

    /// <summary>Mm.Core as it was built, with what its build recorded.</summary>
    public static MetadataReference Core => _core.Value;

    public static Compilation Compile(IEnumerable<(string Path, string Text)> files, params MetadataReference[] references)
    {
        Compilation compilation = TestCompilation.Start(Kernel.None)
            .AddReferences(references)
            .AddSyntaxTrees(files.Select(file => TestCompilation.Parse(file.Path, file.Text)));
        string errors = string.Join(
            Environment.NewLine,
            compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        return errors.Length == 0
            ? compilation
            : throw new InvalidOperationException("The code does not compile." + Environment.NewLine + errors);
    }

    public static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(IEnumerable<(string Path, string Text)> files, string? switchedOn = null)
    {
        Compilation compilation = Compile(files);
        if (switchedOn is not null)
        {
            compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions(
                compilation.Options.SpecificDiagnosticOptions.SetItem(switchedOn, ReportDiagnostic.Warn)));
        }

        return new AnalyzerRun(compilation).WholeCompilationAsync();
    }
}
