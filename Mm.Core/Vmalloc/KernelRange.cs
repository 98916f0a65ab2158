// A range of kernel addresses: reserved, or with frames behind it, which then read as one span however scattered they are.
// Context: its bytes anywhere; ending it by its owner, KernelRanges. Lifetime: from reserving or mapping to the free; used later, it throws.
using System;
using System.Threading;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Mm.Core.Vmalloc;

/// <summary>What a range is made of.</summary>
public enum KernelRangeKind
{
    /// <summary>Addresses with tables and nothing in them.</summary>
    Reserved,

    /// <summary>Pages of others.</summary>
    Mapped,

    /// <summary>Pages of its own, which go with it.</summary>
    Allocated,
}

/// <summary>A range of kernel addresses.</summary>
public sealed class KernelRange
{
    private readonly KernelRanges _owner;
    private int _hasEnded;

    internal KernelRange(KernelRanges owner, VirtualAddress start, int pages, KernelRangeKind kind, Pfn[] frames)
    {
        _owner = owner;
        Start = start;
        PageCount = pages;
        Kind = kind;
        Frames = frames;
    }

    /// <summary>Its first address.</summary>
    public VirtualAddress Start { get; }

    /// <summary>How many pages it has. The guard page behind it is not one of them.</summary>
    public int PageCount { get; }

    /// <summary>What it is made of.</summary>
    public KernelRangeKind Kind { get; }

    /// <summary>The address behind its last; the guard page begins there.</summary>
    public VirtualAddress End => Start.PlusPages(PageCount);

    /// <summary>True once it was freed, or its free is under way.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>The bytes, contiguous. The span must not be used after the free.</summary>
    /// <exception cref="ObjectDisposedException">The range was freed.</exception>
    /// <exception cref="InvalidOperationException">Nothing is mapped in it.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(HasEnded, this);
            if (Kind == KernelRangeKind.Reserved) throw new InvalidOperationException("The range is reserved; it has tables and no frames, so it has no bytes.");
            return _owner.BytesOf(this);
        }
    }

    /// <summary>Where its first byte is in the process, for native code.</summary>
    /// <exception cref="ObjectDisposedException">The range was freed.</exception>
    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(HasEnded, this);
            return _owner.AddressOf(Start);
        }
    }

    internal KernelRanges Owner => _owner;

    internal Pfn[] Frames { get; }

    /// <summary>For the list of those whose free was put off.</summary>
    internal KernelRange? Next { get; set; }

    /// <summary>True for the one that ends it.</summary>
    internal bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;

}
