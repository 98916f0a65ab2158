// Addresses and frame numbers of other spaces as types: a kernel's frame number is not a machine's, and neither is a register's.
using System.Globalization;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>An address that page tables translate.</summary>
/// <param name="Value">48 bits, sign-extended: the lower half is the user's, the upper the kernel's.</param>
public readonly record struct VirtualAddress(ulong Value)
{
    /// <summary>The first address that is not the user's.</summary>
    public static VirtualAddress EndOfUser => new(1UL << 47);

    /// <summary>The first byte of its page.</summary>
    public VirtualAddress Page => new(Value & ~(ulong)(Pfn.PageSize - 1));

    /// <summary>How far into its page it is.</summary>
    public int Offset => (int)Value & (Pfn.PageSize - 1);

    /// <summary>True for the kernel's half.</summary>
    public bool IsKernel => (Value >> 47) != 0;

    /// <summary>The address a number of bytes further on.</summary>
    /// <param name="bytes">How many.</param>
    public VirtualAddress Plus(ulong bytes) => new(Value + bytes);

    /// <summary>The address a number of pages further on.</summary>
    /// <param name="pages">How many.</param>
    public VirtualAddress PlusPages(long pages) => new(Value + (ulong)(pages << Pfn.PageShift));

    /// <summary>The address in 16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The place of its entry in the table of a level, 3 the top.</summary>
    internal int Index(int level) => (int)(Value >> (Pfn.PageShift + (9 * level))) & 511;
}

/// <summary>
/// A frame of an input/output space: registers, not memory. The space stands in the number itself, as on sparc (GET_IOSPACE),
/// so that one prototype of remapping serves every architecture.
/// </summary>
/// <param name="Value">The space in the top four bits, the frame below.</param>
public readonly record struct IoPfn(ulong Value)
{
    /// <summary>A frame of a space.</summary>
    /// <param name="space">The space, 0 to 15; 0 is that of memory.</param>
    /// <param name="frame">The frame in it.</param>
    public IoPfn(int space, uint frame)
        : this(((ulong)space << 60) | frame)
    {
        System.ArgumentOutOfRangeException.ThrowIfNegative(space);
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan(space, 15);
    }

    /// <summary>The space, 0 to 15.</summary>
    public int Space => (int)(Value >> 60);

    /// <summary>The frame in it.</summary>
    public uint Frame => (uint)Value;
}

/// <summary>A frame number of the machine below: where a hypervisor gives frames, the kernel's own numbers are others.</summary>
/// <param name="Number">The number by which the hypervisor knows it.</param>
public readonly record struct MachinePfn(uint Number)
{
    /// <summary>As something to remap. There is no way to a <see cref="Pfn"/>: no descriptor belongs to such a number.</summary>
    /// <param name="space">The space, 0 to 15.</param>
    public IoPfn ToIo(int space = 0) => new(space, Number);
}
