// The atomic operations of the tree allocator, as a type argument, and the sizes of its parts, as another.
// The compiler makes code of its own for each pair of structs and inlines what they say: in a release build a call here is one
// instruction. Tests give operations that a scheduler can interleave step by step, and parts of a few frames.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Allocation;

/// <summary>Reads, writes and swaps of words that several CPUs see.</summary>
internal interface IAtomics
{
    /// <summary>Reads a word; nothing that follows is read before it.</summary>
    static abstract uint Read(ref uint word);

    /// <inheritdoc cref="Read(ref uint)"/>
    static abstract ulong Read(ref ulong word);

    /// <summary>Writes a word; nothing that precedes is written after it.</summary>
    static abstract void Write(ref uint word, uint value);

    /// <summary>Writes a word if it still has the value that was read.</summary>
    static abstract bool TrySwap(ref uint word, uint old, uint value);

    /// <inheritdoc cref="TrySwap(ref uint, uint, uint)"/>
    static abstract bool TrySwap(ref ulong word, ulong old, ulong value);

    /// <summary>Adds to a word.</summary>
    /// <returns>Its new value.</returns>
    static abstract uint Add(ref uint word, uint value);

    /// <inheritdoc cref="Add(ref uint, uint)"/>
    static abstract ulong Add(ref ulong word, ulong value);

    /// <summary>Makes the plain stores of every CPU visible, and its plain loads after it new.</summary>
    static abstract void BarrierEverywhere();
}

/// <summary>How large rows, children and trees are, as binary logarithms of frames.</summary>
internal interface ITreeShape
{
    /// <summary>Frames of a row, at most 6: a row is a word.</summary>
    static abstract int RowOrder { get; }

    /// <summary>Frames of a child, above <see cref="RowOrder"/>, at most 9: the counter has ten bits.</summary>
    static abstract int ChildOrder { get; }

    /// <summary>Frames of a tree, at least <see cref="ChildOrder"/>.</summary>
    static abstract int TreeOrder { get; }
}

/// <summary>What the processor has.</summary>
internal readonly struct HardwareAtomics : IAtomics
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref uint word) => Volatile.Read(ref word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref ulong word) => Volatile.Read(ref word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref uint word, uint value) => Volatile.Write(ref word, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySwap(ref uint word, uint old, uint value) => Interlocked.CompareExchange(ref word, value, old) == old;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySwap(ref ulong word, ulong old, ulong value) => Interlocked.CompareExchange(ref word, value, old) == old;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Add(ref uint word, uint value) => Interlocked.Add(ref word, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ref ulong word, ulong value) => Interlocked.Add(ref word, value);

    /// <inheritdoc/>
    [Trusted("a barrier of the host's: no CPU of the machine is waited for")]
    public static void BarrierEverywhere() => Interlocked.MemoryBarrierProcessWide();
}

/// <summary>Rows of 64 frames, children of 512, which are the host's huge pages, trees of 4,096.</summary>
internal readonly struct StandardShape : ITreeShape
{
    /// <inheritdoc/>
    public static int RowOrder => 6;

    /// <inheritdoc/>
    public static int ChildOrder => 9;

    /// <inheritdoc/>
    public static int TreeOrder => 12;
}
