// Physical memory where no host object can be mapped twice: memory of the process, seen once.
// Context: the host's allocator; may sleep there. Unsafe because of it: the address goes back to it only.
// Lifetime: from CreateObject to Dispose.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Physical;

internal sealed unsafe class ProcessMemory : HostMemory
{
    private readonly long _bytes;
    private void* _memory;

    private ProcessMemory(void* memory, long bytes)
    {
        _memory = memory;
        _bytes = bytes;
    }

    ~ProcessMemory() => Dispose();

    public override bool HasViews => false;

    public static ProcessMemory CreateObject(long bytes)
    {
        var memory = NativeMemory.AlignedAlloc(checked((nuint)bytes), Pfn.PageSize);
        NativeMemory.Clear(memory, (nuint)bytes);
        return new ProcessMemory(memory, bytes);
    }

    public override nint Map(long offset, long bytes) => (nint)_memory + (nint)offset;

    public override nint Reserve(long bytes) => throw NoViews();

    public override void MapAt(nint address, long offset, long bytes, bool writable = true) => throw NoViews();

    public override void ReserveAt(nint address, long bytes) => throw NoViews();

    // The only view ends with the object.
    public override void Unmap(nint address, long bytes)
    {
    }

    public override void Discard(long offset, long bytes) => NativeMemory.Clear((byte*)_memory + offset, (nuint)bytes);

    public override void AdviseHugePages(nint address, long bytes)
    {
    }

    public override void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }

    private static PlatformNotSupportedException NoViews() => new(
        $"Frames are shown at further addresses with mmap, on Linux on x64 and arm64; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.ProcessArchitecture}, where memory has its linear view only.");
}
