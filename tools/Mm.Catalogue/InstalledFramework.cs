using System.Runtime.InteropServices;

namespace Mm.Catalogue;

/// <summary>Where the shared framework that is running lies, and the reference assemblies of the same SDK.</summary>
internal static class InstalledFramework
{
    public const string VersionFile = "version.txt";

    /// <summary>Such as 10.0.12.</summary>
    public static string Version => Path.GetFileName(RuntimeEnvironment.GetRuntimeDirectory().TrimEnd(Path.DirectorySeparatorChar));

    public static string ReferenceFolder()
    {
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string pack = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
        string newest = Directory.GetDirectories(pack).OrderBy(static path => System.Version.TryParse(Path.GetFileName(path).Split('-')[0], out var version) ? version : new Version()).Last();
        return Directory.GetDirectories(Path.Combine(newest, "ref")).OrderBy(static path => path.Length).ThenBy(static path => path, StringComparer.Ordinal).Last();
    }
}
