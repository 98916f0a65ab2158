// Native memory for tables: zeroed, on a cache line, and in huge pages where it is large, so that a walk over it costs few TLB misses.
// Context: the host's allocator; may sleep there. Unsafe because of it: whoever allocates keeps the address and frees it once.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Physical;

internal static unsafe class MetadataMemory
{
    private const nuint CacheLine = 64;
    private const nuint HugePage = 2 << 20;

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

        // Before the first touch. The host may decline.
        if (OperatingSystem.IsLinux()) LinuxMemory.AdviseHuge((nint)memory, (long)bytes);
        NativeMemory.Clear(memory, bytes);
        return memory;
    }

    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);
}
