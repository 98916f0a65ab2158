using System.Collections.Generic;

namespace Mm.Analyzers.Catalog;

/// <summary>The lines of the catalogue that hang on options: who enters and leaves the body of a lock.</summary>
internal static class RegionLines
{
    private const string Locks =
        """
        M:System.Threading.Monitor.Enter(System.Object) enters HERE
        M:System.Threading.Monitor.Enter(System.Object,System.Boolean@) enters HERE if lockTaken always
        M:System.Threading.Monitor.TryEnter(System.Object) enters HERE if result
        M:System.Threading.Monitor.TryEnter(System.Object,System.Int32) enters HERE if result
        M:System.Threading.Monitor.TryEnter(System.Object,System.TimeSpan) enters HERE if result
        M:System.Threading.Monitor.TryEnter(System.Object,System.Boolean@) enters HERE if lockTaken
        M:System.Threading.Monitor.TryEnter(System.Object,System.Int32,System.Boolean@) enters HERE if lockTaken
        M:System.Threading.Monitor.TryEnter(System.Object,System.TimeSpan,System.Boolean@) enters HERE if lockTaken
        M:System.Threading.Monitor.Exit leaves HERE
        M:System.Threading.Lock.Enter enters HERE
        M:System.Threading.Lock.TryEnter enters HERE if result
        M:System.Threading.Lock.Exit leaves HERE
        T:System.Threading.Lock.Scope scope HERE
        """;

    public static IEnumerable<AnnotationLine> Of(RegionRules regions) =>
        regions.ContextOf(Region.Lock) is { } context
            ? AnnotationLine.ParseAll(Locks.Replace("HERE", context.Name), isBuiltIn: true)
            : new AnnotationLine[0];
}
