// The words of a tree allocator, dense and off the managed heap, and what each CPU keeps at hand.
//
//   a line each: zone's free frames · free whole children        then the trees, 8 bytes each · the children, 4 bytes each ·
//   the rows, one bit a frame · the CPUs, 2,304 bytes each · what each has noted, at most 4 KiB        about 0.2 bytes a frame
//
// Unsafe for the indexing only; frames are checked where they come in. Lifetime: until nobody can reach it, so that what comes late
// finds memory, if no frames.
using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

/// <summary>The words that a hit needs, as those keep them who cannot spare a load. As long as the memory is there.</summary>
internal readonly unsafe struct TreePointers(ulong* free, uint* children, CpuFrames* cpus)
{
    private readonly ulong* _free = free;
    private readonly uint* _children = children;
    private readonly CpuFrames* _cpus = cpus;

    public ref ulong Free => ref *_free;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint Child(uint index) => ref _children[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref CpuFrames Cpu(int index) => ref _cpus[index];
}

internal sealed unsafe class TreeMemory
{
    private const int Line = 64;
    private const int HugePage = 2 << 20;
    private const int MostLateSlots = 1024;
    private readonly byte* _block;
    private readonly ulong* _trees;
    private readonly uint* _children;
    private readonly ulong* _rows;
    private readonly CpuFrames* _cpus;
    private readonly uint* _late;

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
        LateSlots = Math.Clamp((int)BitOperations.RoundUpToPowerOf2(2 * (uint)children / (uint)cpus), 16, MostLateSlots);
        var lateAt = cpusAt + ((nuint)cpus * CpuFrames.Bytes);
        var bytes = lateAt + Rounded((nuint)cpus * (nuint)LateSlots * sizeof(uint), 2 * Line);
        var alignment = bytes >= HugePage ? (nuint)HugePage : 2 * Line;
        _block = obtain is null ? (byte*)NativeMemory.AlignedAlloc(bytes, alignment) : (byte*)obtain(bytes, alignment);
        Bytes = (long)bytes;
        if (bytes >= HugePage && OperatingSystem.IsLinux()) LinuxMemory.AdviseHuge((nint)_block, (long)bytes);
        NativeMemory.Clear(_block, bytes);
        _trees = (ulong*)(_block + treesAt);
        _children = (uint*)(_block + childrenAt);
        _rows = (ulong*)(_block + rowsAt);
        _cpus = (CpuFrames*)(_block + cpusAt);
        _late = (uint*)(_block + lateAt);
        for (var cpu = 0; cpu < cpus; cpu++) _cpus[cpu].FirstLate = cpu * LateSlots;
    }

    ~TreeMemory() => NativeMemory.AlignedFree(_block);

    public int Trees { get; }

    public int Children { get; }

    public int Rows { get; }

    public int Cpus { get; }

    public long Bytes { get; }

    /// <summary>How many children a CPU can note that are to be raised: a power of two.</summary>
    public int LateSlots { get; }

    public ref ulong Free => ref *(ulong*)_block;

    public TreePointers Pointers => new((ulong*)_block, _children, _cpus);

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

    /// <summary>What a CPU has noted.</summary>
    public Span<uint> Late(ref CpuFrames cpu) => new(_late + cpu.FirstLate, LateSlots);

    private static nuint Rounded(nuint bytes, nuint to = Line) => (bytes + to - 1) & ~(to - 1);
}

/// <summary>
/// What one CPU has at hand: stacks of blocks by order, and frames that it will give back together.
/// <see cref="Busy"/> is written by the CPU alone, with plain stores; <see cref="Claim"/> by whoever wants to empty it meanwhile.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct CpuFrames
{
    public const int Bytes = 2304;

    /// <summary>A stack for each order from 0 to this one.</summary>
    public const int LargestOrder = 9;

    public const int Stacks = LargestOrder + 1;
    public const int MostSingles = 128;
    public const int MostLeaving = 64;

    [FieldOffset(0)] public uint Busy;
    [FieldOffset(4)] public uint Claim;

    /// <summary>One more than the tree that single frames come from, 0 for none.</summary>
    [FieldOffset(8)] public int SinglesTree;

    /// <summary>Single frames at hand; the numbers of the other blocks follow it.</summary>
    [FieldOffset(12)] public int Singles;
    [FieldOffset(12)] public fixed int Counts[Stacks];

    /// <summary>How many single frames may be at hand.</summary>
    [FieldOffset(52)] public int MostSinglesNow;
    [FieldOffset(52)] public fixed int Limits[Stacks];

    /// <summary>One more than the tree that blocks of a few frames come from.</summary>
    [FieldOffset(92)] public int BlocksTree;

    /// <summary>Where the last larger block was found.</summary>
    [FieldOffset(96)] public int LastTree;

    /// <summary>Single frames on their way back to the trees, and how many of them go together.</summary>
    [FieldOffset(100)] public int Leaving;
    [FieldOffset(104)] public int LeavingLimit;

    /// <summary>Frames whose bits are cleared and whose counters have not risen.</summary>
    [FieldOffset(108)] public int Waiting;
    [FieldOffset(112)] public int WaitingLimit;
    [FieldOffset(128)] public fixed uint Frames[208];
    [FieldOffset(960)] public fixed uint LeavingOnes[MostLeaving];
    [FieldOffset(1216)] public fixed ulong BlockMarks[64];
    [FieldOffset(1728)] public fixed ulong LargeMarks[64];

    /// <summary>Blocks that the page allocator took from here in one step; written in a section, whoever has claimed the stacks.</summary>
    [FieldOffset(2240)] public long Taken;

    /// <summary>The same of those that it gave here.</summary>
    [FieldOffset(2248)] public long Given;

    /// <summary>Where its table of late counters begins.</summary>
    [FieldOffset(2256)] public int FirstLate;

    private static ReadOnlySpan<byte> Starts => [0, 128, 160, 176, 184, 192, 196, 200, 202, 204, 208];

    public static int CapacityOf(int order) => Starts[order + 1] - Starts[order];

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint Single(int index) => ref Frames[index];

    [UnscopedRef]
    public ref int Count(int order) => ref Counts[order];

    [UnscopedRef]
    public ref int Limit(int order) => ref Limits[order];

    /// <summary>A stack, with room for all that it may hold.</summary>
    [UnscopedRef]
    public Span<uint> Stack(int order) => MemoryMarshal.CreateSpan(ref Frames[Starts[order]], CapacityOf(order));

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint LeavingFrame(int index) => ref LeavingOnes[index];

    [UnscopedRef]
    public ReadOnlySpan<uint> LeavingFrames => MemoryMarshal.CreateReadOnlySpan(ref LeavingOnes[0], Leaving);

    /// <summary>A bit for each block of a few frames at hand, by its place in its tree: of two with the same place only one can be at hand.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong BlockMark(uint frame) => ref BlockMarks[(frame >> 6) & 63];

    /// <summary>A bit for each sixteen frames of larger blocks at hand, by their place among 64 Ki.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong LargeMark(uint frame) => ref LargeMarks[(frame >> 10) & 63];
}
