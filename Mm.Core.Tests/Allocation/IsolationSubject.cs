using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Physical;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>What a program does to a zone whose blocks of 2 MiB, the A-th among them, are isolated and taken out.</summary>
internal enum IsolationDo
{
    /// <summary>A block of order A.</summary>
    Take,

    /// <summary>The A-th that is held.</summary>
    Free,
    Isolate,
    EndIsolation,
    Remove,

    /// <summary>What was taken out comes back, page by page.</summary>
    PutBack,
}

/// <summary>A zone beside what of it is used, isolated and out. G1, G2, G11 to G13, G16: what is isolated is counted apart, and handed out to nobody.</summary>
internal sealed class IsolationSubject(ZoneAllocatorKind kind) : Subject<IsolationDo>
{
    public static readonly Gen<Operation<IsolationDo>> All = Operations.OneOf(
        (43, Operations.Of(IsolationDo.Take, Operations.UpTo(7))),
        (2, Operations.Of(IsolationDo.Take, Operations.Between(8, 10))),
        (47, Operations.Of(IsolationDo.Free, Operations.Any)),
        (3, Operations.Of(IsolationDo.Isolate, Operations.UpTo(Blocks - 1))),
        (2, Operations.Of(IsolationDo.EndIsolation, Operations.UpTo(Blocks - 1))),
        (2, Operations.Of(IsolationDo.Remove, Operations.UpTo(Blocks - 1))),
        (1, Operations.Of(IsolationDo.PutBack, Operations.UpTo(Blocks - 1))));

    private const int Blocks = 9;
    private const int Pages = 1 << IBlockIsolation.BlockOrder;
    private readonly ZoneUnderTest _zone = new(kind, Blocks * Pages, first: 0x1200);
    private readonly List<(Pfn Page, int Order)> _held = [];
    private readonly bool[] _isIsolated = new bool[Blocks];
    private readonly bool[] _isOut = new bool[Blocks];
    private readonly bool[] _isUsed = new bool[Blocks * Pages];

    private IBlockIsolation Isolation => (IBlockIsolation)_zone.Allocator;

    public override void Do(Operation<IsolationDo> operation)
    {
        var block = operation.A % Blocks;
        var range = RangeOf(block);
        switch (operation.What)
        {
            case IsolationDo.Take when _zone.Allocator.TryAllocate(_zone.Task, operation.A % 11, out var page):
                _held.Add((page, operation.A % 11));
                Use(page, operation.A % 11);
                break;
            case IsolationDo.Free when _held.Count != 0:
                Free(operation.A % _held.Count);
                break;
            case IsolationDo.Isolate when !_isOut[block]:
                Assert.Equal(!_isIsolated[block], Isolation.TryIsolate(_zone.Task, range));
                _isIsolated[block] = true;
                break;
            case IsolationDo.EndIsolation when _isIsolated[block]:
                Isolation.EndIsolation(_zone.Task, range);
                _isIsolated[block] = false;
                break;
            case IsolationDo.Remove when _isIsolated[block]:
                _isOut[block] = FreeIn(block) == Pages;
                Assert.Equal(_isOut[block], Isolation.TryRemove(_zone.Task, range, Pages));
                _isIsolated[block] &= !_isOut[block];
                break;
            case IsolationDo.PutBack when _isOut[block]:
                _isOut[block] = false;
                for (var i = 0; i < Pages; i++) _zone.Allocator.Free(_zone.Task, range.First.Plus(i), 0);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_zone.Machine, _zone.Tasks);
        var isolated = Enumerable.Range(0, Blocks).Where(b => _isIsolated[b]).Sum(FreeIn);
        var free = Enumerable.Range(0, Blocks).Where(b => !_isIsolated[b] && !_isOut[b]).Sum(FreeIn);
        Assert.Equal((isolated, free), (Isolation.IsolatedPages, _zone.Allocator.FreePages));
        for (var b = 0; b < Blocks; b++)
        {
            if (_isIsolated[b]) Assert.Equal(FreeIn(b), Isolation.CountFree(_zone.Task, RangeOf(b)));
        }

        var isFree = _zone.Check(_zone.Frames - free);
        for (var i = 0; i < isFree.Length; i++)
        {
            if (isFree[i] && (_isUsed[i] || _isIsolated[i / Pages] || _isOut[i / Pages])) Assert.Fail($"G1 page {_zone.First.Plus(i)} is free, and used, isolated or out");
        }
    }

    public override void End()
    {
        for (var block = 0; block < Blocks; block++)
        {
            if (_isOut[block]) _zone.Allocator.Free(_zone.Task, RangeOf(block).First, IBlockIsolation.BlockOrder);
            else Isolation.EndIsolation(_zone.Task, RangeOf(block));
        }

        while (_held.Count != 0) Free(0);
        _zone.Check(0);
    }

    public override void Dispose() => _zone.Dispose();

    public override string ToString() => $"new {nameof(IsolationSubject)}(ZoneAllocatorKind.{kind})";

    private FrameRange RangeOf(int block) => new(_zone.First.Plus(block * Pages), Pages);

    private int FreeIn(int block) => _isUsed.AsSpan(block * Pages, Pages).Count(false);

    private void Use(Pfn page, int order)
    {
        var at = (int)(page.Number - _zone.First.Number);
        for (var i = at; i < at + (1 << order); i++)
        {
            Assert.False(_isUsed[i] || _isIsolated[i / Pages] || _isOut[i / Pages], $"G1 page {_zone.First.Plus(i)} is used, isolated or out, and was handed out");
            _isUsed[i] = true;
        }
    }

    private void Free(int which)
    {
        var (page, order) = _held[which];
        _held.RemoveAt(which);
        _isUsed.AsSpan((int)(page.Number - _zone.First.Number), 1 << order).Clear();
        _zone.Allocator.Free(_zone.Task, page, order);
    }
}
