using System.Collections.Generic;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Which places some later branch, argument or return of a body still reads, per block; and which nothing mentions any more.</summary>
internal sealed class Liveness
{
    private readonly Body _body;
    private readonly List<Symbol> _places = new();
    private readonly Dictionary<Symbol, int> _indices = new();
    private readonly Dictionary<Symbol, int> _lastMention = new();
    private readonly ulong[][] _live;

    private Liveness(Body body)
    {
        _body = body;
        _live = new ulong[body.Blocks.Length][];
    }

    public static Liveness Of(Body body)
    {
        var liveness = new Liveness(body);
        liveness.Compute();
        return liveness;
    }

    /// <summary>The places that are read in the block or behind it.</summary>
    public IEnumerable<Symbol> At(int block)
    {
        ulong[] live = _live[block];
        for (int word = 0; word < live.Length; word++)
        {
            ulong bits = live[word];
            for (int bit = 0; bits != 0; bit++, bits >>= 1)
            {
                if ((bits & 1) != 0) yield return _places[(word * 64) + bit];
            }
        }
    }

    /// <summary>Whether nothing in the block, behind it, or on a way back to it mentions a temporary or the result of a step.</summary>
    public bool IsGone(Symbol place, Block block) =>
        place.Role is SymbolRole.Temporary or SymbolRole.Result
        && (!_lastMention.TryGetValue(place, out int last) || last < block.LoopStart);

    private void Compute()
    {
        var blocks = _body.Blocks;
        var reads = new List<int>[blocks.Length];
        var writes = new HashSet<int>[blocks.Length];
        foreach (var block in blocks)
        {
            reads[block.Index] = new List<int>();
            writes[block.Index] = new HashSet<int>();
            foreach (var step in block.Steps) Scan(step, reads[block.Index], writes[block.Index], block);
            Read(block.End.Value, reads[block.Index], writes[block.Index], block);
        }

        int length = (_places.Count + 63) / 64;
        ulong[][] written = new ulong[blocks.Length][];
        for (int i = 0; i < blocks.Length; i++)
        {
            _live[i] = new ulong[length];
            written[i] = writes[i].Count == 0 ? System.Array.Empty<ulong>() : new ulong[length];
            foreach (int place in reads[i]) _live[i][place / 64] |= 1UL << place;
            foreach (int place in writes[i]) written[i][place / 64] |= 1UL << place;
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = _body.Order.Length - 1; i >= 0; i--)
            {
                var block = blocks[_body.Order[i]];
                changed |= Add(_live[block.Index], block.End.Target, written[block.Index]) && block.IsInLoop;
                changed |= Add(_live[block.Index], block.End.WhenFalse, written[block.Index]) && block.IsInLoop;
            }
        }
    }

    private bool Add(ulong[] live, int successor, ulong[] written)
    {
        if (successor < 0) return false;
        ulong[] next = _live[successor];
        bool changed = false;
        for (int i = 0; i < live.Length; i++)
        {
            ulong more = live[i] | (written.Length == 0 ? next[i] : next[i] & ~written[i]);
            changed |= more != live[i];
            live[i] = more;
        }

        return changed;
    }

    private void Scan(Step step, List<int> reads, HashSet<int> writes, Block block)
    {
        switch (step)
        {
            case CallStep call:
                Read(call.Receiver, reads, writes, block);
                foreach (var argument in call.Arguments) Read(argument, reads, writes, block);
                foreach (var reference in call.References)
                {
                    if (reference is null) continue;
                    Note(reference, block);
                    writes.Add(IndexOf(reference));
                }

                break;
            case InvokeStep invoke:
                Read(invoke.Function, reads, writes, block);
                foreach (var argument in invoke.Arguments) Read(argument, reads, writes, block);
                break;
            case AssignStep assign:
                Read(assign.Value, reads, writes, block);
                Note(assign.Place, block);
                writes.Add(IndexOf(assign.Place));
                break;
            case ConvertStep convert:
                Note(convert.Function, block);
                break;
        }

        Note(Symbol.Result(step.Id), block);
    }

    private void Read(Value? value, List<int> reads, HashSet<int> written, Block block)
    {
        value?.Mentions(symbol =>
        {
            Note(symbol, block, deep: false);
            if (symbol.Role is SymbolRole.Local or SymbolRole.Temporary or SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field)
            {
                int index = IndexOf(symbol);
                if (!written.Contains(index)) reads.Add(index);
            }

            return false;
        });
    }

    private void Note(Value value, Block block, bool deep = true)
    {
        if (value is Symbol { Role: SymbolRole.Temporary or SymbolRole.Result } symbol)
        {
            int position = _body.Positions[block.Index];
            if (!_lastMention.TryGetValue(symbol, out int last) || last < position) _lastMention[symbol] = position;
        }

        if (!deep) return;
        value.Mentions(inner =>
        {
            Note(inner, block, deep: false);
            return false;
        });
    }

    private int IndexOf(Symbol place)
    {
        if (_indices.TryGetValue(place, out int index)) return index;
        index = _places.Count;
        _places.Add(place);
        _indices.Add(place, index);
        return index;
    }
}
