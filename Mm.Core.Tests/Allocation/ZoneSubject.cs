using System;
using System.Collections.Generic;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>What a program does to the allocator of a zone. B is the CPU that does it.</summary>
internal enum ZoneDo
{
    /// <summary>A block of order A.</summary>
    Take,
    TakeInInterrupt,

    /// <summary>A single pages.</summary>
    TakeMany,

    /// <summary>All there is of order A, with the caches emptied; and gives it back.</summary>
    Exhaust,

    /// <summary>The A-th block that is held.</summary>
    Free,
    FreeInInterrupt,
    FreeInHalves,

    /// <summary>C blocks from the A-th on.</summary>
    FreeMany,

    /// <summary>The cache of CPU A.</summary>
    Drain,

    /// <summary>At most A pages in a cache.</summary>
    Limits,
}

/// <summary>The allocator of a zone, with two CPUs, beside the set of pages that it has handed out. G1 to G3, G5, G11 to G13, G16.</summary>
internal sealed class ZoneSubject(ZoneAllocatorKind kind, int frames, uint first = 0x1000, Fault fault = Fault.None) : Subject<ZoneDo>
{
    public static readonly Gen<Operation<ZoneDo>> All = Operations.OneOf(
        (45, Operations.Of(ZoneDo.Take, Operations.Orders, Operations.UpTo(1))),
        (3, Operations.Of(ZoneDo.TakeInInterrupt, Operations.UpTo(3), Operations.UpTo(1))),
        (3, Operations.Of(ZoneDo.TakeMany, Operations.UpTo(99), Operations.UpTo(1))),
        (1, Operations.Of(ZoneDo.Exhaust, Operations.Orders, Operations.UpTo(1))),
        (32, Operations.Of(ZoneDo.Free, Operations.Any, Operations.UpTo(1))),
        (3, Operations.Of(ZoneDo.FreeInInterrupt, Operations.Any, Operations.UpTo(1))),
        (5, Operations.Of(ZoneDo.FreeInHalves, Operations.Any, Operations.UpTo(1))),
        (3, Operations.Of(ZoneDo.FreeMany, Operations.Any, Operations.UpTo(1), Operations.UpTo(99))),
        (3, Operations.Of(ZoneDo.Drain, Operations.UpTo(1), Operations.UpTo(1))),
        (2, Operations.Of(ZoneDo.Limits, Operations.UpTo(252))));

    private readonly ZoneUnderTest _zone = new(kind, frames, first, cpus: 2, high: 64, batch: 15, fault);
    private readonly List<(Pfn Page, int Order)> _held = [];
    private readonly HashSet<Pfn> _taken = [];

    public override void Do(Operation<ZoneDo> operation)
    {
        var task = _zone.Tasks[operation.B % 2];
        var allocator = _zone.Allocator;
        switch (operation.What)
        {
            case ZoneDo.Take:
                _ = TryTake(task, operation.A % 11);
                break;
            case ZoneDo.TakeInInterrupt:
                Situation.In("Ih", task, here => _ = TryTake(here, operation.A % 11));
                break;
            case ZoneDo.TakeMany:
                for (var i = 0; i < operation.A; i++) _ = TryTake(task, 0);
                break;
            case ZoneDo.Exhaust:
                Exhaust(task, operation.A % 11);
                break;
            case ZoneDo.Free when _held.Count != 0:
                allocator.Free(task, Forget(operation.A, out var order), order);
                break;
            case ZoneDo.FreeInInterrupt when _held.Count != 0:
                var page = Forget(operation.A, out order);
                Situation.In("Ih", task, here => allocator.Free(here, page, order));
                break;
            case ZoneDo.FreeInHalves when _held.Count != 0:
                page = Forget(operation.A, out order);
                if (order != 0) allocator.Free(task, page.Plus(1 << --order), order);
                allocator.Free(task, page, order);
                break;
            case ZoneDo.FreeMany:
                for (var i = 0; i < operation.C && _held.Count != 0; i++) allocator.Free(task, Forget(operation.A, out order), order);
                break;
            case ZoneDo.Drain:
                allocator.Drain(task, operation.A % 2);
                break;
            case ZoneDo.Limits:
                allocator.SetCacheLimits(operation.A, 15);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_zone.Machine, _zone.Tasks);
        var isFree = _zone.Check(_taken.Count);
        foreach (var page in _taken)
        {
            if (isFree[page.Number - first]) Assert.Fail($"G1 page {page} is free and held");
        }
    }

    public override void End()
    {
        while (_held.Count != 0) _zone.Allocator.Free(_zone.Task, Forget(0, out var order), order);
        _zone.Drain();
        Check();
        Assert.Equal(frames, _zone.Allocator.FreePages);
    }

    public override void Dispose() => _zone.Dispose();

    public override string ToString() =>
        FormattableString.Invariant($"new {nameof(ZoneSubject)}(ZoneAllocatorKind.{kind}, {frames}, 0x{first:x}{(fault == Fault.None ? "" : ", Fault." + fault)})");

    private bool TryTake(MachineTask task, int order)
    {
        if (!_zone.Allocator.TryAllocate(task, order, out var page)) return false;
        Assert.True(page.Number % (1u << order) == 0, $"Z1 block {page} of order {order} is not aligned");
        for (var i = 0; i < 1 << order; i++) Assert.True(_taken.Add(page.Plus(i)), $"G1 page {page.Plus(i)} was handed out twice");
        _held.Add((page, order));
        return true;
    }

    private Pfn Forget(int which, out int order)
    {
        which %= _held.Count;
        (var page, order) = _held[which];
        _held.RemoveAt(which);
        for (var i = 0; i < 1 << order; i++) _taken.Remove(page.Plus(i));
        return page;
    }

    private void Exhaust(MachineTask task, int order)
    {
        var before = _held.Count;
        while (TryTake(task, order)) { }
        _zone.Drain();
        while (TryTake(task, order)) { }
        Assert.False(_zone.Allocator.HasBlock(order), $"a block of order {order} is there and was not handed out");
        var aligned = (first + (1u << order) - 1) >> order;
        for (; (aligned + 1) << order <= first + frames; aligned++)
        {
            var (block, isUsed) = (new Pfn(aligned << order), false);
            for (var i = 0; i < 1 << order && !isUsed; i++) isUsed = _taken.Contains(block.Plus(i));
            Assert.True(isUsed, $"block {block} of order {order} is nobody's and was not handed out");
        }

        Check();
        while (_held.Count > before) _zone.Allocator.Free(task, Forget(_held.Count - 1, out _), order);
    }
}
