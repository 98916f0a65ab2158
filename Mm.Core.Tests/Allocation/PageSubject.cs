using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>What a program does to a page allocator. B is the CPU that does it.</summary>
internal enum PageDo
{
    /// <summary>A block of order A; C says with which flags.</summary>
    Allocate,
    AllocateInInterrupt,

    /// <summary>A single pages in one call.</summary>
    AllocateMany,

    /// <summary>All there is of order A, with the caches emptied; and gives it back.</summary>
    Exhaust,

    /// <summary>One reference to the A-th block that is held.</summary>
    Free,
    FreeInInterrupt,

    /// <summary>One reference to each of C single or compound pages, from the A-th on, in one call.</summary>
    FreeMany,

    /// <summary>One more reference to the A-th block: it is kept by a second one.</summary>
    Get,
    Put,

    /// <summary>The A-th block into single pages.</summary>
    Split,

    /// <summary>The A-th of what has been freed, once more.</summary>
    FreeAgain,

    /// <summary>The A-th block, as one of order C.</summary>
    FreeWithWrongOrder,

    /// <summary>The C-th page of the A-th block, as if it were one by itself.</summary>
    FreeTail,

    /// <summary>The A-th block, with something on its page C / 4 that no free page may have; C mod 4 says what.</summary>
    FreeBroken,

    /// <summary>The cache of CPU A.</summary>
    Drain,
    DrainAll,

    /// <summary>At most A pages in a cache.</summary>
    Limits,
}

/// <summary>A page allocator with two CPUs, beside the blocks that it has handed out and the references to them. G1 to G6, G11 to G13, G15, G16.</summary>
internal sealed class PageSubject : Subject<PageDo>
{
    public static readonly Gen<Operation<PageDo>> All = Operations.OneOf(
        (36, Operations.Of(PageDo.Allocate, Operations.Orders, Operations.UpTo(1), Operations.UpTo(3))),
        (3, Operations.Of(PageDo.AllocateInInterrupt, Operations.UpTo(3), Operations.UpTo(1))),
        (3, Operations.Of(PageDo.AllocateMany, Operations.UpTo(99), Operations.UpTo(1))),
        (1, Operations.Of(PageDo.Exhaust, Operations.Orders, Operations.UpTo(1))),
        (25, Operations.Of(PageDo.Free, Operations.Any, Operations.UpTo(1))),
        (2, Operations.Of(PageDo.FreeInInterrupt, Operations.Any, Operations.UpTo(1))),
        (3, Operations.Of(PageDo.FreeMany, Operations.Any, Operations.UpTo(1), Operations.UpTo(99))),
        (5, Operations.Of(PageDo.Get, Operations.Any)),
        (3, Operations.Of(PageDo.Put, Operations.Any, Operations.UpTo(1))),
        (3, Operations.Of(PageDo.Split, Operations.Any)),
        (4, Operations.Of(PageDo.FreeAgain, Operations.Any, Operations.UpTo(1))),
        (3, Operations.Of(PageDo.FreeWithWrongOrder, Operations.Any, Operations.UpTo(1), Operations.UpTo(10))),
        (2, Operations.Of(PageDo.FreeTail, Operations.Any, Operations.UpTo(1), Operations.Any)),
        (1, Operations.Of(PageDo.FreeBroken, Operations.Any, Operations.UpTo(1), Operations.Any)),
        (3, Operations.Of(PageDo.Drain, Operations.UpTo(1), Operations.UpTo(1))),
        (1, Operations.Of(PageDo.DrainAll, b: Operations.UpTo(1))),
        (2, Operations.Of(PageDo.Limits, Operations.UpTo(252))));

    private readonly ZoneAllocatorKind _kind;
    private readonly int _dma;
    private readonly int _normal;
    private readonly Machine _machine = Situation.NewMachine(cpus: 2);
    private readonly MachineTask[] _tasks;
    private readonly PageAllocator _pages;
    private readonly List<Block> _held = [];
    private readonly List<(Pfn Page, int Order)> _freed = [];
    private readonly HashSet<Pfn> _taken = [];
    private readonly HashSet<Pfn> _broken = [];

    public PageSubject(ZoneAllocatorKind kind, int dma, int normal)
    {
        (_kind, _dma, _normal) = (kind, dma, normal);
        _tasks = [_machine.Attach("task0"), _machine.Attach("task1")];
        (ZoneKind, int)[] zones = [(ZoneKind.Dma, dma), (ZoneKind.Normal, normal)];
        _pages = new PageAllocator(_tasks[0], new PageAllocatorOptions { First = new Pfn(0x1000), Zones = zones, Allocator = kind });
    }

    public override void Do(Operation<PageDo> operation)
    {
        var (a, c) = (operation.A, operation.C);
        var task = _tasks[operation.B % 2];
        switch (operation.What)
        {
            case PageDo.Allocate:
                _ = TryAllocate(task, (c % 4) switch { 0 => Gfp.Kernel, 1 => Gfp.Kernel | Gfp.Compound, 2 => Gfp.Atomic, _ => Gfp.NoWait | Gfp.Dma }, a % 11);
                break;
            case PageDo.AllocateInInterrupt:
                Situation.In("Ih", task, here => _ = TryAllocate(here, Gfp.Atomic, a % 11));
                break;
            case PageDo.AllocateMany:
                var found = new Pfn[a];
                foreach (var one in found.AsSpan(0, _pages.AllocateMany(task, Gfp.Kernel, found))) Add(one, 0, isCompound: false);
                break;
            case PageDo.Exhaust:
                Exhaust(task, a % 11);
                break;
            case PageDo.Free or PageDo.FreeInInterrupt when _held.Count != 0:
                var (page, order) = (At(_held, a).Page, At(_held, a).Order);
                DropReference(a % _held.Count, bySize: true);
                Situation.In(operation.What == PageDo.Free ? "T" : "Ih", task, here => _pages.Free(here, page, order));
                break;
            case PageDo.FreeMany when _held.Count != 0:
                FreeMany(task, a, c);
                break;
            case PageDo.Get when _held.Count != 0:
                At(_held, a).References++;
                _pages.Pages.Get(At(_held, a).Page);
                break;
            case PageDo.Put when _held.Count != 0 && (At(_held, a).IsOnePage || At(_held, a).References > 1):
                page = At(_held, a).Page;
                DropReference(a % _held.Count, bySize: false);
                _pages.Pages.Put(task, page);
                break;
            case PageDo.Split when _held.Count != 0:
                Split(task, At(_held, a));
                break;
            case PageDo.FreeAgain when _freed.Count != 0 && !_taken.Contains(At(_freed, a).Page):
                AssertTraps(() => _pages.Free(task, At(_freed, a).Page, At(_freed, a).Order), "VM_BUG_ON_PAGE(page_ref_count(page) == 0)");
                break;
            case PageDo.FreeWithWrongOrder when _held.Count != 0 && At(_held, a).Order != c % 11:
                AssertTraps(() => _pages.Free(task, At(_held, a).Page, c % 11), "VM_BUG_ON_PAGE(compound_order(page) != order)");
                break;
            case PageDo.FreeTail when _held.Count != 0 && At(_held, a).Order != 0:
                var tail = At(_held, a).Page.Plus(1 + (c % ((1 << At(_held, a).Order) - 1)));
                AssertTraps(() => _pages.Free(task, tail), "VM_BUG_ON_PAGE(page_ref_count(page) == 0)");
                break;
            case PageDo.FreeBroken when _held.Count != 0 && At(_held, a) is { References: 1, IsCompound: false }:
                FreeBroken(task, a % _held.Count, c);
                break;
            case PageDo.Drain:
                foreach (var zone in _pages.Zones) zone.Allocator.Drain(task, a % 2);
                break;
            case PageDo.DrainAll:
                _pages.DrainAll(task);
                break;
            case PageDo.Limits:
                foreach (var zone in _pages.Zones) zone.Allocator.SetCacheLimits(a, 15);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _tasks);
        AssertNone(_pages.Validate());
        foreach (var block in _held)
        {
            var its = (_pages.Pages.ReferenceCount(block.Page), _pages.Pages.BlockOrderOf(block.Page), _pages.Pages.OrderOf(block.Page));
            Assert.Equal((block.References, block.Order, block.IsCompound ? block.Order : 0), its);
        }

        var (free, cached) = (_pages.Zones.Sum(static z => z.Allocator.FreePages), _pages.Zones.Sum(static z => z.Allocator.CachedPages));
        Assert.Equal(_broken.Count, _pages.Pages.QuarantinedCount);
        Assert.True(free + cached + _taken.Count == _dma + _normal, $"G16 {free} pages are free, {cached} cached, {_taken.Count} held or broken, of {_dma + _normal}");
    }

    public override void End()
    {
        while (_held.Count != 0)
        {
            var (page, order) = (_held[^1].Page, _held[^1].Order);
            DropReference(_held.Count - 1, bySize: true);
            _pages.Free(_tasks[0], page, order);
        }

        _pages.DrainAll(_tasks[0]);
        Check();
        Assert.Equal(_dma + _normal - _broken.Count, _pages.Zones.Sum(static z => z.Allocator.FreePages));
    }

    public override void Dispose()
    {
        _pages.Dispose();
        foreach (var task in _tasks) task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => FormattableString.Invariant($"new {nameof(PageSubject)}(ZoneAllocatorKind.{_kind}, {_dma}, {_normal})");

    private bool TryAllocate(MachineTask task, Gfp gfp, int order)
    {
        if (_pages.Allocate(task, gfp, order) is not { } page) return false;
        if ((gfp & Gfp.Dma) != 0) Assert.InRange(page.Number, 0x1000u, 0x1000u + (uint)_dma - 1);
        Add(page, order, (gfp & Gfp.Compound) != 0 && order != 0);
        return true;
    }

    private void Add(Pfn page, int order, bool isCompound)
    {
        Assert.True(page.Number % (1u << order) == 0, $"Z1 block {page} of order {order} is not aligned");
        for (var i = 0; i < 1 << order; i++) Assert.True(_taken.Add(page.Plus(i)), $"G1 page {page.Plus(i)} was handed out twice");
        _held.Add(new Block(page, order, isCompound));
    }

    // What a free, or a put, does to a block: if others refer to the first page of one that is not compound, a free lets go of the rest.
    private void DropReference(int which, bool bySize)
    {
        var block = _held[which];
        var stays = --block.References != 0;
        if (stays && (block.IsOnePage || !bySize)) return;
        for (var i = stays ? 1 : 0; i < 1 << block.Order; i++) _taken.Remove(block.Page.Plus(i));
        if (stays)
        {
            block.Order = 0;
            return;
        }

        _held.RemoveAt(which);
        _freed.Add((block.Page, block.Order));
    }

    private void FreeMany(MachineTask task, int from, int count)
    {
        var some = Enumerable.Range(from, Math.Min(count, _held.Count)).Select(i => At(_held, i)).Where(static block => block.IsOnePage).ToArray();
        foreach (var block in some) DropReference(_held.IndexOf(block), bySize: false);
        _pages.FreeMany(task, some.Select(static block => block.Page).ToArray());
    }

    private void Split(MachineTask task, Block block)
    {
        if (block.IsCompound)
        {
            AssertTraps(() => _pages.Split(task, block.Page, block.Order), "VM_BUG_ON_PAGE(PageCompound(page))");
            return;
        }

        _pages.Split(task, block.Page, block.Order);
        for (var i = 1; i < 1 << block.Order; i++) _held.Add(new Block(block.Page.Plus(i), 0, isCompound: false));
        block.Order = 0;
    }

    private void FreeBroken(MachineTask task, int which, int how)
    {
        var (page, order) = (_held[which].Page, _held[which].Order);
        var broken = page.Plus(how / 4 % (1 << order));
        DropReference(which, bySize: true);
        _broken.Add(broken);
        _taken.Add(broken);
        switch (how % 4)
        {
            case 0:
                _pages.Pages.Set(broken, PageFlags.Lru);
                break;
            case 1:
                Assert.True(_pages.Pages.TryLock(task, broken));
                break;
            case 2:
                _pages.Pages.SetMapping(broken, 7);
                break;
            default:
                _pages.Pages.AddMapping(broken);
                break;
        }

        _pages.Free(task, page, order);
        Assert.Equal("BUG: Bad page state in process " + task.Name + "  pfn:" + broken, _machine.TakeSingle().Headline);
        if (how % 4 == 3) _pages.Pages.RemoveMapping(broken);
    }

    private void Exhaust(MachineTask task, int order)
    {
        var before = _held.Count;
        while (TryAllocate(task, Gfp.Kernel, order)) { }
        _pages.DrainAll(task);
        while (TryAllocate(task, Gfp.Kernel, order)) { }

        // The lower zone keeps some for those who can use nothing else.
        while (TryAllocate(task, Gfp.Kernel | Gfp.Dma, order)) { }
        foreach (var zone in _pages.Zones) Assert.False(zone.Allocator.HasBlock(order), $"a block of order {order} is in zone {zone.Kind} and was not handed out");
        Check();
        while (_held.Count > before)
        {
            var page = _held[^1].Page;
            DropReference(_held.Count - 1, bySize: true);
            _pages.Free(task, page, order);
        }
    }

    private void AssertTraps(Action action, string condition)
    {
        Assert.EndsWith("page dumped because: " + condition, Assert.Throws<TrapException>(action).Trap.Text, StringComparison.Ordinal);
        _ = _machine.TakeSingle();
    }

    private sealed class Block(Pfn page, int order, bool isCompound)
    {
        public Pfn Page { get; } = page;

        public bool IsCompound { get; } = isCompound;

        public int Order { get; set; } = order;

        public int References { get; set; } = 1;

        public bool IsOnePage => Order == 0 || IsCompound;
    }
}
