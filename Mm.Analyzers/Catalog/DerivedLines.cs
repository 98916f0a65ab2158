using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// The derived part of the catalogue: thousands of lines, of which a project needs the few about types that its contexts reach.
/// The text is searched once for the headings that tell where a type begins; a block is parsed when a member of such a type is asked for.
/// All of it is shared by the compilations of the process, and none of it is touched before one has a context.
/// </summary>
internal sealed class DerivedLines
{
    private const string Folder = "dotnet/";

    private static DerivedLines? s_shared;

    private readonly List<byte[]> _texts = new();

    // By the hash of a type's simple name; two names with one hash only cost the parsing of the other's lines.
    private readonly Dictionary<int, List<Block>> _blocks = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, List<AnnotationLine>>> _parsed = new(StringComparer.Ordinal);

    private DerivedLines()
    {
        var assembly = typeof(DerivedLines).Assembly;
        foreach (string name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Folder, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(name);
            if (stream is not null) Add(stream);
        }
    }

    public static DerivedLines Shared
    {
        get
        {
            if (Volatile.Read(ref s_shared) is { } known) return known;
            var created = new DerivedLines();
            return Interlocked.CompareExchange(ref s_shared, created, null) ?? created;
        }
    }

    /// <summary>Whether a type of this simple name may have lines.</summary>
    public bool Names(string type) => _blocks.ContainsKey(Hash(type));

    /// <summary>The lines about the types of a simple name, by documentation id.</summary>
    public Dictionary<string, List<AnnotationLine>> Of(string type) =>
        _parsed.TryGetValue(type, out var known) ? known : _parsed.GetOrAdd(type, Parse(type));

    /// <summary>Every line there is, for the tests.</summary>
    public IEnumerable<AnnotationLine> All()
    {
        foreach (byte[] text in _texts)
        {
            foreach (var line in AnnotationLine.ParseAll(Encoding.UTF8.GetString(text), isBuiltIn: true)) yield return line;
        }
    }

    private static int Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        return unchecked((int)hash);
    }

    // '# System.Collections.Generic.List`1' hashes as 'List'.
    private static int Hash(ReadOnlySpan<byte> heading)
    {
        var name = heading.Slice(heading.LastIndexOf((byte)'.') + 1);
        int arity = name.IndexOf((byte)'`');
        if (arity >= 0) name = name.Slice(0, arity);
        uint hash = 2166136261;
        foreach (byte c in name) hash = (hash ^ c) * 16777619;
        return unchecked((int)hash);
    }

    private void Add(Stream stream)
    {
        byte[] text = new byte[stream.Length];
        for (int read = 0; read < text.Length;)
        {
            int count = stream.Read(text, read, text.Length - read);
            if (count == 0) return;
            read += count;
        }

        _texts.Add(text);
        ReadOnlySpan<byte> separator = stackalloc byte[] { (byte)'\n', (byte)'#', (byte)' ' };
        ReadOnlySpan<byte> span = text;
        int start = span.IndexOf(separator);
        while (start >= 0)
        {
            start += separator.Length;
            var rest = span.Slice(start);
            int end = rest.IndexOf((byte)'\n');
            if (end < 0) return;
            int next = rest.IndexOf(separator);
            int key = Hash(rest.Slice(0, rest[end - 1] == '\r' ? end - 1 : end));
            if (!_blocks.TryGetValue(key, out var list)) _blocks.Add(key, list = new List<Block>(1));
            list.Add(new Block(_texts.Count - 1, start + end + 1, (next < 0 ? rest.Length : next) - end - 1));
            start = next < 0 ? -1 : start + next;
        }
    }

    private Dictionary<string, List<AnnotationLine>> Parse(string type)
    {
        var lines = new Dictionary<string, List<AnnotationLine>>(StringComparer.Ordinal);
        if (!_blocks.TryGetValue(Hash(type), out var blocks)) return lines;
        foreach (var block in blocks)
        {
            if (block.Length <= 0) continue;
            foreach (var line in AnnotationLine.ParseAll(Encoding.UTF8.GetString(_texts[block.Text], block.Start, block.Length), isBuiltIn: true))
            {
                if (!lines.TryGetValue(line.Key, out var same)) lines.Add(line.Key, same = new List<AnnotationLine>(1));
                same.Add(line);
            }
        }

        return lines;
    }

    private readonly record struct Block(int Text, int Start, int Length);
}
