using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace Mm.Core.Tests.Allocation;

/// <summary>A step of the code under test that an explorer gets wrong on purpose, to see that it would be found.</summary>
internal enum Mutation
{
    None,
    RowIsSwappedBlindly,
    ChildRightIsNotCounted,
    UndoOfARowIsDropped,
    UndoOfAChildIsDropped,
    SplitKeepsThePolarity,
    SplitIsNotChecked,
    UpperCounterRisesFirst,
    WholeIsTakenWhateverIsOut,
    BarrierIsDropped,
    IsolationIsNotChecked,
    RaisingEndsTheIsolation,
}

/// <summary>One thread of an explored program: where it is, what it has seen in its current operation, what it owns.</summary>
internal sealed record ExploredThread(int Next, ulong[] Seen, (uint Frame, int Order)[] Owned, (int Offset, uint Value)[] Buffer, bool HasFailed);

/// <summary>One operation of an explored program.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Gives">Whether it gives away what the thread owns first: from its first step on, that may be another's.</param>
/// <param name="Run">Gets what the thread owns, and returns what it owns afterwards.</param>
internal sealed record ExploredOperation(string Name, bool Gives, Func<(uint Frame, int Order)[], Explorer, (uint Frame, int Order)[]> Run);

/// <summary>What was wrong, and after which steps.</summary>
internal sealed class ExplorationException(string message) : Exception(message);

/// <summary>
/// Runs small programs in all interleavings of their atomic steps. A thread's step is taken by running its operation from the
/// beginning with what it has seen so far, doing one more step for real, and stopping before the next: no thread of the host is
/// needed, and a state is the memory together with what each thread has seen, so that states that were met before are not run again.
/// </summary>
internal sealed class Explorer(byte[] start, Explorer.Restore memory, int most)
{
    public delegate Span<byte> Restore();

    [ThreadStatic]
    private static Explorer? t_current;

    private static readonly StopException Stop = new();
    private static readonly WaitException Wait = new();
    private readonly HashSet<(ulong, ulong)> _seen = [];
    private readonly List<ulong> _results = [];
    private ulong[] _script = [];
    private List<(int Offset, uint Value)> _buffer = [];
    private ExploredThread[] _threads = [];
    private readonly Dictionary<int, ulong> _swapped = [];
    private bool _stepped;
    private int _at;
    private int _tree;

    public static Explorer Current => t_current!;

    public Mutation Mutation { get; init; }

    /// <summary>Where children and rows begin, for mutations that are meant for them.</summary>
    public int ChildrenAt { get; init; } = int.MaxValue;

    /// <inheritdoc cref="ChildrenAt"/>
    public int RowsAt { get; init; } = int.MaxValue;

    /// <summary>Plain stores wait in the CPU that made them, as they do in a processor, until something drives them out.</summary>
    public bool WithStoreBuffers { get; init; }

    /// <summary>Whether each thread must get on by itself from every state, as if the others had stopped for ever.</summary>
    public bool TryStalls { get; init; }

    public long States => _seen.Count;

    /// <summary>How many end states were looked at.</summary>
    public long Ends { get; private set; }

    public long Steps { get; private set; }

    /// <summary>True if there were more states than allowed: nothing is known of the rest.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Set by an operation that did not find what it looked for.</summary>
    public bool Failed { get; set; }

    /// <summary>Runs all interleavings.</summary>
    /// <param name="programs">The operations of each thread.</param>
    /// <param name="owned">What each thread owns at the beginning.</param>
    /// <param name="atEnd">Looks at an end state: memory is as the last step left it.</param>
    public void Run(ExploredOperation[][] programs, (uint Frame, int Order)[][] owned, Action<ExploredThread[]> atEnd)
    {
        t_current = this;
        var stack = new Stack<(byte[] Memory, ExploredThread[] Threads, Trail? Trail)>();
        stack.Push((start, [.. owned.Select(static o => new ExploredThread(0, [], o, [], false))], null));
        while (stack.TryPop(out var state))
        {
            if (!_seen.Add(KeyOf(state.Memory, state.Threads))) continue;
            if (_seen.Count > most)
            {
                WasCut = true;
                return;
            }

            var ended = true;
            for (var t = 0; t < programs.Length; t++)
            {
                var thread = state.Threads[t];
                if (thread.Buffer.Length != 0) Push(t, -1);
                if (thread.Next == programs[t].Length) continue;
                ended = false;
                Push(t, thread.Next);
                if (TryStalls) RunAlone(state.Memory, state.Threads, t, programs[t][thread.Next], state.Trail);
            }

            if (!ended || state.Threads.Any(static t => t.Buffer.Length != 0)) continue;
            Ends++;
            state.Memory.CopyTo(memory());
            Guard(() => atEnd(state.Threads), state.Trail);

            void Push(int t, int operation)
            {
                state.Memory.CopyTo(memory());
                _threads = [.. state.Threads];
                var trail = new Trail(state.Trail, t, operation);
                var after = state.Threads[t];
                Guard(() => after = operation < 0 ? Drained(state.Threads[t]) : Stepped(t, programs[t][operation]), trail);
                _threads[t] = after;
                Guard(() => CheckOwners(_threads, programs), trail);
                stack.Push((memory().ToArray(), _threads, trail));
            }
        }
    }

    /// <summary>For an operation that waits: the step that it has just made, a read, was not made. Others go on first.</summary>
    public static void WaitForOthers() => throw Wait;

    public bool TryReplay(out ulong result)
    {
        result = 0;
        if (_at < _script.Length)
        {
            result = _script[_at++];
            return true;
        }

        if (_stepped) throw Stop;
        _stepped = true;
        Steps++;
        return false;
    }

    public ulong Note(ulong result)
    {
        _results.Add(result);
        return result;
    }

    public int OffsetOf(ref byte word) => (int)Unsafe.ByteOffset(ref memory()[0], ref word);

    public uint Load(ref uint word)
    {
        var offset = OffsetOf(ref Unsafe.As<uint, byte>(ref word));
        for (var i = _buffer.Count - 1; i >= 0; i--)
        {
            if (_buffer[i].Offset == offset) return _buffer[i].Value;
        }

        return word;
    }

    public ulong Load(ref ulong word)
    {
        ref var low = ref Unsafe.As<ulong, uint>(ref word);
        return Load(ref low) | ((ulong)Load(ref Unsafe.Add(ref low, 1)) << 32);
    }

    public void Store(ref uint word, uint value)
    {
        if (WithStoreBuffers) _buffer.Add((OffsetOf(ref Unsafe.As<uint, byte>(ref word)), value));
        else word = value;
    }

    public void DriveOutOwn()
    {
        foreach (var (offset, value) in _buffer) Unsafe.As<byte, uint>(ref memory()[offset]) = value;
        _buffer.Clear();
    }

    public void DriveOutAll()
    {
        DriveOutOwn();
        for (var t = 0; t < _threads.Length; t++)
        {
            foreach (var (offset, value) in _threads[t].Buffer) Unsafe.As<byte, uint>(ref memory()[offset]) = value;
            _threads[t] = _threads[t] with { Buffer = [] };
        }
    }

    /// <summary>Whether a swap puts a word back to what it was before this operation first swapped it.</summary>
    public bool IsUndo(int offset, ulong value, ulong mask = ulong.MaxValue) => _swapped.TryGetValue(offset, out var before) && (before & mask) == (value & mask);

    public bool Swapped(int offset, ulong old, bool done)
    {
        if (done) _swapped.TryAdd(offset, old);
        return done;
    }

    /// <summary>For a mutation: of a tree's counter and the zone's, which rise by the same one after the other, each time the other one.</summary>
    public ref ulong Other(ref ulong word)
    {
        var offset = OffsetOf(ref Unsafe.As<ulong, byte>(ref word));
        if (offset >= ChildrenAt) return ref word;
        if (offset != 0) _tree = offset;
        return ref Unsafe.As<byte, ulong>(ref memory()[offset != 0 ? 0 : _tree]);
    }

    private static void CheckOwners(ExploredThread[] threads, ExploredOperation[][] programs)
    {
        var owned = new HashSet<uint>();
        var all = threads.SelectMany((t, i) => t.Seen.Length != 0 && programs[i][t.Next].Gives ? t.Owned.Skip(1) : t.Owned);
        foreach (var (frame, order) in all)
        {
            for (var f = frame; f < frame + (1u << order); f++)
            {
                if (!owned.Add(f)) throw new ExplorationException($"frame {f} has two owners");
            }
        }
    }

    private ExploredThread Stepped(int t, ExploredOperation operation)
    {
        var thread = _threads[t];
        (_script, _at, _stepped, Failed) = (thread.Seen, 0, false, false);
        _results.Clear();
        _buffer = [.. thread.Buffer];
        _swapped.Clear();
        _threads[t] = thread with { Buffer = [] };
        try
        {
            var owned = operation.Run(thread.Owned, this);
            return new ExploredThread(thread.Next + 1, [], owned, [.. _buffer], thread.HasFailed || Failed);
        }
        catch (WaitException)
        {
            return thread;
        }
        catch (StopException)
        {
            if (thread.Seen.Length > 150) throw new ExplorationException("a right finds nothing, however long it looks");
            return thread with { Seen = [.. thread.Seen, .. _results], Buffer = [.. _buffer] };
        }
    }

    private ExploredThread Drained(ExploredThread thread)
    {
        var (offset, value) = thread.Buffer[0];
        Unsafe.As<byte, uint>(ref memory()[offset]) = value;
        return thread with { Buffer = thread.Buffer[1..] };
    }

    private void RunAlone(byte[] from, ExploredThread[] threads, int t, ExploredOperation operation, Trail? trail)
    {
        from.CopyTo(memory());
        _threads = [.. threads];
        Guard(
            () =>
            {
                for (var steps = 0; _threads[t].Next == threads[t].Next; steps++)
                {
                    if (steps > 100) throw new ExplorationException($"thread {t} waits for another one");
                    _threads[t] = Stepped(t, operation);
                }
            },
            trail);
    }

    private static void Guard(Action action, Trail? trail)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is not StopException)
        {
            throw new ExplorationException($"{failure.Message}\nthread.operation of each step: {trail}");
        }
    }

    private static (ulong High, ulong Low) KeyOf(byte[] bytes, ExploredThread[] threads)
    {
        var (a, b) = (14695981039346656037UL, 0x9E3779B97F4A7C15UL);
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes)) Mix(word);
        foreach (var thread in threads)
        {
            Mix((ulong)thread.Next);
            Mix(thread.HasFailed ? 1UL : 0);
            Mix((ulong)thread.Seen.Length);
            foreach (var seen in thread.Seen) Mix(seen);
            Mix((ulong)thread.Owned.Length);
            foreach (var (frame, order) in thread.Owned) Mix((frame * 16) + (ulong)order);
            Mix((ulong)thread.Buffer.Length);
            foreach (var (offset, value) in thread.Buffer) Mix(((ulong)offset << 32) + value);
        }

        return (a, b);

        void Mix(ulong value)
        {
            a = (a ^ value) * 0x100000001B3;
            a ^= a >> 29;
            b = System.Numerics.BitOperations.RotateLeft(b + (value * 0xD6E8FEB86659FD93), 31) * 0xBF58476D1CE4E5B9;
        }
    }

    private sealed class StopException : Exception;

    private sealed class WaitException : Exception;

    private sealed record Trail(Trail? Before, int Thread, int Operation)
    {
        public override string ToString()
        {
            var steps = new List<string>();
            for (var at = this; at is not null; at = at.Before) steps.Add(at.Operation < 0 ? $"{at.Thread}:store" : $"{at.Thread}.{at.Operation}");
            steps.Reverse();
            return string.Join(' ', steps);
        }
    }
}

