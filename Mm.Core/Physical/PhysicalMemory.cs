// The physical memory of a machine: one object of the host, mapped once linearly, and as often again as views are made.
//
//   frames     0      1      2      3  …          linear view: frame n at LinearAddress + n · 4096
//              └──────┼──────┘      │
//   alias view    [ 2 ][ 0 ][ 3 ]                 contiguous addresses, scattered frames, the same bytes
//
// Context: making views and discarding sleeps (the host's system calls); reading and writing frames anywhere (matrix row 145).
// Locks: none; one view is made by one caller. Lifetime: views end before the memory they show; using either later throws.
// Invariants: PM1 a view shows exactly its frames; PM2 what fails leaves nothing mapped.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Physical;

/// <summary>Real memory, made of page frames.</summary>
public sealed class PhysicalMemory : IDisposable
{
    private readonly HostMemory _host;
    private readonly long _bytes;
    private nint _linear;
    private int _views;

    private PhysicalMemory(HostMemory host, int frames)
    {
        _host = host;
        _bytes = (long)frames * Pfn.PageSize;
        FrameCount = frames;
        _linear = host.Map(0, _bytes);
        host.AdviseHugePages(_linear, _bytes);
    }

    /// <summary>How many frames there are, numbered from 0.</summary>
    public int FrameCount { get; }

    /// <summary>Where frame 0 is mapped; frame n follows n pages later.</summary>
    public nint LinearAddress => _linear;

    /// <summary>True if <see cref="MapAlias"/> works: on Linux. Elsewhere there is the linear view alone.</summary>
    public bool HasViews => _host.HasViews;

    /// <summary>How many views are mapped, the linear one not counted.</summary>
    public int ViewCount => Volatile.Read(ref _views);

    /// <summary>Makes memory that reads as zeros. The host gives a frame real memory when it is first written.</summary>
    /// <param name="frames">How many page frames, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There must be at least one frame, and at most 2³¹ − 1.</exception>
    /// <exception cref="HostMemoryException">The host refused.</exception>
    [Might<Sleep>, Trusted("system calls of the host")]
    public static PhysicalMemory Create(int frames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frames);
        return Create(HostMemory.Create((long)frames * Pfn.PageSize), frames);
    }

    /// <summary>Makes memory of an object of the host, which goes with it.</summary>
    internal static PhysicalMemory Create(HostMemory host, int frames)
    {
        try
        {
            return new PhysicalMemory(host, frames);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of frames, in the linear view. The span must not be used after <see cref="Dispose"/>.</summary>
    /// <param name="first">The first frame.</param>
    /// <param name="count">How many frames, at most 524,287: a span has at most 2³¹ − 1 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such frames, or too many for a span.</exception>
    /// <exception cref="ObjectDisposedException">The memory is gone.</exception>
    public Span<byte> Frames(Pfn first, int count = 1)
    {
        CheckFrames(first, count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue >> Pfn.PageShift);
        return NativeView.Of(_linear + (nint)((long)first.Number << Pfn.PageShift), count << Pfn.PageShift);
    }

    /// <summary>Maps scattered frames at contiguous addresses; a frame may come several times.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="ranges">The frames in the order in which they are to appear; neighbours are mapped together.</param>
    /// <exception cref="ArgumentException">There are no ranges.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no such frames, or too many for a span.</exception>
    /// <exception cref="PlatformNotSupportedException">This host maps memory only once: <see cref="HasViews"/> is false.</exception>
    /// <exception cref="HostMemoryException">The host refused, as when it has no more mappings to give; nothing stays mapped.</exception>
    [Might<Sleep>, Trusted("system calls of the host")]
    public AliasView MapAlias(MachineTask task, params ReadOnlySpan<FrameRange> ranges)
    {
        task.MightSleep();
        if (ranges.IsEmpty) throw new ArgumentException("A view has at least one frame.", nameof(ranges));
        var runs = new List<FrameRange>();
        long pages = 0;
        foreach (var range in ranges)
        {
            CheckFrames(range.First, range.Count);
            pages += range.Count;
            if (runs.Count != 0 && runs[^1] is var last && (long)last.First.Number + last.Count == range.First.Number)
                runs[^1] = last with { Count = last.Count + range.Count };
            else
                runs.Add(range);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, int.MaxValue >> Pfn.PageShift, nameof(ranges));
        var bytes = pages << Pfn.PageShift;
        var address = _host.Reserve(bytes);
        try
        {
            var at = address;
            foreach (var run in runs)
            {
                var length = (long)run.Count << Pfn.PageShift;
                _host.MapAt(at, (long)run.First.Number << Pfn.PageShift, length);
                at += (nint)length;
            }
        }
        catch
        {
            _host.Unmap(address, bytes);
            throw;
        }

        Interlocked.Increment(ref _views);
        return new AliasView(this, address, (int)bytes);
    }

    /// <summary>Gives the memory behind frames back to the host: they read as zeros afterwards, in every view.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="frames">The frames.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such frames.</exception>
    /// <exception cref="HostMemoryException">The host refused.</exception>
    [Might<Sleep>, Trusted("system calls of the host")]
    public void Discard(MachineTask task, FrameRange frames)
    {
        task.MightSleep();
        CheckFrames(frames.First, frames.Count);
        _host.Discard((long)frames.First.Number << Pfn.PageShift, (long)frames.Count << Pfn.PageShift);
    }

    /// <summary>What <see cref="Discard"/> does, for a host that acts between two instructions of its guest.</summary>
    [Trusted("system calls of the host")]
    internal void Punch(FrameRange frames)
    {
        CheckFrames(frames.First, frames.Count);
        _host.Discard((long)frames.First.Number << Pfn.PageShift, (long)frames.Count << Pfn.PageShift);
    }

    /// <summary>
    /// Takes frames out of the machine: their memory goes back to the host, and the linear view has a hole there. An access to it is a
    /// fault that ends the process, as on a real machine; other views of the frames read as zeros.
    /// </summary>
    /// <param name="task">The running task.</param>
    /// <param name="frames">The frames, which nobody uses.</param>
    [Might<Sleep>, Trusted("system calls of the host")]
    public void TakeOut(MachineTask task, FrameRange frames)
    {
        Discard(task, frames);
        if (_host.HasViews) _host.ReserveAt(_linear + (nint)((long)frames.First.Number << Pfn.PageShift), (long)frames.Count << Pfn.PageShift);
    }

    /// <summary>Puts frames back that were taken out. They read as zeros.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="frames">The frames.</param>
    [Might<Sleep>, Trusted("system calls of the host")]
    public void PutIn(MachineTask task, FrameRange frames)
    {
        task.MightSleep();
        CheckFrames(frames.First, frames.Count);
        var offset = (long)frames.First.Number << Pfn.PageShift;
        if (_host.HasViews) _host.MapAt(_linear + (nint)offset, offset, (long)frames.Count << Pfn.PageShift);
    }

    /// <summary>Unmaps the linear view and gives everything back. Views that still stand keep showing their frames until they end.</summary>
    [Trusted("system calls of the host")]
    public void Dispose()
    {
        var linear = Interlocked.Exchange(ref _linear, 0);
        if (linear == 0) return;
        _host.Unmap(linear, _bytes);
        _host.Dispose();
    }

    /// <summary>Takes addresses at which frames can be mapped one by one.</summary>
    /// <param name="pages">How many pages of addresses.</param>
    /// <exception cref="HostMemoryException">The host refused.</exception>
    internal AddressWindow Reserve(long pages)
    {
        CheckNotDisposed();
        return new AddressWindow(_host, pages, FrameCount);
    }

    /// <summary>Shows a file in place of frames, for whoever reads and writes them.</summary>
    internal void ShowFile(HostFilePart part)
    {
        CheckFrames(new Pfn((uint)(part.Offset >> Pfn.PageShift)), (int)(part.Bytes >> Pfn.PageShift));
        _host.ShowFile(_linear, part);
    }

    internal void HideFile(HostFilePart part)
    {
        if (_linear != 0) _host.HideFile(_linear, part);
    }

    internal void Unmap(nint address, int bytes)
    {
        _host.Unmap(address, bytes);
        Interlocked.Decrement(ref _views);
    }

    /// <summary>Refuses whoever comes when the memory is gone.</summary>
    internal void CheckNotDisposed() => ObjectDisposedException.ThrowIf(_linear == 0, this);

    private void CheckFrames(Pfn first, int count)
    {
        CheckNotDisposed();
        if (count <= 0 || (long)first.Number + count > FrameCount)
            throw new ArgumentOutOfRangeException(nameof(first), $"There are {FrameCount} frames; {count} from frame {first.Number} on are not among them.");
    }
}
