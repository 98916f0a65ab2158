using System;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>Frees whose counters rise late, among everything else: the CPU that owes them takes and frees in between.</summary>
public partial class TreeInterleavingTests
{
    private static readonly ExploredOperation FreeLateAndTake = new("free late, take", Gives: true, static (owned, _) => FreeLate(owned, andKeep: true));

    private static readonly ExploredOperation FreeLateTwice = new("free late, take, free late", Gives: true, static (owned, _) => FreeLate(owned, andKeep: false));

    [Theory]
    [InlineData("full", Small)]
    [InlineData("full", Thin)]
    [InlineData("halves", Thin)]
    [InlineData("whole", Small)]
    public void CountersThatRiseLate_InAllInterleavings_KeepTheInvariants(string start, string shape)
    {
        var total = new Total();
        foreach (var late in (ExploredOperation[])[FreeLateAndTake, FreeLateTwice])
        {
            Explore(start, shape, [[late], [Take(2)]], total: total);
            Explore(start, shape, [[late], [Take(0)]], stalls: true, total: total);
            Explore(start, shape, [[late], [Isolate(0)]], total: total);
            if (Environment.GetEnvironmentVariable("MM_EXPLORE") is null && late != FreeLateAndTake) continue;
            Explore(start, shape, [[late], [Free, Take(0)]], total: total);
            Explore(start, shape, [[late], [late]], total: total);
            Explore(start, shape, [[late], [FreeHalf, Take(1)]], total: total);
        }

        output.WriteLine($"{start}, {shape}: {total}");
        Assert.Equal(0, total.Cut);
    }

    [Fact]
    public void CounterThatRisesLate_TheUpperOneFirst_IsFound()
    {
        var failure = Assert.Throws<ExplorationException>(() =>
        {
            Explore("full", Small, [[FreeLateAndTake], [Take(0), Take(0), Take(0)]], mutation: Mutation.UpperCounterRisesFirst);
            Explore("full", Small, [[FreeLateTwice], [Take(0), Take(0), Take(0)]], mutation: Mutation.UpperCounterRisesFirst);
        });
        output.WriteLine(failure.Message);
    }

    // A table of one slot, so that another child's frames drive the first ones out.
    private static (uint Frame, int Order)[] FreeLate((uint Frame, int Order)[] owned, bool andKeep)
    {
        if (owned.Length == 0) return owned;
        Span<uint> late = [0];
        var waiting = 0;
        World.Current.ReleaseLate(owned[0].Frame, owned[0].Order, late, ref waiting);
        var found = World.Current.TryTake(0, out var frame);
        if (found && !andKeep) World.Current.ReleaseLate(frame, 0, late, ref waiting);
        World.Current.Settle(late, ref waiting);
        return found && andKeep ? [.. owned[1..], (frame, 0)] : owned[1..];
    }
}
