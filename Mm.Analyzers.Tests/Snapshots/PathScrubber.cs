using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace VerifyTests;

/// <summary>Takes this machine's folders out of a text: <c>{ProjectDirectory}</c> for the project's folder, and so on.</summary>
internal sealed class PathScrubber
{
    private readonly (string Path, string Name)[] _longestFirst;

    internal PathScrubber(IEnumerable<(string Path, string Name)> folders)
    {
        _longestFirst = folders
            .Select(folder => (Path: Path.TrimEndingDirectorySeparator(folder.Path), folder.Name))
            .Where(folder => folder.Path.Length > 1)
            .SelectMany(BothSlashes)
            .DistinctBy(folder => folder.Path)
            .OrderByDescending(folder => folder.Path.Length)
            .ToArray();
    }

    internal static PathScrubber For(string testFolder)
    {
        var folders = new List<(string, string)>();
        if (FolderAbove(testFolder, "*.csproj") is { } project)
        {
            folders.Add((project, "{ProjectDirectory}"));
        }

        if (FolderAbove(testFolder, "*.sln") is { } solution)
        {
            folders.Add((solution, "{SolutionDirectory}"));
        }

        folders.Add((AppContext.BaseDirectory, "{CurrentDirectory}"));
        folders.Add((Environment.CurrentDirectory, "{CurrentDirectory}"));
        folders.Add((Path.GetTempPath(), "{TempPath}"));
        return new PathScrubber(folders);
    }

    internal string Scrub(string text)
    {
        foreach (var (path, name) in _longestFirst)
        {
            text = text.Replace(path + "/", name).Replace(path + "\\", name).Replace(path, name);
        }

        return text;
    }

    private static IEnumerable<(string Path, string Name)> BothSlashes((string Path, string Name) folder) =>
        [folder, (folder.Path.Replace('\\', '/'), folder.Name), (folder.Path.Replace('/', '\\'), folder.Name)];

    private static string? FolderAbove(string folder, string holding)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (at.Exists && at.EnumerateFiles(holding).Any())
            {
                return at.FullName;
            }
        }

        return null;
    }
}
