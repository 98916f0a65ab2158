// Native memory for tables: zeroed, on a cache line, and in huge pages where it is large, so that a walk over it costs few TLB misses.
// Context: the host's allocator; may sleep there. Unsafe because of it: whoever allocates keeps the address and frees it once.
using System;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Mm.Core.Physical;

internal static unsafe partial class MetadataMemory
{
    private const nuint CacheLine = 64;
    private const nuint HugePage = 2 << 20;
    private const int MadviseHugePage = 14;

    public static void* Allocate(nuint bytes)
    {
        if (bytes < HugePage / 2)
        {
            var small = NativeMemory.AlignedAlloc(bytes, CacheLine);
            NativeMemory.Clear(small, bytes);
            return small;
        }

        // To the end of the last huge page: what is random in a table is random in its tail as well.
        bytes = (bytes + HugePage - 1) & ~(HugePage - 1);
        var memory = NativeMemory.AlignedAlloc(bytes, HugePage);
        if (OperatingSystem.IsLinux()) Advise(memory, bytes);
        NativeMemory.Clear(memory, bytes);
        return memory;
    }

    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);

    // Before the first touch, and only whole huge pages: the neighbours are somebody else's. The host may decline.
    [SupportedOSPlatform("linux")]
    private static void Advise(void* memory, nuint bytes) => _ = madvise(memory, bytes, MadviseHugePage);

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint bytes, int advice);
}
