using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>The built-in catalogue of .NET's libraries, and the annotation files of a project.</summary>
internal static class Catalogue
{
    private const string FileEnding = ".contexts.txt";
    private static ImmutableArray<AnnotationLine> s_builtIn;

    /// <summary>Whether the project has annotation files of its own.</summary>
    public static bool HasFiles(ImmutableArray<AdditionalText> files)
    {
        foreach (var file in files)
        {
            if (file.Path.EndsWith(FileEnding, System.StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    public static ImmutableArray<AnnotationLine> BuiltIn
    {
        get
        {
            if (s_builtIn.IsDefault) ImmutableInterlocked.InterlockedInitialize(ref s_builtIn, Load());
            return s_builtIn;
        }
    }

    /// <summary>The lines of the project's annotation files come first: the project knows better than the catalogue.</summary>
    public static IEnumerable<AnnotationLine> Of(ImmutableArray<AdditionalText> files, RegionRules regions, CancellationToken cancellation)
    {
        // A file that a project lists and a package adds is one file: to enter twice is not to enter once.
        var seen = new HashSet<string>(System.StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            if (!IsAnnotationFile(file) || !seen.Add(file.Path)) continue;
            if (file.GetText(cancellation) is not { } text) continue;
            foreach (var line in AnnotationLine.ParseAll(text.ToString())) yield return line;
        }

        foreach (var line in RegionLines.Of(regions)) yield return line;
        foreach (var line in BuiltIn)
        {
            if (!regions.TrustsBudget || line.Subject != "NoGc") yield return line;
        }
    }

    public static bool IsAnnotationFile(AdditionalText file) => file.Path.EndsWith(FileEnding, System.StringComparison.OrdinalIgnoreCase);

    private static ImmutableArray<AnnotationLine> Load()
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream("dotnet.contexts.txt");
        if (stream is null) return ImmutableArray<AnnotationLine>.Empty;
        using var reader = new StreamReader(stream);
        return AnnotationLine.ParseAll(reader.ReadToEnd(), isBuiltIn: true).ToImmutableArray();
    }
}
