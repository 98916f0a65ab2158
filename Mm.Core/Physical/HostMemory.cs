// What a host must be able to do to be physical memory: one object, mapped as often and wherever one likes.
// Memfd where there is one; anonymous shared memory where Linux refuses one; memory of the process, without views, elsewhere.
// Context: the host's business; every call may sleep there. Lifetime: the object goes when it is disposed of and its last view is unmapped.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Physical;

/// <summary>A memory object of the host.</summary>
internal abstract class HostMemory : IDisposable
{
    /// <summary>Makes an object that reads as zeros: the best that this host has.</summary>
    /// <exception cref="HostMemoryException">The host refused.</exception>
    public static HostMemory Create(long bytes)
    {
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64)
            return MemfdMemory.TryCreateObject(bytes) ?? (HostMemory)AnonymousMemory.CreateObject(bytes);
        return ProcessMemory.CreateObject(bytes);
    }

    /// <summary>True if the object can be mapped more than once.</summary>
    public abstract bool HasViews { get; }

    /// <summary>Maps a part of the object somewhere.</summary>
    public abstract nint Map(long offset, long bytes);

    /// <summary>Takes addresses that nothing is mapped at; an access there is a fault.</summary>
    public abstract nint Reserve(long bytes);

    /// <summary>Maps a part of the object at reserved addresses, in place of what is there.</summary>
    public abstract void MapAt(nint address, long offset, long bytes, bool writable = true);

    /// <summary>Shows a file in place of a part of the object: in the linear view at once, in further views that are made from now on.</summary>
    /// <exception cref="PlatformNotSupportedException">This host cannot.</exception>
    public virtual void ShowFile(nint linear, HostFilePart part) => throw new PlatformNotSupportedException("A file is shown in memory where memory is a memory object of Linux (memfd_create); here it is not.");

    /// <summary>Shows the object again.</summary>
    public virtual void HideFile(nint linear, HostFilePart part) => throw new PlatformNotSupportedException("No file is shown in this memory.");

    /// <summary>Makes addresses reserved again, in place of what is mapped there; an access there is a fault.</summary>
    public abstract void ReserveAt(nint address, long bytes);

    /// <summary>Ends a mapping or a reservation.</summary>
    public abstract void Unmap(nint address, long bytes);

    /// <summary>Gives a part back to the host: every view of it reads zeros afterwards.</summary>
    public abstract void Discard(long offset, long bytes);

    /// <summary>Asks for huge pages for a mapping; the host may decline.</summary>
    public abstract void AdviseHugePages(nint address, long bytes);

    public abstract void Dispose();
}

/// <summary>A part of a file in place of a part of a memory object.</summary>
internal sealed record HostFilePart(Microsoft.Win32.SafeHandles.SafeFileHandle File, long Offset, long Bytes, long FileOffset, bool IsWritable)
{
    public long End => Offset + Bytes;
}
