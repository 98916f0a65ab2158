using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Package;

/// <summary>
/// Both packages, packed once for all tests of this folder into a feed of their own.
/// The version is new in each run, and the package cache is the run's own: no older build can be found by mistake.
/// </summary>
public sealed class PackedFeed : IAsyncLifetime
{
    public string Version { get; } = "0.0.1-test." + DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture);

    /// <summary>Holds the feed, the package cache and the consumers; outside the repository, so that nothing of its build settings applies.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("mm-packages-").FullName;

    public string Feed => Path.Combine(Root, "feed");

    public string PackagePath(string id) => Path.Combine(Feed, $"{id}.{Version}.nupkg");

    public async Task InitializeAsync()
    {
        // What the tests run on is what gets packed: nothing is built again.
        var configuration = typeof(PackedFeed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        foreach (var project in new[] { "Mm.Contexts", "Mm.Analyzers" })
        {
            var packed = await DotNet.RunAsync(
                Repository.Root, packageCache: null,
                "pack", Repository.PathOf(project), "--no-build", "-c", configuration, $"-p:Version={Version}", "-o", Feed);
            packed.OrThrow();
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A new project that knows no packages but these, and the machine's downloaded ones where it says so.</summary>
    public Consumer CreateConsumer(string name, string project, string program, bool withDownloadedPackages = false, params (string Name, string Text)[] files)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Root, name)).FullName;
        var downloaded = withDownloadedPackages ? $"""<add key="downloaded" value="{DownloadedPackages()}" />""" : "";
        File.WriteAllText(
            Path.Combine(directory, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="feed" value="{Feed}" />
                {downloaded}
              </packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(directory, $"{name}.csproj"), project.Replace("$VERSION$", Version, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(directory, "Program.cs"), program);
        foreach (var (file, text) in files) File.WriteAllText(Path.Combine(directory, file), text);
        return new Consumer(directory, Path.Combine(Root, "cache"));
    }

    /// <summary>The package cache that the repository itself was restored to. It has the layout of a feed.</summary>
    private static string DownloadedPackages()
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("Mm.Contexts", "obj", "project.assets.json")));
        return assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
    }
}
