// A page-table entry, as on x86-64 where that has a bit for it.
//
//   bit 0 present · 1 write · 2 user · 5 young · 6 dirty · 9 special (software) · 12–43 frame · 48–51 input/output space
//
// An entry without the user bit is there and permits nothing: PROT_NONE.
using System.Globalization;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>A page-table entry.</summary>
/// <param name="Bits">The word in the table.</param>
public readonly record struct Pte(ulong Bits)
{
    internal const ulong PresentBit = 1;
    internal const ulong WriteBit = 2;
    internal const ulong UserBit = 4;
    internal const ulong YoungBit = 0x20;
    internal const ulong DirtyBit = 0x40;
    internal const ulong SpecialBit = 0x200;
    private const int SpaceShift = 48;

    /// <summary>True if there is nothing.</summary>
    public bool IsNone => Bits == 0;

    /// <summary>True if it maps a frame.</summary>
    public bool IsPresent => (Bits & PresentBit) != 0;

    /// <summary>True if it may be written through.</summary>
    public bool IsWritable => (Bits & WriteBit) != 0;

    /// <summary>True if it may be used by the user at all.</summary>
    public bool IsUser => (Bits & UserBit) != 0;

    /// <summary>True if it was used.</summary>
    public bool IsYoung => (Bits & YoungBit) != 0;

    /// <summary>True if it was written through.</summary>
    public bool IsDirty => (Bits & DirtyBit) != 0;

    /// <summary>True if no counted page is behind it.</summary>
    public bool IsSpecial => (Bits & SpecialBit) != 0;

    /// <summary>True if it is of memory, and does not say that no counted page is behind it.</summary>
    internal bool IsOrdinary => (Bits & (SpecialBit | (15UL << SpaceShift))) == 0;

    /// <summary>The frame.</summary>
    public Pfn Pfn => new((uint)(Bits >> Pfn.PageShift));

    /// <summary>The input/output space of the frame, 0 for memory.</summary>
    public int IoSpace => (int)(Bits >> SpaceShift) & 15;

    /// <summary>The word in 16 hexadecimal digits.</summary>
    public override string ToString() => Bits.ToString("x16", CultureInfo.InvariantCulture);

    internal static Pte Of(Pfn pfn, ulong bits) => new(((ulong)pfn.Number << Pfn.PageShift) | PresentBit | bits);

    internal static Pte Of(IoPfn pfn, ulong bits) => new(((ulong)pfn.Frame << Pfn.PageShift) | ((ulong)pfn.Space << SpaceShift) | PresentBit | bits);

    internal Pte With(ulong bits) => new(Bits | bits);

    internal Pte Without(ulong bits) => new(Bits & ~bits);

    /// <summary>True if an access is served without a fault.</summary>
    internal bool Permits(bool write) => (Bits & (PresentBit | UserBit)) == (PresentBit | UserBit) && (!write || IsWritable);
}
