// What every spin lock does: plain or raw, with or without interrupts.
// Context: matrix rows 120–125. Spins with preemption off; serves interrupts meanwhile where they are on. Never sleeps.
// Locks: itself. Order and interrupt safety are checked before anything changes, so that a trap leaves nothing behind.
// Invariants: SP1 locked exactly while some task is its owner; SP2 the owner is in a section; SP3 released by its owner, on its CPU.
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Locking;

/// <summary>The common part of <see cref="SpinLock"/> and <see cref="RawSpinLock"/>.</summary>
[Trusted("primitive")]
public abstract class SpinLockCore
{
    private const int SpinsBetweenLooks = 256;
    private readonly LockClass _kind;
    private int _locked;
    private int _ownerCpu = -1;
    private bool _irqsWereOff;
    private MachineTask? _owner;

    private protected SpinLockCore(Machine machine, string name)
    {
        System.ArgumentNullException.ThrowIfNull(machine);
        System.ArgumentException.ThrowIfNullOrEmpty(name);
        _kind = machine.LockOrder.ClassOf(name, sleeps: false);
    }

    /// <summary>The name of the lock's class: order is judged among classes.</summary>
    public string Name => _kind.Name;

    /// <summary>True if anybody holds the lock, at this moment.</summary>
    public bool IsLocked => Volatile.Read(ref _locked) != 0;

    /// <summary>True if this task holds the lock.</summary>
    /// <param name="task">The running task.</param>
    public bool IsHeldBy(MachineTask task) => Volatile.Read(ref _owner) == task;

    private protected void TakePlain(MachineTask task, string file, int line)
    {
        if (RuntimeChecks.Enabled) Check(task, default, file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        Take(task, default, file, line);
    }

    private protected void TakeIrq(MachineTask task, string file, int line)
    {
        if (RuntimeChecks.Enabled) Check(task, new Taking(IrqsOff: true), file, line);
        var wereOff = task.IrqsDisabled;
        task.DisableIrqs(file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        Take(task, new Taking(IrqsOff: true), file, line);
        _irqsWereOff = wereOff;
    }

    private protected IrqFlags TakeIrqSave(MachineTask task, string file, int line)
    {
        if (RuntimeChecks.Enabled) Check(task, new Taking(IrqsOff: true), file, line);
        var flags = task.IrqSave(file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        Take(task, new Taking(IrqsOff: true), file, line);
        return flags;
    }

    private protected void TakeBottomHalf(MachineTask task, string file, int line)
    {
        if (RuntimeChecks.Enabled)
        {
            if (task.InHardIrq) Diagnostics.TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_hardirq())");
            Check(task, new Taking(BottomHalvesOff: true), file, line);
        }

        task.EnterSection(PreemptBits.SoftIrqDisableOffset + PreemptBits.PreemptOffset);
        Take(task, new Taking(BottomHalvesOff: true), file, line);
        if (RuntimeChecks.Enabled) task.NoteBottomHalvesOff(PreemptBits.SoftIrqDisableOffset + PreemptBits.PreemptOffset, file, line);
    }

    private protected bool TryTake(MachineTask task, string file, int line)
    {
        if (RuntimeChecks.Enabled) task.Machine.LockOrder.Check(task, _kind, this, new Taking(Try: true), file, line);
        task.EnterSection(PreemptBits.PreemptOffset);
        if (_locked == 0 && Interlocked.CompareExchange(ref _locked, 1, 0) == 0)
        {
            Own(task, new Taking(Try: true), file, line);
            return true;
        }

        task.LeaveSection(PreemptBits.PreemptOffset);
        return false;
    }

    private protected void ReleasePlain(MachineTask task)
    {
        if (TryDisown(task)) task.LeaveSection(PreemptBits.PreemptOffset);
    }

    private protected void GiveBackIrq(MachineTask task)
    {
        var wereOff = _irqsWereOff;
        if (!TryDisown(task)) return;
        try
        {
            if (RuntimeChecks.Enabled && wereOff)
                Diagnostics.TrapTexts.ReportWarning(task, $"releasing {Name} enabled irqs that were off when it was taken");
            if (RuntimeChecks.Enabled) task.CheckIrqsGoOn();
        }
        finally
        {
            task.EnableIrqs();
            task.LeaveSection(PreemptBits.PreemptOffset);
        }
    }

    private protected void Restore(MachineTask task, IrqFlags flags)
    {
        if (!TryDisown(task)) return;
        try
        {
            task.IrqRestore(flags);
        }
        finally
        {
            task.LeaveSection(PreemptBits.PreemptOffset);
        }
    }

    private protected void GiveBackBottomHalf(MachineTask task)
    {
        if (!TryDisown(task)) return;
        try
        {
            if (RuntimeChecks.Enabled) task.NoteBottomHalvesOn();
            if (RuntimeChecks.Enabled && task.IrqsDisabled) Diagnostics.TrapTexts.ReportWarning(task, "lockdep_assert_irqs_enabled()");
        }
        finally
        {
            task.LeaveSection(PreemptBits.SoftIrqDisableOffset + PreemptBits.PreemptOffset);
        }
    }

    private void Check(MachineTask task, Taking how, string file, int line)
    {
        task.Machine.LockOrder.Check(task, _kind, this, how, file, line);
        if (Volatile.Read(ref _owner) == task) LockReports.SpinBug(task, "spinlock", _kind.Name, "recursion", _owner, _ownerCpu, fatal: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(MachineTask task, Taking how, string file, int line)
    {
        if (_locked != 0 || Interlocked.CompareExchange(ref _locked, 1, 0) != 0) Spin(task);
        Own(task, how, file, line);
    }

    private void Spin(MachineTask task)
    {
        var spins = 0;
        do
        {
            while (Volatile.Read(ref _locked) != 0)
            {
                task.Relax(ref spins);
                if (RuntimeChecks.Enabled && spins % SpinsBetweenLooks == 0) LookForEndedOwner(task);
            }
        }
        while (Interlocked.CompareExchange(ref _locked, 1, 0) != 0);
    }

    // A task that failed with the lock held never releases it: whoever waits fails too, and says whom he waited for.
    private void LookForEndedOwner(MachineTask task)
    {
        if (Volatile.Read(ref _owner) is { IsDetached: true } owner && Volatile.Read(ref _owner) == owner)
            LockReports.SpinBug(task, "spinlock", _kind.Name, "lockup suspected", owner, _ownerCpu, fatal: true);
    }

    private void Own(MachineTask task, Taking how, string file, int line)
    {
        if (!RuntimeChecks.Enabled) return;
        task.NotePreemptOff(PreemptBits.PreemptOffset, file, line);
        _irqsWereOff = false;
        _ownerCpu = task.State.CpuIndex;
        Volatile.Write(ref _owner, task);
        task.Locks.Push(_kind, this, how.Read, how.Try, LockOrder.ContextOf(task), file, line);
    }

    // Nothing changes, the context included, where the lock is not this task's to release.
    private bool TryDisown(MachineTask task)
    {
        if (RuntimeChecks.Enabled)
        {
            if (!task.Locks.Holds(this))
            {
                LockReports.UnlockBalance(task, _kind);
                var message = !IsLocked ? "already unlocked" : "wrong owner";
                LockReports.SpinBug(task, "spinlock", _kind.Name, message, _owner, _ownerCpu, fatal: false);
                return false;
            }

            if (_ownerCpu != task.State.CpuIndex) LockReports.SpinBug(task, "spinlock", _kind.Name, "wrong CPU", _owner, _ownerCpu, fatal: false);
            task.Locks.Remove(this);
            _ownerCpu = -1;
            Volatile.Write(ref _owner, null);
        }

        Volatile.Write(ref _locked, 0);
        return true;
    }
}
