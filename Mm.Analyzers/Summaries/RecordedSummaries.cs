using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>The summaries that the builds of referenced assemblies have recorded, each read when it is first asked for.</summary>
internal sealed class RecordedSummaries
{
    private readonly ConcurrentDictionary<BodyKey, Summary?> _read = new();
    private readonly Compilation _compilation;
    private readonly SummaryReader _reader;

    public RecordedSummaries(Compilation compilation, ContextTable contexts)
    {
        _compilation = compilation;
        _reader = new SummaryReader(compilation, contexts);
    }

    /// <summary>Whether the assembly of a method tells what its members do, so that silence means nothing.</summary>
    public bool Knows(IMethodSymbol method) => RecordedAssembly.Of(method.ContainingAssembly) is not null;

    /// <summary>What was recorded of a body, or of a virtual call; null where nothing was, and for the compilation's own.</summary>
    public Summary? Find(BodyKey key)
    {
        if (_read.TryGetValue(key, out var known)) return known;
        if (key.IsNested || key.Method is not { } method || SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, _compilation.Assembly)) return null;
        string? text = RecordedAssembly.Of(method.ContainingAssembly)?.TextOf(method, key.IsDispatch);
        return _read.GetOrAdd(key, text is null ? null : _reader.Read(method, text));
    }
}
