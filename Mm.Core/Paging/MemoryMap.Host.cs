// Address spaces under a host that may take pages away (Mm.Core/Discard): every access asks the host, and what it has dropped faults.
//
//   entry ─► reference, interrupts off ─► host: done ─► copy ─► host told of the end      dropped ─► interrupts as they were ─► in a task?
//                                                                       ─► lock, unmap everywhere, out of the cache, put ─► begin again
//
// Context: as the access. Locks: the mapping count of a page of a file changes under the page's bit, inside the pte lock.
// Invariants: DA1 bytes are touched only between the host's "done" and the end of the access; DA2 a reference is held before interrupts go on.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    private PageStates? States => _memory.Options.Pages.States;

    // Under the pte lock: a page of a file gets a mapping, for which the caller has a reference. False if it is leaving its cache.
    [MustCheck, Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>]
    private bool TryCountFileMapping(MachineTask task, Pfn page, bool isWritable)
    {
        if (States is { } states)
        {
            if (!states.TryAddMapping(task, page, isWritable)) return false;
        }
        else
        {
            _memory.Frames.AddMapping(page);
        }

        Interlocked.Increment(ref _filePages);
        return true;
    }

    // Under the pte lock: the page gets a mapping, for which the caller has a reference.
    private void CountAnonymousMapping(Pfn page)
    {
        Interlocked.Increment(ref _anonymousPages);
        _memory.Frames.AddMapping(page);
    }

    // Under the pte lock; the reference of the mapping is still to be put, outside of it.
    [Might<SpinOnLock>, ForbiddenIn<SoftIrq>, ForbiddenIn<IrqOff>]
    private void UncountMapping(MachineTask task, Pfn page)
    {
        if (_memory.Frames.IsAnonymous(page))
        {
            Interlocked.Decrement(ref _anonymousPages);
            _ = _memory.Frames.RemoveMappingAndTest(page);
            return;
        }

        Interlocked.Decrement(ref _filePages);
        if (States is { } states) _ = states.RemoveMapping(task, page);
        else _ = _memory.Frames.RemoveMappingAndTest(page);
    }

    // True, and EndAccess is owed, if the bytes of a frame may be touched.
    [MustCheck]
    private bool TryBeginAccess(Pfn frame, bool isWrite) =>
        States is not { } states || !_memory.Frames.Contains(frame) || states.Host.BeginAccess(frame, isWrite) == HostAccess.Done;

    private void EndAccess(Pfn frame)
    {
        if (States is { } states && _memory.Frames.Contains(frame)) states.Host.EndAccess(frame);
    }

    // Under a host, for a page that was just allocated and is nobody else's: stable, so that nothing can fail.
    private void Clear(Pfn fresh)
    {
        var hasBegun = TryBeginAccess(fresh, isWrite: true);
        _memory.Access.Bytes(fresh).Clear();
        if (hasBegun) EndAccess(fresh);
    }

    // False if the host has dropped what was to be copied.
    [MustCheck]
    private bool TryCopy(Pfn from, Pfn fresh)
    {
        if (!TryBeginAccess(from, isWrite: false)) return false;
        var hasBegun = TryBeginAccess(fresh, isWrite: true);
        _memory.Access.Bytes(from).CopyTo(_memory.Access.Bytes(fresh));
        if (hasBegun) EndAccess(fresh);
        EndAccess(from);
        return true;
    }

    // The page comes back as the access found it, with a reference. Where nobody may sleep the access fails, as with any other fault.
    [MustCheck, Might<Sleep>]
    private bool TryEndDiscardFault(MachineTask task, Pfn page)
    {
        if (!MayFaultHere(task))
        {
            PutPage(task, page);
            return false;
        }

        States!.EndFault(task, page);
        return true;
    }

    // A fault has shown a page: it is unlocked, offered to the host again, since finding it has made it stable, and given back.
    private void EndShowing(MachineTask task, Pfn page, bool isLocked)
    {
        if (isLocked) _memory.Frames.Unlock(task, page);
        _ = States?.MakeVolatile(task, page, 2);
        PutPage(task, page);
    }

    private static bool MayFaultHere(MachineTask task) => !task.PageFaultsDisabled && task.Preemptible && task.RcuDepth == 0;
}
