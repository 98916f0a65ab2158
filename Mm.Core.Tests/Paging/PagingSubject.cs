using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>What a program does at page A of an address space; C chooses which.</summary>
internal enum PagingDo
{
    /// <summary>B pages of its own.</summary>
    Map,
    Unmap,

    /// <summary>B mod 8 pages, for B / 8: none, read, write, both.</summary>
    Protect,

    /// <summary>Byte B.</summary>
    Write,
    Read,
    Fork,
    Exit,

    /// <summary>A frame without a page, the B-th, as a special entry.</summary>
    MixBare,

    /// <summary>A page of ours, the B-th, in a mixed map.</summary>
    MixPage,
}

/// <summary>Several address spaces, beside what each address reads as. S4's random model: G6 to G14, with the real mapping asked for G10.</summary>
internal sealed class PagingSubject : Subject<PagingDo>
{
    public static readonly Gen<Operation<PagingDo>> All = Operations.OneOf(
        (4, Operations.Of(PagingDo.Map, Operations.UpTo(Pages - 1), Operations.UpTo(4), Operations.UpTo(3))),
        (3, Operations.Of(PagingDo.Unmap, Operations.UpTo(Pages - 1), Operations.UpTo(4), Operations.UpTo(3))),
        (3, Operations.Of(PagingDo.Protect, Operations.UpTo(Pages - 1), Operations.UpTo(31), Operations.UpTo(3))),
        (7, Operations.Of(PagingDo.Write, Operations.UpTo(Pages - 1), Operations.UpTo(254), Operations.UpTo(3))),
        (6, Operations.Of(PagingDo.Read, Operations.UpTo(Pages - 1), c: Operations.UpTo(3))),
        (1, Operations.Of(PagingDo.Fork, c: Operations.UpTo(3))),
        (1, Operations.Of(PagingDo.Exit, c: Operations.UpTo(3))),
        (2, Operations.Of(PagingDo.MixBare, Operations.UpTo(Pages - 1), Operations.UpTo(63), Operations.UpTo(3))),
        (2, Operations.Of(PagingDo.MixPage, Operations.UpTo(Pages - 1), Operations.UpTo(19), Operations.UpTo(3))));

    private const int Pages = 24;
    private readonly bool _specialBit;
    private readonly bool _strict;
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly World _world;
    private readonly List<(MemoryMap Map, Cell[] Cells)> _maps = [];
    private readonly List<Pfn> _owned = [];

    public PagingSubject(bool specialBit, bool strict)
    {
        (_specialBit, _strict) = (specialBit, strict);
        _task = _machine.Attach("test");
        _world = new World(_task, frames: 2048, specialBit: specialBit, strict: strict, mirrored: Pages);
        _maps.Add((_world.Map, new Cell[Pages]));
    }

    public override void Do(Operation<PagingDo> operation)
    {
        var (map, cells) = At(_maps, operation.C);
        var first = operation.A % Pages;
        var count = Math.Min(1 + (operation.B % 8), Pages - first);
        var at = World.At.PlusPages(first);
        var some = cells.AsSpan(first, count);
        switch (operation.What)
        {
            case PagingDo.Map:
                map.Map(_task, new AreaRequest { Pages = count, At = at });
                some.Fill(new Cell(true, true, true, 0, null));
                break;
            case PagingDo.Unmap:
                map.Unmap(_task, at, count);
                some.Clear();
                break;
            case PagingDo.Protect when some.ToArray().All(static cell => cell.IsMapped):
                var access = (VmFlags)(operation.B / 8 % 4);
                Assert.Equal(MapResult.None, map.Protect(_task, at, count, access));
                foreach (ref var cell in some) cell = cell with { CanRead = access != 0, CanWrite = (access & VmFlags.Write) != 0 };
                break;
            case PagingDo.Write:
                Write(map, ref cells[first], at, (byte)(1 + operation.B));
                break;
            case PagingDo.Read:
                Read(map, cells[first], at);
                break;
            case PagingDo.Fork when _maps.Count < 4:
                _maps.Add((map.Fork(_task)!, (Cell[])cells.Clone()));
                break;
            case PagingDo.Exit when map != _world.Map:
                map.Exit(_task);
                _maps.RemoveAt(operation.C % _maps.Count);
                break;
            case PagingDo.MixBare:
                Mix(map, ref cells[first], at, _world.Bare.Plus(operation.B % 64));
                break;
            case PagingDo.MixPage:
                Mix(map, ref cells[first], at, Owned(operation.B % 20));
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        _world.AssertValid();
    }

    public override void End()
    {
        foreach (var (map, cells) in _maps)
        {
            for (var i = 0; i < Pages; i++) Read(map, cells[i], World.At.PlusPages(i));
        }

        foreach (var (map, _) in _maps) map.Exit(_task);
        foreach (var page in _owned) Assert.Equal(1, _world.References(page));
        foreach (var page in _owned) _world.Pages.Pages.Put(_task, page);
        _world.AssertNothingLeaks();
        AssertAtRest(_machine, _task);
    }

    public override void Dispose()
    {
        _world.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(PagingSubject)}(specialBit: {(_specialBit ? "true" : "false")}, strict: {(_strict ? "true" : "false")})";

    private void Write(MemoryMap map, ref Cell cell, VirtualAddress at, byte value)
    {
        Assert.Equal(cell is { IsMapped: true, CanWrite: true } ? 0 : 1, map.CopyToUser(_task, at, [value]));
        if (cell is not { IsMapped: true, CanWrite: true }) return;
        if (cell.Frame is { } shared) _world.Bytes(shared)[0] = value;
        else cell = cell with { Value = value };
    }

    private void Read(MemoryMap map, Cell cell, VirtualAddress at)
    {
        Span<byte> seen = stackalloc byte[1];
        var isReadable = cell is { IsMapped: true, CanRead: true };
        Assert.Equal(isReadable ? 0 : 1, map.CopyFromUser(_task, at, seen));
        if (isReadable) Assert.Equal(cell.Frame is { } frame ? _world.Bytes(frame)[0] : cell.Value, seen[0]);
    }

    private void Mix(MemoryMap map, ref Cell cell, VirtualAddress at, Pfn frame)
    {
        var area = map.Map(_task, new AreaRequest { Pages = 1, At = at, Flags = VmFlags.Read | VmFlags.Write | VmFlags.Shared | VmFlags.MixedMap });
        using (map.Lock.Read(_task)) Assert.Equal(FaultResult.NoPage, map.InsertMixed(_task, area, at, frame));
        cell = new Cell(true, true, true, 0, frame);
    }

    private Pfn Owned(int which)
    {
        if (which < _owned.Count) return _owned[which];
        var page = _world.Allocate();
        _world.Bytes(page).Clear();
        _owned.Add(page);
        return page;
    }

    private readonly record struct Cell(bool IsMapped, bool CanRead, bool CanWrite, byte Value, Pfn? Frame);
}
