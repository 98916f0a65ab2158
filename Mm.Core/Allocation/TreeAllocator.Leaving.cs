// How single frames go back to the trees that are not worth keeping: so many at a time, those of one row together, and counters later still.
//
//   free ──► leaving, up to 64 frames ──► bits of their rows ──► noted for their children ──► counters
//
// Most frees end with plain stores, so a processor goes on to the next page while it waits for this one's descriptor; and of what is freed
// in order, a row goes back in one step.
// Context and invariants: those of TreeAllocator.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Contexts;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator
{
    // The frame is allocated below and not leaving yet, and its child is no block. If another one is refused that left before, it is named instead.
    private FreeOutcome Give(ref CpuFrames at, ref uint frame)
    {
        var count = at.Leaving;
        at.LeavingFrame(count) = frame;
        at.Leaving = ++count;
        return count < at.LeavingLimit ? FreeOutcome.Freed : LetGo(ref at, ref frame);
    }

    // One that another CPU has given back, too, is refused: the others are free.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FreeOutcome LetGo(ref CpuFrames at, ref uint refused)
    {
        var outcome = FreeOutcome.Freed;
        var leaving = at.LeavingFrames;
        for (var i = 0; i < leaving.Length;)
        {
            var row = (int)(leaving[i] >> 6);
            var frames = 0UL;
            for (; i < leaving.Length && leaving[i] >> 6 == row; i++) frames |= Bits(leaving[i], 0);
            if (ReleaseLate(ref at, row, frames) == FreeOutcome.Freed) continue;
            for (; frames != 0; frames &= frames - 1)
            {
                if (ReleaseLate(ref at, row, frames & (0 - frames)) == FreeOutcome.Freed) continue;
                refused = ((uint)row << 6) + (uint)BitOperations.TrailingZeroCount(frames);
                outcome = FreeOutcome.NotAllocated;
            }
        }

        at.Leaving = 0;
        return outcome;
    }

    private FreeOutcome ReleaseLate(ref CpuFrames at, int row, ulong frames)
    {
        if (at.WaitingLimit == 0) return _trees.ReleaseInRow(row, frames);
        var late = _memory.Late(ref at);
        var outcome = _trees.ReleaseLate(row, frames, late, ref at.Waiting);
        if (at.Waiting >= at.WaitingLimit) _trees.Settle(late, ref at.Waiting);
        return outcome;
    }

    /// <summary>Raises what CPUs have noted, where it is so many frames at least: then the counters are what the bits are.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="least">How many.</param>
    /// <returns>False if there was nothing.</returns>
    internal bool Settle(MachineTask task, int least)
    {
        ref var state = ref task.State;
        var before = MachineTask.BeginSection(task, ref state);
        var settled = SettleAll(state.CpuIndex, least);
        MachineTask.EndSection(task, ref state, before);
        return settled;
    }

    private bool SettleAll(int own, int least)
    {
        var settled = false;
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            ref var at = ref _memory.Cpu(cpu);
            if (Volatile.Read(ref at.Waiting) < (cpu == own ? 1 : least)) continue;
            if (!(cpu == own ? CpuGate<HardwareAtomics>.TryEnter(ref at) : CpuGate<HardwareAtomics>.TryClaim(ref at))) continue;
            _trees.Settle(_memory.Late(ref at), ref at.Waiting);
            if (cpu == own) CpuGate<HardwareAtomics>.Leave(ref at);
            else CpuGate<HardwareAtomics>.EndClaim(ref at);
            settled = true;
        }

        return settled;
    }
}
