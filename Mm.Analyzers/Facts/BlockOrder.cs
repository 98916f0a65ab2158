using System.Collections.Generic;
using System.Collections.Immutable;

namespace Mm.Analyzers.Facts;

/// <summary>Predecessors, reverse postorder and loop heads of a body, without recursion.</summary>
internal static class BlockOrder
{
    public static void Compute(Body body)
    {
        var blocks = body.Blocks;
        var handlers = new Dictionary<int, List<int>>();
        foreach (var block in blocks)
        {
            if (block.GuardedEntry < 0) continue;
            if (!handlers.TryGetValue(block.GuardedEntry, out var list)) handlers.Add(block.GuardedEntry, list = new List<int>());
            list.Add(block.Index);
        }

        var order = new List<int>(blocks.Length);
        var state = new int[blocks.Length];
        var stack = new Stack<(int Block, int Next)>();
        stack.Push((0, 0));
        state[0] = 1;
        while (stack.Count > 0)
        {
            var (at, next) = stack.Pop();
            int successor = Successor(blocks[at], handlers, next);
            if (successor == -1)
            {
                state[at] = 2;
                order.Add(at);
                continue;
            }

            stack.Push((at, next + 1));
            if (successor < 0 || state[successor] != 0) continue;
            state[successor] = 1;
            stack.Push((successor, 0));
        }

        order.Reverse();
        body.Order = order.ToImmutableArray();
        var position = new int[blocks.Length];
        for (int i = 0; i < position.Length; i++) position[i] = -1;
        for (int i = 0; i < order.Count; i++) position[order[i]] = i;
        body.Positions = ImmutableArray.Create(position);
        var lowest = new int[order.Count];
        for (int i = 0; i < lowest.Length; i++) lowest[i] = int.MaxValue;

        int[] counts = new int[blocks.Length];
        foreach (int at in order)
        {
            if (blocks[at].End.Target >= 0) counts[blocks[at].End.Target]++;
            if (blocks[at].End.WhenFalse >= 0) counts[blocks[at].End.WhenFalse]++;
        }

        var predecessors = new ImmutableArray<int>.Builder?[blocks.Length];
        foreach (int at in order)
        {
            for (int i = 0; i < 2; i++)
            {
                int to = i == 0 ? blocks[at].End.Target : blocks[at].End.WhenFalse;
                if (to < 0) continue;
                (predecessors[to] ??= ImmutableArray.CreateBuilder<int>(counts[to])).Add(at);
                if (position[to] > position[at]) continue;
                blocks[to].IsLoopHead = true;
                lowest[position[at]] = System.Math.Min(lowest[position[at]], position[to]);
            }
        }

        // Whatever lies between the two ends of a way back may run again. Nested and overlapping loops count as one.
        int start = int.MaxValue;
        for (int i = order.Count - 1; i >= 0; i--)
        {
            start = System.Math.Min(start, lowest[i]);
            var block = blocks[order[i]];
            block.IsInLoop = start <= i;
            if (start >= i) start = int.MaxValue;
        }

        int first = 0;
        for (int i = 0; i < order.Count; i++)
        {
            var block = blocks[order[i]];
            if (!block.IsInLoop || i == 0 || !blocks[order[i - 1]].IsInLoop) first = i;
            block.LoopStart = first;
        }

        foreach (int at in order)
        {
            if (predecessors[at] is { } list) blocks[at].Predecessors = list.MoveToImmutable();
        }
    }

    // -1: no more; -2: none in this place.
    private static int Successor(Block block, Dictionary<int, List<int>> handlers, int index)
    {
        // Handlers first, so that they come after everything that their try leads to.
        if (handlers.TryGetValue(block.Index, out var guards))
        {
            if (index < guards.Count) return guards[index];
            index -= guards.Count;
        }

        return index switch
        {
            0 => block.End.WhenFalse >= 0 ? block.End.WhenFalse : -2,
            1 => block.End.Target >= 0 ? block.End.Target : -2,
            _ => -1,
        };
    }
}
