// Reading and writing user addresses: what copy_from_user and copy_to_user do, by a walk of the tables. arch/x86/mm/fault.c decides who may
// fault: not with page faults off, nor in an atomic context; there the copy stops, and says how much is missing (EFAULT).
// Context: matrix rows 95–97. Locks: none; a page is pinned while it is copied. Invariants: AC1 what was copied was permitted at that moment.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    /// <summary>Copies from user addresses; faults in what is not there.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="from">The first address.</param>
    /// <param name="to">Gets the bytes.</param>
    /// <returns>How many bytes are missing, 0 if none: more only where nothing may be read, or with page faults off.</returns>
    [MustCheck, Might<Fault>, Might<Sleep>]
    public int CopyFromUser(MachineTask task, VirtualAddress from, Span<byte> to)
    {
        task.MightFault();
        var at = new Cursor(from, to.Length);
        while (at.Rest != 0)
        {
            if (TryCopyPage(task, at.Address, to.Slice(at.Done, at.Chunk), out var dropped)) at.Advance();
            else if (dropped is { } page && TryEndDiscardFault(task, page)) continue;
            else if (dropped is not null || !MayFault(task, at.Address, isWrite: false) || (Fault(task, at.Address, AccessKind.Read) & FaultResult.Error) != 0) break;
        }

        return at.Rest;
    }

    /// <summary>Copies to user addresses; faults in what is not there, and makes copies of what is shared.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="to">The first address.</param>
    /// <param name="from">The bytes.</param>
    /// <returns>How many bytes are missing, 0 if none.</returns>
    [MustCheck, Might<Fault>, Might<Sleep>]
    public int CopyToUser(MachineTask task, VirtualAddress to, ReadOnlySpan<byte> from)
    {
        task.MightFault();
        var at = new Cursor(to, from.Length);
        while (at.Rest != 0)
        {
            if (TryWritePage(task, at.Address, from.Slice(at.Done, at.Chunk), out var dropped)) at.Advance();
            else if (dropped is { } page && TryEndDiscardFault(task, page)) continue;
            else if (dropped is not null || !MayFault(task, at.Address, isWrite: true) || (Fault(task, at.Address, AccessKind.Write) & FaultResult.Error) != 0) break;
        }

        return at.Rest;
    }

    /// <summary>Copies from user addresses what is there; never faults, never sleeps.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="from">The first address.</param>
    /// <param name="to">Gets the bytes.</param>
    /// <returns>How many bytes are missing, 0 if none.</returns>
    /// <remarks>In an NMI the page that is copied may be released here, which is not allowed there: it is refused.</remarks>
    [MustCheck, ForbiddenIn<Nmi>]
    public int CopyFromUserNoFault(MachineTask task, VirtualAddress from, Span<byte> to)
    {
        if (RuntimeChecks.Enabled && task.InNmi) Diagnostics.TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_nmi())");
        var at = new Cursor(from, to.Length);
        Pfn? dropped = null;
        while (at.Rest != 0 && TryCopyPage(task, at.Address, to.Slice(at.Done, at.Chunk), out dropped)) at.Advance();
        if (dropped is { } page) PutPage(task, page);
        return at.Rest;
    }

    // Nor does a fault help where the entry permits the access and there are no bytes behind it: registers are not memory.
    private bool MayFault(MachineTask task, VirtualAddress address, bool isWrite)
    {
        if (!MayFaultHere(task)) return false;
        var pte = EntryOf(task, address);
        return !pte.Permits(isWrite) || (pte.IoSpace == 0 && _memory.Access.Contains(pte.Pfn));
    }

    [MustCheck]
    private bool TryCopyPage(MachineTask task, VirtualAddress at, Span<byte> to, out Pfn? dropped)
    {
        using (task.IrqsOff())
        {
            if (!TryPin(task, at.Page, forWriting: false, out var frame, out var isCounted, out dropped)) return false;
            _memory.Access.Bytes(frame).Slice(at.Offset, to.Length).CopyTo(to);
            Unpin(task, frame, isCounted);
            return true;
        }
    }

    [MustCheck]
    private bool TryWritePage(MachineTask task, VirtualAddress at, ReadOnlySpan<byte> from, out Pfn? dropped)
    {
        using (task.IrqsOff())
        {
            if (!TryPin(task, at.Page, forWriting: true, out var frame, out var isCounted, out dropped)) return false;
            from.CopyTo(_memory.Access.Bytes(frame).Slice(at.Offset, from.Length));
            Unpin(task, frame, isCounted);
            return true;
        }
    }

    // What has a descriptor is pinned, whatever the entry says of it; what has none cannot be freed under us. A page that the host has
    // dropped comes back with the reference of a discard fault.
    [MustCheck, Requires<IrqOff>]
    private bool TryPin(MachineTask task, VirtualAddress at, bool forWriting, out Pfn frame, out bool isCounted, out Pfn? dropped)
    {
        (frame, isCounted, dropped) = (default, false, null);
        if (at.Value >= VirtualAddress.EndOfUser.Value || !_tables.TryFind(at, out var leaf)) return false;
        ref var entry = ref EntryAt(leaf, at);
        var pte = new Pte(Volatile.Read(ref entry));
        if (!pte.Permits(forWriting) || pte.IoSpace != 0 || !_memory.Access.Contains(pte.Pfn)) return false;
        frame = pte.Pfn;
        isCounted = _memory.Frames.Contains(frame) && _memory.Frames.TryGet(frame);
        task.Point();
        if (Volatile.Read(ref entry) == pte.Bits)
        {
            if (!isCounted || TryBeginAccess(frame, forWriting)) return true;
            dropped = frame;
            return false;
        }

        if (isCounted) PutPage(task, frame);
        return false;
    }

    private void Unpin(MachineTask task, Pfn frame, bool isCounted)
    {
        if (!isCounted) return;
        EndAccess(frame);
        PutPage(task, frame);
    }

    private ref struct Cursor(VirtualAddress start, int length)
    {
        public int Done { get; private set; }

        public readonly int Rest => length - Done;

        public readonly VirtualAddress Address => start.Plus((ulong)Done);

        public readonly int Chunk => Math.Min(Rest, Pfn.PageSize - Address.Offset);

        public void Advance() => Done += Chunk;
    }
}
