using System.Collections.Concurrent;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Runs that were made for a summary and may soon be wanted to judge the body: callers are often seen before their callees. Keeps the
/// last few only, for in an editor most are never asked for.
/// </summary>
internal sealed class RecentResults
{
    private const int Capacity = 256;

    private readonly ConcurrentDictionary<BodyKey, FlowResult> _results = new();
    private readonly ConcurrentQueue<BodyKey> _order = new();

    public void Add(FlowResult result)
    {
        var key = result.Body.Key;
        if (!_results.ContainsKey(key)) _order.Enqueue(key);
        _results[key] = result;
        if (_order.Count > Capacity && _order.TryDequeue(out var oldest)) _results.TryRemove(oldest, out _);
    }

    /// <summary>The result of a run of the body under the very same contract; it is given away once.</summary>
    public FlowResult? Take(BodyKey key, Contract contract) =>
        _results.TryRemove(key, out var result) && ReferenceEquals(result.Contract, contract) ? result : null;
}
