using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Pooling;

namespace Mm.Benchmarks.Memory;

/// <summary>Where blocks come from. Implemented by structs, so that each loop is compiled for each source; block 0 is "none".</summary>
internal interface ISource
{
    nint Take(int order);

    void Give(nint block, int order);
}

/// <summary>Pages with references and checks, as users of Mm.Core get them.</summary>
internal readonly struct PageSource(PageAllocator pages, MachineTask task) : ISource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int order) => pages.Allocate(task, Gfp.NoWait, order) is { } page ? (nint)page.Number + 1 : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Give(nint block, int order) => pages.Free(task, new Pfn((uint)(block - 1)), order);
}

/// <summary>The same, given back by the last put of its only reference.</summary>
internal readonly struct PutSource(PageAllocator pages, MachineTask task) : ISource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int order) => pages.Allocate(task, Gfp.NoWait, order) is { } page ? (nint)page.Number + 1 : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Give(nint block, int order) => pages.Pages.Put(task, new Pfn((uint)(block - 1)));
}

/// <summary>A zone's allocator by itself, without references, flags and watermarks.</summary>
internal readonly struct ZoneSource(IZoneAllocator zone, MachineTask task) : ISource
{
    public nint Take(int order) => zone.TryAllocate(task, order, out var page) ? (nint)page.Number + 1 : 0;

    public void Give(nint block, int order) => zone.Free(task, new Pfn((uint)(block - 1)), order);
}

/// <summary>Buffers of a page pool, with the running task's token.</summary>
internal readonly struct PoolSource(PagePool pool, MachineTask task) : ISource
{
    public nint Take(int order) => pool.TryRent(task, Pfn.PageSize << order, out var buffer) ? Held.Keep(buffer) : 0;

    public void Give(nint block, int order) => Held.Get<PageBuffer>().Return(task);
}

/// <summary>Owners of a memory pool, from a thread that is no task.</summary>
internal readonly struct MemorySource(MemoryPool<byte> pool) : ISource
{
    public nint Take(int order) => Held.Keep(pool.Rent(Pfn.PageSize << order));

    public void Give(nint block, int order) => Held.Get<IMemoryOwner<byte>>().Dispose();
}

/// <summary>Arrays of the shared pool.</summary>
internal readonly struct ArraySource : ISource
{
    public nint Take(int order) => Held.Keep(ArrayPool<byte>.Shared.Rent(Pfn.PageSize << order));

    public void Give(nint block, int order) => ArrayPool<byte>.Shared.Return(Held.Get<byte[]>());
}

/// <summary>Arrays of the shared pool, several at a time: each in a place of its own.</summary>
internal readonly struct ArraysSource(byte[][] held, StrongBox<int> next) : ISource
{
    public nint Take(int order)
    {
        var place = next.Value++ % held.Length;
        held[place] = ArrayPool<byte>.Shared.Rent(Pfn.PageSize << order);
        return place + 1;
    }

    public void Give(nint block, int order) => ArrayPool<byte>.Shared.Return(held[block - 1]);
}

/// <summary>Aligned memory of the C library, as .NET calls it.</summary>
internal readonly unsafe struct AlignedSource : ISource
{
    public nint Take(int order) => (nint)NativeMemory.AlignedAlloc((nuint)Pfn.PageSize << order, Pfn.PageSize);

    public void Give(nint block, int order) => NativeMemory.AlignedFree((void*)block);
}

/// <summary>An array of numbers and an index: the least that handing out a page can be.</summary>
internal readonly struct StackSource(int[] stack, StrongBox<int> top) : ISource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int order) => stack[--top.Value];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Give(nint block, int order) => stack[top.Value++] = (int)block;
}

/// <summary>The one object that a loop of pairs has in its hands: a block that is no number.</summary>
internal static class Held
{
    [ThreadStatic]
    private static object? _object;

    public static nint Keep(object taken)
    {
        _object = taken;
        return 1;
    }

    public static T Get<T>()
        where T : class => Unsafe.As<T>(_object!);
}
