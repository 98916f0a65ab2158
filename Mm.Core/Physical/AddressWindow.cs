// Reserved addresses at which single frames are mapped and taken away again: what a hardware walk of page tables would make visible.
// Context: system calls, invisible to the machine, whose time stands still meanwhile. Locks: the caller keeps two off one page.
// Invariants: AW1 a page of the window shows the frame that was last mapped there, or nothing. Lifetime: ends before the memory.
using System;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Physical;

[Trusted("system calls of the host; the machine's time stands still meanwhile")]
internal sealed class AddressWindow : IDisposable
{
    private readonly HostMemory _host;
    private readonly int _frames;
    private nint _address;
    private long _mapped;

    public AddressWindow(HostMemory host, long pages, int frames)
    {
        _host = host;
        _frames = frames;
        PageCount = pages;
        _address = host.Reserve(pages << Pfn.PageShift);
    }

    /// <summary>Where the window begins; 0 after <see cref="Dispose"/>.</summary>
    public nint Address => _address;

    /// <summary>How many pages of addresses it has.</summary>
    public long PageCount { get; }

    /// <summary>How many pages show a frame. Each may be a mapping of its own to the host, and split the reservation once more.</summary>
    public long MappedPages => Volatile.Read(ref _mapped);

    /// <summary>Shows frames that follow each other, counted from the beginning of the memory, at pages that show nothing.</summary>
    public void Map(long page, uint frame, int count, bool writable)
    {
        Check(page, count);
        if ((long)frame + count > _frames) throw new ArgumentOutOfRangeException(nameof(frame), $"There are {_frames} frames; {count} from {frame} on are not among them.");
        _host.MapAt(At(page), (long)frame << Pfn.PageShift, (long)count << Pfn.PageShift, writable);
        Interlocked.Add(ref _mapped, count);
    }

    /// <summary>Shows nothing at pages that show frames.</summary>
    public void Unmap(long page, int count)
    {
        Check(page, count);
        _host.ReserveAt(At(page), (long)count << Pfn.PageShift);
        Interlocked.Add(ref _mapped, -count);
    }

    /// <summary>The bytes of mapped pages.</summary>
    public Span<byte> Bytes(long page, int bytes)
    {
        Check(page, (int)(((long)bytes + Pfn.PageSize - 1) >> Pfn.PageShift));
        return NativeView.Of(At(page), bytes);
    }

    public nint At(long page) => _address + (nint)(page << Pfn.PageShift);

    public void Dispose()
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0) _host.Unmap(address, PageCount << Pfn.PageShift);
    }

    private void Check(long page, int count)
    {
        ObjectDisposedException.ThrowIf(_address == 0, this);
        if (page < 0 || count <= 0 || page + count > PageCount) throw new ArgumentOutOfRangeException(nameof(page), $"The window has {PageCount} pages; {count} from {page} on are not among them.");
    }
}
