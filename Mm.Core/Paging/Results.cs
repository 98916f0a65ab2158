// What became of a fault and of a mapping, with the kernel's numbers (include/linux/mm_types.h, include/uapi/asm-generic/errno-base.h).
using System;

namespace Mm.Core.Paging;

/// <summary>What became of a fault.</summary>
[Flags]
public enum FaultResult
{
    /// <summary>It is served.</summary>
    None = 0,

    /// <summary>There is no memory.</summary>
    OutOfMemory = 0x1,

    /// <summary>There is nothing behind the address: SIGBUS.</summary>
    BusError = 0x2,

    /// <summary>It had to wait for a device.</summary>
    Major = 0x4,

    /// <summary>The address is not there, or not for this access: SIGSEGV.</summary>
    SegmentationFault = 0x40,

    /// <summary>The owner mapped it himself.</summary>
    NoPage = 0x100,

    /// <summary>The page came locked.</summary>
    Locked = 0x200,

    /// <summary>The mmap lock was dropped: begin again.</summary>
    Retry = 0x400,

    /// <summary>The write has its own copy now.</summary>
    DoneCopyOnWrite = 0x1000,

    /// <summary>Any of the results that serve nothing.</summary>
    Error = OutOfMemory | BusError | SegmentationFault,
}

/// <summary>What became of a mapping: 0 or the kernel's error number.</summary>
public enum MapResult
{
    /// <summary>It is done.</summary>
    None = 0,

    /// <summary>There is no memory for tables: ENOMEM. Nothing of the call is left.</summary>
    OutOfMemory = -12,

    /// <summary>The area may not be made to permit it: EACCES.</summary>
    Denied = -13,

    /// <summary>The address does not lie in the area: EFAULT.</summary>
    Fault = -14,

    /// <summary>Something is mapped there: EBUSY.</summary>
    Busy = -16,

    /// <summary>There is an entry, and no page to refer to: EEXIST.</summary>
    Exists = -17,

    /// <summary>The arguments make no sense here: EINVAL.</summary>
    Invalid = -22,
}
