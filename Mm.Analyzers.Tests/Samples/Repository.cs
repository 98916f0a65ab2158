using System;
using System.IO;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>Finds files of the repository from where the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mm.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("Mm.sln was not found above " + AppContext.BaseDirectory + ".");
    }
}
