using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Package;

/// <summary>Builds projects as a user of the packages has them. docs/decisions/0001-package-layout.md says what must work.</summary>
[UsesVerify]
[Collection(PackageCollection.Name)]
public class PackageConsumerTests(PackedFeed feed)
{
    [Fact]
    public async Task Build_SleepTwoCallsBelowASpinLock_FailsWithThePath()
    {
        var consumer = feed.CreateConsumer(
            "PageTable", Console("""<PackageReference Include="Mm.Analyzers" Version="$VERSION$" />"""), Text("PageTableConsumer.cs"));

        var build = await consumer.BuildAsync();

        Assert.Contains("error MM1001", build.Output);
        Assert.NotEqual(0, build.ExitCode);
        await Verifier.Verify(ErrorLogText.Of(consumer.ErrorLog));
    }

    [Theory]
    [InlineData("Private", """<PackageReference Include="Mm.Analyzers" Version="$VERSION$" PrivateAssets="all" />""")]
    [InlineData("AddedByCommand", """
        <PackageReference Include="Mm.Analyzers" Version="$VERSION$">
          <PrivateAssets>all</PrivateAssets>
          <IncludeAssets>runtime; build; native; contentfiles; analyzers; buildtransitive</IncludeAssets>
        </PackageReference>
        """)]
    public async Task Build_AnalyzersReferencedAlone_SeesTheAttributes(string form, string reference)
    {
        const string Program = "using Mm.Contexts; class Program { [Never<Sleep>] static void Main() { } }";
        var build = await feed.CreateConsumer(form, Console(reference), Program).BuildAsync();
        build.OrThrow();
    }

    [Fact]
    public async Task Format_OfALibraryWithFindings_AppliesTheFixes()
    {
        const string Project =
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <WarningsAsErrors>MM3007</WarningsAsErrors>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Mm.Analyzers" Version="$VERSION$" /></ItemGroup>
            </Project>
            """;
        var before = Text("FormattedConsumer.cs");
        var consumer = feed.CreateConsumer("Formatted", Project, before);

        (await consumer.FixAsync("MM1003", "MM2004", "MM3007")).OrThrow();

        var expected = before
            .Replace("using System;\n", "using System;\nusing Mm.Contexts;\n")
            .Replace("Take(size, Gfp.Kernel)", "Take(size, Gfp.Atomic)")
            .Replace("        _lock.Lock();", "        using var guard = _lock.Lock();")
            .Replace("    public void Drop()", "    [Might<Sleep>]\n    public void Drop()");
        Assert.Equal(expected, consumer.Program);
        (await consumer.BuildAsync()).OrThrow();
    }

    [Fact]
    public async Task Build_OnALibraryThatRecordsItsSummaries_FailsWithThePathThroughIt()
    {
        const string Reference = """<PackageReference Include="Mm.Analyzers" Version="$VERSION$" PrivateAssets="all" />""";
        const string Attributes = """<PackageReference Include="Mm.Contexts" Version="$VERSION$" />""";
        feed.CreateConsumer(
            "RecordingLibrary",
            Console(Reference + Attributes).Replace("<OutputType>Exe</OutputType>", "<MmRecordSummaries>true</MmRecordSummaries>"),
            "public class Journal { public void Append() => Flush(); private void Flush() => System.Threading.Thread.Sleep(1); }");
        var consumer = feed.CreateConsumer(
            "RecordedServer",
            Console(Reference + """<ProjectReference Include="../RecordingLibrary/RecordingLibrary.csproj" />"""),
            "using Mm.Contexts; class Program { static void Main() => Run(new Journal()); [RunsIn<PreemptOff>] static void Run(Journal journal) => journal.Append(); }");

        var build = await consumer.BuildAsync();

        Assert.Contains("error MM1001: 'Append' might sleep (Thread.Sleep)", build.Output);
        Assert.Contains("Path: Append → Flush → Thread.Sleep", build.Output);
    }

    [Fact]
    public async Task Build_InCSharp9_SeesTheTwins()
    {
        const string Project =
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>netstandard2.0</TargetFramework>
                <LangVersion>9</LangVersion>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Mm.Contexts" Version="$VERSION$" /></ItemGroup>
            </Project>
            """;
        // The reference assemblies of netstandard2.0 are a package themselves.
        var consumer = feed.CreateConsumer("Twins", Project, Text("TwinAttributesConsumer.cs"), withDownloadedPackages: true);

        var build = await consumer.BuildAsync();
        build.OrThrow();
    }

    [Theory]
    [InlineData("net10.0", "14", "SpinConsumer.cs", false)]
    [InlineData("netstandard2.0", "latest", "SpinConsumer.cs", true)]
    [InlineData("netstandard2.0", "9", "SpinTwinConsumer.cs", true)]
    public async Task Build_OfEachFrameworkAndLanguage_ReportsTheSameLines(string framework, string language, string program, bool isDownloaded)
    {
        string project =
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>{framework}</TargetFramework>
                <LangVersion>{language}</LangVersion>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Mm.Analyzers" Version="$VERSION$" PrivateAssets="all" /></ItemGroup>
            </Project>
            """;
        const string Options = "root = true\n[*.cs]\nmm_spinlock_rules = documented\nmm_lock_rules = no_waits\nmm_async_rules = no_waits\n";
        var consumer = feed.CreateConsumer($"Spin.{framework}.{language}", project, Text(program), isDownloaded, (".editorconfig", Options));

        await consumer.BuildAsync();

        string[] expected = [.. Marks(Text(program))];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, ErrorLogText.Of(consumer.ErrorLog).Split('\n').Where(line => line.StartsWith("Program.cs", StringComparison.Ordinal) && line[^6..^4] == "MM").Select(Place).Order(StringComparer.Ordinal));
    }

    /// <summary>Lines that end in '// MM1001', as 'line: id'.</summary>
    private static IEnumerable<string> Marks(string program) => program.Split('\n')
        .Select((line, index) => (Line: line.TrimEnd('\r'), Number: index + 1))
        .Where(line => line.Line.Contains(" // MM", StringComparison.Ordinal))
        .Select(line => $"{line.Number}: {line.Line[^6..]}").Order(StringComparer.Ordinal);

    private static string Place(string line) => $"{line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..line.IndexOf(',', StringComparison.Ordinal)]}: {line[^6..]}";

    private static string Console(string reference) =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <OutputType>Exe</OutputType>
            <UseAppHost>false</UseAppHost>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>{reference}</ItemGroup>
        </Project>
        """;

    private static string Text(string file, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, file));
}
