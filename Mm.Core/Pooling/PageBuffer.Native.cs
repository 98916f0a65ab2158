// A rented block of pages, as an owner of memory. The objects are used again; a state word tells a late use from a right one.
//
//   state   bit 31 has an owner · bits 0–30 how often it is pinned        0: idle
//
// Context: reading and writing anywhere; Dispose borrows a token and may wait for a CPU; Return in any context but NMI. Locks: none.
// Invariants: PB1 the pages go back when the owner has ended and the last pin is gone; PB2 idle buffers show no memory.
// Unsafe for the pointer to the linear view only, which is mapped as long as the machine lives.
using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Pooling;

/// <summary>Pages that are rented from a <see cref="PagePool"/>.</summary>
public sealed unsafe class PageBuffer : MemoryManager<byte>, IMemoryOwner<byte>
{
    private const int Owned = unchecked((int)0x8000_0000);
    private readonly PagePool _pool;
    private byte* _bytes;
    private int _length;
    private int _state;
    private Pfn _page;
    private int _order;

    internal PageBuffer(PagePool pool) => _pool = pool;

    /// <summary>An owner that was never disposed of is counted; its pages stay as they are until <see cref="PagePool.FreeLost"/>.</summary>
    [Trusted("links itself to a list, and touches no page")]
    [SuppressMessage("Reliability", "CA2015", Justification = "It frees nothing: a span of the pages may still be in use.")]
    ~PageBuffer()
    {
        if (_state != 0) _pool.NoteLost(this);
    }

    /// <summary>The first page: others may refer to it by <see cref="Frames.FrameTable.Get"/>.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public Pfn Page
    {
        get
        {
            CheckOwned();
            return _page;
        }
    }

    /// <summary>The binary logarithm of the number of pages.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public int Order
    {
        get
        {
            CheckOwned();
            return _order;
        }
    }

    internal PageBuffer? Next { get; set; }

    /// <summary>The bytes. The span must not be used after the buffer is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public override Span<byte> GetSpan()
    {
        var bytes = _bytes;
        if (bytes == null) ThrowDisposed();
        return new Span<byte>(bytes, _length);
    }

    /// <summary>Keeps the pages where and what they are, beyond the end of their owner, until the handle is disposed of.</summary>
    /// <param name="elementIndex">Where the handle points to.</param>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)_length) throw new ArgumentOutOfRangeException(nameof(elementIndex), $"The buffer has {_length} bytes.");
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if ((state & Owned) == 0) ThrowDisposed();
            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state) return new MemoryHandle(_bytes + elementIndex, pinnable: this);
        }
    }

    /// <summary>Ends a pin.</summary>
    /// <exception cref="InvalidOperationException">The buffer is not pinned.</exception>
    [Might<Sleep>]
    public override void Unpin()
    {
        var state = Volatile.Read(ref _state);
        while (true)
        {
            if ((state & ~Owned) == 0) throw new InvalidOperationException("The buffer is not pinned.");
            var before = Interlocked.CompareExchange(ref _state, state - 1, state);
            if (before == state) break;
            state = before;
        }

        if (state != 1) return;
        using var borrowed = _pool.Machine.Borrow();
        End(borrowed.Task);
    }

    /// <summary>Gives the pages back. The thread borrows a token for it; one that is a task itself must be in no section.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of already: nothing has changed.</exception>
    [Might<Sleep>]
    public void Dispose()
    {
        if (!TryDisown()) return;
        using var borrowed = _pool.Machine.Borrow();
        End(borrowed.Task);
    }

    /// <summary>Gives the pages back.</summary>
    /// <param name="task">The running task.</param>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of already: nothing has changed.</exception>
    [ForbiddenIn<Nmi>, Might<SpinOnLock>]
    public void Return(MachineTask task)
    {
        if (RuntimeChecks.Enabled && task.InNmi) Diagnostics.TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        if (TryDisown()) End(task);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Dispose();
    }

    internal void Begin(Pfn page, int order)
    {
        _page = page;
        _order = order;
        _length = Pfn.PageSize << order;
        _bytes = (byte*)_pool.Pages.AddressOf(page);
        Volatile.Write(ref _state, Owned);
    }

    /// <summary>Frees what the finalizer found.</summary>
    [Might<SpinOnLock>]
    internal void Recover(MachineTask task)
    {
        _state = 0;
        GC.ReRegisterForFinalize(this);
        End(task);
    }

    // True if nobody has pinned it either.
    private bool TryDisown()
    {
        var state = Volatile.Read(ref _state);
        while (true)
        {
            if ((state & Owned) == 0) ThrowDisposed();
            var before = Interlocked.CompareExchange(ref _state, state & ~Owned, state);
            if (before == state) break;
            state = before;
        }

        // A pin that is left has its pointer.
        _bytes = null;
        return state == Owned;
    }

    [Might<SpinOnLock>]
    private void End(MachineTask task)
    {
        _bytes = null;
        _pool.TakeBack(task, this, _page, _order);
    }

    private void CheckOwned()
    {
        if (Volatile.Read(ref _state) >= 0) ThrowDisposed();
    }

    [DoesNotReturn]
    private static void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(PageBuffer), "The buffer was disposed of already; its pages may be somebody else's by now.");
}
