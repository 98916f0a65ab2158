using System;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>remap_pfn_range and its like.</summary>
public partial class MixedMapTests
{
    [Fact]
    public void S1_22_Remap_OfASharedArea_CountsNothing_AndUnmappingTakesItAway()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        var area = world.MapAt(4, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var block = world.Pages.Allocate(task, Gfp.Kernel, 2)!.Value;
        world.Pages.Split(task, block, 2);
        using (world.Map.Lock.Write(task)) Assert.Equal(MapResult.None, world.Map.Remap(task, area, At, block, 4 * 4096));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(world.Entry(At.PlusPages(i)).IsSpecial);
            Assert.Equal((1, 0), (world.References(block.Plus(i)), world.Mappings(block.Plus(i))));
            Assert.Equal(0, Mm.Core.Tests.Physical.Probe.Write(world.Map.Mirror!.At(At.PlusPages(i))));
        }

        Assert.Equal(VmFlags.Io | VmFlags.PfnMap | VmFlags.DontExpand | VmFlags.DontDump, area.Flags & (VmFlags.Io | VmFlags.PfnMap | VmFlags.DontExpand | VmFlags.DontDump));
        world.AssertValid();
        var address = world.Map.Mirror!.At(At);
        world.Map.Unmap(task, At, 4);
        Assert.Equal(Mm.Core.Tests.Physical.Probe.Fault, Mm.Core.Tests.Physical.Probe.Read(address));
        for (var i = 0; i < 4; i++) world.Pages.Free(task, block.Plus(i));
        world.AssertNothingLeaks();
    }

    [Fact]
    public void S1_24_Remap_OfPartOfAPrivateWritableArea_IsInvalid()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(4);
        using (world.Map.Lock.Write(task))
        {
            Assert.Equal(MapResult.Invalid, world.Map.Remap(task, area, At, world.Bare, 2 * 4096));
            Assert.Equal(MapResult.Invalid, world.Map.Remap(task, area, At.Plus(8), world.Bare, 4096));
            Assert.Equal(MapResult.None, world.Map.Remap(task, area, At, world.Bare, 4 * 4096));
        }

        Assert.Equal(world.Bare.Number, area.PageOffset);
        Assert.Equal(FaultResult.DoneCopyOnWrite, world.Map.Fault(task, At, AccessKind.Write));
        Assert.Equal(world.Entry(At).Pfn, Normal(task, area, At, world.Entry(At)));
        using (world.Map.Lock.Write(task)) Assert.Equal("kernel BUG: BUG_ON(!pte_none(*pte))", BugOf(() => _ = world.Map.Remap(task, area, At, world.Bare, 4 * 4096)));
    }

    [Fact]
    public void S1_26_Remap_WithoutMemoryForTheThirdTable_LeavesNothing()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(1500, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var leaves = 0;
        world.Virtual.RefuseTable = _ => ++leaves == 5;
        using (world.Map.Lock.Write(task)) Assert.Equal(MapResult.OutOfMemory, world.Map.Remap(task, area, At, world.Bare, 1500 * 4096));
        Assert.Equal(5, leaves);
        Assert.Empty(world.Virtual.EntriesOf(world.Map));
        world.AssertNothingLeaks();
    }

    [Fact]
    public void E1_14_RemapIo_HasOnePrototype_AndTheSpaceInTheFrameNumber()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(2, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var registers = new IoPfn(space: 6, frame: 0xfee00);
        Assert.Equal((6, 0xfee00u), (registers.Space, registers.Frame));
        using (world.Map.Lock.Write(task)) Assert.Equal(MapResult.None, world.Map.RemapIo(task, area, At, registers, 2 * 4096));
        Assert.Equal((6, new Pfn(0xfee01)), (world.Entry(At.PlusPages(1)).IoSpace, world.Entry(At.PlusPages(1)).Pfn));
        Assert.Equal(1, world.Map.CopyFromUser(task, At, new byte[1]));
        world.AssertValid();
        var prototypes = new[] { "Remap", "RemapIo" }.Select(static name => Assert.Single(typeof(MemoryMap).GetMethods(), m => m.Name == name).GetParameters().Length).ToArray();
        Assert.Equal([5, 5], prototypes);
        world.AssertNothingLeaks();
    }

    [Fact]
    public void E1_15_Remap_AndRemapIo_WhereTheSpaceIsMemory_MakeTheSameEntries()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var one = world.MapAt(2, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var two = world.MapAt(2, VmFlags.Read | VmFlags.Write | VmFlags.Shared, at: At.PlusPages(4));
        using (world.Map.Lock.Write(task))
        {
            Assert.Equal(MapResult.None, world.Map.Remap(task, one, one.Start, world.Bare, 2 * 4096));
            Assert.Equal(MapResult.None, world.Map.RemapIo(task, two, two.Start, new IoPfn(0, world.Bare.Number), 2 * 4096));
        }

        Assert.Equal([world.Entry(one.Start), world.Entry(one.Start.PlusPages(1))], new[] { world.Entry(two.Start), world.Entry(two.Start.PlusPages(1)) });
        Assert.Equal(one.Flags, two.Flags);
    }

    [Fact]
    public void E1_16_AMachinesFrameNumber_IsNoKernelsFrameNumber()
    {
        foreach (var type in (Type[])[typeof(MachinePfn), typeof(IoPfn)])
        {
            Assert.DoesNotContain(type.GetMethods(), static m => m.Name.StartsWith("op_Implicit", StringComparison.Ordinal) || m.ReturnType == typeof(Pfn));
            Assert.DoesNotContain(typeof(Pfn).GetMethods(), m => m.ReturnType == type);
        }

        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(1, VmFlags.Read | VmFlags.Write | VmFlags.Shared);

        // The number is one that has a descriptor by chance: nothing looks it up.
        var theirs = new MachinePfn(World.First.Plus(3).Number);
        using (world.Map.Lock.Write(task)) Assert.Equal(MapResult.None, world.Map.RemapIo(task, area, At, theirs.ToIo(), 4096));
        Assert.Null(Normal(task, area, At, world.Entry(At)));
        world.AssertValid();
    }

    [Fact]
    public void MapIoMemory_OfRangesThatWrapOrAreTooSmall_IsInvalid()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var area = world.MapAt(2, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        using (world.Map.Lock.Write(task))
        {
            Assert.Equal(MapResult.Invalid, world.Map.MapIoMemory(task, area, new PhysicalAddress(ulong.MaxValue - 10), 4096));
            Assert.Equal(MapResult.Invalid, world.Map.MapIoMemory(task, area, new PhysicalAddress(0xfee00000), 4096));
            Assert.Equal(MapResult.None, world.Map.MapIoMemory(task, area, new PhysicalAddress(0xfee00010), 8000, space: 1));
        }

        Assert.Equal(new Pfn(0xfee01), world.Entry(At.PlusPages(1)).Pfn);
    }
}
