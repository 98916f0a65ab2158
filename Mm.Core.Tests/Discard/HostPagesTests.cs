using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>The host's half: eight of twelve pairs, and the moves between them.</summary>
public sealed class HostPagesTests : IDisposable
{
    private static readonly Pfn Page = new(3);
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly SimulatedHost _host = new(default, 8);

    public HostPagesTests() => _task = _machine.Attach("host");

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    // Every move, each way: state before, dirty bit, what is done, state after. "-" is refused, "!" an exception.
    [Theory]
    [InlineData("Sr unused Ur", "Sr volatile Vr", "Sr potential Pr", "Sr stable Sr", "Sr swap Sp", "Sr drop -", "Sr read Sr")]
    [InlineData("Sp read Sr", "Sp unused Uz", "Sp volatile Vz", "Sp potential Vz", "Sp drop -", "Sp swap -", "Sp stable Sp")]
    [InlineData("Sz read Sr", "Sz write Sr", "Sz unused Uz", "Sz potential Vz", "Sz volatile Vz", "Sz drop -", "Sz swap -")]
    [InlineData("Ur drop Uz", "Ur stable Sr", "Ur swap -", "Ur read Ur", "Ur unused Ur")]
    [InlineData("Uz read !", "Uz stable Sz", "Uz potential Vz", "Uz drop -", "Uz unused Uz")]
    [InlineData("Vr drop Vz", "Vr stable Sr", "Vr swap -", "Vr read Vr", "Vr potential Pr", "Vr unused Ur")]
    [InlineData("Vz read -", "Vz stable -", "Vz drop -", "Vz unused Uz", "Vz potential Vz", "Vz volatile Vz")]
    [InlineData("Pr drop Vz", "Pr stable Sr", "Pr swap -", "Pr volatile Vr", "Pr unused Ur")]
    [InlineData("Pr* drop -", "Pr* swap Sp", "Pr* stable Sr", "Pr* volatile Pr", "Sp* potential Sp")]
    public void Moves_OfEachState_AreThoseOfTheTable(params string[] moves)
    {
        foreach (var move in moves)
        {
            var parts = move.Split(' ');
            var before = parts[0][..2];
            BringTo(parts[0]);
            var result = Do(parts[1]);
            Assert.Equal(move, $"{parts[0]} {parts[1]} {result}");
            if (result is "-" or "!") Assert.Equal(before, _host.StateOf(Page).ToString());
        }
    }

    [Fact]
    public void S5_08_APotentiallyVolatilePage_WrittenTo_IsNotDropped()
    {
        using var memory = PhysicalMemory.Create(64);
        var world = new DiscardWorld(_task, memory: memory);
        var page = world.Cached(_task, 5);
        Assert.True(world.Map(_task, page, isWritable: true));
        Assert.True(world.States.MakeVolatile(_task, page, 1));
        Assert.Equal("Pr", world.Host.StateOf(page).ToString());
        world.Write(_task, page, 5, 77);
        Assert.False(world.Host.TryDiscard(_task, page));
        Assert.True(world.Host.TrySwap(_task, page));
        Assert.Equal(("Sp", (byte)0), (world.Host.StateOf(page).ToString(), world.Byte(page)));
        Assert.Equal(HostAccess.Done, world.States.Access(_task, page, isWrite: false));
        Assert.Equal(("Sr", (byte)77), (world.Host.StateOf(page).ToString(), world.Byte(page)));
    }

    [Fact]
    public void S5_36_APageThatTheHostDrops_ReadsAsZerosInEveryView()
    {
        using var memory = PhysicalMemory.Create(64);
        var world = new DiscardWorld(_task, memory: memory);
        var page = world.Cached(_task, 5);
        using var view = memory.HasViews ? memory.MapAlias(_task, new FrameRange(page, 1)) : null;
        Assert.True(world.States.MakeVolatile(_task, page, 1));
        Assert.Equal(5, world.Byte(page));
        Assert.True(world.Host.TryDiscard(_task, page));
        Assert.Equal(0, world.Byte(page));
        if (view is not null) Assert.Equal(-1, view.Bytes.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void S5_40_AStablePageWithoutContents_ReadsAsZeros()
    {
        using var memory = PhysicalMemory.Create(64);
        var world = new DiscardWorld(_task, memory: memory);
        foreach (var isWrite in (bool[])[false, true])
        {
            var page = world.Cached(_task, 5);
            world.Truncate(_task, 5);
            Assert.True(world.Host.TryDiscard(_task, page));
            Assert.True(world.Host.TrySetStable(page));
            Assert.Equal("Sz", world.Host.StateOf(page).ToString());
            Assert.Equal(HostAccess.Done, world.Host.Access(page, isWrite));
            Assert.Equal(("Sr", (byte)0), (world.Host.StateOf(page).ToString(), world.Byte(page)));
            world.Host.SetUnused(page);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void S5_44_ARandomWalk_MeetsTheEightPairsAndNoOther(int seed)
    {
        var random = new Random(seed);
        var moves = (string[])["unused", "stable", "volatile", "potential", "read", "write", "drop", "swap", "clean"];
        var met = new HashSet<PageState>();
        for (var step = 0; step < 5000; step++)
        {
            _ = Do(moves[random.Next(moves.Length)]);
            var state = _host.StateOf(Page);
            Assert.True(state.IsLegal, $"step {step}: {state}");
            met.Add(state);
        }

        Assert.Equal(["Pr", "Sp", "Sr", "Sz", "Ur", "Uz", "Vr", "Vz"], met.Select(static s => s.ToString()).Order(StringComparer.Ordinal));
    }

    private string Do(string move)
    {
        var done = true;
        switch (move)
        {
            case "unused": _host.SetUnused(Page); break;
            case "stable": done = _host.TrySetStable(Page); break;
            case "volatile": _host.SetVolatile(Page); break;
            case "potential": _host.SetPotentiallyVolatile(Page); break;
            case "clean": _host.ClearDirty(Page); break;
            case "drop": done = _host.TryDiscard(_task, Page); break;
            case "swap": done = _host.TrySwap(_task, Page); break;
            default:
                var access = _host.Access(Page, move == "write");
                if (access == HostAccess.AddressingException) return "!";
                done = access == HostAccess.Done;
                break;
        }

        return done ? _host.StateOf(Page).ToString() : "-";
    }

    // The shortest way to a state; a star asks for the dirty bit.
    private void BringTo(string state)
    {
        _host.SetUnused(Page);
        Assert.True(_host.TrySetStable(Page));
        Assert.Equal(HostAccess.Done, _host.Access(Page, isWrite: state.EndsWith('*')));
        foreach (var move in state[..2] switch
        {
            "Sp" => (string[])["swap"],
            "Sz" => ["unused", "drop", "stable"],
            "Ur" => ["unused"],
            "Uz" => ["unused", "drop"],
            "Vr" => ["volatile"],
            "Vz" => ["volatile", "drop"],
            "Pr" => ["potential"],
            _ => [],
        }) _ = Do(move);
        Assert.Equal(state[..2], _host.StateOf(Page).ToString());
    }
}
