using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Package;

/// <summary>Annotation files that the build finds by itself: beside the project, and in the package of a library.</summary>
[Collection(PackageCollection.Name)]
public class AnnotationFileConsumerTests(PackedFeed feed)
{
    private const string Store =
        """
        using Acme.Storage;
        Latch latch = new();
        latch.Enter();
        System.Threading.Thread.Sleep(1);
        latch.Exit();
        """;

    private const string Latch =
        """
        namespace Acme.Storage;
        public sealed class Latch { int _state; public void Enter() => _state = 1; public void Exit() => _state = 0; }
        """;

    private const string Lines =
        """
        M:Acme.*Latch.Enter  enters SpinLockHeld
        M:Acme.*Latch.Exit   leaves SpinLockHeld
        """;

    [Theory]
    [InlineData("Beside", "", 1)]
    [InlineData("BesideAndListed", """<ItemGroup><AdditionalFiles Include="acme.contexts.txt" /></ItemGroup>""", 1)]
    [InlineData("SwitchedOff", "<PropertyGroup><MmIncludeContextsFiles>false</MmIncludeContextsFiles></PropertyGroup>", 0)]
    public async Task Build_WithAFileBesideTheProject_KnowsTheLatch(string name, string added, int reports)
    {
        string slip = Lines + "\nM:Acme.Storage.Latch.Tack  enters SpinLockHeld";
        var consumer = feed.CreateConsumer(name, Project("", added), Store, files: [("Latch.cs", Latch), ("acme.contexts.txt", slip)]);

        var build = await consumer.BuildAsync();

        Assert.Equal(reports > 0, build.Output.Contains("Program.cs(4,1): error MM1001", System.StringComparison.Ordinal));
        Assert.Equal(reports > 0, build.Output.Contains("acme.contexts.txt(3,1): warning MM3005", System.StringComparison.Ordinal));
        Assert.DoesNotContain("MM2001", build.Output, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_WithALibraryThatBringsItsFile_KnowsTheLatch()
    {
        const string Library =
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <PackageId>Acme.Storage</PackageId>
              </PropertyGroup>
              <ItemGroup>
                <None Include="Acme.Storage.contexts.txt;Acme.Storage.targets" Pack="true" PackagePath="buildTransitive" />
              </ItemGroup>
            </Project>
            """;
        const string Targets =
            """
            <Project>
              <ItemGroup>
                <AdditionalFiles Include="$(MSBuildThisFileDirectory)Acme.Storage.contexts.txt" Visible="false" />
              </ItemGroup>
            </Project>
            """;
        var library = feed.CreateConsumer("Acme.Storage", Library, Latch, files: [("Acme.Storage.contexts.txt", Lines), ("Acme.Storage.targets", Targets)]);
        (await library.PackAsync(feed.Feed, feed.Version)).OrThrow();

        var build = await feed.CreateConsumer("OfALibrary", Project("""<PackageReference Include="Acme.Storage" Version="$VERSION$" />"""), Store).BuildAsync();

        Assert.Contains("Program.cs(4,1): error MM1001", build.Output, System.StringComparison.Ordinal);
        Assert.Contains("held since line 3", build.Output, System.StringComparison.Ordinal);
    }

    private static string Project(string reference, string added = "") =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <OutputType>Exe</OutputType>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Mm.Analyzers" Version="$VERSION$" PrivateAssets="all" />
            {reference}
          </ItemGroup>
          {added}
        </Project>
        """;
}
