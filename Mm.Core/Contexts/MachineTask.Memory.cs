// Scopes that lower or raise what the allocations of a task may do: memalloc_nofs_save, memalloc_noio_save, memalloc_noreclaim_save.
// Context: any; they nest, and an interrupt in between sees none of them. Locks: none, a word of the task.
// Invariants: M1 the end of a scope puts back what its beginning found. Source: include/linux/sched/mm.h, 6.1.
using System;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

/// <summary>The effect of starting work in a file system.</summary>
public readonly struct FileSystemWork : IEffect;

/// <summary>The effect of starting input or output.</summary>
public readonly struct InputOutput : IEffect;

/// <summary>Code that a file system waits for: no allocation in it enters a file system, whatever its flags say.</summary>
[Forbids<FileSystemWork>]
public readonly struct WithoutFileSystem : IContext;

/// <summary>Code that input and output wait for: no allocation in it starts any, or enters a file system.</summary>
[Forbids<InputOutput>, Implies<WithoutFileSystem>]
public readonly struct WithoutIo : IContext;

/// <summary>Code that frees memory: its allocations may use the reserves, and none of them reclaims.</summary>
public readonly struct FreesMemory : IContext;

/// <summary>What is true of a task's allocations.</summary>
[Flags]
internal enum MemoryFlags
{
    None = 0,
    WithoutFileSystem = 1,
    WithoutIo = 2,
    FreesMemory = 4,
    OomVictim = 8,
    Scopes = WithoutFileSystem | WithoutIo | FreesMemory,
}

public sealed partial class MachineTask
{
    /// <summary>True between <see cref="AllocateFromReserves"/> and its end.</summary>
    [Tests<FreesMemory>]
    public bool IsFreeingMemory => (Memory & MemoryFlags.FreesMemory) != 0;

    /// <summary>True if the task was told to die so that memory becomes free: its allocations may go below the mark, and then fail.</summary>
    public bool IsOomVictim => (Memory & MemoryFlags.OomVictim) != 0;

    /// <summary>How many callbacks of page owners are nested on this task.</summary>
    internal int LastPutDepth { get; set; }

    /// <summary>Whose pages were put too deep in callbacks, and the first of them; they are chained by their descriptors.</summary>
    internal Allocation.PageAllocator? LateLastPutsOf { get; set; }

    internal int FirstLateLastPut { get; set; } = -1;

    internal MemoryFlags Memory => (MemoryFlags)Volatile.Read(ref State.MemoryFlags);

    /// <summary>Until the guard is disposed of, no allocation of this task enters a file system.</summary>
    public WithoutFileSystemGuard AllocateWithoutFileSystem() => new(this, Begin(MemoryFlags.WithoutFileSystem));

    /// <summary>Until the guard is disposed of, no allocation of this task starts input or output, or enters a file system.</summary>
    public WithoutIoGuard AllocateWithoutIo() => new(this, Begin(MemoryFlags.WithoutIo | MemoryFlags.WithoutFileSystem));

    /// <summary>
    /// Until the guard is disposed of, allocations of this task may use everything that is left, and none of them reclaims. For code
    /// that frees more memory than it takes.
    /// </summary>
    public FreesMemoryGuard AllocateFromReserves() => new(this, Begin(MemoryFlags.FreesMemory));

    /// <summary>Says that a task is to die so that memory becomes free. From any task of the machine; it stays so.</summary>
    public void MarkOomVictim() => Interlocked.Or(ref State.MemoryFlags, (int)MemoryFlags.OomVictim);

    // A scope only adds, so its end only takes away; another task's mark of a victim stays.
    internal void EndMemoryScope(MemoryFlags before) => Interlocked.And(ref State.MemoryFlags, (int)(before | ~MemoryFlags.Scopes));

    private MemoryFlags Begin(MemoryFlags added) => (MemoryFlags)Interlocked.Or(ref State.MemoryFlags, (int)added) & MemoryFlags.Scopes;
}

/// <summary>No allocation enters a file system.</summary>
[Scope<WithoutFileSystem>]
public readonly ref struct WithoutFileSystemGuard
{
    private readonly MachineTask _task;
    private readonly MemoryFlags _before;

    internal WithoutFileSystemGuard(MachineTask task, MemoryFlags before) => (_task, _before) = (task, before);

    /// <summary>Puts back what was before.</summary>
    public void Dispose() => _task.EndMemoryScope(_before);
}

/// <summary>No allocation starts input or output.</summary>
[Scope<WithoutIo>]
public readonly ref struct WithoutIoGuard
{
    private readonly MachineTask _task;
    private readonly MemoryFlags _before;

    internal WithoutIoGuard(MachineTask task, MemoryFlags before) => (_task, _before) = (task, before);

    /// <summary>Puts back what was before.</summary>
    public void Dispose() => _task.EndMemoryScope(_before);
}

/// <summary>Allocations may use the reserves and do not reclaim.</summary>
[Scope<FreesMemory>]
public readonly ref struct FreesMemoryGuard
{
    private readonly MachineTask _task;
    private readonly MemoryFlags _before;

    internal FreesMemoryGuard(MachineTask task, MemoryFlags before) => (_task, _before) = (task, before);

    /// <summary>Puts back what was before.</summary>
    public void Dispose() => _task.EndMemoryScope(_before);
}
