using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Recording;
using Xunit;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>samples/AcrossAssemblies: three projects, of which the lower two record what is inferred of them.</summary>
public sealed class AcrossAssembliesSampleTests
{
    private const string Folder = "samples/AcrossAssemblies/";

    [Fact]
    public async Task Server_OnRecordedAssemblies_CarriesExactlyTheMarkedDiagnostics()
    {
        var storage = Recorded.Of(Compilation("Storage"));
        var tables = Recorded.Of(Compilation("Tables", storage.Reference));
        var found = await new AnalyzerRun(Compilation("Server", storage.Reference, tables.Reference)).WholeCompilationAsync();

        Assert.Equal(
            SampleMarks.Lines(SampleMarks.FilesOf(Folder + "Server").SelectMany(SampleMarks.Expected)),
            SampleMarks.Lines(found.Select(SampleMarks.Actual)));
        Assert.Contains(found, static diagnostic => diagnostic.GetMessage().Contains("Path: Insert → Log → Append → AppendWithin → SemaphoreSlim.Wait", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_OnAssembliesThatRecordNothing_IsSilent()
    {
        var storage = TestCompilation.Image(Compilation("Storage"));
        var tables = TestCompilation.Image(Compilation("Tables", storage));

        Assert.Empty(await new AnalyzerRun(Compilation("Server", storage, tables)).WholeCompilationAsync());
    }

    private static CSharpCompilation Compilation(string project, params MetadataReference[] references) => TestCompilation.Start(Kernel.None)
        .WithAssemblyName(project)
        .AddReferences(references)
        .AddSyntaxTrees(SampleMarks.FilesOf(Folder + project).Select(file => TestCompilation.Parse(file.Path, file.Text)));
}
