using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Which places some later branch, argument or return of a body still reads, per block; and which nothing mentions any more.</summary>
internal sealed class Liveness
{
    private readonly Body _body;
    private readonly List<Symbol> _places = new();
    private readonly Dictionary<Symbol, int> _indices = new();
    private readonly Dictionary<Symbol, int> _lastMention;
    private readonly List<int> _parts = new();
    private readonly List<Symbol>?[] _mentionedLast;
    private readonly ulong[][] _live;
    private readonly System.Func<Symbol, bool> _read;
    private readonly System.Func<Symbol, bool> _note;

    // Of the block that is being scanned.
    private Block? _block;
    private int _position;
    private List<int> _reads = new();
    private HashSet<int> _writes = new();

    // What the lambdas and local functions of the body read of its variables.
    private readonly System.Func<BodyKey, Body?> _bodies;
    private List<Symbol>? _captured;

    private Liveness(Body body, System.Func<BodyKey, Body?> bodies)
    {
        _body = body;
        _bodies = bodies;
        _lastMention = new Dictionary<Symbol, int>(body.StepCount);
        _read = Read;
        _note = Note;
        _live = new ulong[body.Blocks.Length][];
        _mentionedLast = new List<Symbol>?[body.Blocks.Length];
    }

    public static Liveness Of(Body body, System.Func<BodyKey, Body?> bodies)
    {
        var liveness = new Liveness(body, bodies);
        liveness.Compute();
        return liveness;
    }

    /// <summary>Places that are parts of others and are read in the block or behind it.</summary>
    public IEnumerable<Symbol> PartsAt(int block)
    {
        foreach (int index in _parts)
        {
            if (IsLive(index, block)) yield return _places[index];
        }
    }

    /// <summary>Whether the place is read in the block or behind it.</summary>
    public bool IsLive(Symbol place, int block) => _indices.TryGetValue(place, out int index) && IsLive(index, block);

    /// <summary>
    /// The temporaries and results that are mentioned last at a place of the order in this range. Behind it, and outside of loops
    /// that begin before its end, nothing asks for them.
    /// </summary>
    public IEnumerable<Symbol> GoneBetween(int from, int until)
    {
        for (int position = from; position < until; position++)
        {
            if (_mentionedLast[position] is not { } gone) continue;
            foreach (var symbol in gone) yield return symbol;
        }
    }

    private bool IsLive(int index, int block) => (_live[block][index / 64] >> index & 1) != 0;

    private void Compute()
    {
        var blocks = _body.Blocks;
        var reads = new List<int>?[blocks.Length];
        var writes = new HashSet<int>?[blocks.Length];
        foreach (var block in blocks)
        {
            _block = block;
            _position = _body.Positions[block.Index];
            foreach (var step in block.Steps) Scan(step);
            block.End.Value?.Mentions(_read);

            // What stays empty goes on to the next block, and no block may have what that one adds.
            if (_reads.Count > 0) (reads[block.Index], _reads) = (_reads, new List<int>());
            if (_writes.Count > 0) (writes[block.Index], _writes) = (_writes, new HashSet<int>());
        }

        foreach (var mention in _lastMention)
        {
            if (mention.Value >= 0) (_mentionedLast[mention.Value] ??= new List<Symbol>()).Add(mention.Key);
        }

        int length = (_places.Count + 63) / 64;
        ulong[][] written = new ulong[blocks.Length][];
        for (int i = 0; i < blocks.Length; i++)
        {
            _live[i] = new ulong[length];
            written[i] = writes[i] is null ? System.Array.Empty<ulong>() : new ulong[length];
            if (reads[i] is { } read) foreach (int place in read) _live[i][place / 64] |= 1UL << place;
            if (writes[i] is { } set) foreach (int place in set) written[i][place / 64] |= 1UL << place;
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

    private void Scan(Step step)
    {
        switch (step)
        {
            case CallStep call:
                call.Receiver?.Mentions(_read);
                foreach (var argument in call.Arguments) argument.Mentions(_read);
                if (call.Target.MethodKind == MethodKind.LocalFunction) ReadCaptured();
                foreach (var reference in call.References)
                {
                    if (reference is not null) Write(reference);
                }

                break;
            case InvokeStep invoke:
                invoke.Function.Mentions(_read);
                foreach (var argument in invoke.Arguments) argument.Mentions(_read);
                ReadCaptured();
                break;
            case AssignStep assign:
                assign.Value.Mentions(_read);
                Write(assign.Place);
                break;
            case ConvertStep convert:
                convert.Function.Mentions(_note);
                break;
            case AssumeStep assume:
                assume.Condition.Mentions(_read);
                break;
        }

        Note(Symbol.Result(step.Id));
    }

    // Which of them it is that runs here, is not asked.
    private void ReadCaptured()
    {
        if (_body.Functions.IsEmpty) return;
        if (_captured is null)
        {
            _captured = new List<Symbol>();
            foreach (var function in _body.Functions)
            {
                if (_bodies(function.Key) is { } inner) NoteCaptured(inner);
            }
        }

        foreach (var variable in _captured) Read(variable);
    }

    private void NoteCaptured(Body inner)
    {
        bool IsNoted(Symbol symbol)
        {
            if (symbol is { Role: SymbolRole.Captured, Key: ISymbol variable } && VariableHere(variable) is { } here && !_captured!.Contains(here)) _captured.Add(here);
            return false;
        }

        foreach (var block in inner.Blocks)
        {
            block.End.Value?.Mentions(IsNoted);
            foreach (var step in block.Steps)
            {
                switch (step)
                {
                    case CallStep call:
                        call.Receiver?.Mentions(IsNoted);
                        foreach (var argument in call.Arguments) argument.Mentions(IsNoted);
                        break;
                    case InvokeStep invoke:
                        invoke.Function.Mentions(IsNoted);
                        foreach (var argument in invoke.Arguments) argument.Mentions(IsNoted);
                        break;
                    case AssignStep assign:
                        assign.Value.Mentions(IsNoted);
                        break;
                }
            }
        }

        foreach (var function in inner.Functions)
        {
            if (_bodies(function.Key) is { } within) NoteCaptured(within);
        }
    }

    private Symbol? VariableHere(ISymbol variable) => variable switch
    {
        IParameterSymbol parameter when parameter.ContainingSymbol is { } owner && BodyKey.Of(owner).Equals(_body.Key) => Symbol.Parameter(parameter.Ordinal),
        ILocalSymbol => new Symbol(SymbolRole.Local, 0, variable),
        _ => null,
    };

    private void Write(Symbol place)
    {
        place.Mentions(_note);
        _writes.Add(IndexOf(place));
    }

    // Both say no, so that every symbol of a value is seen.
    private bool Read(Symbol symbol)
    {
        Note(symbol);
        if (symbol.Role is SymbolRole.Local or SymbolRole.Temporary or SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field || IsFromElsewhere(symbol))
        {
            int index = IndexOf(symbol);
            if (!_writes.Contains(index)) _reads.Add(index);
        }

        return false;
    }

    // 'return Call();' has a block of its own for the return.
    private bool IsFromElsewhere(Symbol symbol) =>
        symbol is { Role: SymbolRole.Result, Parent: null, Key: null }
        && (_block!.Steps.Length == 0 || symbol.Index < _block.Steps[0].Id || symbol.Index > _block.Steps[_block.Steps.Length - 1].Id);

    private bool Note(Symbol symbol)
    {
        if (symbol.Role is SymbolRole.Temporary or SymbolRole.Result
            && (!_lastMention.TryGetValue(symbol, out int last) || last < _position)) _lastMention[symbol] = _position;
        return false;
    }

    private int IndexOf(Symbol place)
    {
        if (_indices.TryGetValue(place, out int index)) return index;
        index = _places.Count;
        _places.Add(place);
        if (place.Parent is not null || place.Role == SymbolRole.Field) _parts.Add(index);
        _indices.Add(place, index);
        return index;
    }
}
