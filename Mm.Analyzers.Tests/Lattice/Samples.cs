using System.Collections.Immutable;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Tests.Lattice;

/// <summary>Generators of states and of what is known of values. Small on purpose: collisions are what breaks a lattice.</summary>
internal static class Samples
{
    internal static readonly ImmutableArray<ContextKind> Contexts =
        [.. new[] { "B", "A.Nested", "C", "A" }.Select(name => new ContextKind(name, [name], []))];

    /// <summary>Everything a variable may hold, one representation for every integer type.</summary>
    internal static readonly ImmutableArray<object?> Items = [null, true, false, "text", 0L, 1L, 2L, 3L, 4L, 6L, -1L, -2L, long.MinValue, long.MaxValue];

    internal static readonly Gen<Depth> Exact = Gen.Choose(-3, 3).Select(Depth.Exactly);

    internal static readonly Gen<Depth> Depths = Gen.Frequency(
        (4, Exact),
        (4, Exact.Two().Select(pair => pair.Item1.Join(pair.Item2))),
        (2, Exact.Two().Select(pair => pair.Item1.Widen(pair.Item2))),
        (1, Gen.Constant(Depth.Unknown)));

    internal static readonly Gen<ContextDepths> ExactStates = State(Exact);

    internal static readonly Gen<ContextDepths> States = State(Depths);

    internal static readonly Gen<object?> AnyItem = Gen.Elements(Items.AsEnumerable());

    internal static readonly Gen<Known> AnyKnown = KnownOf(Items);

    /// <summary>What may be known of a variable whose values are among these.</summary>
    internal static Gen<Known> KnownOf(ImmutableArray<object?> items)
    {
        var item = Gen.Elements(items.AsEnumerable());
        var simple = Gen.Frequency(
            (1, Gen.Constant(Known.Nothing)),
            (3, item.Select(Known.Exactly)),
            (3, item.Select(Known.Not)));
        if (items.OfType<long>().Any())
        {
            var bits = Gen.Choose(0, 7).Two().Select(pair => Known.Bits((ulong)pair.Item1, (ulong)(pair.Item2 & ~pair.Item1)));
            simple = Gen.Frequency((2, simple), (1, bits));
        }

        return Gen.Frequency((2, simple), (1, simple.Two().Select(pair => pair.Item1.And(pair.Item2) ?? pair.Item1)));
    }

    private static Gen<ContextDepths> State(Gen<Depth> depths) =>
        Gen.Elements(Contexts.AsEnumerable()).Zip(depths).ListOf()
            .Select(entries => entries.Aggregate(ContextDepths.None, (state, entry) => state.With(entry.Item1, entry.Item2)));
}
