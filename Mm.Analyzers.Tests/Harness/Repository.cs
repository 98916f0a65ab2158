using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>The checkout that the tests were built from, for the tests that read its files.</summary>
public static class Repository
{
    private static readonly string[] _notOurs = ["bin", "obj", "artifacts", ".git", "TestResults"];

    /// <summary>The folder that holds Mm.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Files below a folder of the checkout, without build output, as paths relative to the root with <c>/</c>.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = PathOf(folder);
        return Directory.Exists(start)
            ? Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(part => _notOurs.Contains(part)))
                .Order(StringComparer.Ordinal)
            : [];
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Mm.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Mm.sln.");
    }
}
