// Isolated pageblocks of the tree allocator: a pageblock is a child, and the mark stands in its word (FrameTrees.Isolation.cs).
// Context: any but NMI; never sleeps. Locks: none. Whoever isolates tries again where others hold rights for a moment; they never wait
// for him. Stacks that a CPU is not at just now are emptied. Invariant: T8 of FrameTrees.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class TreeAllocator : IBlockIsolation
{
    /// <inheritdoc/>
    public int IsolatedPages => CountIsolated(0, _trees.Children);

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryIsolate(MachineTask task, FrameRange range)
    {
        var (first, count) = ChildrenOf(range);
        for (var i = 0; i < count; i++)
        {
            if (Isolate(task, first + i)) continue;
            while (i-- > 0) _trees.EndIsolation(first + i);
            return false;
        }

        // What a CPU takes from its stacks it has had before; what it gives back from now on stays in the range.
        task.EnterSection(PreemptBits.PreemptOffset);
        for (var cpu = 0; cpu < _memory.Cpus; cpu++)
        {
            ref var at = ref _memory.Cpu(cpu);
            if (AtHand(ref at) != 0) _ = TryDrain(ref at, cpu, isOwn: cpu == task.State.CpuIndex);
        }

        task.LeaveSection(PreemptBits.PreemptOffset);
        System.GC.KeepAlive(this);
        return true;
    }

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>]
    public void EndIsolation(MachineTask task, FrameRange range)
    {
        var (first, count) = ChildrenOf(range);
        for (var i = 0; i < count; i++) _trees.EndIsolation(first + i);
        System.GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    [Never<Sleep>, Might<SpinOnLock>]
    public int CountFree(MachineTask task, FrameRange range)
    {
        var (first, count) = ChildrenOf(range);
        return CountIsolated(first, count);
    }

    /// <inheritdoc/>
    [MustCheck, Never<Sleep>, Might<SpinOnLock>]
    public bool TryRemove(MachineTask task, FrameRange range, int expected)
    {
        var (first, count) = ChildrenOf(range);

        // What is free in an isolated range only becomes more, and nobody is left who could free any when all that is expected is free.
        if (CountIsolated(first, count) != expected) return false;
        for (var i = 0; i < count; i++) _ = _trees.Remove(first + i);
        System.GC.KeepAlive(this);
        return true;
    }

    // False if it was isolated already.
    private bool Isolate(MachineTask task, int child)
    {
        var spins = 0;
        while (true)
        {
            task.EnterSection(PreemptBits.PreemptOffset);
            var outcome = _trees.TryIsolate(child);
            task.LeaveSection(PreemptBits.PreemptOffset);
            if (outcome != IsolationOutcome.Overtaken) return outcome == IsolationOutcome.Isolated;
            _machine.Scheduler.Pause(task, ref spins);
        }
    }

    private int CountIsolated(int first, int count)
    {
        var free = 0;
        for (var i = 0; i < count; i++) free += _trees.FreeOfIsolated(first + i);
        System.GC.KeepAlive(this);
        return free;
    }

    private (int First, int Count) ChildrenOf(FrameRange range)
    {
        var frame = range.First.Number - _base;
        if (range.Count <= 0 || (range.First.Number | (uint)range.Count) % (1u << HugeOrder) != 0 || frame < _begin || frame + (ulong)range.Count > _end)
            throw new System.ArgumentException($"Frames are isolated in whole blocks of {1 << HugeOrder} that lie in the zone; {range.Count} from {range.First} on do not.", nameof(range));
        return ((int)(frame >> HugeOrder), range.Count >> HugeOrder);
    }
}
