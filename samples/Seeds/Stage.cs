// What the stories play on: a machine with memory, frames without a page behind it, and an address space.
using System;
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Vmalloc;
using Mm.Core.Zones;

namespace Seeds;

/// <summary>A machine on which one form is run. What the form breaks goes with it.</summary>
public sealed class Stage : IDisposable
{
    private const int Frames = 1024;
    private const int Bare = 64;

    [Trusted("the host makes a machine")]
    public Stage()
    {
        Machine = Machine.Create(new MachineOptions { CpuCount = 2 });
        Task = Machine.Attach("seeds");
        Memory = PhysicalMemory.Create(Frames + Bare);
        Pages = new PageAllocator(Task, new PageAllocatorOptions { First = First, Zones = [(ZoneKind.Normal, Frames)], Memory = Memory });
        Boot = new SegmentListModel(Machine, new FrameRange(First, Frames + Bare));
    }

    public static Pfn First => new(0x1000);

    /// <summary>What the firmware says is there.</summary>
    public static FrameRange BootMemory => new(First, Frames);

    /// <summary>A segment that another system shares with this one: frames without a page.</summary>
    public static Segment Shared => new("DCSS", new FrameRange(First.Plus(Frames), Bare), HasPages: false);

    /// <summary>Where user memory is mapped.</summary>
    public static VirtualAddress At => new(0x4000_0000);

    public Machine Machine { get; }

    public MachineTask Task { get; }

    public PhysicalMemory Memory { get; }

    public PageAllocator Pages { get; }

    /// <summary>A memory model that has not been initialised yet.</summary>
    public MemoryModel Boot { get; }

    [Trusted("the host makes a machine")]
    public Pfn Page() => Pages.Allocate(Task, Gfp.Kernel) ?? throw new OutOfMemoryException();

    /// <summary>An address space; its memory model is initialised on the way.</summary>
    /// <param name="model">What answers instead of <see cref="Boot"/>.</param>
    /// <param name="specialBit">Whether entries say themselves that no page is behind them.</param>
    [Trusted("the host makes a machine")]
    public MemoryMap Map(IMemoryModel? model = null, bool specialBit = true)
    {
        if (Boot.Phase == ModelPhase.None)
        {
            Boot.Initialise(Task, new[] { BootMemory });
            Boot.MakeReady(Task);
            Boot.Attach(Task, Shared);
        }

        Virtual = new VirtualMemory(Task, new VirtualMemoryOptions { Pages = Pages, Memory = Memory, Model = model ?? Boot, HasSpecialBit = specialBit, Regime = KernelRegime.Copied });
        return new MemoryMap(Task, Virtual);
    }

    public VirtualMemory? Virtual { get; private set; }

    /// <summary>A region of kernel addresses, for after <see cref="Map"/>.</summary>
    [Trusted("the host makes a machine")]
    public KernelRanges Ranges() => new(Task, Virtual!, pages: 256);

    public static void Check(bool isRight)
    {
        if (!isRight) throw new InvalidOperationException("The story went another way than it should.");
    }

    /// <summary>Ends the machine. After a trap its locks are still held and its CPU is in the wrong context: that is reported again, and expected.</summary>
    [Trusted("the host ends the machine, in whatever state a bug left it")]
    public void Dispose()
    {
        try
        {
            Task.Dispose();
        }
        catch (TrapException) when (Machine.Traps.Count > 1)
        {
            // The bug that came first is the one that counts.
        }

        Machine.Dispose();
        Pages.Dispose();
        Memory.Dispose();
    }
}

/// <summary>A bug or its repair, as something that can be run.</summary>
/// <param name="Name">The thread, and what is done.</param>
/// <param name="Says">Words of the trap's first line; null if there must be no trap.</param>
/// <param name="Play">Runs it on a machine of its own.</param>
public sealed record Form(string Name, string? Says, Action<Stage> Play)
{
    public static IEnumerable<Form> All() => [.. PfnValid.Forms.All(), .. LockedArea.Forms.All(), .. ReleaseHandlers.Forms.All(), .. ForeignPages.Forms.All(), .. DiscardList.Forms.All()];

    /// <summary>Runs the form.</summary>
    /// <returns>The first rule that was broken, and what was thrown; null if none was.</returns>
    public Ending? Run()
    {
        using var stage = new Stage();
        try
        {
            Play(stage);
            return null;
        }
        catch (TrapException thrown)
        {
            // On the way out, a guard may find the context broken and report that too.
            return new Ending(stage.Machine.Traps.Snapshot()[0], thrown);
        }
    }
}

/// <summary>How a bug ended.</summary>
/// <param name="Trap">The report.</param>
/// <param name="Thrown">What came out of it, with the calls and their lines.</param>
public sealed record Ending(Trap Trap, TrapException Thrown);
