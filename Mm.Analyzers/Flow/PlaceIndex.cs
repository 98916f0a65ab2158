using System.Collections.Generic;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Which variables of a body have held a value, or something made of it, in any alternative so far. Where two alternatives know
/// different things of a value, only these need a look.
/// </summary>
internal sealed class PlaceIndex
{
    private readonly Dictionary<Value, HashSet<Symbol>> _holders = new();
    private Bindings _seen = Bindings.Empty;

    public void Include(Bindings bindings)
    {
        foreach (var place in _seen.Differences(bindings))
        {
            if (place.Parent is null && bindings.TryGetValue(place, out var value)) Add(value, place);
        }

        _seen = bindings;
    }

    public IEnumerable<Symbol> HoldersOf(Value value) => _holders.TryGetValue(value, out var holders) ? holders : System.Array.Empty<Symbol>();

    private void Add(Value value, Symbol place)
    {
        if (!_holders.TryGetValue(value, out var holders)) _holders.Add(value, holders = new HashSet<Symbol>());
        holders.Add(place);
        switch (value)
        {
            case Symbol { Parent: { } parent }:
                Add(parent, place);
                break;
            case Operation operation:
                Add(operation.Left, place);
                if (operation.Right is { } right) Add(right, place);
                break;
            case TupleValue tuple:
                foreach (var item in tuple.Items) Add(item, place);
                break;
            case CombinedValue combined:
                foreach (var part in combined.Parts) Add(part, place);
                break;
        }
    }
}
