// The states of all frames, and the moves between them: guest instructions on one side, what the host does when it likes on the other.
// Context: instructions anywhere; the host's own moves are system calls of the real host, so a task that may sleep.
// Locks: one bit in the state, as the hardware has one for each page table entry; who finds it set waits, which no guest sees.
// Invariants: HP1 one of the eight pairs, always; HP2 content Preserved or Zero ⇔ the frame has no memory; HP3 dirty P is never dropped;
//             HP4 a frame that is being accessed is neither dropped nor swapped.
using System;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Discard;

/// <summary>What a host keeps of the frames of a guest. All are stable and resident at first.</summary>
public abstract class HostPages : IHost
{
    //   bits 0–1 usage · 2–3 content · 4 written to · 7 the host is at it · 8–31 accesses that have begun and not ended
    private const int Written = 0x10;
    private const int Busy = 0x80;
    private const int OneAccess = 0x100;
    private readonly int[] _states;
    private readonly Pfn _first;

    /// <summary>Makes states for frames.</summary>
    /// <param name="first">The first frame.</param>
    /// <param name="count">How many.</param>
    protected HostPages(Pfn first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _first = first;
        _states = new int[count];
    }

    private enum Instruction
    {
        SetUnused,
        SetStable,
        SetVolatile,
        SetPotentiallyVolatile,
        ClearDirty,
    }

    /// <inheritdoc/>
    public PageState StateOf(Pfn page) => Decode(Volatile.Read(ref At(page)));

    /// <inheritdoc/>
    public bool IsDirty(Pfn page) => (Volatile.Read(ref At(page)) & Written) != 0;

    /// <inheritdoc/>
    public void SetUnused(Pfn page) => _ = Execute(page, Instruction.SetUnused);

    /// <inheritdoc/>
    public bool TrySetStable(Pfn page) => !Execute(page, Instruction.SetStable).IsDiscarded;

    /// <inheritdoc/>
    public void SetVolatile(Pfn page) => _ = Execute(page, Instruction.SetVolatile);

    /// <inheritdoc/>
    public void SetPotentiallyVolatile(Pfn page) => _ = Execute(page, Instruction.SetPotentiallyVolatile);

    /// <inheritdoc/>
    public void ClearDirty(Pfn page) => _ = Execute(page, Instruction.ClearDirty);

    /// <inheritdoc/>
    public HostAccess Access(Pfn page, bool isWrite) => Access(page, isWrite, 0);

    /// <inheritdoc/>
    public HostAccess BeginAccess(Pfn page, bool isWrite) => Access(page, isWrite, OneAccess);

    /// <inheritdoc/>
    public void EndAccess(Pfn page)
    {
        if (Interlocked.Add(ref At(page), -OneAccess) >= 0) return;
        _ = Interlocked.Add(ref At(page), OneAccess);
        throw new InvalidOperationException($"No access to frame {page} has begun; each end belongs to one beginning.");
    }

    private HostAccess Access(Pfn page, bool isWrite, int begun)
    {
        ref var state = ref At(page);
        while (true)
        {
            var before = WaitForHost(ref state);
            var pair = Decode(before);
            if (pair.IsDiscarded) return HostAccess.DiscardFault;
            if (pair is { Usage: PageUsage.Unused, Content: PageContent.Zero }) return HostAccess.AddressingException;
            var written = isWrite || (before & Written) != 0;
            if (pair.Content == PageContent.Preserved)
            {
                if (!TryBegin(ref state, before)) continue;
                var after = before;
                try
                {
                    Restore(page);
                    after = begun + Encode(PageUsage.Stable, PageContent.Resident, written);
                }
                finally
                {
                    // Where the host has failed, the frame is as it was, and nobody waits for it.
                    Volatile.Write(ref state, after);
                }

                return HostAccess.Done;
            }

            var accessed = AccessesOf(before) + begun + Encode(pair.Usage, PageContent.Resident, written);
            if (accessed == before || Interlocked.CompareExchange(ref state, accessed, before) == before) return HostAccess.Done;
        }
    }

    /// <summary>The host drops a frame if it may: an unused one, a volatile one, or a potentially volatile one that nobody wrote to.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The frame.</param>
    /// <returns>False if it must not, or the guest is accessing it just now: nothing has changed.</returns>
    [MustCheck, Might<Sleep>]
    public bool TryDiscard(MachineTask task, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        return TryTake(page, isNeeded: false);
    }

    /// <summary>The host puts a frame elsewhere if it must keep it: a stable one, or a potentially volatile one that was written to, which becomes stable.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The frame.</param>
    /// <returns>False if there is nothing to keep, or the guest is accessing it just now: nothing has changed.</returns>
    [MustCheck, Might<Sleep>]
    public bool TrySwap(MachineTask task, Pfn page)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        return TryTake(page, isNeeded: true);
    }

    /// <summary>Takes the memory of a frame away. If this or one of the next two throws, the frame is in the state that it was in.</summary>
    /// <param name="page">The frame.</param>
    protected abstract void Drop(Pfn page);

    /// <summary>Copies a frame elsewhere and takes its memory away.</summary>
    /// <param name="page">The frame.</param>
    protected abstract void Preserve(Pfn page);

    /// <summary>Brings a frame back.</summary>
    /// <param name="page">The frame.</param>
    protected abstract void Restore(Pfn page);

    private static int AccessesOf(int state) => state & ~(OneAccess - 1);

    private static PageState Decode(int state) => new((PageUsage)(state & 3), (PageContent)((state >> 2) & 3));

    private static int Encode(PageUsage usage, PageContent content, bool isWritten) => (int)usage | ((int)content << 2) | (isWritten ? Written : 0);

    // What has no memory nobody is accessing, and what is accessed the host leaves alone: nobody else changes a busy state.
    private static bool TryBegin(ref int state, int before) => Interlocked.CompareExchange(ref state, before | Busy, before) == before;

    [Trusted("the instruction takes as long as the host is at the frame")]
    private static int WaitForHost(ref int state)
    {
        var wait = default(SpinWait);
        while (true)
        {
            var now = Volatile.Read(ref state);
            if ((now & Busy) == 0) return now;
            wait.SpinOnce();
        }
    }

    private PageState Execute(Pfn page, Instruction instruction)
    {
        ref var state = ref At(page);
        while (true)
        {
            var before = WaitForHost(ref state);
            var after = AccessesOf(before) + After(before & (OneAccess - 1), instruction);
            if (after == before || Interlocked.CompareExchange(ref state, after, before) == before) return Decode(after);
        }
    }

    private static int After(int before, Instruction instruction)
    {
        var (usage, content) = Decode(before);
        var written = (before & Written) != 0;
        switch (instruction)
        {
            case Instruction.SetUnused:
                return Encode(PageUsage.Unused, content == PageContent.Resident ? content : PageContent.Zero, false);
            case Instruction.SetStable when usage == PageUsage.Volatile && content == PageContent.Zero:
                return before;
            case Instruction.SetStable:
                return Encode(PageUsage.Stable, content, written);
            case Instruction.ClearDirty:
                return before & ~Written;

            // What was written since it was last potentially volatile would be lost as plainly volatile.
            case Instruction.SetVolatile when usage == PageUsage.PotentiallyVolatile && written:
                return before;
            case Instruction.SetVolatile:
                return content == PageContent.Resident ? Encode(PageUsage.Volatile, content, written) : Encode(PageUsage.Volatile, PageContent.Zero, false);
            default:
                if (content == PageContent.Resident) return Encode(PageUsage.PotentiallyVolatile, content, written);
                return content == PageContent.Preserved && written ? before : Encode(PageUsage.Volatile, PageContent.Zero, false);
        }
    }

    // A frame whose contents are needed is put elsewhere, and is stable then; one whose contents are not is dropped.
    private bool TryTake(Pfn page, bool isNeeded)
    {
        ref var state = ref At(page);
        while (true)
        {
            var before = WaitForHost(ref state);
            var (usage, content) = Decode(before);
            var written = (before & Written) != 0;
            if (isNeeded != (usage == PageUsage.Stable || (usage == PageUsage.PotentiallyVolatile && written))) return false;
            if (content != PageContent.Resident || AccessesOf(before) != 0) return false;
            if (!TryBegin(ref state, before)) continue;
            var after = before;
            try
            {
                if (isNeeded) Preserve(page);
                else Drop(page);
                after = isNeeded ? Encode(PageUsage.Stable, PageContent.Preserved, written)
                    : Encode(usage == PageUsage.Unused ? PageUsage.Unused : PageUsage.Volatile, PageContent.Zero, false);
            }
            finally
            {
                Volatile.Write(ref state, after);
            }

            return true;
        }
    }

    private ref int At(Pfn page)
    {
        var index = page.Number - _first.Number;
        if (index >= (uint)_states.Length)
            throw new ArgumentOutOfRangeException(nameof(page), $"The host has {_states.Length} frames from {_first} on; frame {page} is not among them.");
        return ref _states[index];
    }
}
