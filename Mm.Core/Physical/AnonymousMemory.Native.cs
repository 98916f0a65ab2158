// Physical memory on Linux without memfd_create: anonymous shared memory, which the kernel also lets one map more than once.
// Context: system calls; may sleep in the host. Unsafe because of them: addresses come from the kernel and are given back to it only.
// Lifetime: the mapping that stands for the object lasts until Dispose; views of it keep its memory longer.
using System;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Mm.Core.Physical;

[SupportedOSPlatform("linux")]
internal sealed partial class AnonymousMemory : LinuxMemory
{
    private const int RemapMayMove = 1;
    private const int RemapFixed = 2;
    private const int MadviseRemove = 9;
    private readonly long _bytes;
    private nint _object;

    private AnonymousMemory(nint address, long bytes)
    {
        _object = address;
        _bytes = bytes;
    }

    ~AnonymousMemory() => Dispose();

    public static AnonymousMemory CreateObject(long bytes) =>
        new(Checked(mmap(0, (nuint)bytes, ProtReadWrite, MapShared | MapAnonymous, -1, 0), $"make {bytes} bytes of shared memory"), bytes);

    // Remapping no bytes of a shared mapping leaves it and makes another one of the same pages (mremap(2)).
    public override nint Map(long offset, long bytes) =>
        Checked(mremap(_object + (nint)offset, 0, (nuint)bytes, RemapMayMove, 0), "map physical memory");

    public override void MapAt(nint address, long offset, long bytes, bool writable = true)
    {
        Checked(mremap(_object + (nint)offset, 0, (nuint)bytes, RemapMayMove | RemapFixed, address), "map a view of physical memory");
        if (!writable && mprotect(address, (nuint)bytes, ProtRead) != 0) throw Failure("make a view of physical memory read-only");
    }

    public override void Discard(long offset, long bytes)
    {
        if (madvise(_object + (nint)offset, (nuint)bytes, MadviseRemove) != 0) throw Failure("take physical memory back");
    }

    public override void Dispose()
    {
        if (_object != 0) _ = munmap(_object, (nuint)_bytes);
        _object = 0;
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mremap(nint old, nuint oldBytes, nuint bytes, int flags, nint address);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint bytes, int protection);
}
