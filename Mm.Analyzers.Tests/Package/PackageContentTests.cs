using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Xunit;

namespace Mm.Analyzers.Tests.Package;

[Collection(PackageCollection.Name)]
public class PackageContentTests(PackedFeed feed)
{
    [Theory]
    [InlineData("Mm.Contexts", "README.md", "buildTransitive/Mm.Contexts.targets", "icon.png", "lib/netstandard2.0/Mm.Contexts.dll", "lib/netstandard2.0/Mm.Contexts.xml")]
    [InlineData("Mm.Analyzers", "README.md", "analyzers/dotnet/cs/Mm.Analyzers.CodeFixes.dll", "analyzers/dotnet/cs/Mm.Analyzers.dll",
        "buildTransitive/Mm.Analyzers.props", "buildTransitive/Mm.Analyzers.targets", "buildTransitive/presets/mm_default.globalconfig", "buildTransitive/presets/mm_off.globalconfig", "buildTransitive/presets/mm_strict.globalconfig", "icon.png")]
    public void Package_Entries_AreExactlyThese(string id, params string[] expected)
    {
        using var package = ZipFile.OpenRead(feed.PackagePath(id));
        Assert.Equal(expected, package.Entries.Select(entry => entry.FullName).Where(IsOurs).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Analyzers_InTheirManifest_AreADevelopmentDependencyThatNeedsTheAttributes()
    {
        using var package = ZipFile.OpenRead(feed.PackagePath("Mm.Analyzers"));
        using var manifest = package.GetEntry("Mm.Analyzers.nuspec")!.Open();
        var elements = XDocument.Load(manifest).Descendants().ToLookup(element => element.Name.LocalName);

        Assert.Equal("true", Assert.Single(elements["developmentDependency"]).Value);
        var dependency = Assert.Single(elements["dependency"]);
        Assert.Equal("Mm.Contexts", dependency.Attribute("id")!.Value);
        Assert.Equal(feed.Version, dependency.Attribute("version")!.Value);
    }

    [Theory]
    [InlineData("Mm.Analyzers.dll", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp")]
    [InlineData("Mm.Analyzers.CodeFixes.dll", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp", "Microsoft.CodeAnalysis.CSharp.Workspaces", "Microsoft.CodeAnalysis.Workspaces", "System.Composition.AttributedModel")]
    public void Assembly_InTheCompiler_FindsAllItsReferencesThere(string assembly, params string[] atMost)
    {
        using var package = ZipFile.OpenRead(feed.PackagePath("Mm.Analyzers"));
        using var image = new MemoryStream();
        using (var entry = package.GetEntry("analyzers/dotnet/cs/" + assembly)!.Open())
        {
            entry.CopyTo(image);
        }

        image.Position = 0;
        using var file = new PEReader(image);
        var metadata = file.GetMetadataReader();
        var references = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        Assert.Empty(references.Except([.. atMost, "netstandard", "System.Collections.Immutable", "System.Memory", "System.Reflection.Metadata"]));
    }

    /// <summary>The container's own entries have names that change with each pack.</summary>
    private static bool IsOurs(string entry) =>
        !entry.StartsWith("_rels/", StringComparison.Ordinal)
        && !entry.StartsWith("package/", StringComparison.Ordinal)
        && !entry.EndsWith(".nuspec", StringComparison.Ordinal)
        && entry != "[Content_Types].xml";
}
