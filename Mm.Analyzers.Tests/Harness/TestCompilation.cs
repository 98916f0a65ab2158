using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>How much of the small kernel a test sees.</summary>
public enum Kernel
{
    /// <summary>None: only Mm.Contexts and the framework.</summary>
    None,

    /// <summary>As a source file of the same compilation.</summary>
    Source,

    /// <summary>As a referenced assembly; its global usings are there too.</summary>
    Reference,
}

/// <summary>
/// Compilations against the running framework and Mm.Contexts.
/// The references are bound once: every test starts from the same empty compilation.
/// </summary>
public static class TestCompilation
{
    private static readonly Lazy<ImmutableArray<MetadataReference>> _references = new(FindReferences);
    private static readonly Lazy<SyntaxTree> _kernelTree = new(() => Parse("TestKernel.cs", Resource("TestKernel.cs")));
    private static readonly Lazy<MetadataReference> _kernelImage = new(() => Image(Start(Kernel.Source)));

    private static readonly Lazy<CSharpCompilation>[] _starts =
        [.. Enum.GetValues<Kernel>().Select(kernel => new Lazy<CSharpCompilation>(() => Create(kernel)))];

    /// <summary>Framework and Mm.Contexts.</summary>
    public static ImmutableArray<MetadataReference> References => _references.Value;

    /// <summary>The language that the tests are written in, with these preprocessor symbols.</summary>
    public static CSharpParseOptions Language(IEnumerable<string>? symbols = null) =>
        new(LanguageVersion.Preview, DocumentationMode.Parse, preprocessorSymbols: symbols);

    public static SyntaxTree Parse(string path, string text, CSharpParseOptions? language = null) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), language ?? Language(), path);

    /// <summary>A library without sources yet.</summary>
    public static CSharpCompilation Start(Kernel kernel) => _starts[(int)kernel].Value;

    /// <summary>The compiled form of another compilation, to be referenced.</summary>
    public static MetadataReference Image(Compilation compilation)
    {
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        return result.Success
            ? MetadataReference.CreateFromImage(stream.ToArray())
            : throw new InvalidOperationException(string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
    }

    /// <summary>A text that is embedded in this assembly.</summary>
    public static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"No embedded text {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static CSharpCompilation Create(Kernel kernel)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Case", references: References, options: options);

        return kernel switch
        {
            Kernel.Source => compilation.WithAssemblyName("CaseWithKernel").AddSyntaxTrees(_kernelTree.Value),
            Kernel.Reference => compilation.AddReferences(_kernelImage.Value).AddSyntaxTrees(GlobalUsings()),
            _ => compilation,
        };
    }

    private static SyntaxTree GlobalUsings() => Parse("GlobalUsings.cs", "global using Mm.Contexts; global using TestKernel;");

    private static ImmutableArray<MetadataReference> FindReferences()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return
        [
            .. trusted.Where(path => Path.GetDirectoryName(path) == framework).Select(path => MetadataReference.CreateFromFile(path)),
            MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Mm.Contexts.dll")),
        ];
    }
}
