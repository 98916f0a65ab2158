using System.Collections.Generic;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Which places some later branch, argument or return of a body still reads, per block.</summary>
internal sealed class Liveness
{
    private readonly HashSet<Symbol>[] _live;

    private Liveness(HashSet<Symbol>[] live) => _live = live;

    public static Liveness Of(Body body)
    {
        var blocks = body.Blocks;
        var reads = new HashSet<Symbol>[blocks.Length];
        var writes = new HashSet<Symbol>[blocks.Length];
        var live = new HashSet<Symbol>[blocks.Length];
        foreach (var block in blocks)
        {
            reads[block.Index] = new HashSet<Symbol>();
            writes[block.Index] = new HashSet<Symbol>();
            live[block.Index] = new HashSet<Symbol>();
            foreach (var step in block.Steps) Scan(step, reads[block.Index], writes[block.Index]);
            Read(block.End.Value, reads[block.Index], writes[block.Index]);
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = body.Order.Length - 1; i >= 0; i--)
            {
                var block = blocks[body.Order[i]];
                var mine = live[block.Index];
                int before = mine.Count;
                mine.UnionWith(reads[block.Index]);
                Add(mine, block.End.Target, live, writes[block.Index]);
                Add(mine, block.End.WhenFalse, live, writes[block.Index]);
                changed |= mine.Count != before;
            }
        }

        return new Liveness(live);
    }

    public HashSet<Symbol> At(int block) => _live[block];

    private static void Add(HashSet<Symbol> live, int successor, HashSet<Symbol>[] all, HashSet<Symbol> written)
    {
        if (successor < 0) return;
        foreach (var place in all[successor])
        {
            if (!written.Contains(place)) live.Add(place);
        }
    }

    private static void Scan(Step step, HashSet<Symbol> reads, HashSet<Symbol> writes)
    {
        switch (step)
        {
            case CallStep call:
                Read(call.Receiver, reads, writes);
                foreach (var argument in call.Arguments) Read(argument, reads, writes);
                foreach (var reference in call.References)
                {
                    if (reference is not null) writes.Add(reference);
                }

                break;
            case InvokeStep invoke:
                Read(invoke.Function, reads, writes);
                foreach (var argument in invoke.Arguments) Read(argument, reads, writes);
                break;
            case AssignStep assign:
                Read(assign.Value, reads, writes);
                writes.Add(assign.Place);
                break;
        }
    }

    private static void Read(Value? value, HashSet<Symbol> reads, HashSet<Symbol> written)
    {
        value?.Mentions(symbol =>
        {
            if (symbol.Role is SymbolRole.Local or SymbolRole.Temporary or SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field
                && !written.Contains(symbol)) reads.Add(symbol);
            return false;
        });
    }
}
