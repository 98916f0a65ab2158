using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Rules;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Package;

/// <summary>The severity presets: what they say, and that one line of a project file picks one.</summary>
[Collection(PackageCollection.Name)]
public class PresetTests(PackedFeed feed)
{
    private const string Program =
        """
        using System.Threading;

        class Store
        {
            SpinLock _gate = new(false);
            readonly object _lock = new();

            static void Main() => new Store().Save();

            void Save()
            {
                lock (_lock)
                {
                    Thread.Sleep(2);
                }

                bool taken = false;
                try
                {
                    _gate.Enter(ref taken);
                    Thread.Sleep(1);
                }
                finally
                {
                    if (taken) _gate.Exit();
                }
            }
        }
        """;

    [Theory]
    [InlineData("default")]
    [InlineData("strict")]
    [InlineData("off")]
    public void Preset_OfEachKind_SpeaksOfEveryRule(string preset)
    {
        string[] lines = File.ReadAllLines(Repository.PathOf("Mm.Analyzers", "buildTransitive", "presets", $"mm_{preset}.globalconfig"));

        var expected = AllRules.Descriptors.OrderBy(rule => rule.Id, StringComparer.Ordinal).Select(rule => $"dotnet_diagnostic.{rule.Id}.severity = {Severity(rule, preset)}");
        Assert.Equal(expected, lines.Where(line => line.StartsWith("dotnet_diagnostic", StringComparison.Ordinal)));
        Assert.Contains("is_global = true", lines);
    }

    [Fact]
    public async Task Options_OfTheStrictPreset_AllMeanSomething()
    {
        var options = File.ReadAllLines(Repository.PathOf("Mm.Analyzers", "buildTransitive", "presets", "mm_strict.globalconfig"))
            .Where(line => line.StartsWith("mm_", StringComparison.Ordinal))
            .ToDictionary(line => line.Split('=')[0].Trim(), line => line.Split('=')[1].Trim());

        Assert.Equal(7, options.Count);
        Assert.Empty(await new AnalyzerTest("class Empty { }") { Options = options }.RunAsync());
    }

    [Theory]
    [InlineData("None", "", "error MM1001", "MM1005")]
    [InlineData("Strict", "<MmAnalysisPreset>strict</MmAnalysisPreset>", "error MM1005", "MM3008")]
    [InlineData("StrictButSaid", "<MmAnalysisPreset>Strict</MmAnalysisPreset>", "warning MM1001", "error MM1001", "[*.cs]\ndotnet_diagnostic.MM1001.severity = warning")]
    [InlineData("Off", "<MmAnalysisPreset>off</MmAnalysisPreset>", "Build succeeded", "MM1001")]
    [InlineData("OffButOne", "<MmAnalysisPreset>off</MmAnalysisPreset>", "warning MM1001", "error", "[*.cs]\ndotnet_diagnostic.MM1001.severity = warning")]
    [InlineData("Unknown", "<MmAnalysisPreset>loud</MmAnalysisPreset>", "MmAnalysisPreset is 'loud', expected default, strict or off", "MM1001")]
    public async Task Build_WithAPreset_FollowsIt(string name, string property, string expected, string unexpected, string config = "")
    {
        string project =
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <UseAppHost>false</UseAppHost>
                {property}
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Mm.Analyzers" Version="$VERSION$" PrivateAssets="all" /></ItemGroup>
            </Project>
            """;
        var build = await feed.CreateConsumer("Preset" + name, project, Program, files: [(".editorconfig", "root = true\n" + config)]).BuildAsync();

        Assert.Contains(expected, build.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(unexpected, build.Output.Replace("0 Error(s)", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Severity(DiagnosticDescriptor rule, string preset) => preset switch
    {
        "off" => "none",
        "strict" => rule.DefaultSeverity == DiagnosticSeverity.Error ? "error" : "warning",
        _ => !rule.IsEnabledByDefault ? "none" : rule.DefaultSeverity == DiagnosticSeverity.Error ? "error" : "warning",
    };
}
