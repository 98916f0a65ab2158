// A further view of frames: contiguous addresses over scattered frames, the same bytes as in the linear view.
// Context: reading and writing anywhere; ending it sleeps. Lifetime: from MapAlias to Dispose.
using System;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Physical;

/// <summary>Frames at contiguous addresses.</summary>
public sealed class AliasView : IDisposable
{
    private readonly PhysicalMemory _memory;
    private readonly int _length;
    private nint _address;

    internal AliasView(PhysicalMemory memory, nint address, int length)
    {
        _memory = memory;
        _address = address;
        _length = length;
    }

    /// <summary>Where the view begins.</summary>
    public nint Address => _address;

    /// <summary>The bytes of the view. The span must not be used after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The view has ended.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address == 0, this);
            return NativeView.Of(_address, _length);
        }
    }

    /// <summary>Ends the view. The frames and their contents stay.</summary>
    [Might<Sleep>, Trusted("system calls of the host")]
    public void Dispose()
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0) _memory.Unmap(address, _length);
    }
}
