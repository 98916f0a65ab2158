using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>Code as a consumer of the packages would compile it, and what the analyzers say of it. It must compile.</summary>
internal static class ConsumerCompilation
{
    public static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(IEnumerable<(string Path, string Text)> files, string? switchedOn = null)
    {
        Compilation compilation = TestCompilation.Start(Kernel.None)
            .AddSyntaxTrees(files.Select(file => TestCompilation.Parse(file.Path, file.Text)));
        if (switchedOn is not null)
        {
            compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions(
                compilation.Options.SpecificDiagnosticOptions.SetItem(switchedOn, ReportDiagnostic.Warn)));
        }

        string errors = string.Join(
            Environment.NewLine,
            compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        return errors.Length == 0
            ? new AnalyzerRun(compilation).WholeCompilationAsync()
            : throw new InvalidOperationException("The code does not compile." + Environment.NewLine + errors);
    }
}
