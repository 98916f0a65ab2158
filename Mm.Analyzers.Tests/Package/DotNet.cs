using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace Mm.Analyzers.Tests.Package;

/// <summary>Runs the SDK's command line as a user would, apart from the build and the test run that it is called from.</summary>
internal static class DotNet
{
    /// <summary>What a command came to.</summary>
    internal sealed record Result(int ExitCode, string Output)
    {
        /// <summary>The same result, or an exception with the output where the command failed.</summary>
        internal Result OrThrow() => ExitCode == 0 ? this : throw new InvalidOperationException($"Exit code {ExitCode}:\n{Output}");
    }

    internal static async Task<Result> RunAsync(string directory, string? packageCache, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The test host's own MSBuild settings would lead the new process to the wrong files.
        foreach (var name in InheritedBuildSettings(start.Environment.Keys))
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        if (packageCache is not null)
        {
            start.Environment["NUGET_PACKAGES"] = packageCache;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Result(process.ExitCode, await output + await errors);
    }

    private static List<string> InheritedBuildSettings(IEnumerable<string> names) =>
        [.. names.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))];
}
