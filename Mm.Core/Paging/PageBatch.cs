// Pages whose mappings are gone and whose references are still to be put, once no lock is held: the kernel's mmu_gather.
// Context: filled under a pte lock, emptied outside of it. Lifetime: on the stack of one call.
using System.Runtime.CompilerServices;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

internal struct PageBatch
{
    public const int Capacity = 64;
    private Slots _slots;

    public int Count { get; private set; }

    public readonly bool IsFull => Count == Capacity;

    public readonly Pfn this[int index] => _slots[index];

    public void Add(Pfn page) => _slots[Count++] = page;

    public void Clear() => Count = 0;

    [InlineArray(Capacity)]
    private struct Slots
    {
        private Pfn _first;
    }
}
