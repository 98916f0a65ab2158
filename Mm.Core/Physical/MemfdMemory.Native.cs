// Physical memory as Linux makes it: an anonymous file that is mapped.
// Context: system calls; may sleep in the host. Unsafe because of them: addresses come from the kernel and are given back to it only.
using System;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Mm.Core.Physical;

[SupportedOSPlatform("linux")]
internal sealed partial class MemfdMemory : LinuxMemory
{
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int NotImplemented = 38;
    private const int CloseOnExec = 1;
    private const int FallocateKeepSize = 1;
    private const int FallocatePunchHole = 2;
    private HostFilePart[] _files = [];
    private int _file;

    private MemfdMemory(int file) => _file = file;

    ~MemfdMemory() => Dispose();

    /// <summary>Makes an object; null where the kernel has none, or a sandbox forbids it.</summary>
    public static MemfdMemory? TryCreateObject(long bytes)
    {
        var file = memfd_create("mm-physical", CloseOnExec);
        if (file < 0 && Marshal.GetLastPInvokeError() is NotPermitted or AccessDenied or NotImplemented) return null;
        if (file < 0) throw Failure("make a memory object");
        var memory = new MemfdMemory(file);
        if (ftruncate(file, bytes) == 0) return memory;
        var failure = Failure($"give the memory object {bytes} bytes");
        memory.Dispose();
        throw failure;
    }

    public override nint Map(long offset, long bytes) =>
        Checked(mmap(0, (nuint)bytes, ProtReadWrite, MapShared, _file, offset), "map physical memory");

    public override void MapAt(nint address, long offset, long bytes, bool writable = true)
    {
        // Piece by piece, as files lie in the object or do not.
        for (var end = offset + bytes; offset < end;)
        {
            var (at, part, piece) = (offset, Array.Find(_files, f => f.Offset <= offset && offset < f.End), end);
            if (part is not null) piece = Math.Min(end, part.End);
            else foreach (var later in _files) piece = later.Offset > at ? Math.Min(piece, later.Offset) : piece;
            if (part is null) Checked(mmap(address, (nuint)(piece - at), writable ? ProtReadWrite : ProtRead, MapShared | MapFixed, _file, at), "map a view of physical memory");
            else MapFile(address, part, at - part.Offset, piece - at, writable);
            address += (nint)(piece - at);
            offset = piece;
        }
    }

    public override void ShowFile(nint linear, HostFilePart part)
    {
        MapFile(linear + (nint)part.Offset, part, 0, part.Bytes, writable: true);
        _files = [.. _files, part];
    }

    public override void HideFile(nint linear, HostFilePart part)
    {
        _files = Array.FindAll(_files, f => f != part);
        MapAt(linear + (nint)part.Offset, part.Offset, part.Bytes);
    }

    private static void MapFile(nint address, HostFilePart part, long from, long bytes, bool writable)
    {
        var held = false;
        try
        {
            part.File.DangerousAddRef(ref held);
            Checked(mmap(address, (nuint)bytes, writable && part.IsWritable ? ProtReadWrite : ProtRead, MapShared | MapFixed, (int)part.File.DangerousGetHandle(), part.FileOffset + from), "map a file");
        }
        finally
        {
            if (held) part.File.DangerousRelease();
        }
    }

    public override void Discard(long offset, long bytes)
    {
        if (fallocate(_file, FallocatePunchHole | FallocateKeepSize, offset, bytes) != 0) throw Failure("take physical memory back");
    }

    public override void Dispose()
    {
        if (_file >= 0) _ = close(_file);
        _file = -1;
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int file, long bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(int file, int mode, long offset, long bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int file);
}
