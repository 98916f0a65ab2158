// Pages as .NET knows buffers: a MemoryPool<byte> whose owners are blocks of pages, for pipelines, sockets and whoever takes memory.
// Context: Rent and Dispose from any thread that is no task, or is one outside of sections: they borrow a token, and may wait for a CPU.
//          With a token: TryRent and Return in any context but NMI. Locks: the pool's, a spin lock, for lists that overflow.
// Invariants: PP1 an owner is rented, or idle on one list; PP2 pages are freed once; PP3 no managed allocation once the lists are warm.
// Lifetime: owners outlive the pool, not the machine.
using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Pooling;

/// <summary>Hands out blocks of pages as memory.</summary>
public sealed class PagePool : MemoryPool<byte>
{
    private readonly Machine _machine;
    private readonly PageAllocator _pages;
    private readonly Gfp _gfp;
    private readonly IdleOwners[] _idle;
    private readonly Queue<PageBuffer> _overflow = new();
    private readonly SpinLock _lock;
    private PageBuffer? _lost;
    private long _found;
    private int _isDisposed;

    /// <summary>Makes a pool over the pages of a machine.</summary>
    /// <param name="machine">The machine, made with memory.</param>
    /// <param name="gfp">What rents may do to find pages.</param>
    /// <exception cref="InvalidOperationException">The machine was made without memory.</exception>
    public PagePool(Machine machine, Gfp gfp = Gfp.Kernel)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _pages = machine.Pages;
        _gfp = gfp;
        _lock = new SpinLock(machine, "page_pool");
        _idle = new IdleOwners[machine.CpuCount];
        for (var cpu = 0; cpu < _idle.Length; cpu++) _idle[cpu] = new IdleOwners();
        machine.Metrics?.Add(this);
    }

    /// <summary>The largest block: 4 MiB.</summary>
    public override int MaxBufferSize => Pfn.PageSize << FrameTable.MaximalOrder;

    /// <summary>How many blocks are rented.</summary>
    public long RentedBuffers => Sum(static queue => queue.Rents) - Sum(static queue => queue.Returns);

    /// <summary>How many bytes they have.</summary>
    public long RentedBytes => Sum(static queue => queue.PagesOut) * Pfn.PageSize;

    /// <summary>How many blocks were never given back, and were found by the collector; <see cref="FreeLost"/> takes them off.</summary>
    public long LostBuffers => Volatile.Read(ref _found);

    /// <summary>Rents memory. The thread borrows a token for it; one that is a task itself must be in no section.</summary>
    /// <param name="minBufferSize">How many bytes at least, at most <see cref="MaxBufferSize"/>; −1 for one page.</param>
    /// <returns>Whole pages that follow each other; what was in them is still there, unless <see cref="Gfp.Zero"/> was asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too many bytes.</exception>
    /// <exception cref="OutOfPagesException">There are no such pages.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    [Might<Sleep>]
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        using var borrowed = _machine.Borrow();
        return Rent(borrowed.Task, minBufferSize);
    }

    /// <summary>Rents memory.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="minBufferSize">How many bytes at least, at most <see cref="MaxBufferSize"/>; −1 for one page.</param>
    /// <returns>Whole pages that follow each other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too many bytes.</exception>
    /// <exception cref="OutOfPagesException">There are no such pages.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    [Might<Sleep>, Might<SpinOnLock>]
    public PageBuffer Rent(MachineTask task, int minBufferSize = -1)
    {
        ArgumentNullException.ThrowIfNull(task);
        var order = OrderOf(minBufferSize);
        return _pages.Allocate(task, WithCompound(_gfp, order), order) is { } page
            ? Own(task, page, order)
            : throw new OutOfPagesException(order, _pages, LostBuffers);
    }

    /// <summary>Rents memory without sleeping.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="minBufferSize">How many bytes at least, at most <see cref="MaxBufferSize"/>; −1 for one page.</param>
    /// <param name="buffer">Whole pages that follow each other.</param>
    /// <returns>False if there are no such pages.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too many bytes.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    [MustCheck, ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public bool TryRent(MachineTask task, int minBufferSize, [NotNullWhen(true)] out PageBuffer? buffer)
    {
        ArgumentNullException.ThrowIfNull(task);
        var order = OrderOf(minBufferSize);
        buffer = _pages.Allocate(task, WithCompound(_gfp & ~Gfp.Block, order), order) is { } page ? Own(task, page, order) : null;
        return buffer is not null;
    }

    internal PageAllocator Pages => _pages;

    internal Machine Machine => _machine;

    /// <summary>Takes pages back whose owner has ended, and the owner for the next rent.</summary>
    [Might<SpinOnLock>]
    internal void TakeBack(MachineTask task, PageBuffer buffer, Pfn page, int order)
    {
        _pages.Free(task, page, order);
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        var isKept = _idle[state.CpuIndex].TryReturn(buffer, 1 << order);
        MachineTask.EndSection(task, ref state, before);
        if (!isKept) Spill(task, buffer);
    }

    /// <summary>Notes an owner that the collector found. It runs on a thread that must not touch pages.</summary>
    internal void NoteLost(PageBuffer buffer)
    {
        do buffer.Next = Volatile.Read(ref _lost);
        while (Interlocked.CompareExchange(ref _lost, buffer, buffer.Next) != buffer.Next);
        Interlocked.Increment(ref _found);
    }

    /// <summary>
    /// Frees the pages of owners that were never disposed of and that the collector has found. For the caller to decide: the
    /// collector sees the owners, not the spans, and nobody may be using a span of them.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <returns>How many owners.</returns>
    [Might<SpinOnLock>]
    public int FreeLost(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var count = 0;
        for (var buffer = Interlocked.Exchange(ref _lost, null); buffer is not null; count++)
        {
            var next = buffer.Next;
            Interlocked.Decrement(ref _found);
            buffer.Recover(task);
            buffer = next;
        }

        return count;
    }

    /// <summary>Ends the pool: nothing can be rented any more; what is rented goes back to the machine as it is disposed of.</summary>
    /// <param name="disposing">True from <see cref="IDisposable.Dispose"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _machine.Metrics?.Remove(this);
    }

    private static Gfp WithCompound(Gfp gfp, int order) => order == 0 ? gfp : gfp | Gfp.Compound;

    private int OrderOf(int bytes)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (bytes <= Pfn.PageSize && bytes >= -1) return 0;
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, MaxBufferSize);
        return BitOperations.Log2((uint)(bytes - 1) >> Pfn.PageShift) + 1;
    }

    [Might<SpinOnLock>]
    private PageBuffer Own(MachineTask task, Pfn page, int order)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        var buffer = _idle[state.CpuIndex].Rent(1 << order);
        MachineTask.EndSection(task, ref state, before);
        buffer ??= TakeOverflow(task) ?? new PageBuffer(this);
        buffer.Begin(page, order);
        return buffer;
    }

    // Owners that one CPU rents and another returns wander through the overflow, half a ring at a time.
    [Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private void Spill(MachineTask task, PageBuffer buffer)
    {
        using (_lock.LockIrqSave(task))
        {
            var idle = _idle[task.State.CpuIndex];
            for (var i = 0; i < IdleOwners.Capacity / 2 && idle.Take() is { } oldest; i++) _overflow.Enqueue(oldest);
            _overflow.Enqueue(buffer);
        }
    }

    [Might<SpinOnLock>, MethodImpl(MethodImplOptions.NoInlining)]
    private PageBuffer? TakeOverflow(MachineTask task)
    {
        if (_overflow.Count == 0) return null;
        using (_lock.LockIrqSave(task))
        {
            var idle = _idle[task.State.CpuIndex];
            for (var i = 0; i < IdleOwners.Capacity / 2 && _overflow.TryPeek(out var buffer) && idle.TryAdd(buffer); i++) _ = _overflow.Dequeue();
            return idle.Take();
        }
    }

    private long Sum(Func<IdleOwners, long> what)
    {
        long sum = 0;
        foreach (var queue in _idle) sum += what(queue);
        return sum;
    }
}
