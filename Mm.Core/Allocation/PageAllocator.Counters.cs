// How many blocks went out and came back, counted by each CPU for itself: a locked instruction for each would cost as much as the rest.
// Single pages that go the short way are counted in the words of the CPU that they touch anyway (CpuFrames).
// Context: any; a count is a plain store in a section, so that the CPU is nobody else's meanwhile. Sums are racy reads.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Contexts;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    // Two cache lines for each CPU, since neighbours are fetched in pairs; the first pair is left to the array's own header.
    private const int Stride = 16;
    private readonly long[] _counts;

    /// <summary>How many blocks have been handed out.</summary>
    public long Allocations => SumOf(0);

    /// <summary>How many have come back.</summary>
    public long Frees => SumOf(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(MachineTask task, int which)
    {
        task.EnterSection(PreemptBits.PreemptOffset);
        _counts[((task.State.CpuIndex + 1) * Stride) + which]++;
        task.LeaveSection(PreemptBits.PreemptOffset);
    }

    private long SumOf(int which)
    {
        long sum = 0;
        for (var cpu = Stride; cpu < _counts.Length; cpu += Stride) sum += Volatile.Read(ref _counts[cpu + which]);
        foreach (var tree in _trees) sum += tree?.CountOf(which) ?? 0;
        return sum;
    }
}
