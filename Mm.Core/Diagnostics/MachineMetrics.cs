// What a machine tells System.Diagnostics.Metrics, under the meter Mm.Core: read from counters that are kept anyway, when a listener asks.
// Context: a listener's thread; racy reads. Locks: one of the host's, for the list of pools. Lifetime: as long as its machine.
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Pooling;
using Mm.Core.Zones;

namespace Mm.Core.Diagnostics;

[Trusted("the host's side of the machine")]
internal sealed class MachineMetrics : System.IDisposable
{
    public const string MeterName = "Mm.Core";
    private readonly Machine _machine;
    private readonly Meter _meter;
    private readonly Lock _gate = new();
    private readonly List<PagePool> _pools = [];

    public MachineMetrics(Machine machine, string name)
    {
        _machine = machine;
        _meter = new Meter(MeterName, typeof(Machine).Assembly.GetName().Version?.ToString(3), [new KeyValuePair<string, object?>("mm.machine", name)]);
        _meter.CreateObservableUpDownCounter("mm.pages.managed", () => EachZone(static zone => zone.ManagedPages), "{page}", "Pages that a zone's allocator was given.");
        _meter.CreateObservableUpDownCounter("mm.pages.free", () => EachZone(static zone => zone.Allocator.FreePages), "{page}", "Pages that are free and in no CPU's cache.");
        _meter.CreateObservableUpDownCounter("mm.pages.cached", () => EachZone(static zone => zone.Allocator.CachedPages), "{page}", "Free pages in the caches of CPUs.");
        _meter.CreateObservableUpDownCounter("mm.pages.quarantined", () => _machine.Pages.Pages.QuarantinedCount, "{page}", "Pages that were found broken and are never handed out again.");
        _meter.CreateObservableCounter("mm.allocations", () => _machine.Pages.Allocations, "{block}", "Blocks handed out.");
        _meter.CreateObservableCounter("mm.frees", () => _machine.Pages.Frees, "{block}", "Blocks that came back.");
        _meter.CreateObservableUpDownCounter("mm.traps", () => _machine.Traps.Count, "{trap}", "Broken rules in the log.");
        _meter.CreateObservableUpDownCounter("mm.pool.buffers", () => SumOfPools(static pool => pool.RentedBuffers), "{buffer}", "Rented buffers of page pools.");
        _meter.CreateObservableUpDownCounter("mm.pool.bytes", () => SumOfPools(static pool => pool.RentedBytes), "By", "Bytes of rented buffers.");
        _meter.CreateObservableUpDownCounter("mm.pool.lost", () => SumOfPools(static pool => pool.LostBuffers), "{buffer}", "Buffers that were never disposed of, found by the collector.");
    }

    public void Add(PagePool pool)
    {
        lock (_gate) _pools.Add(pool);
    }

    public void Remove(PagePool pool)
    {
        lock (_gate) _pools.Remove(pool);
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> EachZone(System.Func<Zone, long> what)
    {
        foreach (var zone in _machine.Pages.Zones)
            yield return new Measurement<long>(what(zone), new KeyValuePair<string, object?>("mm.zone", zone.Kind.ToString()));
    }

    private long SumOfPools(System.Func<PagePool, long> what)
    {
        lock (_gate)
        {
            long sum = 0;
            foreach (var pool in _pools) sum += what(pool);
            return sum;
        }
    }
}
