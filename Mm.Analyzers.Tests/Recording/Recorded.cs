using System;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mm.Analyzers.Tests.Recording;

/// <summary>An assembly that has recorded what is inferred of its members, as its build would.</summary>
internal sealed class Recorded
{
    private Recorded(string text, CSharpCompilation compilation)
    {
        Text = text;
        Compilation = compilation;
    }

    /// <summary>The file that was written; empty where none was.</summary>
    public string Text { get; }

    public CSharpCompilation Compilation { get; }

    public MetadataReference Reference => TestCompilation.Image(Compilation);

    public static Recorded Of(string name, string source, string? property = "true", params MetadataReference[] references) => Of(
        TestCompilation.Start(Kernel.Reference)
            .WithAssemblyName(name)
            .AddReferences(references)
            .AddSyntaxTrees(TestCompilation.Parse($"{name}.cs", source)),
        property);

    public static Recorded Of(CSharpCompilation compilation, string? property = "true")
    {
        var options = ImmutableDictionary<string, string>.Empty;
        if (property is not null) options = options.Add("build_property.MmRecordSummaries", property);
        var driver = CSharpGeneratorDriver.Create(
            [new SummaryGenerator().AsSourceGenerator()], parseOptions: TestCompilation.Language(), optionsProvider: new OptionsInMemory(options));
        var result = driver.RunGeneratorsAndUpdateCompilation(compilation, out var updated, out _).GetRunResult();
        var failure = result.Results[0].Exception;
        if (failure is not null) throw new InvalidOperationException("The generator threw.", failure);
        var errors = updated.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0) throw new InvalidOperationException(string.Join("\n", errors.Select(error => error.ToString())));
        return new Recorded(result.GeneratedTrees.SingleOrDefault()?.ToString() ?? "", (CSharpCompilation)updated);
    }
}
