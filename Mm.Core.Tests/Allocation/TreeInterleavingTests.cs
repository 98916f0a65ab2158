using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mm.Core.Allocation;
using Xunit;
using Xunit.Abstractions;

namespace Mm.Core.Tests.Allocation;

/// <summary>
/// Small programs on two children of four frames, or on four, in all interleavings of their atomic steps. MM_EXPLORE is the number of programs of
/// two threads with two operations each that are run of each kind, 2 by default; 0 runs them all.
/// </summary>
public partial class TreeInterleavingTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Kinds()
    {
        var kinds = new TheoryData<string, string> { { "free", Wide } };
        foreach (var start in Starts)
        {
            kinds.Add(start, Small);
            kinds.Add(start, Thin);
        }

        return kinds;
    }

    private const string Small = "small";
    private const string Thin = "thin rows";
    private const string Wide = "wide tree";

    private static readonly string[] Starts = ["free", "flipped", "halves", "parts", "full", "whole"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TwoThreadsWithTwoOperations_InAllInterleavings_KeepTheInvariants_LL_18(string start, string shape)
    {
        var programs = (from a in Alphabet from b in Alphabet from c in Alphabet from d in Alphabet select (ExploredOperation[][])[[a, b], [c, d]]).ToArray();
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("MM_EXPLORE"), out var n) ? n : 2;
        new Random(18).Shuffle(programs);
        var total = new Total();
        foreach (var program in wanted == 0 ? programs : programs.Take(shape == Wide ? (wanted + 3) / 4 : wanted)) Explore(start, shape, program, total: total);
        output.WriteLine($"{start}, {shape}: {total}");
        Assert.Equal(0, total.Cut);
    }

    [Theory]
    [InlineData("halves", Small)]
    [InlineData("parts", Thin)]
    public void SplitOfAWholeChild_ByAllItsOwnersAtOnce_WaitsForNobody_LL_06(string start, string shape)
    {
        var total = new Total();
        Explore(start, shape, [[Free], [Free]], stalls: true, total: total);
        Explore(start, shape, [[Free], [Free, Take(2)]], stalls: true, total: total);
        Explore(start, shape, [[Free], [Free], [Free]], stalls: Environment.GetEnvironmentVariable("MM_EXPLORE") is not null, total: total);
        output.WriteLine($"{start}: {total}");
        Assert.Equal(0, total.Cut);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Thin)]
    [InlineData(Wide)]
    public void AThreadThatStopsAnywhere_HoldsUpNoOther(string shape)
    {
        var total = new Total();
        Explore("free", shape, [[Take(0), Free], [Take(2), Free]], stalls: true, total: total);
        Explore("free", shape, [[Take(1), Free], [Take(3), Free]], stalls: true, total: total);
        Explore("full", shape, [[Free, Take(0)], [Take(1), Free]], stalls: true, total: total);
        output.WriteLine(total.ToString());
        Assert.Equal(0, total.Cut);
    }

    [Fact]
    public void SingleFrames_AsManyRequestsAsAreFree_AllSucceedInAllInterleavings_LL_14()
    {
        var total = new Total();
        Explore("full", Small, [[Take(0)], [Take(0)], []], mustSucceed: true, total: total);
        Explore("full", Thin, [[Take(0)], [Take(0)], []], mustSucceed: true, total: total);
        Explore("full", Small, [[Free, Take(0), Take(0)], [Take(0)]], mustSucceed: true, total: total);
        Explore("full", Small, [[Free, Take(0)], [Free, Take(0)]], mustSucceed: true, total: total);
        output.WriteLine(total.ToString());
        Assert.Equal(0, total.Cut);
    }

    [Fact]
    public void ThreeThreads_InAllInterleavings_KeepTheInvariants()
    {
        var total = new Total();
        Explore("full", Small, [[Free], [Free], [Take(0)]], total: total);
        Explore("whole", Small, [[FreeHalf], [Take(0)], [Take(2)]], total: total);
        Explore("free", Small, [[Take(0)], [Take(2)], [Take(3)]], total: total);
        Explore("halves", Thin, [[Free], [Free], [Take(1)]], total: total);
        output.WriteLine(total.ToString());
        Assert.Equal(0, total.Cut);
    }

    [Theory]
    [InlineData(Mutation.RowIsSwappedBlindly, "free", Small)]
    [InlineData(Mutation.ChildRightIsNotCounted, "free", Small)]
    [InlineData(Mutation.UndoOfARowIsDropped, "free", Thin)]
    [InlineData(Mutation.UndoOfAChildIsDropped, "free", Wide)]
    [InlineData(Mutation.SplitKeepsThePolarity, "halves", Small)]
    [InlineData(Mutation.SplitIsNotChecked, "halves", Small)]
    [InlineData(Mutation.WholeIsTakenWhateverIsOut, "free", Small)]
    [InlineData(Mutation.UpperCounterRisesFirst, "full", Small)]
    [InlineData(Mutation.IsolationIsNotChecked, "free", Small)]
    [InlineData(Mutation.RaisingEndsTheIsolation, "full", Thin)]
    internal void AStepThatIsBroken_IsFound(Mutation mutation, string start, string shape)
    {
        ExploredOperation[][][] programs =
        [
            [[Take(0), Free], [Take(0)]],
            [[Free], [Free]],
            [[Take(0)], [Take(2)]],
            [[Take(2)], [Take(3)]],
            [[Take(2)], [Take(2)]],
            [[Free], [Take(0), Take(0), Take(0)]],
            [[Take(1)], [Take(0), Free]],
            [[Free, Take(1)], [Free, Take(1)]],
            [[Isolate(0)], [Take(0)]],
            [[Free], [Isolate(0)]],
        ];
        var failure = Assert.Throws<ExplorationException>(() =>
        {
            foreach (var program in programs) Explore(start, shape, program, mutation: mutation);
        });
        output.WriteLine(failure.Message);
    }

    [Theory]
    [InlineData(Mutation.None)]
    [InlineData(Mutation.BarrierIsDropped)]
    internal void Gate_WithStoresThatWaitInTheirCpu_LetsOneInAtATime(Mutation mutation)
    {
        var memory = new TreeMemory(1, 2, 4, 1);
        Explorer.Restore bytes = () => MemoryMarshal.AsBytes(new Span<CpuFrames>(ref memory.Cpu(0)))[..128];
        var explorer = new Explorer(bytes().ToArray(), bytes, 2_000_000) { Mutation = mutation, WithStoreBuffers = true, TryStalls = mutation == Mutation.None };
        var own = new ExploredOperation("own", Gives: false, (owned, _) =>
        {
            if (!CpuGate<ExploredAtomics>.TryEnter(ref memory.Cpu(0))) return owned;
            Inside();
            CpuGate<ExploredAtomics>.Leave(ref memory.Cpu(0));
            return owned;
        });
        var claim = new ExploredOperation("claim", Gives: false, (owned, _) =>
        {
            if (!CpuGate<ExploredAtomics>.TryClaim(ref memory.Cpu(0))) return owned;
            Inside();
            CpuGate<ExploredAtomics>.EndClaim(ref memory.Cpu(0));
            return owned;
        });
        void Run() => explorer.Run([[own, own, own], [claim, claim], [claim]], [[], [], []], _ => Assert.Equal((0u, 0u), (memory.Cpu(0).Busy, memory.Cpu(0).Claim)));
        if (mutation != Mutation.None)
        {
            Assert.Contains("two are inside", Assert.Throws<ExplorationException>(Run).Message, StringComparison.Ordinal);
            return;
        }

        Run();
        output.WriteLine($"{explorer.States} states, {explorer.Steps} steps");
        Assert.False(explorer.WasCut);

        void Inside()
        {
            ref var inside = ref Unsafe.As<int, uint>(ref memory.Cpu(0).SinglesTree);
            if (!ExploredAtomics.TrySwap(ref inside, 0, 1)) throw new ExplorationException("two are inside");
            if (!ExploredAtomics.TrySwap(ref inside, 1, 0)) throw new ExplorationException("two are inside");
        }
    }

    private static ExploredOperation Take(int order) => new("take " + order, Gives: false, (owned, explorer) =>
    {
        if (World.Current.TryTake(order, out var frame)) return [.. owned, (frame, order)];
        explorer.Failed = true;
        return owned;
    });

    private static readonly ExploredOperation Free = new("free", Gives: true, static (owned, _) =>
    {
        if (owned.Length == 0) return owned;
        World.Current.Release(owned[0].Frame, owned[0].Order);
        return owned[1..];
    });

    private static readonly ExploredOperation FreeHalf = new("free half", Gives: true, static (owned, _) =>
    {
        if (owned.Length == 0) return owned;
        var (frame, order) = owned[0];
        if (order == 0) return owned;
        World.Current.Release(frame, order - 1);
        return [(frame + (1u << (order - 1)), order - 1), .. owned[1..]];
    });

    private static readonly ExploredOperation[] Alphabet = [Take(0), Take(1), Take(2), Take(3), Free, FreeHalf];

    private static void Explore(
        string start, string shape, ExploredOperation[][] program, bool mustSucceed = false, bool stalls = false, Mutation mutation = Mutation.None, Total? total = null)
    {
        World world = shape switch { Thin => new World<ThinShape>(), Wide => new World<WideShape>(), _ => new World<SmallShape>() };
        var owned = world.Begin(start);
        World.Current = world;

        // The last one owns what nobody touches.
        while (owned.Length > program.Length) program = [.. program, []];
        while (owned.Length < program.Length) owned = [.. owned, []];
        var memory = world.Memory;
        var explorer = new Explorer(memory.Words.ToArray(), () => memory.Words, 3_000_000)
        {
            Mutation = mutation,
            TryStalls = stalls,
            ChildrenAt = world.OffsetOfChildren,
            RowsAt = world.OffsetOfRows,
        };
        var name = $"{start}: {string.Join(" | ", program.Select(static p => string.Join(", ", p.Select(static o => o.Name))))}";
        try
        {
            explorer.Run(program, owned, threads =>
            {
                Assert.Empty(world.Validate());
                var taken = threads.Sum(static t => t.Owned.Sum(static o => 1 << o.Order));
                Assert.Equal(world.Frames, taken + world.CountFree() + world.CountIsolated());
                if (mustSucceed) Assert.DoesNotContain(threads, static t => t.HasFailed);
            });
        }
        catch (ExplorationException failure)
        {
            throw new ExplorationException($"{name}\n{failure.Message}");
        }

        total?.Add(explorer);
    }

    private sealed class Total
    {
        private int _programs;
        private long _states;
        private long _steps;

        public int Cut { get; private set; }

        public void Add(Explorer explorer)
        {
            _programs++;
            _states += explorer.States;
            _steps += explorer.Steps;
            if (explorer.WasCut) Cut++;
        }

        public override string ToString() => $"{_programs} programs, {_states} states, {_steps} steps";
    }

    private abstract class World
    {
        [ThreadStatic]
        public static World Current = null!;

        public abstract TreeMemory Memory { get; }

        public abstract int Frames { get; }

        public int OffsetOfChildren => Offset(ref System.Runtime.CompilerServices.Unsafe.As<uint, byte>(ref Memory.Child(0)));

        public int OffsetOfRows => Offset(ref System.Runtime.CompilerServices.Unsafe.As<ulong, byte>(ref Memory.Row(0)));

        public abstract (uint Frame, int Order)[][] Begin(string start);

        public abstract bool TryTake(int order, out uint frame);

        public abstract void Release(uint frame, int order);

        public abstract void ReleaseLate(uint frame, int order, Span<uint> late, ref int waiting);

        public abstract void Settle(Span<uint> late, ref int waiting);

        public abstract List<string> Validate();

        public abstract int CountFree();

        public abstract bool TryIsolate(int child);

        public abstract void EndIsolation(int child);

        public abstract bool TryRemoveWhole(int child, out (uint Frame, int Order) block);

        public abstract bool IsIn(uint frame, int child);

        public abstract int CountIsolated();

        private int Offset(ref byte word) => (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(ref Memory.Words[0], ref word);
    }

    private sealed class World<TShape> : World
        where TShape : struct, ITreeShape
    {
        private readonly FrameTrees<ExploredAtomics, TShape> _explored;
        private readonly FrameTrees<HardwareAtomics, TShape> _quiet;

        public World()
        {
            Memory = new TreeMemory(1, Frames >> TShape.ChildOrder, Frames >> TShape.RowOrder, 1);
            _explored = new FrameTrees<ExploredAtomics, TShape>(Memory, 0, (uint)Frames, 1);
            _quiet = new FrameTrees<HardwareAtomics, TShape>(Memory, 0, (uint)Frames, 1);
            Give(0, TShape.TreeOrder);
        }

        public override TreeMemory Memory { get; }

        public override int Frames => 1 << TShape.TreeOrder;

        public override (uint Frame, int Order)[][] Begin(string start)
        {
            switch (start)
            {
                case "free":
                    return [[], []];
                case "flipped":
                    Assert.True(_quiet.TryTake(2, 0, out var whole));
                    Give(whole, 1);
                    Give(whole + 2, 1);
                    return [[], []];
                case "halves":
                    // One whole child, owned in halves; the other one is taken but for one frame.
                    Assert.True(_quiet.TryTake(2, 0, out whole));
                    for (var i = 0; i < 3; i++) Assert.True(_quiet.TryTake(0, 0, out _));
                    return [[(whole, 1)], [(whole + 2, 0)], [(whole + 3, 0)], [(whole ^ 4, 0), ((whole ^ 4) + 1, 0), ((whole ^ 4) + 2, 0)]];
                case "parts":
                    Assert.True(_quiet.TryTake(3, 0, out whole));
                    Give(4, 2);
                    return [[(0, 0)], [(1, 0)], [(2, 1)]];
                case "full":
                    // Two frames are free, in different children.
                    for (var i = 0; i < 8; i++) Assert.True(_quiet.TryTake(0, 0, out _));
                    Give(1, 0);
                    Give(6, 0);
                    return [[(0, 0)], [(7, 0)], [(2, 0), (3, 0), (4, 0), (5, 0)]];
                case "scattered":
                    // Children 0 and 3 of four are free. Elsewhere two frames are that are no block, and of four children one more.
                    for (var i = 0; i < Frames; i++) Assert.True(_quiet.TryTake(0, 0, out _));
                    uint[] free = Frames == 8 ? [1, 2] : [0, 1, 2, 3, 5, 6, 8, 12, 13, 14, 15];
                    foreach (var frame in free) Give(frame, 0);
                    return [[], [], [.. Enumerable.Range(0, Frames).Where(f => !free.Contains((uint)f)).Select(static f => ((uint)f, 0))]];
                default:
                    Assert.True(_quiet.TryTake(2, 0, out whole));
                    return [[(whole, 2)], []];
            }
        }

        public override bool TryTake(int order, out uint frame) => _explored.TryTake(order, 0, out frame);

        public override void Release(uint frame, int order) => Assert.Equal(FreeOutcome.Freed, _explored.Release(frame, order));

        public override void ReleaseLate(uint frame, int order, Span<uint> late, ref int waiting)
        {
            var bits = RowRuns.Run(order) << (int)(frame & ((1u << TShape.RowOrder) - 1));
            if (order > TShape.RowOrder) Release(frame, order);
            else Assert.Equal(FreeOutcome.Freed, _explored.ReleaseLate((int)(frame >> TShape.RowOrder), bits, late, ref waiting));
        }

        public override void Settle(Span<uint> late, ref int waiting)
        {
            _explored.Settle(late, ref waiting);
            Assert.Equal(0, waiting);
        }

        public override List<string> Validate() => _quiet.Validate();

        public override int CountFree() => _quiet.CountFree(0, TShape.TreeOrder);

        public override bool TryIsolate(int child) => _explored.TryIsolate(child) == IsolationOutcome.Isolated;

        public override void EndIsolation(int child) => _explored.EndIsolation(child);

        public override bool TryRemoveWhole(int child, out (uint Frame, int Order) block)
        {
            block = ((uint)child << TShape.ChildOrder, TShape.ChildOrder);
            return _explored.FreeOfIsolated(child) == 1 << TShape.ChildOrder && _explored.Remove(child) != 0;
        }

        public override bool IsIn(uint frame, int child) => frame >> TShape.ChildOrder == child;

        public override int CountIsolated() => Enumerable.Range(0, _quiet.Children).Sum(_quiet.FreeOfIsolated);

        private void Give(uint frame, int order) => Assert.Equal(FreeOutcome.Freed, _quiet.Release(frame, order));
    }
}
