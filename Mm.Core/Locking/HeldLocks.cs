// The locks that a task holds, innermost last.
// Context: touched by its own task only, and by interrupts on it, which leave it as they found it.
// Invariants: H1 what an interrupt takes it releases before it ends. Lifetime: as long as the task.
using System;
using System.Runtime.CompilerServices;
using System.Text;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;

namespace Mm.Core.Locking;

[Trusted("an array of the task")]
internal sealed class HeldLocks
{
    private Entry[] _entries = new Entry[8];

    public int Count { get; private set; }

    public void Push(LockClass kind, object instance, bool read, bool tried, int context, string file, int line)
    {
        if (Count == _entries.Length) Array.Resize(ref _entries, Count * 2);
        _entries[Count++] = new Entry(kind, instance, read, tried, context, file, line);
    }

    /// <summary>Removes the innermost entry of a lock. False if it is not held.</summary>
    public bool Remove(object instance)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(_entries[i].Instance, instance)) continue;
            if (i != Count - 1) Array.Copy(_entries, i + 1, _entries, i, Count - i - 1);
            _entries[--Count] = default;
            return true;
        }

        return false;
    }

    public bool Holds(object instance)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_entries[i].Instance, instance)) return true;
        }

        return false;
    }

    /// <summary>True if the lock is held for reading, or for writing, as is asked.</summary>
    public bool Holds(object instance, bool read)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_entries[i].Instance, instance)) return _entries[i].Read == read;
        }

        return false;
    }

    /// <summary>What was held for writing is held for reading now.</summary>
    public void Downgrade(object instance)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(_entries[i].Instance, instance)) continue;
            _entries[i] = _entries[i] with { Read = true };
            return;
        }
    }

    public void TruncateTo(int count)
    {
        while (Count > count) _entries[--Count] = default;
    }

    public void Clear() => TruncateTo(0);

    /// <summary>The entries of the current context, innermost first.</summary>
    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, Count);

    public string Names()
    {
        var names = new string[Count];
        for (var i = 0; i < Count; i++) names[i] = _entries[i].Kind.Name;
        return string.Join(", ", names);
    }

    /// <summary>What lockdep_print_held_locks prints.</summary>
    public void Describe(MachineTask task, StringBuilder text)
    {
        if (Count == 0)
        {
            TrapTexts.Line(text, $"no locks held by {task.Name}/{task.Id}.");
            return;
        }

        TrapTexts.Line(text, $"{Count} lock{(Count > 1 ? "s" : "")} held by {task.Name}/{task.Id}:");
        for (var i = 0; i < Count; i++) TrapTexts.Line(text, $" #{i}: {_entries[i]}");
    }

    internal readonly record struct Entry(LockClass Kind, object Instance, bool Read, bool Tried, int Context, string File, int Line)
    {
        public override string ToString() =>
            $"{RuntimeHelpers.GetHashCode(Instance):x16} {Kind}, at: {SourceSite.Format(File, Line)}";
    }
}
