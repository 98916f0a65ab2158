// What the words of the tree allocator say. Pure functions of values: a loop that swaps a word can run them as often as it must.
//
//   row    one bit a frame: allocated where it differs from the child's polarity
//   child  0–9 free frames · 10 whole: allocated as one block, no bit means anything · 11 polarity ·
//          12–15 barren: one more than an order of which, and above which, there is no free block; 0 if nobody has found out;
//                1, barren from order 0 on, is isolated: what is free is nobody's to take, however much it is ·
//          16–31 generation: another one whenever frames were freed, which may have made a block
//   tree   0–23 free frames · 24–39 owner: 1 + the number of the reservation, 0 for none
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mm.Core.Allocation;

/// <summary>The descriptor of as many frames as a huge page has.</summary>
internal static class ChildWord
{
    public const uint FreeMask = 0x3ff;
    public const uint Whole = 1 << 10;
    public const uint Polarity = 1 << 11;
    private const int BarrenShift = 12;
    private const uint BarrenMask = 0xfu << BarrenShift;
    private const uint Isolated = 1u << BarrenShift;
    private const uint GenerationOne = 1u << 16;
    private const uint GenerationMask = 0xffffu << 16;

    public static uint FreeOf(uint child) => child & FreeMask;

    public static bool IsWhole(uint child) => (child & Whole) != 0;

    /// <summary>What a row is to be combined with so that a set bit is an allocated frame.</summary>
    public static ulong Flip(uint child) => (child & Polarity) != 0 ? ulong.MaxValue : 0;

    /// <summary>All frames go out as one block. Every bit equals the polarity now, and stays as it is.</summary>
    public static uint TakenWhole(uint child) => (child & (Polarity | GenerationMask)) | Whole;

    public static uint GivenWhole(uint child, uint frames) => ((child & (Polarity | GenerationMask | BarrenMask)) | frames) + GenerationOne;

    /// <summary>All frames count as allocated one by one: the same bits mean the opposite, and none is written.</summary>
    public static uint Split(uint child) => ((child & (Polarity | GenerationMask | BarrenMask)) ^ Polarity) + GenerationOne;

    /// <summary>Frames have been freed: what was known of blocks is no more, but isolated it stays.</summary>
    public static uint Raised(uint child, uint frames) => (IsIsolated(child) ? child : child & ~BarrenMask) + frames + GenerationOne;

    /// <summary>Whether nothing of it may be taken.</summary>
    public static bool IsIsolated(uint child) => (child & BarrenMask) == Isolated;

    public static uint WithIsolation(uint child) => (child & ~BarrenMask) | Isolated;

    public static uint WithoutIsolation(uint child) => child & ~BarrenMask;

    /// <summary>So many frames of an isolated child are somebody's, and it is isolated no longer. All of them are one block.</summary>
    public static uint Removed(uint child, uint frames, bool asWhole) => asWhole ? TakenWhole(child) : (child & ~BarrenMask) - frames;

    /// <summary>There is no free block of an order in it, as long as this word stays as it is but for frames that are taken.</summary>
    public static uint WithBarren(uint child, int order) => (child & ~BarrenMask) | ((uint)(order + 1) << BarrenShift);

    /// <summary>Whether it is known to have no block of an order that may be taken.</summary>
    public static bool IsBarren(uint child, int order) => (child & BarrenMask) is not 0 and var barren && (uint)(order + 1) << BarrenShift >= barren;
}

/// <summary>The descriptor of a tree.</summary>
internal static class TreeWord
{
    private const int OwnerShift = 24;
    private const ulong FreeMask = (1UL << OwnerShift) - 1;

    public static int FreeOf(ulong tree) => (int)(tree & FreeMask);

    public static int OwnerOf(ulong tree) => (int)(tree >> OwnerShift) & 0xffff;

    public static ulong WithOwner(ulong tree, int owner) => (tree & FreeMask) | ((ulong)owner << OwnerShift);
}

/// <summary>Runs of 2ⁿ bits in a word, aligned to their size.</summary>
internal static class RowRuns
{
    /// <summary>The bits at which a run of set bits begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Starts(ulong bits, int order)
    {
        if (order == 0) return bits;
        for (var step = 0; step < order; step++) bits &= bits >> (1 << step);
        return bits & Aligned(order);
    }

    /// <summary>The bits of one run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Run(int order) => order >= 6 ? ulong.MaxValue : (1UL << (1 << order)) - 1;

    /// <summary>The lowest so many bits of a word.</summary>
    public static ulong Lowest(ulong bits, int count)
    {
        if (BitOperations.PopCount(bits) <= count) return bits;
        var rest = bits;
        while (count-- > 0) rest &= rest - 1;
        return bits ^ rest;
    }

    private static ulong Aligned(int order) => order switch
    {
        1 => 0x5555555555555555,
        2 => 0x1111111111111111,
        3 => 0x0101010101010101,
        4 => 0x0001000100010001,
        5 => 0x0000000100000001,
        _ => 1,
    };
}
