using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Owners;

/// <summary>What a program does to pages and their owners. A says to which of the pages in use.</summary>
internal enum OwnerDo
{
    /// <summary>A block of order B, compound if it is more than a page.</summary>
    Allocate,
    Get,
    Free,
    FreeMany,

    /// <summary>To owner B, where nobody else refers to it.</summary>
    SetOwner,
    ClearOwner,
    Register,
    Unregister,

    /// <summary>The A-th page that its owner has kept is in use again.</summary>
    Revive,
}

/// <summary>Pages and owners, some of whom keep what comes back to them, beside a model of both. S1's random model: G1, G6, G11 to G13, G15, G16.</summary>
internal sealed class OwnerSubject : Subject<OwnerDo>
{
    public static readonly Gen<Operation<OwnerDo>> All = Operations.OneOf(
        (8, Operations.Of(OwnerDo.Allocate, b: Operations.UpTo(2))),
        (3, Operations.Of(OwnerDo.Get, Operations.Any)),
        (5, Operations.Of(OwnerDo.Free, Operations.Any)),
        (4, Operations.Of(OwnerDo.FreeMany, Operations.Any)),
        (6, Operations.Of(OwnerDo.SetOwner, Operations.Any, Operations.UpTo(2))),
        (2, Operations.Of(OwnerDo.ClearOwner, Operations.Any)),
        (1, Operations.Of(OwnerDo.Register)),
        (1, Operations.Of(OwnerDo.Unregister, Operations.UpTo(2))),
        (3, Operations.Of(OwnerDo.Revive, Operations.Any)));

    private const int Frames = 512;
    private readonly ZoneAllocatorKind _kind;
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly PageAllocator _pages;
    private readonly List<Block> _inUse = [];
    private readonly List<Block> _home = [];
    private readonly List<PageOwner> _owners = [];

    public OwnerSubject(ZoneAllocatorKind kind)
    {
        _kind = kind;
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)], Allocator = kind });
    }

    public override void Do(Operation<OwnerDo> operation)
    {
        var block = _inUse.Count == 0 ? null : At(_inUse, operation.A);
        switch (operation.What)
        {
            case OwnerDo.Allocate:
                var order = operation.B % 3;
                if (_pages.Allocate(_task, order == 0 ? Gfp.Kernel : Gfp.Kernel | Gfp.Compound, order) is { } page) _inUse.Add(new Block(page, order, 1, null));
                break;
            case OwnerDo.Get when block is not null:
                _pages.Pages.Get(block.Page);
                Replace(block, block with { References = block.References + 1 });
                break;
            case OwnerDo.Free or OwnerDo.FreeMany when block is not null:
                Replace(block, block.References == 1 ? null : block with { References = block.References - 1 });
                if (operation.What == OwnerDo.Free) _pages.Free(_task, block.Page, block.Order);
                else _pages.FreeMany(_task, [block.Page]);
                break;
            case OwnerDo.SetOwner when block is { References: 1, Owner: null } && _owners.Count != 0:
                _pages.Owners.SetOwner(_task, block.Page, At(_owners, operation.B));
                Replace(block, block with { Owner = At(_owners, operation.B) });
                break;
            case OwnerDo.SetOwner when block is { Owner: not null } or { References: > 1 } && _owners.Count != 0:
                Assert.Throws<TrapException>(() => _pages.Owners.SetOwner(_task, block.Page, At(_owners, operation.B)));
                _ = _machine.TakeSingle();
                break;
            case OwnerDo.ClearOwner when block is { References: 1, Owner: { } mine }:
                _pages.Owners.ClearOwner(_task, block.Page, mine);
                Replace(block, block with { Owner = null });
                break;
            case OwnerDo.Register when _owners.Count < 3:
                Register();
                break;
            case OwnerDo.Unregister when _owners.Count != 0 && At(_owners, operation.A).LivePages == 0:
                _pages.Owners.Unregister(_task, At(_owners, operation.A));
                _owners.RemoveAt(operation.A % _owners.Count);
                break;
            case OwnerDo.Revive when _home.Count != 0:
                var back = At(_home, operation.A);
                _pages.Owners.Revive(_task, back.Page, back.Owner!);
                _home.Remove(back);
                _inUse.Add(back with { References = 1 });
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        AssertNone(_pages.Validate());
        foreach (var block in _inUse.Concat(_home)) Assert.Equal((block.References, block.Owner), (_pages.Pages.ReferenceCount(block.Page), _pages.Owners.OwnerOf(block.Page)));
        var allocator = _pages.Zones[0].Allocator;
        Assert.Equal(Frames, allocator.FreePages + allocator.CachedPages + _inUse.Concat(_home).Sum(static block => 1 << block.Order));
        foreach (var owner in _owners) Assert.Equal(_inUse.Concat(_home).Where(block => block.Owner == owner).Sum(static block => 1L << block.Order), owner.LivePages);
    }

    public override void Dispose()
    {
        _pages.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(OwnerSubject)}(ZoneAllocatorKind.{_kind})";

    private void Replace(Block block, Block? by)
    {
        var at = _inUse.IndexOf(block);
        if (by is null) _inUse.RemoveAt(at);
        else _inUse[at] = by;
    }

    // Keeps two of three pages that come back to it.
    private void Register()
    {
        PageOwner? made = null;
        made = _pages.Owners.Register(_task, "owner", (_, page, order) =>
        {
            if (page.Number % 3 == 0) return PageFate.ToAllocator;
            _home.Add(new Block(page, order, 0, made));
            return PageFate.Taken;
        });
        _owners.Add(made);
    }

    private sealed record Block(Pfn Page, int Order, int References, PageOwner? Owner);
}
