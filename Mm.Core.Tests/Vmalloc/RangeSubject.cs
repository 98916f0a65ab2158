using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Paging;
using Mm.Core.Tests.Programs;
using Mm.Core.Vmalloc;
using Xunit;

namespace Mm.Core.Tests.Vmalloc;

/// <summary>What a program does to kernel ranges and the trees that show them.</summary>
internal enum RangeDo
{
    /// <summary>Of A pages, without memory.</summary>
    Reserve,

    /// <summary>Of A pages, filled with B.</summary>
    Allocate,

    /// <summary>The A-th range.</summary>
    Free,

    /// <summary>The A-th, where it can only be put off.</summary>
    FreeInSoftIrq,
    FlushDeferred,
    NewMap,
    ExitMap,
}

/// <summary>Kernel ranges, beside what each holds. S2's random model: every tree shows what the master shows, and no two ranges touch. G11 to G13.</summary>
internal sealed class RangeSubject : Subject<RangeDo>
{
    public static readonly Gen<Operation<RangeDo>> All = Operations.OneOf(
        (4, Operations.Of(RangeDo.Reserve, Operations.Between(1, 1500))),
        (8, Operations.Of(RangeDo.Allocate, Operations.Between(1, 40), Operations.UpTo(254))),
        (2, Operations.Of(RangeDo.Free, Operations.Any)),
        (2, Operations.Of(RangeDo.FreeInSoftIrq, Operations.Any)),
        (1, Operations.Of(RangeDo.FlushDeferred)),
        (3, Operations.Of(RangeDo.NewMap)),
        (1, Operations.Of(RangeDo.ExitMap)));

    private readonly KernelRegime _regime;
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly World _world;
    private readonly KernelRanges _ranges;
    private readonly List<MemoryMap> _maps;
    private readonly List<(KernelRange Range, byte Mark)> _live = [];

    public RangeSubject(KernelRegime regime)
    {
        _regime = regime;
        _task = _machine.Attach("test");
        _world = new World(_task, frames: 2048, regime: regime);
        _ranges = new KernelRanges(_task, _world.Virtual, 8192);
        _maps = [_world.Map];
    }

    public override void Do(Operation<RangeDo> operation)
    {
        switch (operation.What)
        {
            case RangeDo.Reserve when _ranges.Reserve(_task, 1 + (operation.A % 1500)) is { } reserved:
                _live.Add((reserved, 0));
                break;
            case RangeDo.Allocate when _ranges.Allocate(_task, 1 + (operation.A % 40)) is { } allocated:
                allocated.Bytes.Fill((byte)(1 + operation.B));
                _live.Add((allocated, (byte)(1 + operation.B)));
                break;
            case RangeDo.Free or RangeDo.FreeInSoftIrq when _live.Count != 0:
                var gone = At(_live, operation.A).Range;
                _live.RemoveAt(operation.A % _live.Count);
                if (gone.Kind == KernelRangeKind.Reserved) _ranges.Release(_task, gone);
                else Situation.In(operation.What == RangeDo.Free ? "T" : "S", _task, here => _ranges.Free(here, gone));
                break;
            case RangeDo.FlushDeferred:
                _ranges.FlushDeferred(_task);
                break;
            case RangeDo.NewMap when _maps.Count < 3:
                _maps.Add(new MemoryMap(_task, _world.Virtual));
                break;
            case RangeDo.ExitMap when _maps.Count > 1:
                _maps[^1].Exit(_task);
                _maps.RemoveAt(_maps.Count - 1);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        foreach (var (range, mark) in _live)
        {
            foreach (var map in _maps)
            {
                Assert.True(_ranges.IsLinked(_task, map, range.Start));
                int[] pages = [0, range.PageCount / 2, range.PageCount - 1];
                foreach (var page in pages)
                {
                    Assert.Equal(mark != 0, _ranges.TryRead(_task, map, range.Start.PlusPages(page), out var value));
                    Assert.Equal(mark, value);
                }
            }
        }

        var behind = 0UL;
        foreach (var (range, _) in _live.OrderBy(static live => live.Range.Start.Value))
        {
            Assert.True(range.Start.Value >= behind, $"the range at {range.Start} begins before the guard of another ends");
            behind = range.End.PlusPages(1).Value;
        }

        Assert.Equal(0, _ranges.Repairs);
        if (_regime == KernelRegime.Shared) Assert.Equal(0, _ranges.Synchronisations);
    }

    public override void End()
    {
        foreach (var (range, _) in _live)
        {
            if (range.Kind == KernelRangeKind.Reserved) _ranges.Release(_task, range);
            else _ranges.Free(_task, range);
        }

        _ranges.Dispose(_task);
        _world.AssertNothingLeaks([.. _maps.Skip(1)]);
        AssertAtRest(_machine, _task);
    }

    public override void Dispose()
    {
        _world.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(RangeSubject)}(KernelRegime.{_regime})";
}
