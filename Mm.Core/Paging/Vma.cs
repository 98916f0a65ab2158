// An area of user addresses that are treated alike, and what its owner does when they are touched.
// Context: read under the mmap lock; changed by its writer. Lifetime: from the mapping to the unmapping; a split makes another one.
using System;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>What an area permits, and what is in it.</summary>
[Flags]
public enum VmFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>May be read.</summary>
    Read = 1 << 0,

    /// <summary>May be written.</summary>
    Write = 1 << 1,

    /// <summary>May be executed.</summary>
    Execute = 1 << 2,

    /// <summary>Writes are everybody's.</summary>
    Shared = 1 << 3,

    /// <summary>May be made readable.</summary>
    MayRead = 1 << 4,

    /// <summary>May be made writable.</summary>
    MayWrite = 1 << 5,

    /// <summary>May be made executable.</summary>
    MayExecute = 1 << 6,

    /// <summary>Registers of a device.</summary>
    Io = 1 << 8,

    /// <summary>Frame numbers and no pages, in one run that begins at the page offset.</summary>
    PfnMap = 1 << 9,

    /// <summary>Frames with and without pages.</summary>
    MixedMap = 1 << 10,

    /// <summary>Cannot grow.</summary>
    DontExpand = 1 << 11,

    /// <summary>Not for a child.</summary>
    DontCopy = 1 << 12,

    /// <summary>Not for a dump.</summary>
    DontDump = 1 << 13,
}

/// <summary>A fault that is being served.</summary>
public struct VmFault
{
    /// <summary>The area.</summary>
    public Vma Area { get; internal set; }

    /// <summary>The address of the page.</summary>
    public VirtualAddress Address { get; internal set; }

    /// <summary>Its place in the file, in pages.</summary>
    public ulong PageOffset { get; internal set; }

    /// <summary>True for a write.</summary>
    public bool IsWrite { get; internal set; }

    /// <summary>The page that is to be mapped, with a reference that is handed over. To be set by the owner, unless it says otherwise.</summary>
    public Pfn? Page { get; set; }
}

/// <summary>What the owner of an area does. Called with the mmap lock held for reading; may sleep.</summary>
public interface IVmOperations
{
    /// <summary>True if <see cref="FindSpecialPage"/> is to be asked about special entries.</summary>
    bool FindsSpecialPages => false;

    /// <summary>Finds the page of an address, or maps it itself and says <see cref="FaultResult.NoPage"/>.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="fault">The fault.</param>
    [Might<Sleep>]
    FaultResult Fault(MachineTask task, ref VmFault fault);

    /// <summary>A shared page is about to become writable.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="fault">The fault, with its page.</param>
    [Might<Sleep>]
    FaultResult PageMakeWrite(MachineTask task, ref VmFault fault) => FaultResult.None;

    /// <summary>A shared frame without a page is about to become writable.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="fault">The fault.</param>
    [Might<Sleep>]
    FaultResult PfnMakeWrite(MachineTask task, ref VmFault fault) => FaultResult.None;

    /// <summary>The page behind a special entry, where its owner knows one. Under the page table lock.</summary>
    /// <param name="area">The area.</param>
    /// <param name="address">The address.</param>
    [Never<Sleep>]
    Pfn? FindSpecialPage(Vma area, VirtualAddress address) => null;

    /// <summary>True for a page that a fault finds again: a fork leaves its entry to that.</summary>
    /// <param name="page">The page of an entry.</param>
    [Never<Sleep>]
    bool IsFoundAgain(Pfn page) => false;

    /// <summary>There is an area more, by a mapping, a fork or a split.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The new area.</param>
    [Might<Sleep>]
    void Opened(MachineTask task, Vma area)
    {
    }

    /// <summary>An area is gone; its tables still stand.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area.</param>
    [Might<Sleep>]
    void Closed(MachineTask task, Vma area)
    {
    }
}

/// <summary>An area of user addresses.</summary>
public sealed class Vma
{
    internal Vma(MemoryMap map, VirtualAddress start, VirtualAddress end, VmFlags flags, IVmOperations? operations, ulong pageOffset)
    {
        Map = map;
        Start = start;
        End = end;
        Flags = flags;
        Operations = operations;
        PageOffset = pageOffset;
    }

    /// <summary>The address space.</summary>
    public MemoryMap Map { get; }

    /// <summary>Its first address.</summary>
    public VirtualAddress Start { get; internal set; }

    /// <summary>The address behind its last.</summary>
    public VirtualAddress End { get; internal set; }

    /// <summary>What it permits and holds.</summary>
    public VmFlags Flags { get; internal set; }

    /// <summary>Its owner; null for anonymous memory.</summary>
    public IVmOperations? Operations { get; }

    /// <summary>Where it begins in its file, in pages; for <see cref="VmFlags.PfnMap"/> the first frame.</summary>
    public ulong PageOffset { get; internal set; }

    /// <summary>How many pages it has.</summary>
    public long PageCount => (long)((End.Value - Start.Value) >> Pfn.PageShift);

    /// <summary>True if what is written stays private: may be written, and is not shared (is_cow_mapping).</summary>
    public bool IsCopyOnWrite => (Flags & (VmFlags.Shared | VmFlags.MayWrite)) == VmFlags.MayWrite;

    /// <summary>True once it has a page of its own.</summary>
    internal bool HasAnonymous { get; set; }

    /// <summary>True if an address lies in it.</summary>
    /// <param name="address">The address.</param>
    public bool Contains(VirtualAddress address) => address.Value - Start.Value < End.Value - Start.Value;

    /// <summary>The place of an address in the file, in pages.</summary>
    /// <param name="address">An address in the area.</param>
    public ulong PageOffsetOf(VirtualAddress address) => PageOffset + ((address.Value - Start.Value) >> Pfn.PageShift);

    /// <summary>The area as /proc/self/maps shows it.</summary>
    public override string ToString() =>
        $"{Start}-{End} {Sign(VmFlags.Read, 'r')}{Sign(VmFlags.Write, 'w')}{Sign(VmFlags.Execute, 'x')}{((Flags & VmFlags.Shared) != 0 ? 's' : 'p')} {PageOffset:x8}";

    /// <summary>The bits of an entry of this area that is not written through yet.</summary>
    internal ulong Protection =>
        ((Flags & (VmFlags.Read | VmFlags.Write | VmFlags.Execute)) != 0 ? Pte.UserBit : 0)
        | ((Flags & (VmFlags.Shared | VmFlags.Write)) == (VmFlags.Shared | VmFlags.Write) ? Pte.WriteBit : 0);

    private char Sign(VmFlags flag, char sign) => (Flags & flag) != 0 ? sign : '-';
}
