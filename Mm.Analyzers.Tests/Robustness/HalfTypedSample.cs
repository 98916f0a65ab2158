// Typed letter by letter into the analyzers (HalfTypedTests). It uses the vocabulary on every construct of the language.
// Each part between the lines of dashes is a file of its own, so that only a small one is open at a time.
global using System;
global using System.Collections.Generic;
global using System.Threading.Tasks;

namespace Sample;

[Forbids<Sleep>, Forbids<Allocate>]
public readonly struct AudioCallback : IContext;

[Flags]
enum Mode { Quick = 0, MayWait = 1, Urgent = 2 }

interface IDevice
{
    [Never<Sleep>] void Poke();
    int Size { [Requires<SpinLockHeld>] get; }
}

delegate void Handler([Might<Sleep>] Action inner, Mode mode);

// ----
namespace Sample;

[Never<Fault>]
abstract class Device<T>(TicketLock held) : IDevice
    where T : struct, IDevice
{
    protected readonly TicketLock _lock = held;
    readonly Func<int> _size = [Never<Sleep>] static () => 1;

    public abstract void Poke();

    int IDevice.Size => _size() + Preemption.CurrentCpu;

    public T this[int i] { [Requires<SpinLockHeld>] get => default; set { using (_lock.Hold()) Scheduler.Udelay(i); } }

    [Might<Sleep>(When = nameof(mode), Has = Mode.MayWait)]
    public virtual object? Take(Mode mode, int tries = 3)
    {
        do
        {
            if ((mode & Mode.MayWait) != 0) Scheduler.Schedule();
            else if (mode is Mode.Urgent or not Mode.Quick) continue;
        }
        while (--tries > 0);
        return mode switch
        {
            Mode.MayWait when tries > 1 => Slab.Allocate(64, Gfp.Kernel),
            Mode.Urgent => Slab.Allocate(64, Gfp.Atomic),
            { } other => new object[] { other, $"{tries}" },
        };
    }
}

// ----
namespace Sample;

sealed unsafe partial class Disk : Device<Disk.Slot>
{
    public struct Slot : IDevice { public void Poke() { } public int Size => 0; }
    public record Page(int Order) { public Page Twice => this with { Order = Order + 1 }; }

    int* _registers;
    event Action? Changed;

    public Disk() : base(new TicketLock()) => Changed += () => Scheduler.MightSleep();

    [RunsIn<HardIrq>]
    public override void Poke()
    {
        _lock.Acquire();
        try
        {
            for (int i = 0; i < 4; i++)
                _registers[i] = i;
            Changed?.Invoke();
        }
        catch (Exception e) when (e is { Message.Length: > 0 })
        {
            throw new InvalidOperationException("again", e);
        }
        finally
        {
            _lock.Release();
        }
    }
}

// ----
namespace Sample;

partial class Disk
{
    [return: Enters<SpinLockHeld>]
    bool TryEnter(out int left)
    {
        left = 0;
        if (!_lock.TryAcquire()) return false;
        goto done;
    done:
        return true;
    }

    async Task<int> ReadAsync(ulong address, [Deferred, RunsIn<SoftIrq>] Action? later = null)
    {
        using var guard = await OpenAsync();
        Scheduler.OnTimer(later ?? (() => Scheduler.Msleep(1)));
        await foreach (var one in EachAsync()) { if (one < 0) break; }
        Rcu.EnterRead();
        lock (this) { Rcu.ExitRead(); return UserMemory.GetUser(address); }
    }

    static async IAsyncEnumerable<int> EachAsync() { yield return 1; await Task.Yield(); }

    static Task<IDisposable?> OpenAsync() => Task.FromResult<IDisposable?>(null);
}

// ----
namespace Sample;

partial class Disk
{
    IEnumerable<object?> Walk<TItem>(params TItem[] items)
    {
        foreach (var item in items)
        {
            using (Preemption.Off()) { Step(item); }
            yield return item is int n and > 0 ? (object)(n, n + 1) : null;
        }

        void Step(TItem x)
        {
            int[] list = [1, 2, .. new[] { 3 }];
            Span<int> stack = stackalloc int[4];
            var (first, _) = (list[^1], list[..1]);
            if (x is string { Length: var length } && TryEnter(out first)) { _lock.Release(); Step(x); }
            while (Interrupts.AreOff && Preemption.IsOff) { [Trusted("")] void Inner() => Scheduler.Schedule(); Inner(); }
        }
    }

    [Enters<PreemptOff>, MustCheck] static bool Begin([OwnedBy<Disk>] object? page) { checked { Preemption.Disable(); } return page is not null; }
    [Leaves<PreemptOff>, ForbiddenIn<Nmi>] static void End() => Preemption.Enable();
}
