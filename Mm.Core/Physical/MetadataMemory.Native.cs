// Native memory for tables: zeroed, on a cache line, and in huge pages where it is large, so that a walk over it costs few TLB misses.
// Context: the host's allocator; may sleep there. Unsafe because of it: whoever allocates keeps the address and frees it once.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Physical;

internal static unsafe class MetadataMemory
{
    private const nuint CacheLine = 64;
    private const nuint HugePage = 2 << 20;

    /// <param name="bytes">How many.</param>
    /// <param name="isHot">Every page is touched there, at random: its tail gets a huge page as well, for at most so much memory as it has.</param>
    /// <exception cref="OutOfMemoryException">There is no room.</exception>
    public static void* Allocate(nuint bytes, bool isHot = false)
    {
        if (isHot && bytes >= HugePage / 2) bytes = (bytes + HugePage - 1) & ~(HugePage - 1);
        var memory = NativeMemory.AlignedAlloc(bytes, bytes < HugePage ? CacheLine : HugePage);

        // Before the first touch, and only whole huge pages: the neighbours are somebody else's. The host may decline.
        if (bytes >= HugePage && OperatingSystem.IsLinux()) LinuxMemory.AdviseHuge((nint)memory, (long)(bytes & ~(HugePage - 1)));
        NativeMemory.Clear(memory, bytes);
        return memory;
    }

    /// <summary>Refuses what this process cannot have: all of it is touched, and a host that promises more than it has would end the process for that.</summary>
    /// <exception cref="OutOfMemoryException">It is more than there is.</exception>
    public static void CheckRoom(nuint bytes, string what)
    {
        var most = (nuint)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > most) throw new OutOfMemoryException($"{what} take {bytes} bytes, and this process may have {most}.");
    }

    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);
}
