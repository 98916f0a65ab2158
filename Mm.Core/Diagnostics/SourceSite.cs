// A place in the source, as reports show it.
using System;

namespace Mm.Core.Diagnostics;

internal static class SourceSite
{
    /// <summary>The last two parts of a path, so that reports do not hang on where the source was built.</summary>
    public static string Shorten(string path)
    {
        var normal = path.Replace('\\', '/');
        var last = normal.LastIndexOf('/');
        if (last <= 0) return normal;
        var before = normal.LastIndexOf('/', last - 1);
        return normal[(before + 1)..];
    }

    public static string Format(string path, int line) => FormattableString.Invariant($"{Shorten(path)}:{line}");
}
