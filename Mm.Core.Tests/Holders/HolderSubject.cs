using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Holders;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Holders;

/// <summary>What a program does to page A of those in use, and to who holds it.</summary>
internal enum HolderDo
{
    Allocate,

    /// <summary>If nobody holds it.</summary>
    Free,

    /// <summary>By holder B; C says whether another may be replaced.</summary>
    Hold,
    Unhold,

    /// <summary>Asks its holder, who answers B.</summary>
    Release,

    /// <summary>With the A-th token of a hold that is over.</summary>
    UnholdAgain,
}

/// <summary>Pages and their holders, beside a model. S3's random model: each hold has a generation, and one that is over stays over. G11 to G13, G16.</summary>
internal sealed class HolderSubject : Subject<HolderDo>
{
    public static readonly Gen<Operation<HolderDo>> All = Operations.OneOf(
        (2, Operations.Of(HolderDo.Allocate)),
        (1, Operations.Of(HolderDo.Free, Operations.Any)),
        (4, Operations.Of(HolderDo.Hold, Operations.Any, Operations.UpTo(2), Operations.UpTo(1))),
        (2, Operations.Of(HolderDo.Unhold, Operations.Any)),
        (3, Operations.Of(HolderDo.Release, Operations.Any, Operations.UpTo(2))),
        (2, Operations.Of(HolderDo.UnholdAgain, Operations.Any)));

    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly PageAllocator _pages;
    private readonly PageHolder[] _holders;
    private readonly List<Pfn> _inUse = [];
    private readonly Dictionary<Pfn, (PageHolder Holder, HoldToken Token)> _held = [];
    private readonly List<HoldToken> _stale = [];
    private ReleaseAnswer _answer;
    private int _asked;

    public HolderSubject()
    {
        _task = _machine.Attach("test");
        _pages = new PageAllocator(_task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)] });
        _holders = Enumerable.Range(0, 3).Select(i => _pages.Holders.Register("h" + i, (_, _) => Answer())).ToArray();
    }

    public override void Do(Operation<HolderDo> operation)
    {
        if (operation.What == HolderDo.Allocate)
        {
            if (_inUse.Count < 20) _inUse.Add(_pages.Allocate(_task, Gfp.Kernel)!.Value);
            return;
        }

        if (operation.What == HolderDo.UnholdAgain)
        {
            if (_stale.Count != 0) Assert.Equal(UnsetResult.Stale, _pages.Holders.UnsetHold(_task, At(_stale, operation.A)));
            return;
        }

        if (_inUse.Count == 0) return;
        var page = At(_inUse, operation.A);
        var isHeld = _held.TryGetValue(page, out var held);
        switch (operation.What)
        {
            case HolderDo.Free when !isHeld:
                _pages.Free(_task, page);
                _inUse.Remove(page);
                Assert.Equal(ReleaseOutcome.Gone, _pages.Holders.Release(_task, page));
                break;
            case HolderDo.Hold:
                var (holder, replace) = (At(_holders, operation.B), operation.C % 2 == 1);
                var result = _pages.Holders.SetHold(_task, page, holder, replace);
                Assert.Equal((!isHeld || replace, isHeld ? held.Holder : null), (result.Succeeded, result.Other));
                if (!result.Succeeded) break;
                if (isHeld) _stale.Add(held.Token);
                _held[page] = (holder, result.Token);
                break;
            case HolderDo.Unhold when isHeld:
                Assert.Equal(UnsetResult.Removed, _pages.Holders.UnsetHold(_task, held.Token));
                End(page);
                break;
            case HolderDo.Release:
                (_answer, _asked) = ((ReleaseAnswer)(1 + (operation.B % 3)), 0);
                var expected = !isHeld ? ReleaseOutcome.NoHolder : _answer switch { ReleaseAnswer.Released => ReleaseOutcome.Released, ReleaseAnswer.Busy => ReleaseOutcome.Busy, _ => ReleaseOutcome.Failed };
                Assert.Equal((expected, isHeld ? 1 : 0), (_pages.Holders.Release(_task, page), _asked));
                if (expected == ReleaseOutcome.Released) End(page);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        AssertNone(_pages.Validate());
        Assert.Equal(_held.Count, _pages.Holders.Count);
        foreach (var page in _inUse) Assert.Equal(_held.TryGetValue(page, out var its) ? its.Holder : null, _pages.Holders.HolderOf(page));
        var generations = _stale.Concat(_held.Values.Select(static its => its.Token)).Select(static token => token.Generation).ToArray();
        Assert.Equal(generations.Length, generations.Distinct().Count());
    }

    public override void Dispose()
    {
        _pages.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(HolderSubject)}()";

    private ReleaseAnswer Answer()
    {
        _asked++;
        return _answer;
    }

    private void End(Pfn page)
    {
        _stale.Add(_held[page].Token);
        _held.Remove(page);
    }
}
