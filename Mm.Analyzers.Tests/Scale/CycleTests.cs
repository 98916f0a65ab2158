using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Mm.Analyzers.Tests.Scale;

/// <summary>How much work a cycle of calls is: no member is computed without a reason, and no cycle twice.</summary>
public class CycleTests
{
    private const int Spokes = 40;

    [Fact]
    public void Cycle_ThatSettles_ComputesAMemberAgainOnlyAfterWhatItReadHasChanged()
    {
        // The hub calls all spokes and these call it. Only the last spoke has an effect: the hub learns it, and each spoke once from the hub.
        var wheel = new Wheel();
        wheel.Store.Solve(wheel.Hub, CancellationToken.None);

        Assert.All(wheel.Keys, key => Assert.Single(wheel.Store.Find(key)!.Effects));
        Assert.InRange(wheel.Runs.Values.Sum(), Spokes + 1, (3 * Spokes) + 10);
    }

    [Fact]
    public async Task Cycle_ThatTwoThreadsComeTo_IsSolvedByOneOfThem()
    {
        var alone = new Wheel();
        alone.Store.Solve(alone.Hub, CancellationToken.None);

        using var started = new CountdownEvent(2);
        var shared = new Wheel { OnFirst = () => started.Wait(10_000) };
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            started.Signal();
            shared.Store.Solve(shared.Hub, CancellationToken.None);
        })));

        Assert.Equal(alone.Runs.Values.Sum(), shared.Runs.Values.Sum());
        Assert.All(shared.Keys, key => Assert.Single(shared.Store.Find(key)!.Effects));
    }

    [Fact]
    public void WhatIsEntered_AroundDelegatesInACycle_GrowsNoLonger()
    {
        var (outer, inner) = (ImmutableArray.Create(In("A"), In("B")), ImmutableArray.Create(In("B"), In("C")));
        var both = EffectEntry.Inside(outer, inner);

        Assert.Equal<Held>([outer[0], inner[0], inner[1]], both);
        Assert.Equal<Held>(both, EffectEntry.Inside(outer, both));
        Assert.Equal<Held>(inner, EffectEntry.Inside(both, inner).Skip(1));

        static Held In(string context) => new([new ContextKind(context, [context], [])], null);
    }

    private sealed class Wheel
    {
        private int _count;

        public Wheel()
        {
            string spokes = string.Concat(Enumerable.Range(0, Spokes).Select(static i => $"static void S{i:00}() => Hub(); "));
            var compilation = TestCompilation.Start(Kernel.None).AddSyntaxTrees(TestCompilation.Parse("Wheel.cs", "static class Wheel { static void Hub() { } " + spokes + "}"));
            var methods = compilation.GetTypeByMetadataName("Wheel")!.GetMembers().OfType<IMethodSymbol>().ToDictionary(static method => method.Name, BodyKey.Of);
            Hub = methods["Hub"];
            Keys = [.. methods.Values];
            var rest = Keys.Remove(Hub);
            var last = methods[$"S{Spokes - 1:00}"];
            var origin = new EffectEntry(EffectKind.Sleep, new Witness("Sleep", Location.None, null));
            Store = new SummaryStore(
                new RecordedSummaries(compilation, new ContextTable(compilation)),
                (key, _) => key.Equals(Hub) ? rest : [Hub],
                (key, cycle, missing, _) =>
                {
                    if (Interlocked.Increment(ref _count) == 1) OnFirst?.Invoke();
                    Runs.AddOrUpdate(key, 1, static (_, runs) => runs + 1);
                    var read = (key.Equals(Hub) ? rest : [Hub]).Select(callee => cycle!.Read(callee)!);
                    bool mightSleep = read.ToList().Exists(static summary => !summary.Effects.IsEmpty) || key.Equals(last);
                    return mightSleep ? new Summary([origin], Summary.Neutral.Outcomes) : Summary.Neutral;
                });
        }

        public System.Action? OnFirst { get; init; }

        public BodyKey Hub { get; }

        public ImmutableArray<BodyKey> Keys { get; }

        public ConcurrentDictionary<BodyKey, int> Runs { get; } = new();

        public SummaryStore Store { get; }
    }
}
