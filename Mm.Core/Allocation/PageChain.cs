// A list of pages that is threaded through their descriptors. The caller holds the lock of the list.
using Mm.Core.Frames;

namespace Mm.Core.Allocation;

/// <summary>A doubly linked list of page indices; −1 ends it.</summary>
internal struct PageChain()
{
    private int _first = -1;
    private int _last = -1;

    public int Count { get; private set; }

    public readonly int First => _first;

    public readonly int Last => _last;

    public void AddFirst(PageDescriptors pages, int index)
    {
        ref var page = ref pages.Cold(index);
        page.Previous = -1;
        page.Next = _first;
        if (_first >= 0) pages.Cold(_first).Previous = index;
        else _last = index;
        _first = index;
        Count++;
    }

    public void AddLast(PageDescriptors pages, int index)
    {
        ref var page = ref pages.Cold(index);
        page.Next = -1;
        page.Previous = _last;
        if (_last >= 0) pages.Cold(_last).Next = index;
        else _first = index;
        _last = index;
        Count++;
    }

    public void Remove(PageDescriptors pages, int index)
    {
        ref var page = ref pages.Cold(index);
        if (page.Previous >= 0) pages.Cold(page.Previous).Next = page.Next;
        else _first = page.Next;
        if (page.Next >= 0) pages.Cold(page.Next).Previous = page.Previous;
        else _last = page.Previous;
        Count--;
    }
}
