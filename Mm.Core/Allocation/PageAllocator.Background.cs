// The background reclaim, kswapd: woken where a zone falls below its low mark, works until all are above the high one.
// Context: a task of its own, that the user of the machine starts; woken from anywhere but an NMI. Locks: those of its wait queue.
// Invariants: BG1 a wake-up that comes while it works makes it look once more.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Zones;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    private int _isWanted;
    private bool _isStopped;

    /// <summary>Reclaims in the background until <see cref="StopBackgroundReclaim"/>: the body of a task.</summary>
    /// <param name="task">The running task.</param>
    /// <example><code>machine.Start("kswapd0", pages.ReclaimInBackground);</code></example>
    [Might<Sleep>]
    public void ReclaimInBackground(MachineTask task)
    {
        System.ArgumentNullException.ThrowIfNull(task);
        while (true)
        {
            _background.Wait(task, () => Volatile.Read(ref _isStopped) || Interlocked.Exchange(ref _isWanted, 0) != 0);
            if (Volatile.Read(ref _isStopped)) return;
            foreach (var zone in _zones) Balance(task, zone);
        }
    }

    /// <summary>Ends <see cref="ReclaimInBackground"/>, wherever it runs.</summary>
    /// <param name="task">The running task.</param>
    [Might<SpinOnLock>]
    public void StopBackgroundReclaim(MachineTask task)
    {
        Volatile.Write(ref _isStopped, true);
        _background.WakeAll(task);
    }

    [Might<SpinOnLock>]
    private void WakeBackground(MachineTask task)
    {
        if (Volatile.Read(ref _isWanted) != 0 || Interlocked.Exchange(ref _isWanted, 1) != 0) return;
        if (_background.IsActive) _background.WakeOne(task);
    }

    [Might<Sleep>]
    private void Balance(MachineTask task, Zone zone)
    {
        while (!Volatile.Read(ref _isStopped) && !zone.IsAbove(0, Watermark.High))
        {
            if (ReclaimFrom(task, new ReclaimRequest(zone, ReclaimAtLeast, 0, GfpLattice.CapabilitiesOf(Gfp.Kernel), IsBackground: true)) == 0) return;
            task.ConditionalReschedule();
        }
    }
}
