// One thread at a time, and a seed that says which: every interleaving of the points can be had again.
// Context: the host's side; points are the begins and ends of sections, waits, spins, and MachineTask.Point.
// Locks: Gate of its own, innermost. Invariants: S1 exactly one participant runs; S2 the same seed and program give the same order.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

/// <summary>Nothing in the machine can go on: every task waits, and no timer, interrupt or grace period is outstanding.</summary>
/// <param name="message">Who waits.</param>
public sealed class MachineDeadlockException(string message) : InvalidOperationException(message);

[Trusted("the host's side of the machine")]
internal sealed class Schedule(Machine machine, Func<int, int> choose)
{
    private const int MaximalIdleSpins = 20_000;
    private readonly Lock _gate = new();
    private readonly List<Participant> _participants = [];
    private Participant? _running;
    private Exception? _failure;
    private int _idleSpins;

    /// <summary>True between the start of <see cref="Run"/> and the end of its last task.</summary>
    public bool IsRunning => _running is not null;

    public void Add(MachineTask task, Action<MachineTask> body)
    {
        var participant = new Participant(task);
        var thread = new Thread(() => Play(participant, body)) { IsBackground = true, Name = task.Name };
        task.Thread = thread;
        lock (_gate)
        {
            _participants.Add(participant);
            if (_failure is not null) participant.Turn.Release();
        }

        thread.Start();
    }

    /// <summary>Lets the tasks run until all have ended, those that tasks start among them, and throws what the first that failed threw.</summary>
    public void Run()
    {
        if (_participants.Count == 0) return;
        lock (_gate)
        {
            _running = Pick(null);
            _running.Turn.Release();
        }

        for (var i = 0; ThreadOf(i) is { } thread; i++) thread.Join();
        _participants.Clear();
        _running = null;
        while (machine.Service.Step()) { }
        var failure = _failure;
        _failure = null;
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private Thread? ThreadOf(int index)
    {
        lock (_gate) return index < _participants.Count ? _participants[index].Task.Thread : null;
    }

    public void Point(MachineTask task)
    {
        if (_running is not { } self || self.IsServing) return;
        StopIfFailed();
        _idleSpins = 0;
        ServeSometimes(self);
        Switch(self, Pick(null));
    }

    /// <summary>A point of one that waits for another's store: somebody else goes on, if anybody can.</summary>
    public void Spin(MachineTask task)
    {
        if (_running is not { } self)
        {
            ServeUntil(() => true, task);
            return;
        }

        StopIfFailed();
        if (++_idleSpins > MaximalIdleSpins) Fail("Every task spins");
        if (self.IsServing && Others(self).Count == 0) Fail("A handler spins on what its CPU holds");
        Serve(self);
        Switch(self, Pick(self));
    }

    public void Block(MachineTask task, Func<bool> condition, bool mayReturnEarly)
    {
        if (_running is not { } self) return;
        StopIfFailed();
        if (mayReturnEarly)
        {
            if (!condition()) Spin(task);
            return;
        }

        self.Condition = condition;
        try
        {
            WaitFor(self, condition);
        }
        finally
        {
            self.Condition = null;
        }
    }

    private void WaitFor(Participant self, Func<bool> condition)
    {
        while (!condition())
        {
            Serve(self);
            if (condition()) break;
            if (Others(self).Count == 0 && !machine.Timers.AdvanceToNext() && !machine.Service.Step())
            {
                // Interrupts may have woken somebody at the last step; only then is it certain.
                if (!condition() && Others(self).Count == 0) Fail("Every task waits");
                continue;
            }

            Switch(self, Pick(self));
        }
    }

    /// <summary>For the thread that sets a machine up before <see cref="Run"/>: alone, it can only wait for time and interrupts.</summary>
    public void ServeUntil(Func<bool> condition, MachineTask task)
    {
        do
        {
            if (machine.Service.Step(task) || condition()) continue;
            if (!machine.Timers.AdvanceToNext()) Fail($"{task.Name}/{task.Id} waits, and nothing can wake it");
        }
        while (!condition());
    }

    private void Play(Participant self, Action<MachineTask> body)
    {
        self.Turn.Wait();
        try
        {
            if (_failure is null)
            {
                body(self.Task);
                self.Task.Dispose();
            }
        }
        catch (Exception failure)
        {
            _failure ??= failure;
            self.Task.Abandon();
        }

        lock (_gate)
        {
            self.HasEnded = true;
            if (_failure is not null)
            {
                foreach (var other in _participants) other.Turn.Release();
                return;
            }

            if (Others(self).Count == 0 && Waiting(self) is { } blocked)
            {
                // It was blocked: it tests its condition again, moves time on, or finds the deadlock.
                _running = blocked;
                blocked.Turn.Release();
                return;
            }

            if (Others(self).Count == 0) return;
            _running = Pick(self);
            _running.Turn.Release();
        }
    }

    private void Switch(Participant self, Participant next)
    {
        if (next == self) return;
        _running = next;
        next.Turn.Release();
        self.Turn.Wait();
        StopIfFailed();
    }

    private void StopIfFailed()
    {
        if (_failure is not null) throw new MachineDeadlockException("Another task failed: " + _failure.Message);
    }

    private void Serve(Participant self)
    {
        if (self.IsServing) return;
        self.IsServing = true;
        machine.Service.Step(self.Task);
        self.IsServing = false;
    }

    private void ServeSometimes(Participant self)
    {
        if (choose(4) == 0) Serve(self);
    }

    private Participant Pick(Participant? except)
    {
        var candidates = except is null ? Ready() : Others(except);
        if (candidates.Count == 0) return except ?? throw new InvalidOperationException("No task can go on.");
        return candidates.Count == 1 ? candidates[0] : candidates[choose(candidates.Count)];
    }

    private List<Participant> Ready() => _participants.FindAll(static p => p.CanGoOn);

    private List<Participant> Others(Participant self) => _participants.FindAll(p => p != self && p.CanGoOn);

    private Participant? Waiting(Participant self) => _participants.Find(p => p != self && !p.HasEnded);

    private void Fail(string what)
    {
        var who = string.Join(", ", _participants.FindAll(static p => !p.HasEnded).ConvertAll(static p => $"{p.Task.Name}/{p.Task.Id} [{p.Task.Locks.Names()}]"));
        var failure = new MachineDeadlockException($"{what}, and nothing can wake them: {who}; {machine.Scheduler.Describe()}");
        _failure ??= failure;
        throw failure;
    }

    private sealed class Participant(MachineTask task)
    {
        public MachineTask Task { get; } = task;

        public SemaphoreSlim Turn { get; } = new(0);

        public Func<bool>? Condition { get; set; }

        public bool HasEnded { get; set; }

        /// <summary>True while this thread does the hardware's work: then it does not switch, except where it must spin.</summary>
        public bool IsServing { get; set; }

        public bool CanGoOn => !HasEnded && (Condition is null || Condition());
    }
}
