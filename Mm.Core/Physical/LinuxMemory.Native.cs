// What memory objects of Linux have in common: addresses that are reserved, taken back and unmapped, and how the kernel's refusals are told.
// Context: system calls; may sleep in the host. Unsafe because of them: addresses come from the kernel and are given back to it only.
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Mm.Core.Physical;

/// <summary>A memory object that the kernel of Linux maps.</summary>
[SupportedOSPlatform("linux")]
internal abstract partial class LinuxMemory : HostMemory
{
    protected const int ProtNone = 0;
    protected const int ProtRead = 1;
    protected const int ProtReadWrite = 3;
    protected const int MapShared = 0x01;
    protected const int MapPrivate = 0x02;
    protected const int MapFixed = 0x10;
    protected const int MapAnonymous = 0x20;
    protected const int MapNoReserve = 0x4000;
    private const int MadviseHugePage = 14;

    public override bool HasViews => true;

    public override nint Reserve(long bytes) =>
        Checked(mmap(0, (nuint)bytes, ProtNone, MapPrivate | MapAnonymous | MapNoReserve, -1, 0), "reserve addresses");

    public override void ReserveAt(nint address, long bytes) =>
        Checked(mmap(address, (nuint)bytes, ProtNone, MapPrivate | MapAnonymous | MapNoReserve | MapFixed, -1, 0), "take a view of physical memory away");

    public override void Unmap(nint address, long bytes)
    {
        if (munmap(address, (nuint)bytes) != 0) throw Failure("unmap memory");
    }

    public override void AdviseHugePages(nint address, long bytes) => AdviseHuge(address, bytes);

    /// <summary>Asks for huge pages for any memory of the process; the host may decline.</summary>
    public static void AdviseHuge(nint address, long bytes) => _ = madvise(address, (nuint)bytes, MadviseHugePage);

    protected static nint Checked(nint address, string operation) => address == -1 ? throw Failure(operation) : address;

    protected static HostMemoryException Failure(string operation) => new(operation, Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    protected static partial nint mmap(nint address, nuint bytes, int protection, int flags, int file, long offset);

    [LibraryImport("libc", SetLastError = true)]
    protected static partial int munmap(nint address, nuint bytes);

    [LibraryImport("libc", SetLastError = true)]
    protected static partial int madvise(nint address, nuint bytes, int advice);
}
