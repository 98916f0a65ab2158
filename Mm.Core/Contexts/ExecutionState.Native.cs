// The words of a running task that its hot paths write, in native memory, two cache lines for each task.
// Context: written by the owner with plain stores, except Attention, which others set with interlocked operations.
// Invariants: C1 Section == 0 exactly when the task is preemptible with interrupts on. Size and offsets are held by a test.
// Lifetime: the slab outlives every token that points into it.
using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Contexts;

/// <summary>What others want of a task. Looked at on entry to a section and on leaving one.</summary>
[Flags]
internal enum Attention
{
    None = 0,

    /// <summary>Another thread acts as this task's CPU: no section may begin.</summary>
    Claimed = 1,

    /// <summary>The task has no CPU: it must get one before a section begins.</summary>
    NoCpu = 2,

    /// <summary>Interrupts wait on this CPU.</summary>
    Interrupt = 4,

    /// <summary>Soft interrupts wait on this CPU.</summary>
    SoftIrq = 8,

    /// <summary>NMIs wait on this CPU.</summary>
    Nmi = 16,

    /// <summary>Another task wants the CPU.</summary>
    Reschedule = 32,

    /// <summary>A grace period waits to see this task outside of any section.</summary>
    Quiesce = 64,

    /// <summary>The task is gone: its token must not be used.</summary>
    Detached = 128,

    /// <summary>A schedule drives the machine: every begin and end of a section is a point where another task may go on.</summary>
    Scripted = 256,

    /// <summary>The CPU is not the task's to use.</summary>
    Taken = Claimed | NoCpu,

    /// <summary>What must be dealt with before a section begins.</summary>
    Stop = Claimed | NoCpu | Detached | Scripted,
}

/// <summary>
/// offset 0 preempt count · 4 interrupts off · 8 attention · 12 page faults off · 16 RCU depth · 20 "must not block" depth ·
/// 24 CPU · 28 what its allocations may do · 32 quiescent states. The first two read as one word are the section.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct ExecutionState
{
    public const int Bytes = 128;

    [FieldOffset(0)] public ulong Section;
    [FieldOffset(0)] public int PreemptCount;
    [FieldOffset(4)] public int IrqsOff;
    [FieldOffset(8)] public int AttentionBits;
    [FieldOffset(12)] public int FaultsOff;

    /// <summary>The next two in one: zero where nothing but the section may forbid to sleep.</summary>
    [FieldOffset(16)] public ulong Depths;
    [FieldOffset(16)] public int RcuDepth;
    [FieldOffset(20)] public int NonBlock;
    [FieldOffset(24)] public int CpuIndex;
    [FieldOffset(28)] public int MemoryFlags;
    [FieldOffset(32)] public long QuiescentStates;
}

/// <summary>Native memory for the states of the tasks of one machine. Freed when no token can reach it any more.</summary>
internal sealed unsafe class StateSlab
{
    private const int StatesInSlab = 64;
    private readonly byte* _memory;
    private int _used;

    public StateSlab()
    {
        _memory = (byte*)NativeMemory.AlignedAlloc(StatesInSlab * ExecutionState.Bytes, ExecutionState.Bytes);
        NativeMemory.Clear(_memory, StatesInSlab * ExecutionState.Bytes);
    }

    ~StateSlab() => NativeMemory.AlignedFree(_memory);

    /// <summary>The next unused state, or null if the slab is full. The caller holds the scheduler's gate.</summary>
    public ExecutionState* TryTake() => _used == StatesInSlab ? null : (ExecutionState*)(_memory + (_used++ * ExecutionState.Bytes));
}

/// <summary>A pointer to a state together with what keeps its memory alive.</summary>
internal readonly unsafe struct StateHandle(StateSlab slab, ExecutionState* state)
{
    private readonly StateSlab _slab = slab;
    private readonly ExecutionState* _state = state;

    public ref ExecutionState Value => ref *_state;

    public bool IsFrom(StateSlab slab) => ReferenceEquals(slab, _slab);
}

/// <summary>Hands out states, and takes back those of tasks that ended.</summary>
internal sealed unsafe class StateStore
{
    private readonly System.Collections.Generic.Stack<StateHandle> _free = new();
    private StateSlab _slab = new();

    /// <summary>A state that is all zero. The caller holds the scheduler's gate.</summary>
    public StateHandle Take()
    {
        if (_free.TryPop(out var free))
        {
            free.Value = default;
            return free;
        }

        var state = _slab.TryTake();
        if (state == null)
        {
            _slab = new StateSlab();
            state = _slab.TryTake();
        }

        return new StateHandle(_slab, state);
    }

    public void Return(StateHandle handle) => _free.Push(handle);
}
