// The descriptors of page frames, split: what every get and put touches is dense, eight to a cache line; the rest lies apart.
//
//   hot   0 reference count · 4 flags                                                           8 bytes
//   order of a block, at its first page, where a flag in the hot half says so                   1 byte
//   cold  0 mappings or type · 4 owner · 8 mapping · 16 index · 24 private ·
//         32 next · 36 previous · 40 head                                                      48 bytes
//
// Native memory, so that no collection moves or scans it. Unsafe for the indexing only; every index is checked where it comes in.
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct HotPage
{
    public const int Bytes = 8;

    /// <summary>All of it, for checks.</summary>
    [FieldOffset(0)] public ulong Word;
    [FieldOffset(0)] public int References;

    /// <summary>The references, for <see cref="LastReference{TAtomics}"/>.</summary>
    [FieldOffset(0)] public uint Count;
    [FieldOffset(4)] public uint Flags;
}

[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct ColdPage
{
    public const int Bytes = 48;

    /// <summary>Mappings or type, and owner, for checks.</summary>
    [FieldOffset(0)] public ulong Word;
    [FieldOffset(0)] public int MapCountOrType;
    [FieldOffset(4)] public byte Owner;
    [FieldOffset(8)] public long Mapping;
    [FieldOffset(16)] public long Index;
    [FieldOffset(24)] public long Private;
    [FieldOffset(32)] public int Next;
    [FieldOffset(36)] public int Previous;
    [FieldOffset(40)] public int Head;
}

/// <summary>The hot halves of pages by the pages' numbers, as those keep them who cannot spare a load.</summary>
internal readonly unsafe struct HotPages
{
    private readonly HotPage* _ofPageZero;
    private readonly uint _first;
    private readonly uint _count;

    public HotPages(HotPage* hot, uint first, uint count)
    {
        _ofPageZero = hot - first;
        _first = first;
        _count = count;
    }

    /// <summary>The hot half of a page of the table.</summary>
    public ref HotPage this[Pfn page]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _ofPageZero[page.Number];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(Pfn page) => page.Number - _first < _count;

    /// <summary>Asks for the hot half of a page, which will be needed soon; of a page that is none, for nothing that matters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(Pfn page)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_ofPageZero + page.Number);
    }
}

internal sealed unsafe class PageDescriptors : IDisposable
{
    private HotPage* _hot;
    private ColdPage* _cold;
    private byte* _orders;

    public PageDescriptors(int count)
    {
        MetadataMemory.CheckRoom((nuint)count * (HotPage.Bytes + ColdPage.Bytes + sizeof(byte)), $"Descriptors of {count} frames");
        Count = count;
        _hot = (HotPage*)MetadataMemory.Allocate((nuint)count * HotPage.Bytes, isHot: true);
        _cold = (ColdPage*)MetadataMemory.Allocate((nuint)count * ColdPage.Bytes);
        _orders = (byte*)MetadataMemory.Allocate((nuint)count);
        for (var page = 0; page < count; page++) _cold[page].MapCountOrType = -1;
    }

    ~PageDescriptors() => Dispose();

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref HotPage Hot(int index) => ref _hot[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ColdPage Cold(int index) => ref _cold[index];

    public HotPages HotPages(Pfn first) => new(_hot, first.Number, (uint)Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte Order(int index) => ref _orders[index];

    /// <summary>What is in any of the hot halves of pages that follow each other.</summary>
    public ulong HotWords(int index, int count)
    {
        var word = (ulong*)(_hot + index);
        var end = word + count;
        ulong any = 0;
        if (count >= 16)
        {
            // Two at a time, so that one waits for memory while the other is at work.
            var (even, odd) = (Vector256.Load(word), Vector256.Load(word + 4));
            for (word += 8; word + 8 <= end; word += 8)
            {
                even |= Vector256.Load(word);
                odd |= Vector256.Load(word + 4);
            }

            even |= odd;
            any = even.GetElement(0) | even.GetElement(1) | even.GetElement(2) | even.GetElement(3);
        }

        for (; word < end; word++) any |= *word;
        return any;
    }

    public void Dispose()
    {
        Count = 0;
        MetadataMemory.Free(_hot);
        MetadataMemory.Free(_cold);
        MetadataMemory.Free(_orders);
        _hot = null;
        _cold = null;
        _orders = null;
        GC.SuppressFinalize(this);
    }
}
