using System;
using System.Linq;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>Children that are isolated, un-isolated and removed while others take and free.</summary>
public partial class TreeInterleavingTests
{
    [Theory]
    [MemberData(nameof(Kinds))]
    public void IsolationAgainstTwoOperations_InAllInterleavings_KeepsTheInvariants(string start, string shape)
    {
        ExploredOperation[][] isolations = [[Isolate(0)], [Isolate(0), End(0)], [Isolate(0), Remove(0)], [TakeWhileIsolated(0)], [Isolate(1), Free, End(1)], [TakeWhileIsolated(1)]];
        var programs = (from i in isolations from a in Alphabet from b in Alphabet select (ExploredOperation[][])[i, [a, b]]).ToArray();
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("MM_EXPLORE"), out var n) ? n : 3;
        new Random(19).Shuffle(programs);
        var total = new Total();
        foreach (var program in wanted == 0 ? programs : programs.Take(shape == Wide ? (wanted + 3) / 4 : wanted)) Explore(start, shape, program, total: total);
        output.WriteLine($"{start}, {shape}: {total}");
        Assert.Equal(0, total.Cut);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Thin)]
    [InlineData(Wide)]
    public void RightsToAChildThatBecomesIsolated_AreLostWhereTheyFindNothing(string shape)
    {
        // Two frames that are no block, and, where there are four children, a free one beside one that is not.
        var total = new Total();
        foreach (var order in shape == Wide ? (int[])[1, 3] : [1])
        {
            Explore("scattered", shape, [[Take(order)], [Isolate(0)]], total: total);
            Explore("scattered", shape, [[Take(order), Take(0)], [Isolate(0), End(0)]], total: total);
        }

        output.WriteLine(total.ToString());
        Assert.Equal(0, total.Cut);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Thin)]
    public void WhoeverIsolates_HoldsUpNobody_AndIsHeldUpByNobody(string shape)
    {
        var total = new Total();
        Explore("full", shape, [[Free, Take(0)], [Isolate(0), End(0)]], stalls: true, total: total);
        Explore("free", shape, [[Take(2), Free], [Isolate(0), Remove(0)]], stalls: true, total: total);
        Explore("free", shape, [[Isolate(0), End(0)], [Isolate(0), End(0)]], stalls: true, total: total);
        Explore("halves", shape, [[Free], [Isolate(0), End(0)]], stalls: true, total: total);
        Explore("full", shape, [[Isolate(0)], [Take(0)]], mustSucceed: true, total: total);
        output.WriteLine(total.ToString());
        Assert.Equal(0, total.Cut);
    }

    private static ExploredOperation Isolate(int child) => new("isolate " + child, Gives: false, (owned, _) =>
    {
        World.Current.TryIsolate(child);
        return owned;
    });

    private static ExploredOperation End(int child) => new("end " + child, Gives: false, (owned, _) =>
    {
        World.Current.EndIsolation(child);
        return owned;
    });

    private static ExploredOperation Remove(int child) => new("remove " + child, Gives: false, (owned, _) =>
        World.Current.TryRemoveWhole(child, out var block) ? [.. owned, block] : owned);

    private static ExploredOperation TakeWhileIsolated(int child) => new("take while isolated " + child, Gives: false, (owned, _) =>
    {
        if (!World.Current.TryIsolate(child)) return owned;
        var found = World.Current.TryTake(0, out var frame);
        if (found && World.Current.IsIn(frame, child)) throw new ExplorationException($"frame {frame} of an isolated child was taken");
        World.Current.EndIsolation(child);
        return found ? [.. owned, (frame, 0)] : owned;
    });
}
