// The words of a tree allocator, dense and off the managed heap, and what each CPU keeps at hand.
//
//   a line each: zone's free frames · free whole children        then the trees, 8 bytes each · the children, 4 bytes each ·
//   the rows, one bit a frame · the CPUs, 2,048 bytes each        about 0.15 bytes a frame
//
// Unsafe for the indexing only; frames are checked where they come in. Lifetime: until nobody can reach it, so that what comes late
// finds memory, if no frames.
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

internal sealed unsafe class TreeMemory
{
    private const int Line = 64;
    private const int HugePage = 2 << 20;
    private readonly byte* _block;
    private readonly ulong* _trees;
    private readonly uint* _children;
    private readonly ulong* _rows;
    private readonly CpuFrames* _cpus;

    /// <summary>Makes room, all zero.</summary>
    /// <param name="trees">How many trees.</param>
    /// <param name="children">How many children.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="cpus">How many CPUs.</param>
    /// <param name="obtain">Where memory comes from, for tests of what happens if there is none; it is freed with AlignedFree.</param>
    /// <exception cref="OutOfMemoryException">There is no room.</exception>
    public TreeMemory(int trees, int children, int rows, int cpus, Func<nuint, nuint, nint>? obtain = null)
    {
        (Trees, Children, Rows, Cpus) = (trees, children, rows, cpus);
        var treesAt = (nuint)(2 * Line);
        var childrenAt = Rounded(treesAt + ((nuint)trees * sizeof(ulong)));
        var rowsAt = Rounded(childrenAt + ((nuint)children * sizeof(uint)));
        var cpusAt = Rounded(rowsAt + ((nuint)rows * sizeof(ulong)), 2 * Line);
        var bytes = cpusAt + ((nuint)cpus * CpuFrames.Bytes);
        var alignment = bytes >= HugePage ? (nuint)HugePage : 2 * Line;
        _block = obtain is null ? (byte*)NativeMemory.AlignedAlloc(bytes, alignment) : (byte*)obtain(bytes, alignment);
        Bytes = (long)bytes;
        if (bytes >= HugePage && OperatingSystem.IsLinux()) MemfdMemory.AdviseHuge((nint)_block, (long)bytes);
        NativeMemory.Clear(_block, bytes);
        _trees = (ulong*)(_block + treesAt);
        _children = (uint*)(_block + childrenAt);
        _rows = (ulong*)(_block + rowsAt);
        _cpus = (CpuFrames*)(_block + cpusAt);
    }

    ~TreeMemory() => NativeMemory.AlignedFree(_block);

    public int Trees { get; }

    public int Children { get; }

    public int Rows { get; }

    public int Cpus { get; }

    public long Bytes { get; }

    public ref ulong Free => ref *(ulong*)_block;

    public ref uint WholeFree => ref *(uint*)(_block + Line);

    /// <summary>All words but those of the CPUs, for tests that keep and restore them.</summary>
    public Span<byte> Words => new(_block, (int)((byte*)_cpus - _block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Tree(int index) => ref _trees[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint Child(int index) => ref _children[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Row(int index) => ref _rows[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref CpuFrames Cpu(int index) => ref _cpus[index];

    private static nuint Rounded(nuint bytes, nuint to = Line) => (bytes + to - 1) & ~(to - 1);
}

/// <summary>
/// What one CPU has at hand: stacks of blocks by order, which come from its own trees, and frames of one row that it will give back.
/// <see cref="Busy"/> is written by the CPU alone, with plain stores; <see cref="Claim"/> by whoever wants to empty it meanwhile.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct CpuFrames
{
    public const int Bytes = 2048;

    /// <summary>Orders of small blocks that are kept: 0 to 3. The next stack is that of huge ones.</summary>
    public const int SmallOrders = 4;

    /// <summary>Where huge blocks stand among the stacks.</summary>
    public const int Huge = 4;

    public const int MostSingles = 128;

    [FieldOffset(0)] public uint Busy;
    [FieldOffset(4)] public uint Claim;

    /// <summary>Single frames at hand; the others' numbers follow it.</summary>
    [FieldOffset(8)] public int Singles;
    [FieldOffset(8)] public fixed int Counts[5];

    /// <summary>How many single frames may be at hand.</summary>
    [FieldOffset(28)] public int MostSinglesNow;
    [FieldOffset(28)] public fixed int Limits[5];

    /// <summary>One more than the tree that single frames come from, 0 for none.</summary>
    [FieldOffset(48)] public int SinglesTree;

    /// <summary>The same for blocks of several frames.</summary>
    [FieldOffset(52)] public int BlocksTree;
    [FieldOffset(56)] public int GivingRow;
    [FieldOffset(60)] public int GivingLimit;
    [FieldOffset(64)] public ulong Giving;
    [FieldOffset(128)] public fixed uint Frames[MostSingles + 32 + 16 + 8 + 4];
    [FieldOffset(896)] public fixed ulong Marks[2 * 64];

    public static int CapacityOf(int stack) => stack switch { 0 => MostSingles, 1 => 32, 2 => 16, 3 => 8, _ => 4 };

    public static int OrderOf(int stack) => stack == Huge ? 9 : stack;

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint Single(int index) => ref Frames[index];

    [UnscopedRef]
    public ref int Count(int stack) => ref Counts[stack];

    [UnscopedRef]
    public ref int Limit(int stack) => ref Limits[stack];

    /// <summary>A stack, with room for all that it may hold.</summary>
    [UnscopedRef]
    public Span<uint> Stack(int stack)
    {
        var start = stack switch { 0 => 0, 1 => MostSingles, 2 => MostSingles + 32, 3 => MostSingles + 48, _ => MostSingles + 56 };
        return MemoryMarshal.CreateSpan(ref Frames[start], CapacityOf(stack));
    }

    /// <summary>A bit for each frame at hand of a CPU's tree: 64 words for single frames, 64 for blocks.</summary>
    [UnscopedRef]
    public ref ulong Mark(bool ofSingles, uint frame) => ref Marks[(ofSingles ? 0 : 64) + (int)((frame >> 6) & 63)];
}
