// Where a thread waits until another lets it go on: on a semaphore of the host, or by its schedule.
// Context: only a thread that holds no lock of the host. Invariants: K1 one permit at most is kept, so callers test their condition again.
using System;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

[Trusted("waits for the host, outside of the machine's contexts")]
internal sealed class Parker(MachineTask task)
{
    private readonly SemaphoreSlim _permit = new(0, 1);
    private readonly Lock _gate = new();

    /// <summary>Waits for a permit, or until the time is over. May return early.</summary>
    public void Park(TimeSpan? timeout = null)
    {
        if (task.Machine.Schedule is { IsRunning: true } schedule)
        {
            schedule.Block(task, () => _permit.CurrentCount != 0, timeout is not null);
            _permit.Wait(0);
            return;
        }

        if (task.Machine.Schedule is { } idle && !_permit.Wait(0))
        {
            idle.ServeUntil(() => _permit.CurrentCount != 0 || timeout is not null, task);
            _permit.Wait(0);
            return;
        }

        if (task.Machine.Schedule is null) _permit.Wait(timeout ?? Timeout.InfiniteTimeSpan);
    }

    public void Unpark()
    {
        lock (_gate)
        {
            if (_permit.CurrentCount == 0) _permit.Release();
        }
    }
}
