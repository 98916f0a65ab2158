using System.IO;
using System.Threading.Tasks;

namespace Mm.Analyzers.Tests.Package;

/// <summary>A project of somebody who uses the packages.</summary>
public sealed class Consumer
{
    private readonly string _directory;
    private readonly string _packageCache;

    internal Consumer(string directory, string packageCache)
    {
        _directory = directory;
        _packageCache = packageCache;
    }

    /// <summary>The compiler's log, written by each build.</summary>
    public string ErrorLog => File.ReadAllText(Path.Combine(_directory, "out.sarif"));

    /// <summary>Packs a library into a feed.</summary>
    internal Task<DotNet.Result> PackAsync(string feed, string version) =>
        DotNet.RunAsync(_directory, _packageCache, "pack", $"-p:Version={version}", "-p:UseSharedCompilation=false", "-o", feed);

    /// <summary>The program, as it is now.</summary>
    public string Program => File.ReadAllText(Path.Combine(_directory, "Program.cs"));

    /// <summary>Applies the code fixes of these rules as a user would from the command line.</summary>
    internal async Task<DotNet.Result> FixAsync(params string[] rules)
    {
        (await DotNet.RunAsync(_directory, _packageCache, "restore")).OrThrow();
        return await DotNet.RunAsync(_directory, _packageCache, ["format", "analyzers", "--no-restore", "--severity", "warn", "--diagnostics", .. rules]);
    }

    // Without the compiler server, which would keep the assemblies of the deleted folder open.
    internal Task<DotNet.Result> BuildAsync() =>
        DotNet.RunAsync(_directory, _packageCache, "build", "-p:ErrorLog=out.sarif%2cversion=2.1", "-p:UseSharedCompilation=false");
}
