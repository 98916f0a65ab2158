using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Frames;

/// <summary>What a program does to page A of a table.</summary>
internal enum FrameDo
{
    /// <summary>Its first reference, if it has none.</summary>
    Publish,
    Get,
    TryGet,

    /// <summary>Gives a reference back that no mapping needs; where there is none at all, that is a bug and changes nothing.</summary>
    Put,
    Map,
    Unmap,

    /// <summary>One page of order B around it.</summary>
    MakeCompound,
    BreakCompound,
}

/// <summary>A table of pages beside their references, orders and mappings. G6, G11 to G13.</summary>
internal sealed class FrameSubject : Subject<FrameDo>
{
    public static readonly Gen<Operation<FrameDo>> All = Operations.OneOf(
        (2, Operations.Of(FrameDo.Publish, Operations.UpTo(Pages - 1))),
        (2, Operations.Of(FrameDo.Get, Operations.UpTo(Pages - 1))),
        (2, Operations.Of(FrameDo.TryGet, Operations.UpTo(Pages - 1))),
        (3, Operations.Of(FrameDo.Put, Operations.UpTo(Pages - 1))),
        (2, Operations.Of(FrameDo.Map, Operations.UpTo(Pages - 1))),
        (2, Operations.Of(FrameDo.Unmap, Operations.UpTo(Pages - 1))),
        (2, Operations.Of(FrameDo.MakeCompound, Operations.UpTo(Pages - 1), Operations.UpTo(3))),
        (2, Operations.Of(FrameDo.BreakCompound, Operations.UpTo(Pages - 1))));

    private const int Pages = 32;
    private static readonly Pfn _first = new(0x1000);
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly FrameTable _table;
    private readonly List<Pfn> _released = [];
    private readonly int[] _references = new int[Pages];
    private readonly int[] _orders = new int[Pages];
    private readonly int[] _mapped = new int[Pages];

    public FrameSubject()
    {
        _task = _machine.Attach("test");
        _table = new FrameTable(_machine, _first, Pages, (_, page, _) => _released.Add(page));
    }

    public override void Do(Operation<FrameDo> operation)
    {
        var index = operation.A % Pages;
        var head = HeadOf(index);
        var page = _first.Plus(index);
        var mapped = _mapped.AsSpan(head, 1 << _orders[head]).ToArray().Sum();
        switch (operation.What)
        {
            case FrameDo.Publish when _references[head] == 0:
                _table.Publish(_first.Plus(head));
                _references[head] = 1;
                break;
            case FrameDo.Get when _references[head] > 0:
                _table.Get(page);
                _references[head]++;
                break;
            case FrameDo.TryGet:
                Assert.Equal(_references[head] > 0, _table.TryGet(page));
                if (_references[head] > 0) _references[head]++;
                break;
            case FrameDo.Put when _references[head] > mapped:
                _table.Put(_task, page);
                Assert.Equal(--_references[head] == 0 ? [_first.Plus(head)] : [], _released);
                _released.Clear();
                break;
            case FrameDo.Put when _references[head] == 0:
                Assert.Throws<TrapException>(() => _table.Put(_task, page));
                Assert.Equal(TrapKind.PageMisuse, _machine.TakeSingle().Kind);
                break;
            case FrameDo.Map when _references[head] > mapped:
                _table.AddMapping(page);
                _mapped[index]++;
                break;
            case FrameDo.Unmap when _mapped[index] > 0:
                _table.RemoveMapping(page);
                _mapped[index]--;
                break;
            case FrameDo.MakeCompound:
                var order = 1 + (operation.B % 3);
                var first = index & ~((1 << order) - 1);
                if (Enumerable.Range(first, 1 << order).Any(i => _orders[HeadOf(i)] != 0 || _references[i] != 0)) break;
                _table.MakeCompound(_task, _first.Plus(first), order);
                _orders[first] = order;
                break;
            case FrameDo.BreakCompound when _orders[head] != 0 && _references[head] == 0:
                _table.BreakCompound(_task, _first.Plus(head));
                _orders[head] = 0;
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        AssertNone(_table.Validate());
        Assert.Empty(_released);
        for (var i = 0; i < Pages; i++)
        {
            var (page, head) = (_first.Plus(i), HeadOf(i));
            Assert.Equal((_references[head], _orders[head], _mapped[i]), (_table.ReferenceCount(page), _table.OrderOf(page), _table.MapCount(page)));
        }
    }

    public override void Dispose()
    {
        _table.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(FrameSubject)}()";

    private int HeadOf(int index)
    {
        for (var order = 3; order > 0; order--)
        {
            var head = index & ~((1 << order) - 1);
            if (_orders[head] >= order) return head;
        }

        return index;
    }
}
