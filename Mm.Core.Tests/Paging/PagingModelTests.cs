using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Random operations on several address spaces, against a model of what each address reads as; all invariants on the way.</summary>
public class PagingModelTests
{
    private const int Pages = 24;

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(2, true, true)]
    [InlineData(3, true, false)]
    [InlineData(4, false, true)]
    [InlineData(5, false, false)]
    public void Operations_AtRandom_ReadWhatTheModelSays_AndKeepAllInvariants(int seed, bool specialBit, bool strict)
    {
        var random = new Random(seed);
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        using var world = new World(task, frames: 2048, specialBit: specialBit, strict: strict, mirrored: Pages);
        var maps = new List<(MemoryMap Map, Cell[] Cells)> { (world.Map, new Cell[Pages]) };
        var owned = new List<Pfn>();
        for (var step = 0; step < 2500; step++)
        {
            var (map, cells) = maps[random.Next(maps.Count)];
            var first = random.Next(Pages);
            var count = Math.Min(random.Next(1, 6), Pages - first);
            var at = World.At.PlusPages(first);
            switch (random.Next(9))
            {
                case 0:
                    map.Map(task, new AreaRequest { Pages = count, At = at });
                    for (var i = 0; i < count; i++) cells[first + i] = new Cell(true, true, true, 0, null);
                    break;
                case 1:
                    map.Unmap(task, at, count);
                    for (var i = 0; i < count; i++) cells[first + i] = default;
                    break;
                case 2 when cells.Skip(first).Take(count).All(static c => c.IsMapped):
                    var access = (VmFlags)random.Next(4);
                    Assert.Equal(MapResult.None, map.Protect(task, at, count, access));
                    for (var i = 0; i < count; i++) cells[first + i] = cells[first + i] with { CanRead = access != 0, CanWrite = (access & VmFlags.Write) != 0 };
                    break;
                case 3 or 4:
                    var value = (byte)random.Next(1, 256);
                    var cell = cells[first];
                    Assert.Equal(cell is { IsMapped: true, CanWrite: true } ? 0 : 1, map.CopyToUser(task, at, [value]));
                    if (cell is not { IsMapped: true, CanWrite: true }) break;
                    if (cell.Frame is { } shared) world.Bytes(shared)[0] = value;
                    else cells[first] = cell with { Value = value };
                    break;
                case 5 or 6:
                    var seen = new byte[1];
                    var readable = cells[first] is { IsMapped: true, CanRead: true };
                    Assert.Equal(readable ? 0 : 1, map.CopyFromUser(task, at, seen));
                    if (readable) Assert.Equal(cells[first].Frame is { } frame ? world.Bytes(frame)[0] : cells[first].Value, seen[0]);
                    break;
                case 7 when maps.Count < 4 && random.Next(3) == 0:
                    maps.Add((map.Fork(task)!, (Cell[])cells.Clone()));
                    break;
                case 7 when maps.Count > 1 && map != world.Map && random.Next(3) == 0:
                    map.Exit(task);
                    maps.RemoveAll(m => m.Map == map);
                    break;
                case 8:
                    Mix(map, cells, first, at);
                    break;
            }

            if (step % 25 == 0) world.AssertValid();
        }

        world.AssertValid();
        foreach (var (map, _) in maps.Skip(1)) map.Exit(task);
        world.Map.Exit(task);
        foreach (var page in owned) Assert.Equal(1, world.References(page));
        foreach (var page in owned) world.Pages.Pages.Put(task, page);
        world.AssertNothingLeaks();
        machine.AssertClean();

        void Mix(MemoryMap map, Cell[] cells, int first, VirtualAddress at)
        {
            const VmFlags Flags = VmFlags.Read | VmFlags.Write | VmFlags.Shared | VmFlags.MixedMap;
            var area = map.Map(task, new AreaRequest { Pages = 1, At = at, Flags = Flags });
            Pfn frame;
            if (random.Next(2) == 0)
            {
                frame = world.Bare.Plus(random.Next(64));
            }
            else if (owned.Count < 20)
            {
                frame = world.Allocate();
                world.Bytes(frame).Clear();
                owned.Add(frame);
            }
            else
            {
                frame = owned[random.Next(owned.Count)];
            }

            using (map.Lock.Read(task)) Assert.Equal(FaultResult.NoPage, map.InsertMixed(task, area, at, frame));
            cells[first] = new Cell(true, true, true, 0, frame);
        }
    }

    private readonly record struct Cell(bool IsMapped, bool CanRead, bool CanWrite, byte Value, Pfn? Frame);
}
