// The owners of blocks that are ready for the next rent on one CPU, and how much was rented and returned there.
// Oldest first: an owner rests as long as possible before it is somebody else's, so that a late use of it is found out.
// Context: in a section on its CPU, in which no interrupt is delivered; counts are read from anywhere. Locks: none.
using System.Threading;

namespace Mm.Core.Pooling;

internal sealed class IdleOwners
{
    /// <summary>How many owners may rest: a power of two.</summary>
    public const int Capacity = 128;

    private readonly PageBuffer?[] _ring = new PageBuffer?[Capacity];
    private uint _taken;
    private uint _added;
    private long _rents;
    private long _returns;
    private long _pagesOut;

    public long Rents => Volatile.Read(ref _rents);

    public long Returns => Volatile.Read(ref _returns);

    public long PagesOut => Volatile.Read(ref _pagesOut);

    /// <summary>Counts a rent.</summary>
    /// <returns>An owner for it, null if none rests here.</returns>
    public PageBuffer? Rent(int pages)
    {
        _rents++;
        _pagesOut += pages;
        return Take();
    }

    /// <summary>Counts a return.</summary>
    /// <returns>False if there is no room for its owner.</returns>
    public bool TryReturn(PageBuffer owner, int pages)
    {
        _returns++;
        _pagesOut -= pages;
        return TryAdd(owner);
    }

    public bool TryAdd(PageBuffer owner)
    {
        if (_added - _taken == Capacity) return false;
        _ring[_added++ % Capacity] = owner;
        return true;
    }

    public PageBuffer? Take()
    {
        if (_taken == _added) return null;

        // The ring lets go of it: one that is lost while it is rented must be found by the collector.
        ref var place = ref _ring[_taken++ % Capacity];
        var owner = place;
        place = null;
        return owner;
    }
}
