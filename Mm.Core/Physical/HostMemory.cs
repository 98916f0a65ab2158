// What a host must be able to do to be physical memory: one object, mapped as often and wherever one likes.
// Context: the host's business; every call may sleep there. Lifetime: the object goes when it is disposed of and its last view is unmapped.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Physical;

/// <summary>A memory object of the host.</summary>
internal abstract class HostMemory : IDisposable
{
    /// <summary>Makes an object that reads as zeros.</summary>
    /// <exception cref="PlatformNotSupportedException">This host has none.</exception>
    public static HostMemory Create(long bytes)
    {
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64)
            return MemfdMemory.CreateObject(bytes);
        throw new PlatformNotSupportedException(
            $"Physical memory is made with memfd_create, which Linux on x64 and arm64 has; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.ProcessArchitecture}.");
    }

    /// <summary>Maps a part of the object somewhere.</summary>
    public abstract nint Map(long offset, long bytes);

    /// <summary>Takes addresses that nothing is mapped at; an access there is a fault.</summary>
    public abstract nint Reserve(long bytes);

    /// <summary>Maps a part of the object at reserved addresses, in place of what is there.</summary>
    public abstract void MapAt(nint address, long offset, long bytes);

    /// <summary>Ends a mapping or a reservation.</summary>
    public abstract void Unmap(nint address, long bytes);

    /// <summary>Gives a part back to the host: every view of it reads zeros afterwards.</summary>
    public abstract void Discard(long offset, long bytes);

    /// <summary>Asks for huge pages for a mapping; the host may decline.</summary>
    public abstract void AdviseHugePages(nint address, long bytes);

    public abstract void Dispose();
}
