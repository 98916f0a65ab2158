// The frames of memory as tables and as bytes. Unsafe for the indexing only: frame numbers come from the allocator or from tables, and
// whoever takes one from elsewhere asks Contains first. That the memory is there is asked each time: a machine may be disposed of first.
using System;
using System.Runtime.CompilerServices;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

internal readonly unsafe struct FrameAccess(PhysicalMemory memory, Pfn first)
{
    private readonly byte* _origin = (byte*)memory.LinearAddress - ((nint)first.Number << Pfn.PageShift);
    private readonly uint _first = first.Number;
    private readonly int _count = memory.FrameCount;
    private readonly PhysicalMemory _memory = memory;

    /// <summary>True if a frame has bytes in the linear view.</summary>
    public bool Contains(Pfn frame) => frame.Number - _first < (uint)_count;

    /// <summary>An entry of a table. Others may write it at any time: read and written as volatile, or under its lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Entry(Pfn table, int index) => ref ((ulong*)AddressOf(table))[index];

    public Span<byte> Bytes(Pfn frame) => new(AddressOf(frame), Pfn.PageSize);

    /// <summary>The frame's place in the memory object.</summary>
    public uint IndexOf(Pfn frame) => frame.Number - _first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* AddressOf(Pfn frame)
    {
        _memory.CheckNotDisposed();
        return _origin + ((nint)frame.Number << Pfn.PageShift);
    }
}
