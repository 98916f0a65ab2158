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
        var memory = NativeMemory.AlignedAlloc(bytes, bytes < HugePage ? CacheLine : HugePage);
        if (bytes >= HugePage && OperatingSystem.IsLinux()) Advise(memory, bytes & ~(HugePage - 1));
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
