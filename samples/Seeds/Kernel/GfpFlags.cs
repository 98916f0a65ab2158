// What an allocation may do to find memory. Only the bit DirectReclaim lets it sleep.
using System;
using Mm.Contexts;

namespace Seeds.Kernel;

[Flags]
public enum GfpFlags
{
    None = 0,
    DirectReclaim = 1 << 0,
    BackgroundReclaim = 1 << 1,
    Io = 1 << 2,
    FileSystem = 1 << 3,
    EmergencyReserve = 1 << 4,

    /// <summary>For code that must not sleep: may use the emergency reserve instead.</summary>
    Atomic = EmergencyReserve | BackgroundReclaim,

    /// <summary>For ordinary code: may sleep until memory has been reclaimed.</summary>
    Kernel = DirectReclaim | BackgroundReclaim | Io | FileSystem,
}

/// <summary>Allocates small objects.</summary>
public static class Slab
{
    [Might<Sleep>(When = nameof(gfp), Has = GfpFlags.DirectReclaim), Trusted("primitive: direct reclaim waits for memory")]
    public static byte[]? Allocate(int size, GfpFlags gfp) => gfp == GfpFlags.None ? null : new byte[size];
}
