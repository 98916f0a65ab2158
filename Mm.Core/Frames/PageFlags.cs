// The flags of a page, one registry for all of them.
//
//   bits  0–24  flags, in the order below          bit 25  tail of a compound page
//   bit     26  in quarantine     bit 27  held     bits 30–31  number of the zone
//   bit     28  the cold half may hold something: mappings, a type, an owner, a mapping word (FrameTable.HotPath)
//   bit     29  first of a block of several pages, whose order stands beside it
//
// Which flags a page may have when it is freed, and when it is handed out, is the kernel's (include/linux/page-flags.h, 6.1).
using System;

namespace Mm.Core.Frames;

/// <summary>What is true of a page.</summary>
[Flags]
public enum PageFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Somebody has it to himself: <see cref="FrameTable.Lock"/>.</summary>
    Locked = 1u << 0,

    /// <summary>Used of late.</summary>
    Referenced = 1u << 1,

    /// <summary>Its contents are those of its backing store, or newer.</summary>
    UpToDate = 1u << 2,

    /// <summary>Newer than its backing store.</summary>
    Dirty = 1u << 3,

    /// <summary>On a list of pages by use.</summary>
    Lru = 1u << 4,

    /// <summary>On the list of those in use.</summary>
    Active = 1u << 5,

    /// <summary>Part of a working set.</summary>
    WorkingSet = 1u << 6,

    /// <summary>Somebody waits for it.</summary>
    Waiters = 1u << 7,

    /// <summary>Input or output failed.</summary>
    Error = 1u << 8,

    /// <summary>Holds small objects.</summary>
    Slab = 1u << 9,

    /// <summary>For its owner.</summary>
    OwnerPrivate = 1u << 10,

    /// <summary>For the architecture.</summary>
    Architecture = 1u << 11,

    /// <summary>Not to be allocated.</summary>
    Reserved = 1u << 12,

    /// <summary>Has data of its file system.</summary>
    Private = 1u << 13,

    /// <summary>Has more of it.</summary>
    Private2 = 1u << 14,

    /// <summary>Is being written.</summary>
    Writeback = 1u << 15,

    /// <summary>First of a compound page.</summary>
    Head = 1u << 16,

    /// <summary>In the swap cache.</summary>
    SwapCache = 1u << 17,

    /// <summary>Cannot be reclaimed.</summary>
    Unevictable = 1u << 18,

    /// <summary>Locked into memory.</summary>
    MemoryLocked = 1u << 19,

    /// <summary>The hardware has found it broken.</summary>
    HardwarePoison = 1u << 20,

    /// <summary>Reported to the host as free.</summary>
    Reported = 1u << 21,

    /// <summary>The host has dropped it.</summary>
    Discarded = 1u << 22,

    /// <summary>Mapped writable somewhere.</summary>
    Writable = 1u << 23,

    /// <summary>Taken off its list to be moved.</summary>
    Isolated = 1u << 24,

    /// <summary>Part of a compound page, not its first.</summary>
    Tail = 1u << 25,

    /// <summary>Its state was found broken: it is never handed out again.</summary>
    Quarantined = 1u << 26,

    /// <summary>Somebody outside of the memory manager holds it: <see cref="Holders.HolderRegistry"/>.</summary>
    Held = 1u << 27,

    /// <summary>None of these may be set when a page is freed.</summary>
    CheckedAtFree = Held | Lru | Locked | Private | Private2 | Writeback | Reserved | Slab | Active | Unevictable | MemoryLocked,

    /// <summary>None of these may be set when a page is handed out; cleared when it is freed.</summary>
    CheckedAtAllocation = (((1u << 25) - 1) & ~HardwarePoison) | Held,
}

/// <summary>What a page is while nobody can map it; shares its place with the number of mappings.</summary>
[Flags]
public enum PageType
{
    /// <summary>An ordinary page.</summary>
    None = 0,

    /// <summary>First of a free block.</summary>
    Buddy = 0x80,

    /// <summary>Logically not there.</summary>
    Offline = 0x100,

    /// <summary>A page table.</summary>
    Table = 0x200,

    /// <summary>Kept free to catch overruns.</summary>
    Guard = 0x400,
}
