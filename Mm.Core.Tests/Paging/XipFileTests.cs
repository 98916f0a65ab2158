using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Paging;

public class XipFileTests
{
    private static VirtualAddress At => World.At;

    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    [Fact]
    public void Block_ThatIsThere_IsMappedWithoutACopy()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        var device = new Device(world) { Blocks = { [2] = world.Bare.Plus(7) } };
        var file = new XipFile(task, world.Virtual, device);
        world.Bytes(world.Bare.Plus(7)).Fill(91);
        var area = file.Map(task, world.Map, new AreaRequest { Pages = 4, At = At, Flags = ReadWrite | VmFlags.Shared });
        Assert.Equal(91, world.Read(At.PlusPages(2)));
        Assert.Equal((world.Bare.Plus(7), true), (world.Entry(At.PlusPages(2)).Pfn, world.Entry(At.PlusPages(2)).IsSpecial));
        world.Write(At.PlusPages(2).Plus(5), 12);
        Assert.Equal(12, world.Bytes(world.Bare.Plus(7))[5]);
        Assert.Equal((0L, 0L), (world.Map.AnonymousPages, world.Map.FilePages));
        world.AssertValid();
        world.Map.Unmap(task, area.Start, 4);
        file.Dispose(task);
        world.AssertNothingLeaks();
        machine.AssertClean();
    }

    [Fact]
    public void S4_32_E4_10_Hole_ReadPrivately_IsTheSharedHolePage_Counted()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 8);
        var file = new XipFile(task, world.Virtual, new Device(world));
        Assert.True(world.Model.PfnValid(task, file.HolePage) && world.Model.PfnInLinearMap(task, file.HolePage) && world.Model.PfnIsRam(task, file.HolePage));
        Assert.Equal(4096, world.Bytes(file.HolePage).Count((byte)0));
        file.Map(task, world.Map, new AreaRequest { Pages = 4, At = At, Flags = ReadWrite });
        Assert.Equal(0, world.Read(At));
        Assert.Equal(0, world.Read(At.PlusPages(1)));
        Assert.Equal((3, 2, 2L), (world.References(file.HolePage), world.Mappings(file.HolePage), world.Map.FilePages));
        world.Write(At, 5);
        Assert.Equal((5, 0), (world.Read(At), world.Read(At.PlusPages(1))));
        Assert.Equal(0, world.Bytes(file.HolePage)[0]);
        Assert.Equal((1L, 1L), (world.Map.AnonymousPages, world.Map.FilePages));
        world.AssertValid();

        // A child is not given the hole page: it finds it, or the block that has come to be, by itself.
        var child = world.Map.Fork(task)!;
        Assert.True(child.EntryOf(task, At.PlusPages(1)).IsNone);
        Assert.Throws<InvalidOperationException>(() => file.Dispose(task));
        child.Exit(task);
        world.Map.Unmap(task, At, 4);
        Assert.Equal(1, world.References(file.HolePage));
        file.Dispose(task);
        world.AssertNothingLeaks();
    }

    [Fact]
    public void Hole_WrittenThroughASharedMap_BecomesABlockForEverybody()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var device = new Device(world);
        var file = new XipFile(task, world.Virtual, device);
        file.Map(task, world.Map, new AreaRequest { Pages = 4, At = At, Flags = VmFlags.Read });
        Assert.Equal(0, world.Read(At.PlusPages(1)));
        Assert.Equal(file.HolePage, world.Entry(At.PlusPages(1)).Pfn);
        file.Map(task, world.Map, new AreaRequest { Pages = 4, At = At.PlusPages(8), Flags = ReadWrite | VmFlags.Shared });
        world.Write(At.PlusPages(9), 66);
        Assert.True(world.Entry(At.PlusPages(1)).IsNone);
        Assert.Equal(66, world.Read(At.PlusPages(1)));
        Assert.Equal(device.Blocks[1], world.Entry(At.PlusPages(1)).Pfn);
        world.AssertValid();
        Assert.Equal(BlockResult.Found, file.MakeBlock(task, 3, out _));
        Assert.Equal(0, world.References(file.HolePage) - 1);
    }

    [Theory]
    [InlineData(BlockResult.Failed, FaultResult.BusError)]
    [InlineData(BlockResult.Full, FaultResult.BusError)]
    [InlineData(BlockResult.OutOfMemory, FaultResult.OutOfMemory)]
    public void S4_36_E4_9_DeviceThatFails_IsNotOutOfMemoryUnlessItSaysSo(BlockResult answer, FaultResult expected)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var device = new Device(world);
        var file = new XipFile(task, world.Virtual, device);
        file.Map(task, world.Map, new AreaRequest { Pages = 8, At = At, Flags = ReadWrite | VmFlags.Shared });
        device.Answer = answer;
        Assert.Equal(expected, world.Map.Fault(task, At, AccessKind.Read));
        Assert.Equal(FaultResult.OutOfMemory, AsPosted(answer));
        device.Answer = BlockResult.Found;
        Assert.Equal(FaultResult.BusError, world.Map.Fault(task, At.PlusPages(6), AccessKind.Read));

        // No table for the hole page: out of memory, not success.
        file.Map(task, world.Map, new AreaRequest { Pages = 2, At = new VirtualAddress(0x10_0000_0000), Flags = VmFlags.Read });
        world.Virtual.RefuseTable = static _ => true;
        Assert.Equal(FaultResult.OutOfMemory, world.Map.Fault(task, new VirtualAddress(0x10_0000_0000), AccessKind.Read));
        world.Virtual.RefuseTable = null;
        world.AssertValid();
    }

    // Whatever the device says besides "a hole" is out of memory; its own comment doubts it.
    private static FaultResult AsPosted(BlockResult answer) => answer is BlockResult.Found or BlockResult.Hole ? FaultResult.NoPage : FaultResult.OutOfMemory;

    [Fact]
    public void SharedMap_OfADeviceThatCannotBeWritten_CannotBecomeWritable()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task);
        var file = new XipFile(task, world.Virtual, new Device(world) { IsWritable = false });
        file.Map(task, world.Map, new AreaRequest { Pages = 2, At = At, Flags = ReadWrite | VmFlags.Shared });
        Assert.Equal(0, world.Read(At));
        Assert.Equal(FaultResult.SegmentationFault, world.Map.Fault(task, At, AccessKind.Write));
        Assert.Equal(MapResult.Denied, world.Map.Protect(task, At, 1, ReadWrite));
        Assert.Single(world.Map.Areas);
    }

    [Fact]
    public void S4_34_HoleAndBlock_FaultedAtOnce_NeverLeaveTheHolePageWhereABlockIs()
    {
        var (holes, blocks) = (0, 0);
        for (var seed = 0UL; seed < 50; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            using var setup = machine.Attach("setup");
            using var world = new World(setup);
            var device = new Device(world);
            var file = new XipFile(setup, world.Virtual, device);
            file.Map(setup, world.Map, new AreaRequest { Pages = 2, At = At, Flags = VmFlags.Read });
            var other = new MemoryMap(setup, world.Virtual);
            file.Map(setup, other, new AreaRequest { Pages = 2, At = At, Flags = ReadWrite | VmFlags.Shared });
            byte seen = 9;
            machine.Start("reader", task => seen = world.ReadAs(task, At));
            machine.Start("writer", task => Assert.Equal(0, other.CopyToUser(task, At, [8])));
            machine.Run();
            Assert.True(seen is 0 or 8);
            if (seen == 0) holes++;
            else blocks++;
            Assert.NotEqual(file.HolePage, world.Entry(At).Pfn);
            Assert.Equal(8, world.ReadAs(setup, At));
            world.AssertValid();
            other.Exit(setup);
            machine.AssertClean();
        }

        Assert.True(holes > 0 && blocks > 0, $"{holes} {blocks}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HostFile_Mapped_IsTheFileItself(bool writable)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, mirrored: 16);
        var path = System.IO.Path.GetTempFileName();
        try
        {
            var content = new byte[(2 * 4096) + 100];
            new Random(3).NextBytes(content);
            System.IO.File.WriteAllBytes(path, content);
            var blocks = new HostFileBlocks(task, world.Virtual, path, new FrameRange(world.Bare.Plus(8), 4), writable);
            Assert.Equal(3UL, blocks.PageCount);
            var file = new XipFile(task, world.Virtual, blocks);
            file.Map(task, world.Map, new AreaRequest { Pages = 3, At = At, Flags = ReadWrite | VmFlags.Shared });
            file.Map(task, world.Map, new AreaRequest { Pages = 4, At = At.PlusPages(8), Flags = ReadWrite });
            var read = new byte[content.Length];
            Assert.Equal(0, world.Map.CopyFromUser(task, At, read));
            Assert.Equal(content, read);
            world.AssertValid();
            Assert.Equal(writable ? 0 : 1, world.Map.CopyToUser(task, At.PlusPages(1), [(byte)(content[4096] + 1)]));
            if (writable) content[4096]++;
            Assert.Equal(content, System.IO.File.ReadAllBytes(path));
            world.Write(At.PlusPages(8), (byte)(content[0] + 1));
            Assert.Equal(content, System.IO.File.ReadAllBytes(path));
            Assert.Equal(content[4096], world.Read(At.PlusPages(9)));
            Assert.Equal(FaultResult.BusError, world.Map.Fault(task, At.PlusPages(11), AccessKind.Read));
            Assert.Equal((1L, 0L), (world.Map.AnonymousPages, world.Map.FilePages));
            world.AssertValid();
            world.Map.Unmap(task, At, 16);
            file.Dispose(task);
            blocks.Dispose(task);
            Assert.Equal(4096, world.Bytes(world.Bare.Plus(8)).Count((byte)0));
            Assert.Throws<ArgumentException>(() => new HostFileBlocks(task, world.Virtual, path, new FrameRange(World.First, 4)));
            Assert.Throws<ArgumentException>(() => new HostFileBlocks(task, world.Virtual, path, new FrameRange(world.Bare, 2)));
            world.AssertNothingLeaks();
            machine.AssertClean();
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    internal sealed class Device(World world) : IXipBacking
    {
        private int _next = 20;

        public Dictionary<ulong, Pfn> Blocks { get; } = [];

        public BlockResult Answer { get; set; }

        public ulong PageCount => 5;

        public bool IsWritable { get; init; } = true;

        public BlockResult Find(MachineTask task, ulong page, bool create, out Pfn frame)
        {
            task.Point();
            frame = default;
            if (Answer != BlockResult.Found) return Answer;
            if (Blocks.TryGetValue(page, out frame)) return BlockResult.Found;
            if (!create) return BlockResult.Hole;
            frame = Blocks[page] = world.Bare.Plus(_next++);
            world.Bytes(frame).Clear();
            return BlockResult.Found;
        }
    }
}
