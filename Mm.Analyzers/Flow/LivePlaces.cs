using System.Collections.Generic;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>The places that are read at a block or behind it, and which of them two alternatives may disagree on.</summary>
internal sealed class LivePlaces
{
    private readonly Liveness _liveness;
    private readonly int _block;
    private readonly PlaceIndex _index;

    public LivePlaces(Liveness liveness, int block, PlaceIndex index)
    {
        _liveness = liveness;
        _block = block;
        _index = index;
    }

    public bool IsLive(Symbol place) => _liveness.IsLive(place, _block);

    /// <summary>Whether what lasts is asked for once more: what a length said tells paths apart for those who look at it again.</summary>
    public bool IsAskedAgain(Alternative at, Value condition)
    {
        bool isAsked = false;
        condition.Mentions(symbol => LastingValues.IsOne(symbol) && (isAsked |= IsAskedAgain(at, symbol)));
        return isAsked;
    }

    private bool IsAskedAgain(Alternative at, Symbol lasting)
    {
        foreach (var part in _liveness.PartsAt(_block))
        {
            if (LastingValues.IsOne(part) && at.Evaluate(part).Equals(lasting)) return true;
        }

        foreach (var pair in at.Environment)
        {
            if (pair.Value.Mentions(lasting.Equals) && IsLive(pair.Key)) return true;
        }

        return false;
    }

    /// <summary>
    /// Live places that do not hold the same in both, that may hold something of which the two know different things, or that are
    /// parts of others.
    /// </summary>
    public IEnumerable<Symbol> Candidates(Alternative left, Alternative right, List<Value> differences)
    {
        foreach (var part in _liveness.PartsAt(_block)) yield return part;
        foreach (var place in left.Environment.Differences(right.Environment))
        {
            if (place.Parent is null && _liveness.IsLive(place, _block)) yield return place;
        }

        if (differences.Count == 0) yield break;
        _index.Include(left.Environment);
        _index.Include(right.Environment);
        foreach (var known in differences)
        {
            if (known is Symbol { Parent: null } itself && _liveness.IsLive(itself, _block)) yield return itself;
            foreach (var place in _index.HoldersOf(known))
            {
                if (_liveness.IsLive(place, _block)) yield return place;
            }
        }
    }

    /// <summary>Flags, truths and delegates that an object or struct which was made here does not hold in both, where a live variable has it.</summary>
    public IEnumerable<Symbol> PartsOfMade(Alternative left, Alternative right)
    {
        foreach (var place in left.Environment.Differences(right.Environment))
        {
            if (place is not { Role: SymbolRole.Field, Parent: Symbol { Role: SymbolRole.Instance or SymbolRole.Fresh or SymbolRole.Parameter } made } || !GivenValues.IsTelling(place)) continue;
            if (made.Role == SymbolRole.Parameter)
            {
                // A struct of the caller, who sees what is put there.
                if (made.Index >= 0 && place.Key is Microsoft.CodeAnalysis.ISymbol { ContainingType.IsValueType: true }) yield return place;
                continue;
            }

            _index.Include(left.Environment);
            foreach (var holder in _index.HoldersOf(made))
            {
                if (!_liveness.IsLive(holder, _block)) continue;
                yield return place;
                break;
            }
        }
    }
}
