using System.Collections.Generic;
using FsCheck;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>What a program does to page A of a file, and to what the host has of it.</summary>
internal enum DiscardDo
{
    /// <summary>Where it is cached, and the host lets it be read.</summary>
    Read,

    /// <summary>And read it, wherever it has to come from.</summary>
    Lookup,

    /// <summary>With a second reference.</summary>
    Offer,
    Truncate,
    Reap,

    /// <summary>Or unmaps it where it is mapped; B says whether for writing.</summary>
    Map,

    /// <summary>Any page B of the memory, by the host; or else page A of the file is swapped.</summary>
    HostTakes,
}

/// <summary>A file cached on real memory that the host may drop. S5's random model: whoever reads reads the file, and each page is somewhere. G11 to G13, G16.</summary>
internal sealed class DiscardSubject : Subject<DiscardDo>
{
    public static readonly Gen<Operation<DiscardDo>> All = Operations.OneOf(
        (4, Operations.Of(DiscardDo.Read, Operations.UpTo(7))),
        (2, Operations.Of(DiscardDo.Lookup, Operations.UpTo(7))),
        (2, Operations.Of(DiscardDo.Offer, Operations.UpTo(7))),
        (2, Operations.Of(DiscardDo.Truncate, Operations.UpTo(7))),
        (1, Operations.Of(DiscardDo.Reap)),
        (2, Operations.Of(DiscardDo.Map, Operations.UpTo(7), Operations.UpTo(1))),
        (4, Operations.Of(DiscardDo.HostTakes, Operations.UpTo(7), Operations.UpTo(Frames - 1))));

    private const int Frames = 64;
    private readonly ZoneAllocatorKind _kind;
    private readonly HashSet<string> _states;
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly PhysicalMemory _memory = PhysicalMemory.Create(Frames);
    private readonly DiscardWorld _world;

    /// <summary>Makes a world.</summary>
    /// <param name="kind">What hands out its pages.</param>
    /// <param name="states">Where the states are noted that pages are met in.</param>
    public DiscardSubject(ZoneAllocatorKind kind, HashSet<string>? states = null)
    {
        (_kind, _states) = (kind, states ?? []);
        _task = _machine.Attach("test");
        _world = new DiscardWorld(_task, memory: _memory, kind: kind);
    }

    public override void Do(Operation<DiscardDo> operation)
    {
        var key = operation.A % 8;
        var page = _world.Find(_task, key);
        switch (operation.What)
        {
            case DiscardDo.Read when page is { } read:
                if (_world.States.Access(_task, read, isWrite: false) == HostAccess.Done) Assert.Equal(_world.FileByte(key), _world.Byte(read));
                break;
            case DiscardDo.Lookup:
                var found = _world.Lookup(_task, key);
                Assert.Equal(HostAccess.Done, _world.States.Access(_task, found, isWrite: false));
                Assert.Equal(_world.FileByte(key), _world.Byte(found));
                _world.Pages.Put(_task, found);
                break;
            case DiscardDo.Offer when page is { } offered:
                _ = _world.States.MakeVolatile(_task, offered, 2);
                break;
            case DiscardDo.Truncate when page is not null:
                _world.Truncate(_task, key);
                break;
            case DiscardDo.Reap:
                _ = _world.States.Queue.Reap(_task);
                break;
            case DiscardDo.Map when page is { } mapped:
                if (_world.Pages.MapCount(mapped) == 0) _ = _world.Map(_task, mapped, operation.B % 2 == 0);
                else _world.UnmapOnce(_task, mapped);
                break;
            case DiscardDo.HostTakes:
                var victim = new Pfn((uint)(operation.B % Frames));
                if (!_world.Host.TryDiscard(_task, victim) && page == victim) _ = _world.Host.TrySwap(_task, victim);
                break;
        }

        if (page is { } mine) _world.Pages.Put(_task, mine);
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        for (var i = 0u; i < Frames; i++)
        {
            var state = _world.Host.StateOf(new Pfn(i));
            Assert.True(state.IsLegal, $"page {i} is {state}");
            _states.Add(state.ToString());
        }

        _world.AssertConserved(_world.CachedCount);
    }

    public override void Dispose()
    {
        _memory.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(DiscardSubject)}(ZoneAllocatorKind.{_kind})";
}
