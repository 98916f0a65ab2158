// What the guest says of a frame, what the host has of it, and what passes between the two. Eight of the twelve pairs exist:
//
//            Resident   Preserved   Zero
//   Stable      Sr         Sp        Sz       needed: the host may swap it, and must bring it back
//   Unused      Ur          –        Uz       free: the host may drop it
//   Volatile    Vr          –        Vz       clean and to be had again: the host may drop it, and Vz is "discarded"
//   PotentiallyVolatile  Pr –         –       the same, if nobody has written to it
using Mm.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Discard;

/// <summary>What the guest says of a frame.</summary>
public enum PageUsage : byte
{
    /// <summary>Its contents are needed.</summary>
    Stable,

    /// <summary>Free.</summary>
    Unused,

    /// <summary>Its contents are clean and can be made again.</summary>
    Volatile,

    /// <summary>The same, unless somebody has written to it meanwhile: it is mapped writable somewhere.</summary>
    PotentiallyVolatile,
}

/// <summary>What the host has of a frame.</summary>
public enum PageContent : byte
{
    /// <summary>Memory.</summary>
    Resident,

    /// <summary>A copy elsewhere.</summary>
    Preserved,

    /// <summary>Nothing.</summary>
    Zero,
}

/// <summary>The state of a frame between guest and host.</summary>
/// <param name="Usage">What the guest says.</param>
/// <param name="Content">What the host has.</param>
public readonly record struct PageState(PageUsage Usage, PageContent Content)
{
    /// <summary>True for the eight pairs that exist.</summary>
    public bool IsLegal => Content switch
    {
        PageContent.Resident => true,
        PageContent.Preserved => Usage == PageUsage.Stable,
        _ => Usage != PageUsage.PotentiallyVolatile,
    };

    /// <summary>True if the host has dropped what the guest had offered.</summary>
    public bool IsDiscarded => Usage == PageUsage.Volatile && Content == PageContent.Zero;

    /// <summary>The pair in two letters, as in "Sr".</summary>
    public override string ToString() => string.Concat("SUVP"[(int)Usage].ToString(), "rpz"[(int)Content].ToString());
}

/// <summary>What became of an access.</summary>
public enum HostAccess
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>The frame is discarded: nothing was read or written.</summary>
    DiscardFault,

    /// <summary>The frame is unused and not there: a bug of the guest.</summary>
    AddressingException,
}

/// <summary>The guest's side of a host: its instructions. None waits for the guest, and all may be used in any context.</summary>
public interface IHost
{
    /// <summary>The state of a frame; the host may change it at once.</summary>
    /// <param name="page">The frame.</param>
    PageState StateOf(Pfn page);

    /// <summary>Says that a frame is free.</summary>
    /// <param name="page">The frame.</param>
    void SetUnused(Pfn page);

    /// <summary>Says that a frame is needed.</summary>
    /// <param name="page">The frame.</param>
    /// <returns>False if it is discarded: nothing has changed.</returns>
    [MustCheck]
    bool TrySetStable(Pfn page);

    /// <summary>Says that a frame can be made again.</summary>
    /// <param name="page">The frame.</param>
    void SetVolatile(Pfn page);

    /// <summary>Says that a frame can be made again if nobody has written to it. One without contents is discarded at once.</summary>
    /// <param name="page">The frame.</param>
    void SetPotentiallyVolatile(Pfn page);

    /// <summary>What the hardware does before a frame is read or written: brings it back, notes a write, or faults.</summary>
    /// <param name="page">The frame.</param>
    /// <param name="isWrite">True to write.</param>
    [MustCheck]
    HostAccess Access(Pfn page, bool isWrite);

    /// <summary>The same for an access of many instructions, such as a copy: until it ends, the host leaves the frame as it is.</summary>
    /// <param name="page">The frame.</param>
    /// <param name="isWrite">True to write.</param>
    /// <returns>Done, and <see cref="EndAccess"/> is owed; otherwise nothing has begun.</returns>
    [MustCheck]
    HostAccess BeginAccess(Pfn page, bool isWrite);

    /// <summary>Ends an access.</summary>
    /// <param name="page">The frame.</param>
    void EndAccess(Pfn page);

    /// <summary>The hardware's dirty bit of a frame.</summary>
    /// <param name="page">The frame.</param>
    bool IsDirty(Pfn page);

    /// <summary>Clears the hardware's dirty bit.</summary>
    /// <param name="page">The frame.</param>
    void ClearDirty(Pfn page);
}
